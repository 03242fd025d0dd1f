"""What a person says of an outage, that it is over or fixed, holds so long and no longer."""

from dataclasses import replace
from datetime import timedelta

import pytest
from alerting import KEY, START, Day

from bot.alerting import Act, Action, Decision, RunEnded
from bot.model import Status, Trigger


@pytest.fixture
def day() -> Day:
    day = Day()
    day.trigger()
    return day


def ended(day: Day, minute: float, status: Status, **more: object) -> Decision:
    """End a run that began a minute before, or as `more` has it."""
    at = START + timedelta(minutes=minute)
    run = RunEnded(
        key=f"r{minute:g}",
        at=at,
        started_at=at - timedelta(minutes=1),
        check="pipeline",
        status=status,
        cause=KEY,
    )
    return day.apply(replace(run, **more))  # type: ignore[arg-type]  # as a test gives them


def test_what_a_check_by_hand_found_does_not_keep_a_resolved_incident_waiting(day: Day) -> None:
    day.fail(11, check="search")
    day.act(12, Act.RESOLVE)
    day.passes(15)
    day.passes(20)
    assert day.fail(500).action is Action.HOLD
    assert not day.watch.reopens


def test_a_check_that_runs_and_fails_on_still_opens_it_again(day: Day) -> None:
    day.fail(11, check="search")
    day.act(12, Act.RESOLVE)
    day.passes(15)
    day.passes(16, check="search")
    day.passes(20)
    assert day.watch.reopens
    assert day.fail(21, check="search").action is Action.REOPEN


def test_a_resolved_incident_is_not_opened_again_after_two_days(day: Day) -> None:
    day.act(12, Act.RESOLVE)
    assert day.fail(12 + 48 * 60).action is Action.HOLD


@pytest.mark.parametrize("trigger", [Trigger.MENTION, Trigger.STEP, Trigger.COMMAND])
def test_the_timeline_names_who_asked_for_a_run(day: Day, trigger: Trigger) -> None:
    decision = ended(day, 15, Status.FAILED, trigger=trigger, caller="U7")
    assert [entry.by for entry in decision.entries] == ["U7"]
