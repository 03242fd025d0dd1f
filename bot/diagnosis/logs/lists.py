"""What a test expected and what it got, where it prints both as lists of names."""

import re
from collections.abc import Iterator

from bot.diagnosis.logs.facts import Fact
from bot.diagnosis.logs.matching import Text

_LIST = r"\b[^\[({\n]{0,40}[\[({]([^\])}\n]{0,600})"
_EXPECTED = re.compile(rf"\b(?:expected|wanted|want|required|should be){_LIST}")
_RECEIVED = re.compile(rf"\b(?:received|got|actual|found|saw|have|but was|only){_LIST}")
_NAME = re.compile(r"[\"']([a-z][\w.:-]{2,60})[\"']")
_WORDS = ("received", "got", "actual", "found", "saw", "but was", "have", "only")
_ABOVE = 4
# Fewer names are no list.
_LEAST = 2


def read_lists(text: Text) -> Iterator[Fact]:
    """Yield ``events_missing`` or ``contract_broken`` where the names in two lists differ."""
    for position in text.with_any(_WORDS):
        line = text.lines[position]
        if not (got := _RECEIVED.search(line.low)):
            continue
        above = line.record.lines[max(0, line.position - _ABOVE) : line.position + 1]
        wanted = next((one for it in above if (one := _EXPECTED.search(it.text.lower()))), None)
        expected = _NAME.findall(wanted[1]) if wanted else []
        received = _NAME.findall(got[1])
        if len(expected) < _LEAST or expected == received:
            continue
        key = "events_missing" if set(received) < set(expected) else "contract_broken"
        yield Fact(key, line.number, line.text.strip())
