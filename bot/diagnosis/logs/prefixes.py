"""What was put in front of every line on its way here, and between the lines: taken off again.

A quote sign, a time stamp of a CI system, the name of a container, a line number. Behind it
the lines are as they were printed, so that JSON is JSON again.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

# Enough to tell a prefix from a line that happens to begin so.
SAMPLE = 60
_LEAST = 3
# Of lines with a prefix that only a tool writes: between them stand lines of the tool itself.
_MOST_OF_THEM = 0.5

_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        r"(?:>|&gt;) ?",
        r"\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?\]? ",
        r"\[?\d\d:\d\d:\d\d(?:[.,]\d{1,9})?\]? ",
        r"[\w.-]{1,40} +\| ?",
        r"\[pod/[\w./-]{1,160}\] ",
        r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d [\w.-]{1,80} [\w./-]{1,60}(?:\[\d{1,8}\])?: ",
        r" {0,6}\d{1,6}[:|]? ",
    )
)


# Written by docker compose, kubectl and stern, and by nobody else.
_SURE = tuple(
    re.compile(shape)
    for shape in (
        r" {0,8}[\w.-]{1,40}-\d{1,3} {0,20} \| ?",
        r" {0,8}\[pod/[\w./-]{1,160}\] ",
        r" {0,8}[a-z][\w-]{0,60}-[0-9a-f]{8,10}-[a-z0-9]{2,5} [\w-]{1,40} ",
    )
)


@dataclass(frozen=True, slots=True)
class Wrapping:
    """What stands around the lines of a log."""

    prefix: re.Pattern[str] | None = None
    is_double_spaced: bool = False

    def unwrap(self, line: str) -> str:
        """Return `line` without its prefix."""
        if self.prefix is not None and (found := self.prefix.match(line)):
            return line[found.end() :]
        return line


def find_wrapping(lines: Iterator[str]) -> tuple[list[str], Wrapping]:
    """Return the first of `lines`, which are used up, and what stands around them all."""
    sample = [line.rstrip("\r\n") for line in islice(lines, SAMPLE)]
    filled = [line for line in sample if line.strip()]
    double = len(filled) >= _LEAST and not any(
        first.strip() and second.strip() for first, second in pairwise(sample)
    )
    return sample, Wrapping(prefix=_prefix(filled), is_double_spaced=double)


def _prefix(filled: Sequence[str]) -> re.Pattern[str] | None:
    if len(filled) < _LEAST:
        return None
    outer = _shared(filled)
    if outer is None:
        return None
    # A CI's time stamp stands before the name that docker compose gave the line.
    inner = _shared([line[found.end() :] for line in filled if (found := outer.match(line))])
    return re.compile(f"(?:{outer.pattern})(?:{inner.pattern})?") if inner else outer


def _shared(lines: Sequence[str]) -> re.Pattern[str] | None:
    shapes = (shape for shape in _SHAPES if all(shape.match(line) for line in lines))
    return next(shapes, None) or next((one for one in _SURE if _is_on_most(one, lines)), None)


def _is_on_most(shape: re.Pattern[str], lines: Sequence[str]) -> bool:
    have = sum(1 for line in lines if shape.match(line))
    return have >= _LEAST and have > _MOST_OF_THEM * len(lines)
