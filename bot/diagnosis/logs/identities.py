"""Whom a test expected to be and who it was, where it prints both."""

import re
from collections.abc import Iterator

from bot.diagnosis.logs.facts import Fact
from bot.diagnosis.logs.matching import Placed, Text

_ID = r"['\"]([\w@.+|:-]{2,80})['\"]"
_GOT = re.compile(rf"\s*(?:e\s+)?(?:received|actual|got|but was)\s*[:=]?\s*{_ID}\s*$")
_WANTED = re.compile(rf"\s*(?:e\s+)?(?:expected|wanted|want)\s*[:=]?\s*{_ID}\s*$")
_EQUAL = re.compile(rf"\bassert {_ID} == {_ID}")
# What is compared is a user.
_OF_USER = re.compile(
    r"\b(?:user_?id|sub|subject|identity|principal|whoami|account_?id|user_?name)\b"
)
# What is there instead of an identity.
_NOBODY = frozenset(("none", "null", "undefined", "unknown", "true", "false"))
_ABOVE = 6


def read_identities(text: Text) -> Iterator[Fact]:
    """Yield ``other_identity`` where two users are compared and are not the same."""
    for position in text.with_any(("received", "actual", "got", "but was", "assert ")):
        line = text.lines[position]
        above = [one.low for one in text.lines[max(0, position - _ABOVE) : position]]
        if not (found := _compared(line, above)):
            continue
        is_somebody = not _NOBODY & frozenset(found)
        if is_somebody and found[0] != found[1] and any(map(_OF_USER.search, (line.low, *above))):
            yield Fact("other_identity", line.number, line.text.strip())


def _compared(line: Placed, above: list[str]) -> tuple[str, str] | None:
    if equal := _EQUAL.search(line.low):
        return equal[1], equal[2]
    got = _GOT.match(line.low)
    wanted = next((one for it in reversed(above) if (one := _WANTED.match(it))), None)
    return (got[1], wanted[1]) if got and wanted else None
