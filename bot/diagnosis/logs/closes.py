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
        r"(?:(?:\b|\bon)clos(?:ed?|ing|ure)(?:_?(?:status|code|reason|frame))?\b"
        r"|\b(?:connection|socket|stream) (?:was )?(?:lost|ended"
        r"|dropped|terminated)\b)[^\n\d]{0,40}?\b(?P<code>[14]\d{3})\b" + _REASON,
        r"\b(?P<code>1008|1011|1013)\b[\s:(\"'-]{1,4}"
        r"(?P<reason>(?:policy violation|internal|try again)[^\n]{0,120})",
        r"\b(?:code|error|web ?socket)[ =:]{1,3}(?P<code>1006|1008|1011|1013)\b" + _REASON,
    )
)
_CODES = ("100", "101", "400", "401", "403")
# What libraries print instead of a number (RFC 6455, 7.4.1): .NET, Jakarta, Spring, Go, Rust.
_NAMED = re.compile(
    r"(?:\b[Cc]lose_?(?:[Ss]tatus|[Cc]odes?|[Rr]eason)\b|\b[\w.]{0,30}Close(?:Status|Codes?|Reason)\b"
    r"|\bclose frame\b|\bCloseFrame\b|\bCLOSE frame\b)[^\n]{0,24}?[^\w\n]"
    r"(?:Status(?!\b))?(?P<name>[A-Z][A-Za-z_]{3,22})\b" + _REASON
)
_CODE_OF = {
    "GOING_AWAY": 1001, "GoingAway": 1001, "EndpointUnavailable": 1001, "Away": 1001,
    "PolicyViolation": 1008, "POLICY_VIOLATION": 1008, "VIOLATED_POLICY": 1008, "Policy": 1008,
    "InternalServerError": 1011, "InternalError": 1011, "INTERNAL_ERROR": 1011,
    "SERVER_ERROR": 1011, "UNEXPECTED_CONDITION": 1011, "Error": 1011,
    "ServiceRestart": 1012, "SERVICE_RESTARTED": 1012, "Restart": 1012,
    "TryAgainLater": 1013, "TRY_AGAIN_LATER": 1013, "SERVICE_OVERLOAD": 1013, "Again": 1013,
}  # fmt: skip
_CLEAN = 1000
# The frame itself: operation 8, two bytes of code, and the reason.
_RAW = re.compile(
    r"\bopcode=8 data=b['\"]\\x03(?:\\x(?P<hex>[ef][0-9a-f])|(?P<sign>[!-~]))"
    r"(?P<reason>[^'\"\n]{0,160})"
)
_WISHED = re.compile(r"^\s*(?:Expected|- )|\bexpected\b[^\n]{0,40}$|\bassert", re.IGNORECASE)
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
    r"\(?\b(?:policy violation|internal error|internal server error|ok|going away)\b\)?[\s;:.)]*",
    re.IGNORECASE,
)
# The name that a client prints before the reason.
_REASON_NAME = re.compile(
    r"[\s,;\"']{0,4}(?:and\s{1,2})?(?:(?:close_?status_?description|(?:close_?)?reason)\W{0,2}[=:])?\s?",
    re.IGNORECASE,
)

# How clients print that there was none, and what else they print.
_EMPTY = re.compile(
    r"\b(?:reason|(?:close_?status_?)?description)\W{0,2}[=:]\s?(?:\"\"|\(null\)|''|<empty>|\(?none\)?|null)?(?=[\s,;)}]|$)"
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
            yield from _close(found, int(found["code"]), line.number)
    for position in text.with_any(("opcode=8",)):
        line = text.lines[position]
        if (raw := _raw(line.text)) and raw[0] != _CLEAN:
            yield Fact("ws_close_code", line.number, raw[0])
            if reason := _GENERIC.sub("", raw[1], count=1).strip():
                yield Fact("ws_close_reason", line.number, reason)
    for position in text.with_any(("close",)):
        line = text.lines[position]
        # Where a number stands as well, it was read above.
        if any(shape.search(line.text) for shape in _CLOSED) or _WISHED.search(line.text):
            continue
        named = _NAMED.search(line.text)
        if named and (code := _CODE_OF.get(named["name"])):
            yield from _close(named, code, line.number)


def _raw(line: str) -> tuple[int, str] | None:
    """Return code and reason of a close frame whose bytes `line` shows, as Python prints them."""
    if not (found := _RAW.search(line)):
        return None
    low = int(found["hex"], 16) if found["hex"] else ord(found["sign"])
    return 0x300 + low, found["reason"]


def read_close_fields(fields: Sequence[Field]) -> Iterator[Fact]:
    """Yield the same for named values."""
    for one in fields:
        name, value = one.name.lower(), one.value
        if name in ("close_code", "closecode", "code") and isinstance(value, int) and value >= 1000:
            yield Fact("ws_close_code", one.line, int(value))
        elif name in ("close_reason", "closereason") and isinstance(value, str) and value:
            yield Fact("ws_close_reason", one.line, value)


def _close(found: re.Match[str], code: int, line: int) -> Iterator[Fact]:
    yield Fact("ws_close_code", line, code)
    said = (found["reason"] or "").split("; then sent")[0]
    said = _REASON_NAME.sub("", _EMPTY.sub("", said), count=1)
    if reason := _GENERIC.sub("", said, count=1).strip(" \t\"'{}[],;)("):
        yield Fact("ws_close_reason", line, reason)
