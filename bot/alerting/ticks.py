"""What the passing of time comes to: ends of mutes, late announcements, reminders, escalations."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.alerting.draft import Draft
from bot.alerting.model import Action, Decision, Incident, IncidentState, Notice, NoticeKind, Watch
from bot.alerting.outage import is_verifying, waiting
from bot.alerting.policy import Policy, RoutePolicy
from bot.alerting.wording import ago, label_words, lasting, person, said
from bot.phrases import count, span


def needs_tick(watch: Watch, policy: Policy, at: datetime) -> bool:
    """Return whether time may change anything: False lets the caller skip `decide`."""
    if watch.mute and watch.mute.until <= at:
        return True
    incident = watch.incident
    # Without a route only an acknowledgement can time out, or a word that it is fixed.
    return incident is not None and bool(
        policy.routes or incident.acknowledged_at or incident.verifying_by
    )


def tick(draft: Draft) -> Decision:
    """Decide what is due at `draft.at`; the same tick again finds nothing due."""
    reasons: list[tuple[Action, str]] = []
    if draft.incident:
        reasons.extend(_unacknowledge(draft, draft.incident))
        reasons.extend(_end_verifying(draft))
    draft.spread()
    if draft.announced:
        text = "told now, after it was held"
        draft.enter(Action.ANNOUNCE, "The incident is told now, after it was held.")
        reasons.insert(0, (Action.ANNOUNCE, text))
    elif draft.notices and not reasons:
        reasons.append((Action.ANNOUNCE, "what was held is told now"))
    for route in draft.policy.routes:
        reasons.extend(_due(draft, route))
    if not reasons:
        return draft.decision(Action.HOLD, "nothing is due")
    return draft.decision(reasons[0][0], "; ".join(dict.fromkeys(text for _, text in reasons)))


def _unacknowledge(draft: Draft, incident: Incident) -> list[tuple[Action, str]]:
    since, limit = incident.acknowledged_at, draft.policy.ack_timeout_s
    if since is None or incident.passes:
        return []
    if draft.at < since + timedelta(seconds=limit):
        return []
    by = person(incident.acknowledged_by)
    acknowledged = f"{by} acknowledged it {ago(since, draft.at)}"
    text = f"{lasting(incident, draft.at)}. {acknowledged}; who has it now?"
    draft.incident = waiting(incident, draft.at)
    draft.line(text, mention=incident.assigned_to or incident.acknowledged_by)
    draft.enter(Action.UNACKNOWLEDGE, text)
    return [(Action.UNACKNOWLEDGE, f"the acknowledgement by {by} timed out")]


def _end_verifying(draft: Draft) -> list[tuple[Action, str]]:
    incident = draft.incident
    if incident is None or not incident.verifying_by or is_verifying(incident, draft.at):
        return []
    by, since = person(incident.verifying_by), ago(incident.verifying_since, draft.at)
    text = f"{by} said {since} that it is fixed; the runs since then did not show whether it is."
    draft.incident = replace(incident, verifying_by="", verifying_since=None)
    draft.line(text)
    draft.enter(Action.CONTINUE, text)
    return [(Action.CONTINUE, text.rstrip("."))]


def _due(draft: Draft, route: RoutePolicy) -> list[tuple[Action, str]]:
    """Escalate and remind on one route, as far as it is time for that."""
    incident = draft.incident
    if (
        incident is None
        or incident.state is not IncidentState.TRIGGERED
        or incident.passes
        or route.key not in incident.told
        or draft.hold_reason(route)
    ):
        return []
    return [*_escalate(draft, route, incident), *_remind(draft, route, incident)]


def _escalate(draft: Draft, route: RoutePolicy, incident: Incident) -> list[tuple[Action, str]]:
    told, escalation = incident.told[route.key], route.escalation
    if escalation is None or told.escalated_at:
        return []
    since = max(told.announced_at, incident.waiting_since or told.announced_at)
    if draft.at < since + timedelta(seconds=escalation.after_s):
        return []
    unheard = span(draft.at - since)
    what = said(incident.title) or label_words(incident.cause)
    text = f"{lasting(incident, draft.at)}: {what}. Nobody has acknowledged it for {unheard}."
    _tell(draft, route, NoticeKind.ESCALATION, text, escalation.mention)
    draft.note_reminder(route.key, escalated=True)
    draft.enter(Action.ESCALATE, text)
    return [(Action.ESCALATE, f"nobody acknowledged it for {unheard}")]


def _remind(draft: Draft, route: RoutePolicy, incident: Incident) -> list[tuple[Action, str]]:
    assert draft.incident
    told = draft.incident.told[route.key]
    last = max(
        filter(None, (told.announced_at, told.reminded_at, incident.waiting_since)),
    )
    if draft.at < last + timedelta(seconds=draft.policy.reminder_interval_s):
        return []
    who = "Nobody has acknowledged it."
    if incident.assigned_to:
        who = f"Assigned to {person(incident.assigned_to)}, who has not acknowledged it."
    failed = f", {count(incident.failures, 'failure')}" if incident.failures else ""
    text = f"{lasting(incident, draft.at)}{failed}. {who}"
    _tell(draft, route, NoticeKind.REMINDER, text, "")
    draft.note_reminder(route.key)
    draft.enter(Action.REMIND, text)
    return [(Action.REMIND, "nobody has acknowledged it")]


def _tell(draft: Draft, route: RoutePolicy, kind: NoticeKind, text: str, mention: str) -> None:
    assert draft.incident
    draft.notices.append(
        Notice(
            route=route.key,
            kind=kind,
            text=text,
            run_id=draft.incident.last_failure,
            mention=mention if route.mentions else "",
        )
    )
