"""How long something is to last, as people write it: 30m, 2h, 1d, 1h30m, or until 08:00."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.commands.words import echo
from bot.errors import UsageError

EXAMPLES = "For example: `30m`, `2h`, `1d`, `1h30m`, or `until 08:00`."
LEAST, MOST = timedelta(minutes=1), timedelta(days=30)

_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_PART = r"\d{1,6}\s?(?:days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)"
_SPAN = re.compile(rf"(?:for\s+)?({_PART}(?:\s?{_PART})*)(?=[\s,.:;]|$)[,.:;]?", re.IGNORECASE)
_EACH = re.compile(r"(\d+)\s?([dhms])", re.IGNORECASE)
_UNTIL = re.compile(
    r"(?:until|till)\s+(?:(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})[T ])?"
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?P<utc>\s?(?:utc|z))?(?=\s|$)",
    re.IGNORECASE,
)
BEGINS = r"\d.*|for|until|till"
"""The first word of every duration, as a pattern."""


def ends_at(text: str, *, now: datetime, zone: str = "UTC") -> tuple[datetime, str]:
    """Return when it ends, in UTC, and what is left of `text` behind it.

    A time of day is one in `zone`, unless ``UTC`` stands behind it.

    UsageError for what is no duration, is too short or too long, or has passed.
    """
    text = text.strip()
    if found := _SPAN.match(text):
        parts = _EACH.findall(found[1])
        length = timedelta(seconds=sum(int(n) * _UNITS[unit.lower()] for n, unit in parts))
        until = now + min(length, MOST + timedelta(days=1))
    elif found := _UNTIL.match(text):
        until = _next(found, now, zone)
    else:
        word = echo(text.split(maxsplit=1)[0]) if text else ""
        told = f"`{word}` is no duration." if word else "For how long?"
        raise UsageError(told, hint=EXAMPLES)
    if until - now < LEAST:
        raise UsageError("That is less than a minute from now.", hint=EXAMPLES)
    if until - now > MOST:
        raise UsageError(f"The longest is {MOST.days} days.", hint=EXAMPLES)
    return until, text[found.end() :].strip()


def zone_words(text: str, zone: str) -> str:
    """Say in which time zone a duration was read; empty for one that leaves no doubt."""
    found = _UNTIL.match(text.strip())
    if found is None or found["utc"]:
        return ""
    return f"{found['hour']}:{found['minute']} was read as {zone}."


def _next(found: re.Match[str], now: datetime, zone: str) -> datetime:
    """Return the time that was named: on its date, or today, or tomorrow if that has passed."""
    here = now.astimezone(UTC if found["utc"] else ZoneInfo(zone))
    try:
        at = here.replace(
            hour=int(found["hour"]), minute=int(found["minute"]), second=0, microsecond=0
        )
        if found["year"]:
            year, month, day = (int(found[part]) for part in ("year", "month", "day"))
            return at.replace(year=year, month=month, day=day).astimezone(UTC)
    except ValueError as error:
        raise UsageError(f"There is no such time: `{found[0]}`.", hint=EXAMPLES) from error
    tomorrow = at + timedelta(days=1)
    return next(one for one in (at.astimezone(UTC), tomorrow.astimezone(UTC)) if one > now)
