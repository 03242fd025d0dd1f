"""What a person says of an outage, that it is over or fixed, holds so long and no longer."""

from dataclasses import replace
from datetime import timedelta

import pytest
from alerting import KEY, PLAIN, START, Day, texts

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


def late(day: Day, minute: float, status: Status, **more: object) -> Decision:
    """End a run that is heard of at minute 30: it told its people first, and Slack took long."""
    return ended(day, minute, status, heard_at=START + timedelta(minutes=30), **more)


@pytest.mark.parametrize("threshold", [1, 2])
def test_a_failure_that_newer_passes_outdate_opens_nothing(threshold: int) -> None:
    day = Day(policy=replace(PLAIN, failure_threshold=threshold))
    _ = ended(day, 20, Status.PASSED)
    _ = late(day, 14, Status.FAILED)
    decision = late(day, 15, Status.FAILED, trigger=Trigger.DEPLOY)
    assert (decision.action, decision.notices, day.watch.incident) == (Action.HOLD, (), None)
    assert (
        decision.reason == "held: pipeline failed in r15, which ended before r20, counted already"
    )


def test_a_failure_of_before_an_end_belongs_to_what_is_over(day: Day) -> None:
    day.passes(20)
    day.passes(25)
    _ = late(day, 15, Status.FAILED)
    assert day.fail(40).action is Action.HOLD


def test_a_failure_that_a_newer_pass_outdates_does_not_undo_the_recovery(day: Day) -> None:
    day.passes(20)
    decision = late(day, 15, Status.FAILED)
    assert (decision.notices, day.incident.passes) == ((), 1)
    assert [entry.text for entry in decision.entries] == [
        "Failed in a run that ended before r20-pipeline, which worked: it says nothing newer."
    ]
    assert day.passes(35).action is Action.RESOLVE


def test_a_pass_that_a_newer_failure_outdates_ends_nothing(day: Day) -> None:
    _ = day.fail(20)
    for minute in (14, 15):
        assert late(day, minute, Status.PASSED).notices == ()
    assert day.incident.passes == 0
    assert day.passes(35).action is Action.RECOVERING


def test_a_run_that_ended_before_a_person_opened_it_tells_nothing_of_it() -> None:
    day = Day()
    day.act(29, Act.OPEN, text="Nobody can log in")
    for minute, status in enumerate((Status.FAILED, Status.PASSED, Status.PASSED), start=20):
        decision = late(day, minute, status)
        assert (decision.action, decision.notices) == (Action.HOLD, ())
    assert decision.reason == "held: pipeline passed in r22, which ended before i1 began"
    assert day.fail(31).incident == day.incident


def test_a_failure_that_is_heard_of_late_counts_where_it_belongs() -> None:
    day = Day(policy=replace(PLAIN, failures_of=3))
    _ = ended(day, 20, Status.PASSED)
    _ = late(day, 15, Status.FAILED)
    assert day.fail(31).action is Action.TRIGGER
    assert day.incident.started_at == START + timedelta(minutes=14)


def test_two_failures_are_two_in_whichever_order_they_are_heard_of() -> None:
    day = Day()
    _ = ended(day, 20, Status.FAILED)
    assert late(day, 15, Status.FAILED).action is Action.TRIGGER
    assert day.incident.started_at == START + timedelta(minutes=14)


def test_a_clock_that_was_put_back_makes_no_run_late(day: Day) -> None:
    _ = ended(day, 900, Status.FAILED)
    _ = late(day, 29, Status.PASSED)
    assert late(day, 30, Status.PASSED).action is Action.RESOLVE


def test_a_run_from_before_our_own_trouble_does_not_end_it() -> None:
    day = Day()
    for minute in (20, 21, 22):
        _ = ended(day, minute, Status.ERRORED)
    assert late(day, 15, Status.PASSED).notices == ()
    assert day.watch.own.told
    assert ended(day, 31, Status.PASSED).action is Action.OWN_RECOVERY
