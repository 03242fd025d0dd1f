"""What policy decides, rule by rule: when people hear, of what, and when they are left alone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from alerting import (
    CHANNEL,
    CRITICAL,
    DATABASE,
    KEY,
    PLAIN,
    START,
    UNKNOWN,
    Day,
    pinged,
    texts,
    told,
    with_route,
)

from bot.alerting import (
    Act,
    Action,
    Escalation,
    Hours,
    IncidentState,
    NoticeKind,
    RoutePolicy,
    RunEnded,
    Window,
)
from bot.labels import Label
from bot.model import Severity, Status, Trigger

PARENT, LINE, REPORT = NoticeKind.PARENT, NoticeKind.LINE, NoticeKind.REPORT


# Thresholds.


def test_one_failure_is_not_told_and_two_in_a_row_are() -> None:
    day = Day()
    first = day.fail(5)
    assert (first.action, first.notices) == (Action.HOLD, ())
    assert first.reason.startswith("held: 1 of 2 failures of pipeline")
    assert day.watch.held == "1 of 2 failures of pipeline"
    second = day.fail(10)
    assert (second.action, told(second)) == (Action.TRIGGER, [PARENT, REPORT])
    assert second.notices[1].run_id == "r10-pipeline"
    assert day.incident.started_at == START + timedelta(minutes=4)
    assert (day.incident.failures, day.incident.first_run) == (2, "r5-pipeline")
    assert day.watch.held == ""


def test_a_pass_between_two_failures_starts_the_count_anew() -> None:
    day = Day()
    for minute, act in enumerate([day.fail, day.passes, day.fail]):
        assert act(minute).action is Action.HOLD


def test_failures_need_not_be_in_a_row_when_more_runs_are_looked_at() -> None:
    day = Day(policy=replace(PLAIN, failure_threshold=2, failures_of=4))
    for minute, act in enumerate([day.fail, day.passes, day.passes]):
        assert act(minute).action is Action.HOLD
    assert day.fail(3).action is Action.TRIGGER
    assert day.incident.first_run == "r0-pipeline"


def test_failures_further_back_than_the_runs_looked_at_do_not_count() -> None:
    day = Day(policy=replace(PLAIN, failure_threshold=2, failures_of=3))
    for minute, act in enumerate([day.fail, day.passes, day.passes, day.fail]):
        assert act(minute).action is Action.HOLD


def test_an_outage_begins_with_the_first_failure_of_its_row() -> None:
    """A threshold that was lowered meanwhile finds a row that is longer."""
    day = Day(policy=replace(PLAIN, failure_threshold=9))
    for minute in (1, 2, 3, 4):
        day.fail(minute)
    day.policy = PLAIN
    day.fail(5)
    assert (day.incident.first_run, day.incident.failures) == ("r1-pipeline", 5)


def test_failures_of_an_outage_that_is_over_do_not_count_for_the_next() -> None:
    day = Day(policy=replace(PLAIN, failures_of=5))
    day.trigger()
    day.passes(15)
    assert day.passes(20).action is Action.RESOLVE
    assert day.fail(25).action is Action.HOLD
    assert day.fail(30).action is Action.TRIGGER
    assert (day.incident.first_run, day.incident.failures) == ("r25-pipeline", 2)


def test_each_check_has_a_count_of_its_own() -> None:
    day = Day()
    day.fail(5)
    assert day.fail(6, check="health").action is Action.HOLD
    assert day.fail(7, check="health").action is Action.TRIGGER


def test_degraded_counts_as_working_unless_it_is_to_alert() -> None:
    day = Day()
    day.run(1, Status.DEGRADED, KEY)
    assert day.run(2, Status.DEGRADED, KEY).action is Action.HOLD
    strict = Day(policy=replace(PLAIN, degraded_fails=True))
    strict.run(1, Status.DEGRADED, KEY)
    assert strict.run(2, Status.DEGRADED, KEY).action is Action.TRIGGER
    assert strict.incident.severity is Severity.MEDIUM


# The outage goes on.


def test_a_later_run_of_the_same_outage_is_one_line() -> None:
    day = Day()
    day.trigger()
    decision = day.fail(15)
    assert (decision.action, told(decision)) == (Action.CONTINUE, [PARENT, LINE])
    said = "Failed again, same cause. 3 failures so far."
    assert texts(decision, LINE) == [entry.text for entry in decision.entries] == [said]
    assert (day.incident.runs, day.incident.first_run) == (3, "r5-pipeline")
    assert (day.incident.last_run, day.incident.last_failure) == ("r15-pipeline", "r15-pipeline")


def test_another_cause_is_told_with_the_report_of_its_run() -> None:
    day = Day()
    day.trigger()
    decision = day.fail(15, DATABASE)
    assert (decision.action, told(decision)) == (Action.CHANGE, [PARENT, REPORT])
    assert decision.notices[1].run_id == "r15-pipeline"
    assert decision.reason == ("told: cause changed from Bypass key differs to Database down")
    assert day.incident.causes == (KEY, DATABASE)
    assert decision.entries[0].text == (
        "The cause changed from Bypass key differs to Database down."
    )


def test_a_cause_that_comes_back_is_a_line_not_the_report_again() -> None:
    day = Day()
    day.trigger()
    day.fail(15, DATABASE)
    decision = day.fail(20)
    assert told(decision) == [PARENT, LINE]
    assert "is Bypass key differs again" in texts(decision, LINE)[0]


@pytest.mark.parametrize(("cause", "confidence"), [(UNKNOWN, 0.9), (DATABASE, 0.3), (None, 0.0)])
def test_a_run_that_does_not_know_changes_no_cause(cause, confidence: float) -> None:
    day = Day()
    day.trigger()
    decision = day.run(15, Status.FAILED, cause, confidence=confidence)
    assert (decision.action, day.incident.cause) == (Action.CONTINUE, KEY)
    assert day.incident.confidence == 0.9
    why = "Failed: Database down." if cause is DATABASE else "this run does not tell why."
    assert why in texts(decision, LINE)[0]


def test_a_cause_that_gets_known_is_told() -> None:
    day = Day()
    day.fail(5, UNKNOWN)
    day.fail(10, UNKNOWN)
    decision = day.run(15, Status.FAILED, KEY, confidence=0.4)
    assert decision.action is Action.CHANGE
    assert texts(decision, REPORT) == ["The cause is known now: Bypass key differs."]


def test_two_checks_with_a_cause_each_do_not_take_turns() -> None:
    day = Day()
    day.trigger()
    day.fail(11, DATABASE, check="health")
    assert day.fail(12, DATABASE, check="health").action is Action.CHANGE
    assert day.fail(15).action is Action.CONTINUE
    assert day.fail(16, DATABASE, check="health").action is Action.CONTINUE


def test_a_failure_of_a_check_that_is_not_run_again_is_not_waited_with_for_ever() -> None:
    day = Day()
    day.fail(1, check="health")
    assert day.watch.held == "1 of 2 failures of health"
    day.passes(5)
    assert day.watch.held == ""


def test_one_failure_of_another_check_joins_only_with_the_same_cause() -> None:
    day = Day()
    day.trigger()
    decision = day.fail(11, DATABASE, check="health")
    assert (decision.action, day.incident.checks) == (Action.HOLD, ("pipeline",))
    assert [entry.kind for entry in decision.entries] == [Action.HOLD]
    assert decision.reason == "held: 1 of 2 failures of health; i1 is about pipeline"
    assert day.watch.held == ""  # the incident is told
    day.fail(12, KEY, check="key")
    assert day.incident.checks == ("pipeline", "key")


# It ends.


def test_two_passes_end_it_with_the_length_of_the_outage() -> None:
    day = Day()
    day.trigger()
    first = day.passes(15)
    assert (first.action, told(first)) == (Action.RECOVERING, [PARENT, LINE])
    assert texts(first, LINE) == ["Passed: 1 of 2 passes."]
    assert day.watch.held == ""
    assert (day.incident.passes, day.incident.runs) == (1, 3)
    last = day.passes(20)
    assert (last.action, told(last)) == (Action.RESOLVE, [PARENT, NoticeKind.RECOVERY])
    assert texts(last, NoticeKind.RECOVERY) == [
        "Over: staging works again. It was out for 11 min. Cause: Bypass key differs."
    ]
    assert day.watch.incident is None
    assert last.incident is not None
    assert last.incident.ended_at == START + timedelta(minutes=15)


def test_an_end_by_the_fallback_says_so() -> None:
    day = Day()
    day.trigger()
    for minute in (15, 20):
        decision = day.run(minute, Status.DEGRADED)
    [over] = texts(decision, NoticeKind.RECOVERY)
    assert over.startswith("Over: staging works again, but only by the fallback. It was out for ")


def test_a_failure_between_passes_makes_it_wait_for_all_of_them_again() -> None:
    day = Day()
    day.trigger()
    day.passes(15)
    day.fail(20)
    assert day.incident.working_since is None
    assert day.passes(25).action is Action.RECOVERING
    assert day.passes(30).action is Action.RESOLVE


def test_every_check_that_failed_has_to_pass() -> None:
    day = Day()
    day.trigger()
    day.fail(12, check="health")
    day.passes(15)
    decision = day.passes(20)
    assert decision.action is Action.CONTINUE
    assert texts(decision, LINE) == [
        "Passed (pipeline); health (last run at 2026-03-02 02:12 UTC) has to pass too."
    ]
    day.passes(21, check="health")
    over = day.passes(26, check="health")
    assert over.action is Action.RESOLVE
    assert over.incident is not None
    assert over.incident.ended_at == START + timedelta(minutes=21)


def test_a_check_that_did_not_fail_says_nothing_of_the_incident() -> None:
    day = Day()
    day.trigger()
    decision = day.passes(15, check="health")
    assert (decision.action, decision.notices) == (Action.HOLD, ())


def test_a_run_that_works_after_the_end_is_not_told_either() -> None:
    day = Day()
    day.trigger()
    day.passes(15)
    day.passes(20)
    assert day.passes(25).reason == "held: pipeline passed, and no incident is open"


def test_a_run_that_works_while_nothing_is_open_is_not_told() -> None:
    decision = Day().passes(1)
    assert decision.reason == "held: pipeline passed, and no incident is open"


# A person resolves it.


def test_resolved_by_hand_while_it_fails_the_next_failure_opens_it_again() -> None:
    day = Day()
    day.trigger()
    resolved = day.act(12, Act.RESOLVE, text="flaky network")
    assert told(resolved) == [PARENT, NoticeKind.RECOVERY]
    assert "the next failure opens it again" in texts(resolved, NoticeKind.RECOVERY)[0]
    again = day.fail(15)
    assert (again.action, told(again)) == (Action.REOPEN, [PARENT, LINE])
    assert texts(again, LINE) == ["Open again: staging still fails, although <@U1> resolved this."]
    assert pinged(again.notices) == ["U1"]
    assert (day.incident.id, day.incident.reopened, day.opened) == ("i1", 1, 1)
    day.passes(20)
    over = day.passes(25).incident
    assert over is not None
    assert (over.resolved_by, over.resolution) == ("", "")


def test_resolved_by_hand_and_then_by_passes_a_failure_is_a_new_outage() -> None:
    day = Day()
    day.trigger()
    day.act(12, Act.RESOLVE)
    day.passes(15)
    day.passes(20)
    assert day.fail(25).action is Action.HOLD
    assert day.fail(30).action is Action.TRIGGER
    assert day.incident.id == "i2"


def test_resolved_by_hand_one_pass_is_not_enough_for_a_new_outage() -> None:
    day = Day()
    day.trigger()
    day.act(12, Act.RESOLVE)
    day.passes(15)
    assert day.fail(20).action is Action.REOPEN


def test_resolved_by_hand_all_its_checks_have_to_pass_before_an_outage_is_new() -> None:
    day = Day()
    day.trigger()
    day.fail(11, check="health")
    day.act(12, Act.RESOLVE)
    day.passes(15)
    assert "i1 was resolved by hand" in day.passes(20).reason
    assert day.fail(21, check="health").action is Action.REOPEN


def test_opened_again_during_a_mute_is_told_after_it() -> None:
    day = Day()
    day.trigger()
    day.act(12, Act.RESOLVE)
    day.mute(13, until=60)
    assert told(day.fail(15)) == [PARENT]
    assert texts(day.tick(61), LINE)[0].startswith("Open again")


def test_opened_again_in_quiet_hours_calls_whoever_is_called_by_an_edit_after_them() -> None:
    quiet = replace(CHANNEL, quiet=Hours(since="02:12", until="03:00"))
    day = Day(policy=replace(PLAIN, routes=(quiet,), severities={KEY: Severity.LOW}))
    day.trigger()
    day.act(11, Act.RESOLVE)
    [held] = day.fail(15).notices
    assert (held.kind, held.quiet) == (PARENT, True)
    again = day.tick(60)
    assert told(again) == [PARENT, LINE]
    assert not again.notices[0].quiet


# Flapping.


def flapping() -> Day:
    """Works and fails in turns until that is too often, an incident being open."""
    day = Day(policy=replace(PLAIN, flap_changes=3, flap_window=8, flap_stable=3))
    day.trigger()
    for minute in (15, 25):
        day.passes(minute)
        day.fail(minute + 5)
    assert day.incident.flapping
    return day


def test_flapping_is_said_once_and_lines_are_held() -> None:
    day = flapping()
    _, marking = day.decisions[-1]
    assert texts(marking, LINE)[0].startswith("It flaps: 4 changes between working and failing")
    decision = day.fail(35)
    assert (decision.action, told(decision)) == (Action.HOLD, [PARENT])
    assert decision.reason.startswith("held: i1 flaps, so lines are held")


def test_what_flaps_is_over_after_as_many_passes_as_are_called_stable() -> None:
    day = flapping()
    for minute in (35, 40):
        assert told(day.passes(minute)) == [PARENT]
    over = day.passes(45)
    assert "It failed on and off for 31 min" in texts(over, NoticeKind.RECOVERY)[0]
    assert day.fail(50).action is Action.HOLD


def test_flapping_is_told_of_the_runs_looked_at_and_the_passes_wanted() -> None:
    policy = replace(PLAIN, flap_changes=2, flap_window=4, flap_stable=3, success_threshold=5)
    day = Day(policy=replace(policy, failures_of=9))
    for minute in range(5):
        day.passes(minute)
    day.fail(5)
    day.fail(6)
    day.passes(7)
    day.fail(8)
    assert texts(day.passes(9), LINE) == [
        "It flaps: 3 changes between working and failing in 4 runs. "
        "Lines are held until 5 passes in a row end this."
    ]


def test_what_fails_steadily_does_not_flap_any_more() -> None:
    day = flapping()
    day.fail(35)
    assert "fails steadily" in texts(day.fail(40), LINE)[0]
    assert not day.incident.flapping


def test_a_new_cause_is_told_of_what_flaps_too() -> None:
    assert told(flapping().fail(35, DATABASE)) == [PARENT, REPORT]


def test_what_flaps_below_the_threshold_is_told_after_all() -> None:
    day = Day(policy=replace(PLAIN, flap_changes=3, flap_window=8))
    for minute in (5, 15):
        day.passes(minute)
        last = day.fail(minute + 5)
    assert last.action is Action.HOLD
    day.passes(25)
    decision = day.fail(30)
    assert decision.action is Action.TRIGGER
    since = "since 2026-03-02 02:09 UTC"
    assert decision.reason.startswith(f"told: it flaps, with 5 changes of pipeline {since}")
    assert texts(decision, REPORT)[0].startswith("Failing on and off since 2026-03-02 02:09 UTC.")
    assert day.incident.flapping


def test_flapping_does_not_end_an_incident_by_a_pass_of_its_turns() -> None:
    policy = replace(PLAIN, failure_threshold=1, failures_of=1, success_threshold=1)
    day = Day(policy=replace(policy, flap_changes=4, flap_window=8))
    for minute in range(0, 30, 10):
        day.fail(minute)
        last = day.passes(minute + 5)
    assert (day.opened, last.action) == (3, Action.RECOVERING)
    assert texts(last, LINE)[0].startswith("It flaps: 5 changes between working and failing")
    assert day.incident.flapping


# Mutes, windows, quiet hours.


def test_a_mute_holds_the_alert_and_its_end_brings_it() -> None:
    day = Day()
    day.mute(0, until=60)
    day.fail(5)
    decision = day.fail(10)
    assert (decision.action, decision.notices) == (Action.HOLD, ())
    assert decision.reason.startswith("held: muted by <@U1> until 2026-03-02 03:00 UTC: deploy")
    assert day.watch.held == "muted by <@U1> until 2026-03-02 03:00 UTC: deploy"
    assert day.tick(59).notices == ()
    after = day.tick(60)
    assert (after.action, told(after)) == (Action.ANNOUNCE, [PARENT, REPORT])
    assert (day.watch.mute, day.watch.held) == (None, "")
    assert [entry.kind for entry in after.entries] == [Act.UNMUTE, Action.ANNOUNCE]


def test_why_nothing_is_told_is_known_at_any_time() -> None:
    window = Window(reason="move", hours=Hours(since="02:00", until="04:00"))
    day = Day(policy=replace(PLAIN, windows=(window,)))
    day.passes(1)
    assert day.watch.held == ""  # there is nothing to hold
    day.mute(2, until=60)
    assert day.watch.held.startswith("muted by <@U1>")
    day.fail(5)
    assert day.watch.held.startswith("muted by <@U1>")
    day.tick(60)
    assert day.watch.held == "1 of 2 failures of pipeline"
    day.passes(61)
    assert day.watch.held == ""
    day.fail(62)
    day.fail(63)
    assert day.watch.held == "maintenance until 04:00 UTC: move"


def test_what_begins_and_ends_in_a_mute_is_never_told() -> None:
    day = Day()
    day.mute(0, until=60)
    day.trigger()
    day.passes(15)
    over = day.passes(20)
    assert (over.action, over.notices) == (Action.HOLD, ())
    assert "nobody was told of it, so nobody is of its end" in over.reason
    assert day.tick(61).notices == ()


def test_a_recovery_is_told_in_a_mute_where_the_alert_was() -> None:
    day = Day()
    day.trigger()
    day.mute(12, until=60)
    assert told(day.passes(15)) == [PARENT]
    over = day.passes(20)
    assert (over.action, told(over)) == (Action.RESOLVE, [PARENT, NoticeKind.RECOVERY])


def test_a_mute_that_ends_while_it_recovers_wakes_nobody() -> None:
    day = Day()
    day.mute(0, until=17)
    day.trigger()
    day.passes(15)
    assert day.tick(18).notices == ()
    assert "it works again" in day.watch.held
    assert day.passes(20).notices == ()


def test_lines_reminders_and_pings_are_held_by_a_mute_and_edits_are_not() -> None:
    day = Day(policy=with_route(CHANNEL, owners={DATABASE: "U9"}))
    day.trigger()
    day.mute(12, until=200)
    assert [notice.kind for notice in day.fail(15, DATABASE).notices] == [PARENT]
    assert day.tick(150).notices == ()
    after = day.tick(200)
    assert told(after) == [PARENT, REPORT, LINE, NoticeKind.REMINDER]
    assert (after.action, after.reason) == (
        Action.ANNOUNCE,
        "told: what was held is told now; nobody has acknowledged it",
    )
    assert pinged(after.notices) == ["U9"]


@pytest.mark.parametrize(("cause", "action"), [(KEY, Action.ANNOUNCE), (DATABASE, Action.CHANGE)])
def test_a_run_after_quiet_hours_tells_who_did_not_hear(cause, action: Action) -> None:
    quiet = RoutePolicy(
        key="slack:C2", quiet=Hours(since="02:00", until="03:00"), quiet_except=CRITICAL
    )
    day = Day(policy=replace(PLAIN, routes=(CHANNEL, quiet), severities={DATABASE: Severity.LOW}))
    day.trigger()
    decision = day.fail(60, cause)
    assert (decision.action, told(decision, "slack:C2")) == (action, [PARENT, REPORT])


def test_unmuted_by_a_person_it_is_told_at_once() -> None:
    day = Day()
    day.mute(0, until=600)
    day.trigger()
    assert told(day.act(11, Act.UNMUTE)) == [PARENT, REPORT]


def test_a_maintenance_window_holds_as_a_mute_does() -> None:
    window = Window(reason="move", hours=Hours(since="02:00", until="03:00"))
    day = Day(policy=replace(PLAIN, windows=(window,)))
    day.fail(5)
    assert day.fail(10).reason.startswith("held: maintenance until 03:00 UTC: move")
    assert day.tick(60).action is Action.ANNOUNCE


def test_quiet_hours_hold_one_route_and_not_the_others() -> None:
    quiet = RoutePolicy(key="slack:C2", quiet=Hours(since="22:00", until="06:00"))
    day = Day(policy=replace(PLAIN, routes=(CHANNEL, quiet)))
    day.fail(5)
    decision = day.fail(10)
    assert (told(decision), told(decision, "slack:C2")) == ([PARENT, REPORT], [])
    assert day.watch.held == "quiet hours until 06:00 UTC, for slack:C2"
    assert told(day.tick(240), "slack:C2") == [PARENT, REPORT]


def test_quiet_hours_do_not_hold_what_is_critical() -> None:
    quiet = RoutePolicy(key="slack:C1", quiet=Hours(since="22:00", until="06:00"))
    day = Day(policy=with_route(quiet))
    assert day.trigger().severity is Severity.HIGH
    assert told(day.act(12, Act.SEVERITY, severity=CRITICAL)) == [PARENT, REPORT]


# Reminders, acknowledgements, escalation.


def test_who_has_not_acknowledged_is_reminded_at_the_interval() -> None:
    day = Day()
    day.trigger()
    assert day.tick(69).notices == ()
    reminder = day.tick(70)
    assert (reminder.action, told(reminder)) == (Action.REMIND, [NoticeKind.REMINDER])
    assert texts(reminder, NoticeKind.REMINDER) == [
        "Still failing after 1 h 6 min, 2 failures. Nobody has acknowledged it."
    ]
    assert day.tick(129).notices == ()
    assert day.tick(130).action is Action.REMIND


def test_nobody_is_reminded_of_what_is_acknowledged_or_works_again() -> None:
    day = Day()
    day.trigger()
    day.passes(15)
    assert day.tick(75).notices == ()
    day.fail(80)
    day.act(81, Act.ACKNOWLEDGE)
    assert day.tick(200).notices == ()


def test_an_acknowledgement_times_out_while_it_fails() -> None:
    day = Day()
    day.trigger()
    day.act(12, Act.ACKNOWLEDGE, "U7")
    assert day.tick(251).notices == ()
    decision = day.tick(252)
    assert (decision.action, told(decision)) == (Action.UNACKNOWLEDGE, [PARENT, LINE])
    assert pinged(decision.notices) == ["U7"]
    assert day.incident.state is IncidentState.TRIGGERED
    assert day.tick(311).notices == ()
    assert day.tick(312).action is Action.REMIND


def test_it_escalates_once_when_nobody_acknowledges() -> None:
    day = Day(policy=with_route(replace(CHANNEL, escalation=Escalation(after_s=900, mention="S1"))))
    day.trigger()
    assert day.tick(24).notices == ()
    decision = day.tick(25)
    assert (decision.action, told(decision)) == (Action.ESCALATE, [NoticeKind.ESCALATION])
    assert pinged(decision.notices) == ["S1"]
    assert texts(decision, NoticeKind.ESCALATION) == [
        "Still failing after 21 min: Bypass key differs. Nobody has acknowledged it for 15 min."
    ]
    day.act(30, Act.ACKNOWLEDGE)
    day.tick(300)
    assert NoticeKind.ESCALATION not in told(day.tick(400))


def test_what_two_routes_are_reminded_of_is_one_line_of_the_timeline() -> None:
    day = Day(policy=replace(PLAIN, routes=(CHANNEL, RoutePolicy(key="slack:C2"))))
    day.trigger()
    reminder = day.tick(80)
    assert told(reminder) == told(reminder, "slack:C2") == [NoticeKind.REMINDER]
    assert [entry.kind for entry in reminder.entries] == [Action.REMIND]


def test_acknowledged_and_given_up_it_escalates_from_then_on() -> None:
    day = Day(policy=with_route(replace(CHANNEL, escalation=Escalation(after_s=900))))
    day.trigger()
    day.act(12, Act.ACKNOWLEDGE)
    assert day.tick(252).action is Action.UNACKNOWLEDGE
    assert day.tick(266).notices == ()
    assert day.tick(267).action is Action.ESCALATE


def test_an_acknowledgement_of_what_works_again_does_not_time_out() -> None:
    day = Day()
    day.trigger()
    day.act(12, Act.ACKNOWLEDGE)
    day.passes(15)
    assert day.tick(300).notices == ()
    assert day.incident.state is IncidentState.ACKNOWLEDGED


def test_acknowledged_in_time_it_does_not_escalate() -> None:
    day = Day(policy=with_route(replace(CHANNEL, escalation=Escalation(after_s=900))))
    day.trigger()
    day.act(24, Act.ACKNOWLEDGE)
    assert day.tick(30).notices == ()


# Who can fix it.


def test_only_the_owner_of_the_cause_is_pinged_and_once() -> None:
    day = Day(policy=with_route(CHANNEL, owners={KEY: "U8", DATABASE: "U9"}))
    day.fail(5)
    first = day.fail(10)
    assert pinged(first.notices) == ["U8"]
    assert texts(first, LINE) == ["Bypass key differs: this is yours to fix."]
    assert pinged(day.fail(15).notices) == []
    assert pinged(day.fail(20, DATABASE).notices) == ["U9"]
    assert pinged(day.fail(25).notices) == []


def test_the_owner_is_pinged_where_people_can_be() -> None:
    hook = RoutePolicy(key="webhook:x", mentions=False)
    day = Day(policy=replace(PLAIN, routes=(hook, CHANNEL), owners={KEY: "U8"}))
    day.fail(5)
    pings = [notice.route for notice in day.fail(10).notices if notice.mention]
    assert pings == ["slack:C1"]


def test_severity_follows_the_cause_until_a_person_says_it() -> None:
    day = Day(policy=replace(PLAIN, severities={KEY: Severity.LOW}))
    assert day.trigger().severity is Severity.LOW
    day.fail(15, DATABASE)
    assert day.incident.severity is CRITICAL
    day.act(16, Act.SEVERITY, severity=Severity.MEDIUM)
    day.fail(20)
    assert day.incident.severity is Severity.MEDIUM


# Our own trouble.


def test_runs_that_fail_on_our_side_are_told_to_the_owner_alone_and_once() -> None:
    day = Day()
    first = day.run(1, Status.ERRORED, KEY)
    assert first.reason.endswith("the owner is told of 3 in a row")
    assert (first.notices, day.run(2, Status.ERRORED, KEY).notices) == ((), ())
    third = day.run(3, Status.ERRORED, KEY)
    assert (third.action, told(third, "slack:OPS")) == (Action.OWN_TROUBLE, [NoticeKind.OWN])
    assert texts(third, NoticeKind.OWN) == [
        "3 runs of staging in a row failed on our side, since 2026-03-02 02:00 UTC. "
        "staging itself is not known to be down."
    ]
    assert told(third) == []
    fourth = day.run(4, Status.ERRORED)
    assert (fourth.notices, fourth.action) == ((), Action.HOLD)
    assert fourth.reason.endswith("which says nothing about staging; the owner was told")
    over = day.passes(5)
    assert (over.action, told(over, "slack:OPS")) == (Action.OWN_RECOVERY, [NoticeKind.OWN])
    assert texts(over, NoticeKind.OWN) == [
        "staging is checked again: 4 runs in a row had failed on our side, for 5 min."
    ]


def test_the_owner_is_told_what_is_wrong_on_our_side_and_nothing_of_the_target() -> None:
    for cause, told_of in [(Label.RUNNER_ENVIRONMENT, True), (KEY, False)]:
        run = RunEnded(
            key="r1",
            at=START,
            started_at=START,
            check="pipeline",
            status=Status.ERRORED,
            cause=cause,
            summary="Our name service fails.",
        )
        decision = Day(policy=replace(PLAIN, errored_threshold=1)).apply(run)
        assert (run.summary in texts(decision, NoticeKind.OWN)[0]) is told_of


def test_a_run_that_errored_neither_ends_nor_lengthens_a_row() -> None:
    day = Day()
    day.fail(5)
    day.run(6, Status.ERRORED)
    day.run(7, Status.SKIPPED)
    assert day.fail(10).action is Action.TRIGGER
    day.passes(15)
    before = day.incident
    errored = day.run(16, Status.ERRORED)
    assert (errored.notices, day.incident) == ((), before)
    assert [entry.text for entry in errored.entries] == [
        "pipeline errored on our side, which says nothing about staging."
    ]
    assert day.run(17, Status.ERRORED).entries == ()
    assert day.passes(20).action is Action.RESOLVE


def test_without_an_owner_route_our_own_trouble_is_held_with_that_reason() -> None:
    day = Day(policy=replace(PLAIN, owner_route="", errored_threshold=1))
    decision = day.run(1, Status.ERRORED)
    assert decision.notices == ()
    assert decision.reason.endswith("no owner route is configured to hear of it")


# Where it is told.


def test_without_a_route_the_incident_is_kept_and_the_reason_said() -> None:
    day = Day(policy=replace(PLAIN, routes=()))
    day.fail(5)
    assert day.fail(10).reason.startswith("held: no route hears of this target")
    assert day.incident.told == {}


def test_a_route_that_is_new_hears_of_what_is_open() -> None:
    day = Day()
    day.trigger()
    day.policy = replace(PLAIN, routes=(CHANNEL, RoutePolicy(key="slack:C2")))
    assert told(day.tick(11), "slack:C2") == [PARENT, REPORT]


def test_a_route_that_is_gone_hears_the_end_and_no_reminder() -> None:
    day = Day()
    day.trigger()
    day.policy = replace(PLAIN, routes=())
    assert day.tick(100).notices == ()
    day.passes(105)
    assert told(day.passes(110)) == [PARENT, NoticeKind.RECOVERY]


def test_a_failure_after_a_deploy_is_told_at_once_and_the_timeline_says_which() -> None:
    day = Day()
    decision = day.apply(
        RunEnded(
            key="r1",
            at=START,
            started_at=START,
            check="pipeline",
            status=Status.FAILED,
            trigger=Trigger.DEPLOY,
            caller="U5",
            revision="1a2b3c",
        )
    )
    assert decision.action is Action.TRIGGER
    assert decision.entries[0].by == "U5"
    assert "after the deploy of 1a2b3c by <@U5>" in decision.entries[0].text


def test_what_a_target_says_pings_nobody() -> None:
    day = Day(policy=replace(PLAIN, failure_threshold=1, failures_of=1))
    decision = day.apply(
        RunEnded(
            key="r1",
            at=START,
            started_at=START,
            check="pipeline",
            status=Status.FAILED,
            summary="<!channel> <@U777> said no",
        )
    )
    said = " ".join([decision.reason, *(notice.text for notice in decision.notices)])
    assert "said no" in decision.reason
    assert "<@" not in said
    assert "<!" not in said


def test_how_sure_the_cause_is_follows_the_newest_run_that_names_it() -> None:
    day = Day()
    day.trigger()
    day.run(15, Status.FAILED, KEY, confidence=0.97)
    assert day.incident.confidence == 0.97
