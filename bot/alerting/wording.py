"""What notices, reasons and the timeline say: short sentences for a person at three at night."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from bot.alerting.model import Incident
from bot.diagnosis import CATALOGUE
from bot.labels import Label
from bot.model import Status

_USER = re.compile(r"[UW][A-Z0-9]{1,}")

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


def clock(at: datetime, now: datetime) -> str:
    """Return a time in UTC: ``14:05 UTC``, with its date when that is not the day of `now`."""
    at, now = at.astimezone(UTC), now.astimezone(UTC)
    return f"{at:%H:%M} UTC" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M} UTC"


def span(length: timedelta) -> str:
    """Return a length of time, rounded down: ``3 s``, ``42 min``, ``3 h 5 min``, ``2 d 4 h``."""
    whole = max(0, int(length.total_seconds()))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min"
    if whole < 86_400:
        return _two(f"{whole // 3600} h", whole % 3600 // 60, "min")
    return _two(f"{whole // 86_400} d", whole % 86_400 // 3600, "h")


def ago(at: datetime | None, now: datetime) -> str:
    return f"{span(now - at)} ago" if at else "before"


def count(number: int, noun: str) -> str:
    plural = f"{noun}es" if noun.endswith(("s", "ss")) else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def listed(things: Iterable[str]) -> str:
    """Return ``a``, ``a and b``, or ``a, b and c``."""
    *first, last = list(things) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def cause_words(cause: Label | None) -> str:
    """Return the label as a report has it: ``Bypass key differs``."""
    return CATALOGUE[cause].title if cause else "not known"


def status_words(status: Status) -> str:
    return _STATUS[status]


def said(text: str, most: int = 300) -> str:
    """Return foreign text as the end of a sentence: one line, no pings, not too long."""
    line = " ".join(_foreign(text).split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def headline(incident: Incident) -> str:
    """Return the incident in one line, for what cannot show more of it."""
    what = said(incident.title) or said(incident.summary) or cause_words(incident.cause)
    state = "over" if incident.resolved_at else incident.state.value
    return f"{incident.id} · {incident.target} · {state} · {what}"


def outage(incident: Incident, now: datetime) -> str:
    """Return how long it lasted, or lasts: ``42 min (13:20 UTC to 14:02 UTC)``."""
    ended = incident.ended_at or now
    begin, end = clock(incident.started_at, now), clock(ended, now)
    return f"{span(ended - incident.started_at)} ({begin} to {end})"


def lasting(incident: Incident, now: datetime) -> str:
    """Return how long it has been so: ``Still failing after 42 min``."""
    how = "failing" if incident.failures else "open"
    return f"Still {how} after {span(now - incident.started_at)}"


def _foreign(text: str) -> str:
    # Text from a target or a run must not ping anybody.
    return text.replace("<@", "@").replace("<!", "!")


def _two(big: str, small: int, unit: str) -> str:
    return f"{big} {small} {unit}" if small else big
