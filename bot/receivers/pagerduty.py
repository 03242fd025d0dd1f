"""PagerDuty's Events API v2: an incident of ours is an alert of theirs, by its `dedup_key`."""

import json
from collections.abc import Mapping

from bot.alerting import Incident, IncidentState, Notice, NoticeKind
from bot.config import Owner, Route
from bot.errors import DeliveryError
from bot.model import Json, Severity
from bot.receivers.post import Poster
from bot.receivers.words import document, title
from bot.store import Pending

_ACTIONS: Mapping[IncidentState, str] = {
    IncidentState.TRIGGERED: "trigger",
    IncidentState.ACKNOWLEDGED: "acknowledge",
    IncidentState.RESOLVED: "resolve",
}
_SEVERITIES: Mapping[Severity, str] = {
    Severity.CRITICAL: "critical",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "info",
}
# PagerDuty reminds and escalates by itself.
_SENT = frozenset({NoticeKind.PARENT, NoticeKind.RECOVERY, NoticeKind.OWN})
_MOST_SUMMARY = 1024


class PagerDutyReceiver:
    """Triggers, acknowledges and resolves; repeated, an event changes nothing."""

    def __init__(self, poster: Poster) -> None:
        self._poster = poster

    async def deliver(
        self, route: Route | Owner, pending: Pending, incident: Incident | None
    ) -> None:
        """Send what the notice changes, if it changes anything there."""
        service = route.pagerduty
        key = service.routing_key.value if service and service.routing_key else None
        if service is None or not key:
            raise DeliveryError(f"{route.key} has no routing key.", permanent=True)
        if pending.notice.kind not in _SENT or _would_page(pending.notice, incident):
            return
        event = _event(pending, incident) | {"routing_key": key.strip()}
        await self._poster.post(service.url, json.dumps(event).encode(), {}, name="PagerDuty")


def _would_page(notice: Notice, incident: Incident | None) -> bool:
    """Tell whether an edit that is silent elsewhere, or tells of a pass, would call somebody here.

    Of what somebody resolved there, a trigger makes a new incident.
    """
    if incident is None or incident.state is not IncidentState.TRIGGERED:
        return False
    return notice.quiet or incident.passes > 0


def _event(pending: Pending, incident: Incident | None) -> dict[str, Json]:
    target = pending.lane.target
    if incident is None:
        notice = pending.notice
        summary, severity = notice.text, Severity.MEDIUM
        action, details = "resolve" if notice.over else "trigger", {}
        # Of runs that fail on our side, or of a route that takes nothing.
        key = f"stagecheck/{target}/{'own' if notice.run_id else 'route'}"
    else:
        summary, severity = title(incident), incident.severity
        action, details = _ACTIONS[incident.state], document(incident)
        # Numbers begin anew with a new database; its first failure does not happen twice.
        key = f"stagecheck/{target}/{incident.id}/{incident.started_at:%Y%m%dT%H%M%SZ}"
    return {
        "event_action": action,
        "dedup_key": key,
        "payload": {
            "summary": summary[:_MOST_SUMMARY],
            "source": target,
            "severity": _SEVERITIES[severity],
            "component": "stagecheck",
            "custom_details": details,
        },
    }
