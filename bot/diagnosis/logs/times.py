"""The first time stamp of a log: when what it tells of began."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice

# A log that has any has one near its beginning.
_MOST_LINES = 2_000
_STAMP = re.compile(
    r"\b(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s?(Z|[+-]\d\d:?\d\d)?"
)


def first_time(lines: Iterable[str]) -> datetime | None:
    """Return the first ISO-like time in `lines`, read as UTC where it names no zone."""
    for line in islice(lines, _MOST_LINES):
        if "-" in line and (found := _STAMP.search(line)):
            stamp = _read(found)
            if stamp is not None:
                return stamp
    return None


def _read(found: re.Match[str]) -> datetime | None:
    zone = found[8] or "Z"
    text = f"{found[1]}-{found[2]}-{found[3]}T{found[4]}:{found[5]}:{found[6]}"
    fraction = f".{(found[7] or '0')[:6]:0<6}"
    try:
        return datetime.fromisoformat(f"{text}{fraction}{zone.replace('Z', '+00:00')}").astimezone(
            UTC
        )
    except (ValueError, OverflowError):
        return None
