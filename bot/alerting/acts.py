"""What a person's act comes to: the first one wins, and the next is told who was first."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from bot.alerting.draft import Draft
from bot.alerting.events import Act, Acted
from bot.alerting.model import Action, Decision, Incident, IncidentState, Mute
from bot.alerting.outage import is_verifying
from bot.alerting.recovery import close, say_over
from bot.alerting.severity import severity_of
from bot.alerting.wording import ago, clock, outage, person, said
from bot.model import Severity, Status

# Two presses of one button differ by this much at most in when their mutes end.
_SAME_MUTE = timedelta(minutes=1)


def act(draft: Draft, event: Acted, new_id: str) -> Decision:
    """Decide about what a person did."""
    match event.act:
        case Act.OPEN:
            return _open(draft, event, new_id)
        case Act.MUTE:
            return _mute(draft, event)
        case Act.UNMUTE:
            return _unmute(draft, event)
        case _:
            pass
    incident, refusal = _meant(draft, event)
    if incident is None:
        return _refuse(draft, refusal)
    draft.incident = incident
    return _ACTS[event.act](draft, event, incident)


def _meant(draft: Draft, event: Acted) -> tuple[Incident | None, str]:
    """Return the incident the act is about, or why it cannot be."""
    incident, closed = draft.watch.incident, draft.watch.closed
    target = draft.watch.target
    if incident and event.incident in ("", incident.id):
        return incident, ""
    if closed and event.incident == closed.id:
        if event.act in (Act.NOTE, Act.REACTION, Act.VERIFY_KEY):
            return closed, ""
        by = person(closed.resolved_by) if closed.resolved_by else "Passing runs"
        return None, f"{by} resolved {closed.id} {ago(closed.resolved_at, event.at)}."
    if event.incident:
        return None, f"{event.incident} is no open incident of {target}."
    return None, f"No incident of {target} is open."


def _refuse(draft: Draft, reason: str) -> Decision:
    return draft.decision(Action.REFUSE, reason)


def _done(
    draft: Draft, event: Acted, incident: Incident, text: str, *, line: bool = True, ping: str = ""
) -> Decision:
    """Take the act in: the incident as it is now, its timeline, a line in its threads."""
    draft.incident = incident
    draft.enter(event.act, text, by=event.by)
    if line:
        draft.line(text, by=event.by, mention=ping, is_held=False)
    draft.spread()
    return draft.decision(Action.ACT, text)


def _open(draft: Draft, event: Acted, new_id: str) -> Decision:
    if now := draft.watch.incident:
        by = f"{person(now.opened_by)} opened it" if now.opened_by else "it was opened"
        return _refuse(
            draft, f"{now.id} is open for {now.target}: {by} {ago(now.triggered_at, event.at)}."
        )
    title = said(event.text)
    severity = severity_of(None, Status.FAILED, {})
    draft.incident = Incident(
        id=new_id,
        target=draft.watch.target,
        state=IncidentState.TRIGGERED,
        severity=event.severity or severity,
        severity_by=event.by if event.severity else "",
        started_at=event.at,
        triggered_at=event.at,
        waiting_since=event.at,
        title=title,
        opened_by=event.by,
        impact=draft.policy.impact,
    )
    what = f": {title.rstrip('.')}" if title else ""
    return _done(
        draft, event, draft.incident, f"{person(event.by)} opened {new_id}{what}.", line=False
    )


def _acknowledge(draft: Draft, event: Acted, incident: Incident) -> Decision:
    if incident.state is IncidentState.ACKNOWLEDGED:
        by, since = person(incident.acknowledged_by), ago(incident.acknowledged_at, event.at)
        return _refuse(draft, f"{by} acknowledged {incident.id} {since}.")
    now = _acknowledged(incident, event)
    return _done(draft, event, now, f"{person(event.by)} acknowledged it.")


def _acknowledged(incident: Incident, event: Acted) -> Incident:
    return replace(
        incident,
        state=IncidentState.ACKNOWLEDGED,
        acknowledged_by=event.by,
        acknowledged_at=event.at,
        waiting_since=None,
    )


def _assign(draft: Draft, event: Acted, incident: Incident) -> Decision:
    if not event.to:
        return _refuse(draft, f"Say whom {incident.id} is assigned to.")
    if incident.assigned_to == event.to:
        return _refuse(draft, f"{person(event.to)} has {incident.id} already.")
    now = replace(incident, assigned_to=event.to)
    if event.to == event.by:
        if now.state is IncidentState.TRIGGERED:
            now = _acknowledged(now, event)
        return _done(draft, event, now, f"{person(event.by)} took it.")
    text = f"{person(event.by)} assigned it to {person(event.to)}."
    return _done(draft, event, now, text, ping=event.to)


def _resolve(draft: Draft, event: Acted, incident: Incident) -> Decision:
    now = replace(
        incident,
        state=IncidentState.RESOLVED,
        resolved_at=event.at,
        ended_at=incident.working_since or event.at,
        waiting_since=None,
        verifying_by="",
        verifying_since=None,
        resolved_by=event.by,
        resolution=said(event.text),
    )
    close(draft, now)
    still_fails = bool(now.checks) and not now.passes
    draft.watch = replace(draft.watch, reopens=bool(now.checks))
    text = f"Resolved by {person(event.by)}, after {outage(now, event.at)}."
    if now.resolution:
        text = f"{text} {now.resolution.rstrip('.')}."
    if still_fails:
        text = f"{text} Its last run failed; the next failure opens it again."
    draft.incident = now
    draft.enter(event.act, text, by=event.by)
    say_over(draft, text, by=event.by)
    draft.spread()
    return draft.decision(Action.ACT, text)


def _severity(draft: Draft, event: Acted, incident: Incident) -> Decision:
    wanted = event.severity
    if wanted is None:
        one_of = ", ".join(Severity)
        return _refuse(draft, f"Say which severity {incident.id} has: {one_of}.")
    if incident.severity is wanted and incident.severity_by:
        by = person(incident.severity_by)
        return _refuse(draft, f"{by} set the severity of {incident.id} to {wanted} already.")
    was = incident.severity
    now = replace(incident, severity=wanted, severity_by=event.by)
    return _done(draft, event, now, f"{person(event.by)} set the severity to {wanted}; was {was}.")


def _note(draft: Draft, event: Acted, incident: Incident) -> Decision:
    if not event.text.strip():
        return _refuse(draft, "The note is empty.")
    return _done(draft, event, incident, f"Note by {person(event.by)}: {said(event.text, 2_000)}")


def _reaction(draft: Draft, event: Acted, incident: Incident) -> Decision:
    text = f"{person(event.by)} reacted with :{said(event.text, 60).strip(':')}:"
    return _done(draft, event, incident, text, line=False)


def _fixed(draft: Draft, event: Acted, incident: Incident) -> Decision:
    if is_verifying(incident, event.at):
        by, since = person(incident.verifying_by), ago(incident.verifying_since, event.at)
        return _refuse(draft, f"{by} said {since} that it is fixed; a run is on its way to see.")
    now = replace(incident, verifying_by=event.by, verifying_since=event.at)
    what = f" ({said(event.text, 120)})" if event.text.strip() else ""
    text = f"{person(event.by)} says it is fixed{what}. A run will show; only passes end this."
    return _done(draft, event, now, text)


def _verify_key(draft: Draft, event: Acted, incident: Incident) -> Decision:
    found = f": {said(event.text)}" if event.text.strip() else "."
    return _done(draft, event, incident, f"{person(event.by)} verified the bypass key{found}")


def _mute(draft: Draft, event: Acted) -> Decision:
    target, mute = draft.watch.target, draft.watch.mute
    if event.until is None or event.until <= event.at:
        return _refuse(draft, f"Say for how long {target} is muted; it has to end in the future.")
    if mute and abs(event.until - mute.until) < _SAME_MUTE:
        until = clock(mute.until)
        return _refuse(
            draft,
            f"{person(mute.by)} muted {target} {ago(mute.since, event.at)}, until {until}.",
        )
    draft.watch = replace(
        draft.watch,
        mute=Mute(until=event.until, by=event.by, since=event.at, reason=said(event.text)),
    )
    because = f": {said(event.text)}" if event.text.strip() else "."
    until = clock(event.until)
    return _muted(draft, event, f"{person(event.by)} muted {target} until {until}{because}")


def _unmute(draft: Draft, event: Acted) -> Decision:
    target = draft.watch.target
    if draft.watch.mute is None:
        return _refuse(draft, f"{target} is not muted.")
    draft.watch = replace(draft.watch, mute=None)
    return _muted(draft, event, f"{person(event.by)} unmuted {target}.")


def _muted(draft: Draft, event: Acted, text: str) -> Decision:
    draft.enter(event.act, text, by=event.by)
    draft.line(text, by=event.by, is_held=False)
    draft.spread()
    return draft.decision(Action.ACT, text)


_ACTS: Mapping[Act, Callable[[Draft, Acted, Incident], Decision]] = {
    Act.ACKNOWLEDGE: _acknowledge,
    Act.ASSIGN: _assign,
    Act.RESOLVE: _resolve,
    Act.SEVERITY: _severity,
    Act.NOTE: _note,
    Act.REACTION: _reaction,
    Act.FIXED: _fixed,
    Act.VERIFY_KEY: _verify_key,
}
