"""What a run that works comes to, and the end of an incident."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from bot.alerting.draft import Draft, Said
from bot.alerting.events import RunEnded
from bot.alerting.model import Action, Decision, Incident, IncidentState, NoticeKind
from bot.alerting.outcomes import Outcomes, passes, settled, starts_to_flap
from bot.alerting.telling import flap_words
from bot.alerting.wording import clock, label_words, outage, person, status_words
from bot.model import Status
from bot.phrases import count, listed

_REOPENS = timedelta(hours=48)
"""For how long a failure opens what a person resolved; a daily check has run by then."""


def forget_what_is_over(draft: Draft, run: RunEnded) -> None:
    """Let a failure open no more what a person resolved long ago, or what this check had left.

    A check of it that nothing runs any more never passes: it may not be waited for for ever.
    """
    closed = draft.watch.closed
    if not draft.watch.reopens or closed is None:
        return
    before = draft.watch.outcomes[run.check][:-1]
    worked = run.check in closed.checks and len(passes(before)) >= passes_wanted(draft, closed)
    if worked or run.at >= (closed.resolved_at or closed.triggered_at) + _REOPENS:
        draft.watch = replace(draft.watch, reopens=False)


def passed(draft: Draft, run: RunEnded) -> Decision:
    """Decide about a run that works; its outcome is remembered already."""
    incident, did = draft.incident, f"{run.check} {status_words(run.status)}"
    if incident is None:
        return _no_incident(draft, did)
    if run.check not in incident.checks:
        about = listed(incident.checks) or f"what {person(incident.opened_by)} opened it for"
        return draft.decision(Action.HOLD, f"{did}; {incident.id} is about {about}")
    draft.incident = now = _with_pass(draft, run, incident)
    wanted = passes_wanted(draft, now)
    # Which check it was is news only where several failed.
    told = status_words(run.status).capitalize()
    told += f" ({run.check})" if len(now.checks) > 1 else ""
    if now.passes >= wanted:
        return _over(draft, run)
    if now.passes:
        action, text = Action.RECOVERING, f"{told}: {now.passes} of {count(wanted, 'pass')}."
    else:
        failing = listed(_still_failing(draft, now.checks))
        action, text = Action.CONTINUE, f"{told}; {failing} has to pass too."
    if now.flapping and not incident.flapping:
        text = flap_words(draft.watch.outcomes[run.check], draft.policy)
    if not incident.flapping:
        draft.line(text, run_id=run.key)
    draft.enter_run(action, text, run)
    draft.spread()
    return draft.decision(action, text.rstrip("."))


def passes_wanted(draft: Draft, incident: Incident) -> int:
    """Return how many passes in a row of every check that failed end the incident."""
    policy = draft.policy
    if incident.flapping:
        return max(policy.flap_stable, policy.success_threshold)
    return policy.success_threshold


def _no_incident(draft: Draft, did: str) -> Decision:
    closed = draft.watch.closed
    if not draft.watch.reopens or closed is None:
        return draft.decision(Action.HOLD, f"{did}, and no incident is open")
    wanted = passes_wanted(draft, closed)
    if min(map(len, _rows(draft, closed.checks)), default=0) < wanted:
        return draft.decision(Action.HOLD, f"{did}; {closed.id} was resolved by hand")
    draft.watch = replace(draft.watch, reopens=False)
    return draft.decision(
        Action.HOLD, f"{did}: {closed.id}, resolved by hand, is over by passes too"
    )


def _with_pass(draft: Draft, run: RunEnded, incident: Incident) -> Incident:
    rows = _rows(draft, incident.checks)
    least = min(map(len, rows))
    working_since = None
    if least:
        # All of them work from when the last of them began to.
        working_since = incident.working_since or max(row[0].at for row in rows)
    row = draft.watch.outcomes[run.check]
    return replace(
        incident,
        flapping=incident.flapping or starts_to_flap(row, draft.policy),
        runs=incident.runs + 1,
        last_run=run.key,
        last_status=run.status,
        last_run_at=run.at,
        passes=least,
        working_since=working_since,
    )


def _rows(draft: Draft, checks: Iterable[str]) -> list[Outcomes]:
    return [passes(draft.watch.outcomes.get(check, ())) for check in checks]


def _still_failing(draft: Draft, checks: tuple[str, ...]) -> list[str]:
    """Return the checks whose newest run did not pass, each with when that was."""
    rows = [(check, draft.watch.outcomes.get(check, ())) for check in checks]
    return [
        f"{check} (last run at {clock(row[-1].at)})" if row else check
        for check, row in rows
        if not passes(row)
    ]


def _over(draft: Draft, run: RunEnded) -> Decision:
    assert draft.incident
    ended_at = draft.incident.working_since or run.at
    incident = replace(
        draft.incident,
        state=IncidentState.RESOLVED,
        # Of two checks, the one that passed last may have been heard of first.
        resolved_at=max(run.at, ended_at),
        ended_at=ended_at,
        waiting_since=None,
        verifying_by="",
        verifying_since=None,
        resolved_by="",  # whoever resolved it before it was opened again
    )
    close(draft, incident)
    out = "failed on and off" if incident.flapping else "was out"
    how = ", but only by the fallback" if run.status is Status.DEGRADED else ""
    text = f"Over: {incident.target} works again{how}. It {out} for {outage(incident, run.at)}."
    details = [f"Cause: {label_words(incident.cause)}."] if incident.cause else []
    if fixed_by := draft.incident.verifying_by:
        details.append(f"{person(fixed_by)} said it is fixed.")
    say_over(draft, " ".join([text, *details]), run_id=run.key)
    draft.enter_run(Action.RESOLVE, text, run)
    never_told = "" if incident.told else ", and nobody was told of it, so nobody is of its end"
    draft.incident = incident
    draft.spread()
    reason = f"{count(incident.passes, 'pass')} in a row end {incident.id}{never_told}"
    return draft.decision(Action.RESOLVE, reason)


def close(draft: Draft, incident: Incident) -> None:
    """Let the outcomes so far count for no other incident."""
    outcomes = settled(draft.watch.outcomes, forget=incident.flapping)
    draft.watch = replace(draft.watch, outcomes=outcomes, reopens=False)


def say_over(draft: Draft, text: str, *, run_id: str = "", by: str = "") -> None:
    """Say the end on every route that heard of the beginning; nothing holds that."""
    draft.said.append(
        Said(kind=NoticeKind.RECOVERY, text=text, run_id=run_id, by=by, is_held=False)
    )
