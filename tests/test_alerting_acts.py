"""What people do counts once, is told with their name, and the second one is told who was first."""

from dataclasses import replace
from datetime import timedelta

import pytest
from alerting import CHANNEL, DATABASE, PLAIN, START, Day, pinged, texts, told

from bot.alerting import Act, Action, Escalation, IncidentState, NoticeKind
from bot.model import Severity

PARENT, LINE, REPORT = NoticeKind.PARENT, NoticeKind.LINE, NoticeKind.REPORT


@pytest.fixture
def day() -> Day:
    day = Day()
    day.trigger()
    return day


def test_acknowledging_is_told_with_who_did_it(day: Day) -> None:
    decision = day.act(12, Act.ACKNOWLEDGE)
    assert (decision.action, told(decision)) == (Action.ACT, [PARENT, LINE])
    assert texts(decision, LINE) == [decision.reason] == ["<@U1> acknowledged it."]
    assert [(entry.kind, entry.by) for entry in decision.entries] == [(Act.ACKNOWLEDGE, "U1")]
    assert day.incident.state is IncidentState.ACKNOWLEDGED


@pytest.mark.parametrize(
    ("act", "more", "refusal"),
    [
        (Act.ACKNOWLEDGE, {}, "<@U1> acknowledged i1 3 s ago."),
        (Act.RESOLVE, {"incident": "i1"}, "<@U1> resolved i1 3 s ago."),
        (Act.ASSIGN, {"to": "U5"}, "<@U5> has i1 already."),
        (Act.FIXED, {}, "<@U1> said 3 s ago that it is fixed; a run is on its way to see."),
        (
            Act.SEVERITY,
            {"severity": Severity.LOW},
            "<@U1> set the severity of i1 to low already.",
        ),
        (
            Act.MUTE,
            {"until": START + timedelta(hours=1)},
            "<@U1> muted staging 3 s ago, until 2026-03-02 03:00 UTC.",
        ),
    ],
)
def test_the_second_of_two_is_told_who_was_first(
    day: Day, act: Act, more: dict[str, object], refusal: str
) -> None:
    assert day.act(12, act, "U1", **more).action is Action.ACT
    before = day.watch
    decision = day.act(12.05, act, "U2", **more)
    assert (decision.action, decision.reason) == (Action.REFUSE, refusal)
    assert (decision.notices, decision.entries) == ((), ())
    assert day.watch == before


def test_of_two_at_once_the_second_is_told_that_it_was_just_now(day: Day) -> None:
    day.act(12, Act.ACKNOWLEDGE)
    assert day.act(12, Act.ACKNOWLEDGE, "U2").reason == "<@U1> acknowledged i1 just now."


@pytest.mark.parametrize(
    ("act", "more", "refusal"),
    [
        (Act.ACKNOWLEDGE, {}, "No incident of staging is open."),
        (Act.ACKNOWLEDGE, {"incident": "i7"}, "i7 is no open incident of staging."),
        (Act.UNMUTE, {}, "staging is not muted."),
        (Act.MUTE, {"until": START}, "it has to end in the future"),
        (Act.MUTE, {}, "Say for how long"),
    ],
)
def test_what_has_nothing_to_act_on_is_refused(act: Act, more: dict[str, object], refusal: str):
    decision = Day().act(1, act, **more)
    assert decision.action is Action.REFUSE
    assert refusal in decision.reason


@pytest.mark.parametrize("act", [Act.ASSIGN, Act.SEVERITY, Act.NOTE])
def test_an_act_that_leaves_out_what_it_is_about_is_refused(day: Day, act: Act) -> None:
    assert day.act(12, act).action is Action.REFUSE


def test_what_passing_runs_ended_is_over_for_people_too(day: Day) -> None:
    day.passes(15)
    day.passes(20)
    decision = day.act(21, Act.ACKNOWLEDGE, incident="i1")
    assert decision.reason == "Passing runs resolved i1 1 min ago."


def test_who_is_assigned_is_pinged_and_still_has_to_acknowledge(day: Day) -> None:
    assert pinged(day.act(12, Act.ASSIGN, to="U5").notices) == ["U5"]
    assert day.incident.state is IncidentState.TRIGGERED
    assert (
        "Assigned to <@U5>, who has not acknowledged" in texts(day.tick(80), NoticeKind.REMINDER)[0]
    )


def test_who_takes_it_acknowledges_it(day: Day) -> None:
    day.act(12, Act.ASSIGN, "U5", to="U5")
    assert (day.incident.assigned_to, day.incident.acknowledged_by) == ("U5", "U5")
    assert day.incident.state is IncidentState.ACKNOWLEDGED


def test_a_fix_is_believed_when_runs_pass(day: Day) -> None:
    decision = day.act(12, Act.FIXED, text="key rotated")
    assert "<@U1> says it is fixed (key rotated)." in decision.reason
    assert day.incident.verifying_by == "U1"
    day.passes(15)
    over = day.passes(20)
    assert "<@U1> said it is fixed." in texts(over, NoticeKind.RECOVERY)[0]


def test_a_fix_that_a_run_denies_is_said_to_be_none(day: Day) -> None:
    day.act(12, Act.FIXED)
    decision = day.fail(15)
    assert texts(decision, LINE)[0].startswith("Still failing, although <@U1> said it is fixed.")
    assert day.incident.verifying_by == ""


def test_a_fix_that_shows_another_cause_is_answered_beside_its_report(day: Day) -> None:
    day.act(12, Act.FIXED)
    decision = day.fail(15, DATABASE)
    assert told(decision) == [PARENT, LINE, REPORT]
    assert texts(decision, LINE)[0].startswith("Still failing, for another cause, although <@U1>")


def test_a_person_opens_what_the_checks_do_not_see(day: Day) -> None:
    day = Day()
    decision = day.act(1, Act.OPEN, text="Search is slow.")
    assert (decision.action, told(decision)) == (Action.ACT, [PARENT])
    assert decision.reason == "<@U1> opened i1: Search is slow."
    for minute in (2, 3, 4):
        assert day.passes(minute).reason == (
            "held: pipeline passed; i1 is about what <@U1> opened it for"
        )
    reminder = texts(day.tick(70), NoticeKind.REMINDER)
    assert reminder == ["Still open after 1 h 9 min. Nobody has acknowledged it."]
    day.act(71, Act.RESOLVE)
    assert day.fail(72).action is Action.HOLD


def test_what_a_person_opened_in_a_mute_is_told_after_it() -> None:
    day = Day()
    day.mute(0, until=60)
    assert day.act(1, Act.OPEN).notices == ()
    after = day.tick(60)
    assert (after.action, told(after)) == (Action.ANNOUNCE, [PARENT])


def test_what_a_person_opened_escalates_by_its_title() -> None:
    route = replace(CHANNEL, escalation=Escalation(after_s=900))
    day = Day(policy=replace(PLAIN, routes=(route,)))
    day.act(1, Act.OPEN, text="Search is slow")
    assert texts(day.tick(16), NoticeKind.ESCALATION) == [
        "Still open after 15 min: Search is slow. Nobody has acknowledged it for 15 min."
    ]


def test_a_failure_belongs_to_what_a_person_opened() -> None:
    day = Day()
    day.act(1, Act.OPEN)
    decision = day.fail(5, DATABASE)
    assert (decision.action, told(decision)) == (Action.CHANGE, [PARENT, REPORT])
    day.passes(10)
    assert day.passes(15).action is Action.RESOLVE


def test_a_person_may_say_how_much_it_matters_that_they_open() -> None:
    day = Day()
    day.act(1, Act.OPEN, severity=Severity.LOW)
    assert (day.incident.severity, day.incident.severity_by) == (Severity.LOW, "U1")
    other = Day()
    other.act(1, Act.OPEN)
    assert (other.incident.severity, other.incident.severity_by) == (Severity.HIGH, "")


def test_a_person_may_settle_on_the_severity_that_it_has(day: Day) -> None:
    assert day.incident.severity is Severity.HIGH
    decision = day.act(12, Act.SEVERITY, severity=Severity.HIGH)
    assert (decision.action, day.incident.severity_by) == (Action.ACT, "U1")


def test_resolved_by_hand_while_it_works_again_it_ended_when_it_began_to(day: Day) -> None:
    day.passes(15)
    decision = day.act(18, Act.RESOLVE, text="Key rotated.")
    assert decision.reason == ("Resolved by <@U1>, after 11 min. Key rotated.")
    assert decision.incident is not None
    assert decision.incident.resolution == "Key rotated."


def test_while_one_is_open_there_is_no_other(day: Day) -> None:
    decision = day.act(12, Act.OPEN, "U2")
    assert decision.reason == "i1 is open for staging: it was opened 2 min ago."


def test_a_note_is_in_thread_and_timeline_and_a_reaction_in_the_timeline(day: Day) -> None:
    note = day.act(12, Act.NOTE, text="It is the  new\nkey")
    assert texts(note, LINE) == ["Note by <@U1>: It is the new key"]
    reaction = day.act(13, Act.REACTION, text="eyes")
    assert (reaction.notices, reaction.entries[0].text) == ((), "<@U1> reacted with :eyes:")


def test_a_note_may_come_after_the_end(day: Day) -> None:
    day.passes(15)
    day.passes(20)
    decision = day.act(21, Act.NOTE, incident="i1", text="Key was rotated")
    assert (decision.action, told(decision)) == (Action.ACT, [LINE])
    assert decision.incident == day.watch.closed


def test_a_verified_key_is_a_line_with_what_was_found(day: Day) -> None:
    decision = day.act(12, Act.VERIFY_KEY, text="passed: accepted")
    assert texts(decision, LINE) == ["<@U1> verified the bypass key: passed: accepted"]


def test_a_mute_is_told_in_the_thread_with_until_when_and_why(day: Day) -> None:
    decision = day.mute(12, until=60)
    assert told(decision) == [PARENT, LINE]
    assert decision.reason == "<@U1> muted staging until 2026-03-02 03:00 UTC: deploy"
    until = START + timedelta(minutes=90)
    again = day.act(13, Act.MUTE, until=until)
    assert again.reason == "<@U1> muted staging until 2026-03-02 03:30 UTC."


def test_a_mute_that_ends_now_is_none(day: Day) -> None:
    decision = day.act(12, Act.MUTE, until=START + timedelta(minutes=12))
    assert decision.action is Action.REFUSE


def test_a_mute_can_be_made_longer_and_ended(day: Day) -> None:
    day.mute(12, until=30)
    assert day.mute(13, until=90, by="U2").action is Action.ACT
    assert day.watch.mute is not None
    assert (day.watch.mute.by, day.watch.mute.until) == ("U2", START + timedelta(minutes=90))
    ended = day.act(14, Act.UNMUTE, "U3")
    assert texts(ended, LINE) == ["<@U3> unmuted staging."]
    assert day.watch.mute is None


def test_what_people_do_is_told_during_a_mute() -> None:
    day = Day()
    day.trigger()
    day.mute(12, until=60)
    assert told(day.act(13, Act.ACKNOWLEDGE)) == [PARENT, LINE]


def test_a_shell_user_is_named_without_a_ping() -> None:
    day = Day(policy=replace(PLAIN))
    day.trigger()
    assert day.act(12, Act.ACKNOWLEDGE, "ada").reason == "ada acknowledged it."
