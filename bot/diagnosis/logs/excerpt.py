"""The part of a pasted log that a report shows: beginning, end, and around what was recognised."""

from collections import deque
from collections.abc import Collection, Sequence

from bot.diagnosis.logs.matching import Placed

# A report is read by people: more than this of a log is in the log itself.
MOST_HEAD = 200
MOST_TAIL = 400
_NEAR = 3
_MOST_NEAR = 20_000
_LONGEST = 2_000


class Excerpt:
    """Keeps lines while they stream by; which of them matter is known only afterwards."""

    def __init__(self) -> None:
        self._head: list[tuple[int, str]] = []
        self._tail: deque[tuple[int, str]] = deque(maxlen=MOST_TAIL)
        self._near: list[tuple[int, str]] = []
        self.count = 0

    def keep(self, lines: Sequence[Placed], noticed: Collection[int]) -> None:
        """Take the next `lines`, in which something was recognised on the lines `noticed`."""
        close = _around(noticed)
        for line in lines:
            kept = (line.number, line.text[:_LONGEST])
            if len(self._head) < MOST_HEAD:
                self._head.append(kept)
                continue
            self._tail.append(kept)
            if line.number in close and len(self._near) < _MOST_NEAR:
                self._near.append(kept)
        self.count = lines[-1].number if lines else self.count

    def lines(self, noticed: Collection[int]) -> list[tuple[int, str]]:
        """Return the lines to show with their numbers; gaps in the numbers were left out."""
        close = _around(noticed)
        middle = [kept for kept in self._near if kept[0] in close]
        chosen = dict.fromkeys((*self._head, *middle, *self._tail))
        return sorted(chosen, key=lambda kept: kept[0])


def _around(lines: Collection[int]) -> set[int]:
    return {near for line in lines for near in range(line - _NEAR, line + _NEAR + 1)}
