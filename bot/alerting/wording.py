"""What notices, reasons and the timeline say: short sentences for a person at three at night."""

import re
from datetime import UTC, datetime, timedelta

from bot.alerting.model import Incident
from bot.diagnosis import CATALOGUE
from bot.labels import Label
from bot.model import Status
from bot.phrases import span

_USER = re.compile(r"[UW][A-Z0-9]{1,}")

_PING = re.compile(r"<[@!]([^<>|\s]+)(?:\|[^<>]*)?>")

_JUST_NOW = timedelta(seconds=2)

_STATUS = {
    Status.PASSED: "passed",
    Status.DEGRADED: "works, but only by the fallback",
    Status.FAILED: "failed",
    Status.ERRORED: "errored",
    Status.SKIPPED: "was skipped",
}


def person(id: str) -> str:
    """Return a person as ``<@U123>``, or the name as it is when it is no Slack user id."""
    if _USER.fullmatch(id):
        return f"<@{id}>"
    return _foreign(id) or "somebody"


def clock(at: datetime) -> str:
    """Return a time, ``2026-03-01 14:05 UTC``; Slack shows it in each reader's time zone."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def ago(at: datetime | None, now: datetime) -> str:
    """Return ``42 min ago`` or ``just now``, or ``before`` for what has no time."""
    if at is None:
        return "before"
    return "just now" if now - at < _JUST_NOW else f"{span(now - at)} ago"


def label_words(label: Label | None) -> str:
    """Return the label as a report has it: ``Bypass key differs``."""
    return CATALOGUE[label].title if label else "not known"


def status_words(status: Status) -> str:
    """Return what a run did, after its name: ``failed``, ``works, but only by the fallback``."""
    return _STATUS[status]


def said(text: str, most: int = 300) -> str:
    """Return foreign text as the end of a sentence: one line, no pings, not too long."""
    line = " ".join(_foreign(text).split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def headline(incident: Incident) -> str:
    """Return the incident in one line, for what cannot show more of it."""
    what = said(incident.title) or said(incident.summary) or label_words(incident.cause)
    # That somebody says so is not that it works.
    over = "resolved by hand" if incident.resolved_by else "over"
    state = over if incident.resolved_at else incident.state.value
    return f"{incident.id} · {incident.target} · {state} · {what}"


def outage(incident: Incident, now: datetime) -> str:
    """Return how long it lasted, or lasts: ``42 min``."""
    return span((incident.ended_at or now) - incident.started_at)


def lasting(incident: Incident, now: datetime) -> str:
    """Return how long it has been so: ``Still failing after 42 min``."""
    how = "failing" if incident.failures else "open"
    return f"Still {how} after {span(now - incident.started_at)}"


def _foreign(text: str) -> str:
    # Text from a target, a run or a note must not ping anybody.
    return _PING.sub(r"@\1", text).replace("<@", "@").replace("<!", "!")
