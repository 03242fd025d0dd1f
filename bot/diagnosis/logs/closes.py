"""Codes and reasons that sockets were closed with."""

import re
from collections.abc import Iterator, Sequence

from bot.diagnosis.logs.facts import Fact
from bot.diagnosis.logs.fields import Field
from bot.diagnosis.logs.matching import Text

_CLOSED = re.compile(
    r"received (?P<a>\d{4}) \((?P<meaning>[^)]{0,60})\)(?: (?P<ra>[^;\n]{1,160}))?"
    r"|\bclos(?:ed?|ing|ure)\b[^\n\d]{0,40}?\b(?P<b>1\d{3}"
    r"|4\d{3})\b(?:[\s:,(\"'-]+(?P<rb>[^\n]{1,160}))?"
    r"|\b(?P<c>1008|1011|1013)\b[\s:(\"'-]{1,4}(?P<rc>(?:policy violation|internal (?:server "
    r")?error"
    r"|internal|try again)[^\n]{0,120})"
    r"|\b(?:code|error|web ?socket)[ =:]{1,3}(?P<d>1008|1011|1013"
    r"|1006)\b(?:[\s:,(\"'-]+(?P<rd>[^\n]{1,160}))?",
    re.IGNORECASE,
)
_CODES = ("100", "101", "400", "401", "403")
# What might happen, or did not.
_HYPOTHETICAL = re.compile(
    r"would |could |may cause|to (?:avoid|prevent)|\bno 1\d{3}|_detected", re.IGNORECASE
)
_GENERIC = re.compile(
    r"\(?(?:policy violation|internal error|internal server error|ok|going away)\)?[\s;:.)]*",
    re.IGNORECASE,
)


def read_close_text(text: Text) -> Iterator[Fact]:
    """Yield ``ws_close_code`` and ``ws_close_reason`` for each close that `text` tells of."""
    for position in text.with_any(_CODES):
        line = text.lines[position]
        found = _CLOSED.search(line.text)
        if found and not _HYPOTHETICAL.search(line.text):
            yield from _close(found, line.number)


def read_close_fields(fields: Sequence[Field]) -> Iterator[Fact]:
    """Yield the same for named values."""
    for one in fields:
        name, value = one.name.lower(), one.value
        if name in ("close_code", "closecode", "code") and isinstance(value, int) and value >= 1000:
            yield Fact("ws_close_code", one.line, int(value))
        elif name in ("close_reason", "closereason") and isinstance(value, str) and value:
            yield Fact("ws_close_reason", one.line, value)


def _close(found: re.Match[str], line: int) -> Iterator[Fact]:
    groups = found.groupdict()
    code = int(next(value for name in "abcd" if (value := groups[name])))
    yield Fact("ws_close_code", line, code)
    reason = next((value for name in "abcd" if (value := groups[f"r{name}"])), "")
    reason = _GENERIC.sub("", reason.split("; then sent")[0], count=1).strip(" \t\"'{},;)(")
    if reason:
        yield Fact("ws_close_reason", line, reason)
