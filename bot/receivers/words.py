"""An incident and its notices in plain words, for receivers that show text."""

from bot.alerting import Incident, IncidentState
from bot.model import Json
from bot.report import label_words
from bot.report.incident import look_of


def title(incident: Incident) -> str:
    """Return one line: how the target is as far as is known, why, and how far the incident is."""
    what = incident.title or (label_words(incident.cause) if incident.cause else "the check fails")
    state = ""
    if incident.state is IncidentState.ACKNOWLEDGED:
        state = ", acknowledged"
    if incident.state is IncidentState.RESOLVED and incident.resolved_by:
        state = ", resolved by hand"
    return f"{look_of(incident).sentence}: {what}{state} ({incident.id})"


def body(incident: Incident) -> str:
    """Return what is known, a line each."""
    lines = [
        incident.summary,
        f"Severity: {incident.severity}",
        f"Since: {incident.started_at:%Y-%m-%d %H:%M} UTC",
        f"Last run: {incident.last_run}" if incident.last_run else "",
        f"Impact: {incident.impact}" if incident.impact else "",
        f"Assigned to: {incident.assigned_to}" if incident.assigned_to else "",
    ]
    return "\n".join(filter(None, lines))


def document(incident: Incident) -> Json:
    """Return what is known as JSON; times in ISO 8601, UTC."""
    ended = incident.ended_at or incident.resolved_at
    return {
        "id": incident.id,
        "target": incident.target,
        "state": str(incident.state),
        "severity": str(incident.severity),
        "title": title(incident),
        "cause": str(incident.cause) if incident.cause else None,
        "confidence": incident.confidence,
        "summary": incident.summary,
        "causes": [str(label) for label in incident.causes],
        "checks": list(incident.checks),
        "started_at": incident.started_at.isoformat(),
        "ended_at": ended.isoformat() if ended else None,
        "acknowledged_by": incident.acknowledged_by,
        "assigned_to": incident.assigned_to,
        "resolved_by": incident.resolved_by,
        "runs": incident.runs,
        "failures": incident.failures,
        "first_run": incident.first_run,
        "last_run": incident.last_run,
        "flapping": incident.flapping,
        "impact": incident.impact,
    }
