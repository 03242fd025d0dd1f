"""The first time stamp of a log: when what it tells of began."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from bot.diagnosis.logs.matching import Placed

_STAMP = re.compile(
    r"\b(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s?(Z|[+-]\d\d:?\d\d)?"
)


def first_time(lines: Sequence[Placed]) -> datetime | None:
    """Return the first ISO-like time in `lines`, read as UTC where it names no zone."""
    for line in lines:
        if "-" not in line.text:
            continue
        if found := _STAMP.search(line.text):
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
