"""An incident and its notices in plain words, for receivers that show text."""

from bot.alerting import Incident, IncidentState
from bot.model import Json
from bot.report import label_words, seconds


def title(incident: Incident) -> str:
    """Return one line: what is wrong with which target, or that it is over."""
    what = incident.title or (label_words(incident.cause) if incident.cause else "the check fails")
    match incident.state:
        case IncidentState.RESOLVED:
            return (
                f"{incident.target} works again after {_outage(incident)}: {what} ({incident.id})"
            )
        case IncidentState.ACKNOWLEDGED:
            return f"{incident.target}: {what}, acknowledged ({incident.id})"
        case IncidentState.TRIGGERED:
            return f"{incident.target} does not work: {what} ({incident.id})"


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


def _outage(incident: Incident) -> str:
    ended = incident.ended_at or incident.resolved_at or incident.started_at
    return seconds((ended - incident.started_at).total_seconds())
