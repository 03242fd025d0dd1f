"""What a person says of an outage, that it is over or fixed, holds so long and no longer."""

from dataclasses import replace
from datetime import timedelta

import pytest
from alerting import KEY, START, Day, texts

from bot.alerting import Act, Action, Decision, NoticeKind, RunEnded
from bot.model import Status, Trigger

LINE = NoticeKind.LINE


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


def test_a_run_that_began_before_a_fix_was_claimed_tells_nothing_of_it(day: Day) -> None:
    day.act(14, Act.FIXED)
    early = ended(day, 14.5, Status.FAILED)
    assert day.incident.verifying_by == "U1"
    assert texts(early, LINE)[0].startswith(
        "Failed in a run that began before <@U1> said it is fixed."
    )
    assert "Still failing" in texts(day.fail(16), LINE)[0]
    assert day.incident.verifying_by == ""


def test_a_run_that_began_before_it_was_resolved_does_not_open_it_again(day: Day) -> None:
    day.act(12, Act.RESOLVE)
    early = ended(day, 12.5, Status.FAILED)
    assert early.action is Action.HOLD
    assert "pipeline failed in a run that began before <@U1> resolved i1" in early.reason
    assert day.watch.incident is None
    assert day.fail(15).action is Action.REOPEN


def test_a_claim_that_no_run_answers_is_given_up_and_may_be_made_again(day: Day) -> None:
    day.act(12, Act.FIXED)
    assert day.act(26, Act.FIXED, "U2").action is Action.REFUSE
    given_up = day.tick(27)
    assert texts(given_up, LINE) == [
        "<@U1> said 15 min ago that it is fixed; the runs since then did not show whether it is."
    ]
    assert day.incident.verifying_by == ""
    assert day.act(28, Act.FIXED, "U2").action is Action.ACT


def test_a_claim_may_be_made_again_before_the_clock_said_that_the_old_one_is_over(day: Day) -> None:
    day.act(12, Act.FIXED)
    assert day.act(27, Act.FIXED, "U2").action is Action.ACT
    assert day.incident.verifying_by == "U2"
