"""What holds for every history of a target: found by trying many."""

from dataclasses import replace
from datetime import timedelta

from alerting import CHANNEL, DATABASE, KEY, START, UNKNOWN, Day
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.alerting import (
    Act,
    Acted,
    Action,
    Decision,
    Escalation,
    Event,
    Hours,
    IncidentState,
    Notice,
    NoticeKind,
    Policy,
    RoutePolicy,
    RunEnded,
    Ticked,
    Watch,
    Window,
    decide,
    needs_tick,
)
from bot.alerting.windows import route_hold, target_hold
from bot.model import Severity, Status

PEOPLE = ("U1", "U2")
# What a held route may still be given: an edit nobody is pinged by, the end, our own trouble.
SILENT = {NoticeKind.PARENT, NoticeKind.RECOVERY, NoticeKind.OWN}

hours = st.builds(
    Hours,
    since=st.sampled_from(["00:00", "02:30", "22:00"]),
    until=st.sampled_from(["00:00", "06:00", "03:30"]),
    timezone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]),
)
routes = st.sets(st.sampled_from(["slack:C1", "slack:C2", "webhook:x"])).flatmap(
    lambda keys: st.tuples(
        *(
            st.builds(
                RoutePolicy,
                key=st.just(key),
                mentions=st.booleans(),
                quiet=st.none() | hours,
                escalation=st.none()
                | st.builds(Escalation, after_s=st.just(900.0), mention=st.just("S1")),
            )
            for key in sorted(keys)
        )
    )
)
policies = st.builds(
    Policy,
    failure_threshold=st.integers(1, 3),
    failures_of=st.integers(1, 4),
    success_threshold=st.integers(1, 3),
    reminder_interval_s=st.sampled_from([600.0, 3600.0]),
    ack_timeout_s=st.sampled_from([1200.0, 14_400.0]),
    errored_threshold=st.integers(1, 3),
    degraded_fails=st.booleans(),
    flap_changes=st.integers(2, 4),
    flap_window=st.integers(5, 8),
    flap_stable=st.integers(2, 4),
    routes=routes,
    owner_route=st.sampled_from(["", "slack:OPS"]),
    windows=st.lists(st.builds(Window, reason=st.just("move"), hours=hours), max_size=1).map(tuple),
    owners=st.just({"bypass_key_mismatch": "U8", "dependency_db_down": "U9"}),
)
runs = st.tuples(
    st.sampled_from([Status.FAILED] * 4 + [Status.PASSED] * 3 + list(Status)),
    st.sampled_from([KEY, DATABASE, UNKNOWN, None]),
    st.sampled_from([0.3, 0.9]),
    st.sampled_from(["pipeline"] * 3 + ["health"]),
    # Minutes for which nobody heard of it.
    st.sampled_from([0, 0, 0, 8]),
)
acts = st.tuples(
    st.sampled_from(Act),
    st.sampled_from(PEOPLE),
    st.sampled_from(["", "", "", "i1", "i2", "i9"]),
    st.sampled_from(["", "text"]),
    st.sampled_from([None, 0, 1, 30, 300]),
    st.sampled_from([None, Severity.CRITICAL, Severity.LOW]),
)
steps = st.lists(
    st.tuples(st.sampled_from([0, 1, 3, 15, 70, 400]), runs | runs | acts | st.none()), max_size=40
)


@st.composite
def days(draw: st.DrawFn) -> tuple[Policy, list[Event]]:
    """Draw how alerts are decided, and what happens."""
    at, events = START, list[Event]()
    for number, (minutes, what) in enumerate(draw(steps)):
        at += timedelta(minutes=minutes)
        match what:
            case None:
                events.append(Ticked(at=at))
            case (status, cause, confidence, check, late):
                ended_at = at - timedelta(minutes=late)
                events.append(
                    RunEnded(
                        key=f"r{number}",
                        at=ended_at,
                        started_at=ended_at - timedelta(seconds=30),
                        heard_at=at,
                        check=check,
                        status=status,
                        cause=cause if status is not Status.PASSED else None,
                        confidence=confidence,
                    )
                )
            case (act, by, incident, text, until, severity):
                events.append(
                    Acted(
                        key=f"a{number}",
                        at=at,
                        act=act,
                        by=by,
                        incident=incident,
                        text=text,
                        to=by,
                        until=None if until is None else at + timedelta(minutes=until),
                        severity=severity,
                    )
                )
    return draw(policies), events


def for_all(*strategies):
    """Try many; how long one takes says nothing here."""
    patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    return lambda test: patient(given(*strategies)(test))


def lived(day: tuple[Policy, list[Event]]) -> Day:
    policy, events = day
    told = Day(policy=policy)
    for event in events:
        told.apply(event)
    return told


def by_route(day: Day) -> dict[tuple[str, str], list[tuple[Event, Notice]]]:
    """Return what each route was told of each incident, in order."""
    found: dict[tuple[str, str], list[tuple[Event, Notice]]] = {}
    for event, decision in day.decisions:
        for notice in decision.notices:
            if notice.kind is not NoticeKind.OWN:
                assert decision.incident
                key = (decision.incident.id, notice.route)
                found.setdefault(key, []).append((event, notice))
    return found


@for_all(days())
def test_an_incident_is_triggered_once_and_its_parent_comes_first(day) -> None:
    lived_day = lived(day)
    begun = [
        decision.incident.id
        for _, decision in lived_day.decisions
        for entry in decision.entries
        if entry.kind in (Action.TRIGGER, Act.OPEN) and decision.incident
    ]
    assert len(begun) == len(set(begun)) == lived_day.opened
    for told in by_route(lived_day).values():
        assert told[0][1].kind is NoticeKind.PARENT
        assert not {NoticeKind.RECOVERY} & {notice.kind for _, notice in told[:1]}


@for_all(days())
def test_at_most_one_incident_is_open(day) -> None:
    told = Day(policy=day[0])
    for event in day[1]:
        before = told.watch.incident
        decision = told.apply(event)
        now = told.watch.incident
        assert now is None or now.state is not IncidentState.RESOLVED
        assert not (now and told.watch.reopens)
        if before and now:
            assert before.id == now.id
        if before and not now:
            assert told.watch.closed is decision.incident
            assert told.watch.closed
            assert told.watch.closed.id == before.id


@for_all(days())
def test_an_end_is_told_where_the_beginning_was_and_nowhere_else(day) -> None:
    told = Day(policy=day[0])
    for event in day[1]:
        before = told.watch.incident
        decision = told.apply(event)
        ended = [one.route for one in decision.notices if one.kind is NoticeKind.RECOVERY]
        if before and told.watch.incident is None:
            assert sorted(ended) == sorted(before.told)
        else:
            assert not ended


@for_all(days())
def test_nothing_new_is_told_while_a_hold_lasts(day) -> None:
    told = Day(policy=day[0])
    for event in day[1]:
        before = told.watch
        decision = told.apply(event)
        for notice in decision.notices:
            heard = before.incident or before.closed
            known = heard is not None and notice.route in heard.told
            if notice.kind is NoticeKind.OWN or not _hold(decision, notice, day[0], event):
                continue
            assert known
            answers = isinstance(event, Acted) and notice.by == event.by
            assert notice.kind in SILENT or answers
            assert not notice.mention or answers


def _hold(decision: Decision, notice: Notice, policy: Policy, event: Event) -> str:
    route = {one.key: one for one in policy.routes}[notice.route]
    severity = decision.incident.severity if decision.incident else Severity.LOW
    hold = target_hold(decision.watch, policy, event.at)
    return hold or route_hold(route, severity, event.at)


@for_all(days())
def test_what_failed_on_our_side_is_told_to_the_owner_at_most(day) -> None:
    for event, decision in lived(day).decisions:
        if isinstance(event, RunEnded) and event.status in (Status.ERRORED, Status.SKIPPED):
            assert {notice.kind for notice in decision.notices} <= {NoticeKind.OWN}
        for notice in decision.notices:
            is_owner = notice.route == day[0].owner_route
            assert (notice.kind is NoticeKind.OWN) is is_owner


@for_all(days())
def test_our_own_trouble_and_its_end_are_told_in_turns(day) -> None:
    kinds = [
        decision.action is Action.OWN_TROUBLE
        for _, decision in lived(day).decisions
        for notice in decision.notices
        if notice.kind is NoticeKind.OWN
    ]
    assert kinds == [number % 2 == 0 for number in range(len(kinds))]


@for_all(days())
def test_reminders_keep_their_interval_and_an_escalation_comes_once(day) -> None:
    policy = day[0]
    for told in by_route(lived(day)).values():
        last = told[0][0].at
        for event, notice in told[1:]:
            if notice.kind is NoticeKind.REMINDER:
                assert (event.at - last).total_seconds() >= policy.reminder_interval_s
            if notice.kind in (NoticeKind.REMINDER, NoticeKind.ESCALATION):
                last = event.at
        kinds = [notice.kind for _, notice in told]
        assert kinds.count(NoticeKind.ESCALATION) <= 1


@for_all(days())
def test_only_who_waits_is_reminded_and_only_of_what_fails(day) -> None:
    for _, decision in lived(day).decisions:
        kinds = {notice.kind for notice in decision.notices}
        if kinds & {NoticeKind.REMINDER, NoticeKind.ESCALATION}:
            assert decision.incident
            assert decision.incident.state is IncidentState.TRIGGERED
            assert not decision.incident.passes


@for_all(days())
def test_an_owner_is_pinged_once_in_an_incident(day) -> None:
    pings = [
        (incident, notice.mention)
        for (incident, _), told in by_route(lived(day)).items()
        for _, notice in told
        if notice.mention in ("U8", "U9")
    ]
    assert len(pings) == len(set(pings))


@for_all(days())
def test_the_same_tick_again_changes_nothing(day) -> None:
    told = Day(policy=day[0])
    for event in day[1]:
        told.apply(event)
        first = told.apply(Ticked(at=event.at))
        again = decide(first.watch, Ticked(at=event.at), day[0], new_id="i99")
        assert (again.watch, again.notices, again.entries) == (first.watch, (), ())


@for_all(days(), st.sampled_from([0, 1, 45, 600]))
def test_a_tick_that_may_be_left_out_does_nothing(day, minutes: int) -> None:
    told = Day(policy=day[0])
    for event in day[1]:
        told.apply(event)
        later = event.at + timedelta(minutes=minutes)
        if not needs_tick(told.watch, day[0], later):
            decision = decide(told.watch, Ticked(at=later), day[0], new_id="i99")
            assert (decision.watch, decision.notices, decision.entries) == (told.watch, (), ())


@for_all(days())
def test_a_run_that_comes_twice_counts_once(day) -> None:
    once, twice = lived(day), Day(policy=day[0])
    for event in day[1]:
        twice.apply(event)
        if isinstance(event, RunEnded) and event.status in (Status.PASSED, Status.FAILED):
            again = decide(twice.watch, event, day[0], new_id="i99")
            assert (again.notices, again.entries) == ((), ())
            assert replace(again.watch, held="") == replace(twice.watch, held="")
    assert once.watch == twice.watch


@for_all(days())
def test_every_decision_has_a_reason_and_does_what_it_says(day) -> None:
    told = Day(policy=day[0])
    for event in day[1]:
        before = told.watch
        decision = told.apply(event)
        assert decision.reason.strip()
        assert "None" not in decision.reason
        kinds = {notice.kind for notice in decision.notices}
        if decision.action is Action.HOLD:
            assert decision.reason.startswith("held: ")
            assert kinds <= {NoticeKind.PARENT}
        elif decision.action is Action.REFUSE:
            assert isinstance(event, Acted)
            assert (kinds, decision.entries) == (set(), ())
            assert replace(decision.watch, held="", mute=None) == replace(
                before, held="", mute=None
            )
        elif decision.action is Action.ACT:
            assert decision.entries
        else:
            assert decision.reason.startswith("told: ")
            # What a person opened has no report yet: its message alone announces it.
            assert kinds - {NoticeKind.PARENT} or (kinds and decision.action is Action.ANNOUNCE)


@for_all(days())
def test_what_fails_on_is_told_in_the_end(day) -> None:
    """Nothing is lost: fail on for a day without holds, and every route knows."""
    policy = replace(day[0], windows=(), routes=(CHANNEL,))
    told = lived((policy, day[1]))
    at = max([START, *(event.at for event in day[1])]) + timedelta(days=1)
    for number in range(20):
        at += timedelta(minutes=5)
        event = RunEnded(
            key=f"end{number}",
            at=at,
            started_at=at - timedelta(seconds=30),
            check="pipeline",
            status=Status.FAILED,
            cause=KEY,
            confidence=0.9,
        )
        told.apply(event)
    assert told.watch.incident
    assert "slack:C1" in told.watch.incident.told
    assert told.watch.held == ""


def test_a_new_target_has_no_history() -> None:
    assert not needs_tick(Watch(target="staging"), Policy(), START)
