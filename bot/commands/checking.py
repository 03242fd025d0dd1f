"""What is wrong with what was filled in, before a form makes a line of it."""

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.commands.durations import ends_at
from bot.errors import UsageError


def wrong(values: Mapping[str, str], *, now: datetime) -> Mapping[str, str]:
    """Return what is wrong, by the field's name; empty if nothing is."""
    found: dict[str, str] = {}
    for name, text in values.items():
        if name in _CHECKS:
            try:
                _CHECKS[name](text, now)
            except UsageError as error:
                # What would be right stands below the field already.
                found[name] = error.message.replace("`", "")
    return found


def _duration(text: str, now: datetime) -> None:
    _, rest = ends_at(text, now=now)
    if rest:
        raise UsageError(f"After the duration comes nothing more: {rest[:40]}.")


_CHECKS: Mapping[str, Callable[[str, datetime], None]] = {"duration": _duration}
