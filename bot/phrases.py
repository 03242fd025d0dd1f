"""What every part says alike: how many, which of several, and for how long."""

from collections.abc import Iterable
from datetime import timedelta

# Seconds tell something of a short length only.
_FINE_S = 600


def count(number: int, noun: str) -> str:
    """Return ``1 step``, ``6 passes`` or ``2,000 runs``."""
    plural = f"{noun}es" if noun.endswith("s") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"


def listed(things: Iterable[str]) -> str:
    """Return ``a``, ``a and b``, or ``a, b and c``; nothing for none."""
    *first, last = list(things) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def span(length: timedelta) -> str:
    """Return a length of time, rounded down: ``3 s``, ``1 min 56 s``, ``42 min``, ``2 d 4 h``."""
    whole = max(0, int(length.total_seconds()))
    if whole < 60:
        return f"{whole} s"
    if whole < _FINE_S:
        return _two(f"{whole // 60} min", whole % 60, "s")
    if whole < 3600:
        return f"{whole // 60} min"
    if whole < 86_400:
        return _two(f"{whole // 3600} h", whole % 3600 // 60, "min")
    return _two(f"{whole // 86_400} d", whole % 86_400 // 3600, "h")


def _two(big: str, small: int, unit: str) -> str:
    return f"{big} {small} {unit}" if small else big
