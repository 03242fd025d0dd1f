"""Codes and reasons that sockets were closed with."""

import re
from collections.abc import Iterator, Sequence

from bot.diagnosis.logs.facts import Fact
from bot.diagnosis.logs.fields import Field
from bot.diagnosis.logs.matching import Text

_REASON = r"(?:[\s:,(\"'-]+(?P<reason>[^\n]{1,160}))?"
# How clients and servers write that a socket was closed, the exact ones first.
_CLOSED = tuple(
    re.compile(shape, re.IGNORECASE)
    for shape in (
        r"received (?P<code>\d{4}) \([^)]{0,60}\)(?: (?P<reason>[^;\n]{1,160}))?",
        r"(?:(?:\b|\bon)clos(?:ed?|ing|ure)\b|\b(?:connection|socket|stream) (?:was )?(?:lost|ended"
        r"|dropped|terminated)\b)[^\n\d]{0,40}?\b(?P<code>[14]\d{3})\b" + _REASON,
        r"\b(?P<code>1008|1011|1013)\b[\s:(\"'-]{1,4}"
        r"(?P<reason>(?:policy violation|internal|try again)[^\n]{0,120})",
        r"\b(?:code|error|web ?socket)[ =:]{1,3}(?P<code>1006|1008|1011|1013)\b" + _REASON,
    )
)
_CODES = ("100", "101", "400", "401", "403")
# What might happen, or did not.
_HYPOTHETICAL = re.compile(
    r"would |could |may cause|to (?:avoid|prevent)|\bno 1\d{3}|_detected", re.IGNORECASE
)
# Who has what was wanted hangs up.
_WANTED = re.compile(
    r"\bby (?:the )?(?:client|us|test|caller|peer on request)\b|normal(?:ly)?\b|\bbye\b|\bdone\b"
    r"|client (?:closed|left|hung up)|clean(?:ly)? closed",
    re.IGNORECASE,
)
_GENERIC = re.compile(
    r"\(?(?:policy violation|internal error|internal server error|ok|going away)\)?[\s;:.)]*",
    re.IGNORECASE,
)

# How clients print that there was none, and what else they print.
_EMPTY = re.compile(
    r"\breason\W{0,2}[=:]\s?(?:\"\"|''|<empty>|\(?none\)?|null)?(?=[\s,;)}]|$)"
    r"|\b(?:wasclean|remote)\W{0,2}[=:]\s?\w+",
    re.IGNORECASE,
)


def read_close_text(text: Text) -> Iterator[Fact]:
    """Yield ``ws_close_code`` and ``ws_close_reason`` for each close that `text` tells of."""
    for position in text.with_any(_CODES):
        line = text.lines[position]
        found = next((one for shape in _CLOSED if (one := shape.search(line.text))), None)
        if found and found["code"] == "1000" and _WANTED.search(line.text):
            continue
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
    yield Fact("ws_close_code", line, int(found["code"]))
    said = (found["reason"] or "").split("; then sent")[0]
    said = _EMPTY.sub("", said)
    if reason := _GENERIC.sub("", said, count=1).strip(" \t\"'{},;)("):
        yield Fact("ws_close_reason", line, reason)
