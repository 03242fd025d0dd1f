"""A time over its limit, where a test prints the limit and the time on lines of their own."""

import re
from collections.abc import Iterator, Sequence

from bot.diagnosis.logs.facts import Fact
from bot.diagnosis.logs.matching import Placed, Text

_TIME = r"(\d{1,9}(?:\.\d{1,6})?)\s?(ms|msec|milliseconds?|s|secs?|seconds?)\b"
_LIMIT = re.compile(
    r"\b(?:response[ _-]?time|latency|duration|time|took|elapsed|ttfb|p9\d)\b[^\n\d]{0,30}?"
    r"(?:<=?|≤|&lt;|\bunder|\bbelow|\bwithin|\bless than|\bat most|\bmax\w{0,4}|\blimit|\bbudget)"
    rf"[^\n\d]{{0,12}}{_TIME}"
)
# The time before its limit, as tables print it.
_MEASURED = re.compile(
    rf"\b(?:response|latency|duration|time|took|elapsed|ttfb|first|total|p[59]\d)\b[^\n\d]{{0,30}}?"
    rf"[:=]\s{{0,12}}{_TIME}"
)
_BOUND = re.compile(
    rf"\b(?:threshold|limit|budget|slo|sla|max\w{{0,4}}|allowed|at most)\b\W{{1,16}}{_TIME}"
)
_TOOK = re.compile(rf"\b(?:actual|got|was|received|measured|took|value|observed)\b\W{{1,4}}{_TIME}")
# As assertion libraries print that one number was not below another.
_LESS = re.compile(
    r"expected (\d{1,9}(?:\.\d{1,9})?)(?: ?m?s)? to be "
    r"(?:at most|below|under|(?:a number )?less than"
    r"(?: or equal to)?|less than or equal to) (\d{1,9}(?:\.\d{1,9})?)"
)
_OF_TIME = re.compile(
    r"\b(?:within|seconds?|took|slow|fast|ms)\b|latency|response ?_?time|duration|elapsed"
)
# The same on two lines.
_UNDER = re.compile(r"\s*expected: <=? (\d{1,9}(?:\.\d{1,9})?)\s*$")
_CAME = re.compile(r"\s*received: {1,4}(\d{1,9}(?:\.\d{1,9})?)\s*$")
_WORDS = ("actual", "got", "was", "received", "measured", "took", "value", "observed")
_BOUNDS = ("threshold", "limit", "budget", "slo", "sla", "max", "allowed", "at most")
_ABOVE = 3
_MS = 1.0
_S = 1000.0


def read_limits(text: Text) -> Iterator[Fact]:
    """Yield ``too_slow`` for each time that is over the limit on a line right above it."""
    for position in text.with_any(_WORDS):
        line = text.lines[position]
        if not (took := _TOOK.search(line.low)):
            continue
        above = text.lines[max(0, position - _ABOVE) : position]
        limit = next((one for it in reversed(above) if (one := _LIMIT.search(it.low))), None)
        if limit and _ms(took) > _ms(limit):
            yield Fact("too_slow", line.number, f"{limit[0].strip()}; {line.text.strip()}")

    for position in text.with_any(_BOUNDS):
        line = text.lines[position]
        if not (bound := _BOUND.search(line.low)) or _MEASURED.search(line.low):
            continue
        above = text.lines[max(0, position - _ABOVE) : position]
        took = next((one for it in reversed(above) if (one := _MEASURED.search(it.low))), None)
        if took and _ms(took) > _ms(bound):
            yield Fact("too_slow", line.number, f"{took[0].strip()}; {line.text.strip()}")

    yield from _bare(text)


def _bare(text: Text) -> Iterator[Fact]:
    """Yield the same for numbers without a unit, where what stands around speaks of time."""
    for position in text.with_any(("to be ",)):
        line = text.lines[position]
        found = _LESS.search(line.low)
        around = " ".join(one.low for one in text.lines[max(0, position - _ABOVE) : position + 1])
        if found and float(found[1]) > float(found[2]) and _OF_TIME.search(around):
            yield Fact("too_slow", line.number, line.text.strip())

    for position in text.with_any(("received:",)):
        line = text.lines[position]
        near = text.lines[max(0, position - _ABOVE) : position]
        limit = next((one for it in near if (one := _UNDER.match(it.low))), None)
        came = _CAME.match(line.low)
        if limit and came and float(came[1]) > float(limit[1]) and _is_of_time(near):
            yield Fact("too_slow", line.number, f"{limit[0].strip()}; {line.text.strip()}")


def _is_of_time(lines: Sequence[Placed]) -> bool:
    return any(_OF_TIME.search(one.low) for one in lines)


def _ms(found: re.Match[str]) -> float:
    return float(found[1]) * (_MS if found[2].startswith("m") else _S)
