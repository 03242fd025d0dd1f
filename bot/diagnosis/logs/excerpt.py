"""The part of a pasted log that a report shows: beginning, end, and around what was recognised."""

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from bot.diagnosis.logs.matching import Placed

# A report is read by people: more than this of a log is in the log itself.
MOST_HEAD = 200
MOST_TAIL = 400
_NEAR = 3
_MOST_NEAR = 20_000
_LONGEST = 2_000


class Kept(NamedTuple):
    """A line that may be shown: the how manieth with text it is, its number, and its text."""

    order: int
    number: int
    text: str


class Excerpt:
    """Keeps lines while they stream by; which of them matter is known only afterwards."""

    def __init__(self) -> None:
        self._head: list[Kept] = []
        self._tail: deque[Kept] = deque(maxlen=MOST_TAIL)
        self._near: list[Kept] = []
        self._seen = 0
        self.count = 0

    def keep(self, lines: Sequence[Placed], noticed: Collection[int]) -> None:
        """Take the next `lines`, in which something was recognised on the lines `noticed`."""
        close = _around(noticed)
        for line in lines:
            self._seen += 1
            kept = Kept(self._seen, line.number, line.text[:_LONGEST])
            if len(self._head) < MOST_HEAD:
                self._head.append(kept)
                continue
            self._tail.append(kept)
            if line.number in close and len(self._near) < _MOST_NEAR:
                self._near.append(kept)
        self.count = lines[-1].number if lines else self.count

    def lines(self, noticed: Collection[int]) -> Iterator[str]:
        """Yield the lines to show, and for those that are left out a line that says so."""
        close = _around(noticed)
        middle = [kept for kept in self._near if kept.number in close]
        before = Kept(0, 0, "")
        for kept in sorted(dict.fromkeys((*self._head, *middle, *self._tail))):
            if kept.order > before.order + 1:
                yield f"… lines {before.number + 1} to {kept.number - 1} left out …"
            elif before.number and kept.number > before.number + 1:
                yield ""
            yield kept.text
            before = kept


def _around(lines: Collection[int]) -> set[int]:
    return {near for line in lines for near in range(line - _NEAR, line + _NEAR + 1)}
