"""How long something is to last, as people write it: 30m, 2h, 1d, 1h30m, or until 08:00."""

import re
from datetime import UTC, datetime, timedelta

from bot.commands.words import echo
from bot.errors import UsageError

EXAMPLES = "For example: `30m`, `2h`, `1d`, `1h30m`, or `until 08:00` (UTC)."
LEAST, MOST = timedelta(minutes=1), timedelta(days=30)

_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_PART = r"\d{1,6}\s?(?:days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)"
_SPAN = re.compile(rf"(?:for\s+)?({_PART}(?:\s?{_PART})*)(?=[\s,.:;]|$)[,.:;]?", re.IGNORECASE)
_EACH = re.compile(r"(\d+)\s?([dhms])", re.IGNORECASE)
_UNTIL = re.compile(
    r"(?:until|till)\s+(?:(\d{4})-(\d{2})-(\d{2})[T ])?(\d{1,2}):(\d{2})(?:\s?(?:utc|z))?(?=\s|$)",
    re.IGNORECASE,
)
BEGINS = r"\d.*|for|until|till"
"""The first word of every duration, as a pattern."""


def ends_at(text: str, *, now: datetime) -> tuple[datetime, str]:
    """Return when it ends, in UTC, and what is left of `text` behind it.

    UsageError for what is no duration, is too short or too long, or has passed.
    """
    text = text.strip()
    if found := _SPAN.match(text):
        parts = _EACH.findall(found[1])
        length = timedelta(seconds=sum(int(n) * _UNITS[unit.lower()] for n, unit in parts))
        until = now + min(length, MOST + timedelta(days=1))
    elif found := _UNTIL.match(text):
        until = _next(found, now)
    else:
        word = echo(text.split(maxsplit=1)[0]) if text else ""
        told = f"`{word}` is no duration." if word else "For how long?"
        raise UsageError(told, hint=EXAMPLES)
    if until - now < LEAST:
        raise UsageError("That is less than a minute from now.", hint=EXAMPLES)
    if until - now > MOST:
        raise UsageError(f"The longest is {MOST.days} days.", hint=EXAMPLES)
    return until, text[found.end() :].strip()


def _next(found: re.Match[str], now: datetime) -> datetime:
    """Return the time that was named: on its date, or today, or tomorrow if that has passed."""
    year, month, day, hour, minute = found.groups()
    now = now.astimezone(UTC)
    try:
        at = now.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
        if year:
            return at.replace(year=int(year), month=int(month), day=int(day))
    except ValueError as error:
        raise UsageError(f"There is no such time: `{found[0]}`.", hint=EXAMPLES) from error
    return at if at > now else at + timedelta(days=1)
