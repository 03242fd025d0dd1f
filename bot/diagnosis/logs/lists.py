"""What a test expected and what it got, where it prints both as lists of names, or a diff."""

import re
from collections.abc import Iterator, Sequence

from bot.diagnosis.logs.facts import Fact
from bot.diagnosis.logs.matching import Placed, Text

_LIST = r"\b[^\[({\n]{0,40}[\[({]([^\])}\n]{0,600})"
_EXPECTED = re.compile(rf"\b(?:expected|wanted|want|required|should be){_LIST}")
_RECEIVED = re.compile(rf"\b(?:received|got|actual|found|saw|have|but was|only){_LIST}")
_NAME = re.compile(r"[\"']([a-z][\w.:-]{2,60})[\"']")
# The same without brackets and quotes, on a line of their own.
_NAMES = r"\s{0,12}[:=]?\s{1,12}((?:[a-z][\w.:-]{2,60},\s{0,2}){1,20}[a-z][\w.:-]{2,60})"
_BARE_EXPECTED = re.compile(rf"\s*(?:expected|wanted|want|required){_NAMES}(?:\s{{2,}}|\s*$)")
_BARE_RECEIVED = re.compile(
    rf"\s*(?:received|got|actual|found|saw|seen){_NAMES}(?:\s{{2,}}|\s*\(|\s*$)"
)
# As assertion libraries say that a name is not in a list.
_NOT_IN = re.compile(
    r"expected \[([^\]\n]{0,600})\] to (?:deeply )?(?:include|contain|have)(?: \w{1,12}){0,3} "
    r"['\"]([\w.:-]{3,60})['\"]"
)
# As Python's do.
_ABSENT = re.compile(
    r"(?:\bassert ['\"](?P<one>[\w.:-]{3,60})['\"] in"
    r"|['\"]?\b(?P<other>[a-z][\w.:-]{2,60})['\"]? not (?:found )?in)"
    r" [\[{(](?P<names>[^\]})\n]{0,600})"
)
# What has values is no list of names.
_VALUED = re.compile(r"['\"]\s?:\s")
# By what other names an event came that is said to be absent.
_ALSO_CALLED = {
    "agent_started": ("start_agent",),
    "agent_thinking": ("agent_progress", "agent_update"),
    "tool_executing": ("agent_progress", "tool_call"),
    "tool_completed": ("agent_progress", "tool_result"),
    "agent_completed": ("agent_response_complete", "agent_finished"),
}
_WORDS = ("received", "got", "actual", "found", "saw", "seen", "but was", "have", "only")
_ABOVE = 4
# The head of a diff: which mark is for what was expected, and which for what came.
_HEAD = re.compile(
    r"\s*(?:e\s+)?(?:\+{1,3} ?(?P<plus>actual|received|expected)\b|full diff:|diff:\s*$)"
)
_ELEMENT = re.compile(
    r"\s*(?:e\s+)?([+-])\s*(?:\d{1,4}\s?(?:=>|:)\s?)?[\"']([\w.:-]{3,60})[\"'],?\s*$"
)
_EVENT = re.compile(r"(?:agent|tool|run|task|turn|stream|message|session|step)[_.:-]\w")
_LONGEST_DIFF = 60
# Fewer names are no list.
_LEAST = 2


def read_lists(text: Text) -> Iterator[Fact]:
    """Yield ``events_missing`` or ``contract_broken`` where the names in two lists differ."""
    for position in text.with_any(_WORDS):
        line = text.lines[position]
        if not (got := _RECEIVED.search(line.low)):
            yield from _bare(line)
            continue
        above = line.record.lines[max(0, line.position - _ABOVE) : line.position + 1]
        wanted = next((one for it in above if (one := _EXPECTED.search(it.text.lower()))), None)
        expected = _NAME.findall(wanted[1]) if wanted else []
        yield from _differ(expected, _NAME.findall(got[1]), line)


def read_absences(text: Text) -> Iterator[Fact]:
    """Yield ``events_missing`` where the name of an event is not in the list that came.

    It is ``contract_broken`` where the event is in the list by another of its names.
    """
    for position in text.with_any(("assert '", 'assert "', " not in ", " not found in ")):
        line = text.lines[position]
        if (found := _ABSENT.search(line.low)) and (key := _absence(found)):
            yield Fact(key, line.number, line.text.strip())
    for position in text.with_any(("expected [",)):
        line = text.lines[position]
        found = _NOT_IN.search(line.low)
        if found and _EVENT.match(found[2]) and found[2] not in _NAME.findall(found[1]):
            yield Fact("events_missing", line.number, line.text.strip())


def _absence(found: re.Match[str]) -> str:
    """Return what it is that a name is not in a list, or nothing if that tells of no event."""
    name, came = found["one"] or found["other"], _NAME.findall(found["names"])
    if not _EVENT.match(name) or not came or name in came or _VALUED.search(found["names"]):
        return ""
    is_renamed = any(other in came for other in _ALSO_CALLED.get(name, ()))
    return "contract_broken" if is_renamed else "events_missing"


def read_diffs(text: Text) -> Iterator[Fact]:
    """Yield the same where a diff shows that events were expected otherwise than they came."""
    for position in text.with_any(("actual", "received", "diff:")):
        head = _HEAD.match(text.lines[position].low)
        if head is None:
            continue
        below = text.lines[position + 1 : position + 1 + _LONGEST_DIFF]
        found = [(one[1], one[2], line) for line in below if (one := _ELEMENT.match(line.low))]
        if not any(_EVENT.match(name) for _, name, _ in found):
            continue
        came = "-" if head["plus"] == "expected" else "+"
        strange = [line for mark, _, line in found if mark == came]
        line = strange[0] if strange else found[0][2]
        yield Fact(
            "contract_broken" if strange else "events_missing", line.number, line.text.strip()
        )


def _bare(line: Placed) -> Iterator[Fact]:
    got = _BARE_RECEIVED.match(line.low)
    lines = line.record.lines
    beside = (lines[at].text.lower() for at in _beside(line.position) if at < len(lines))
    wanted = next((one for it in beside if (one := _BARE_EXPECTED.match(it))), None)
    if got and wanted:
        yield from _differ(_split(wanted[1]), _split(got[1]), line)


def _beside(position: int) -> Iterator[int]:
    """Yield the line above and the line below."""
    if position:
        yield position - 1
    yield position + 1


def _split(names: str) -> list[str]:
    return [name.strip() for name in names.split(",")]


def _differ(expected: Sequence[str], received: Sequence[str], line: Placed) -> Iterator[Fact]:
    if len(expected) < _LEAST or expected == received:
        return
    key = "events_missing" if set(received) < set(expected) else "contract_broken"
    yield Fact(key, line.number, line.text.strip())
