"""What crossed the wire, line by line: of very much, how it began and how it ended."""

from collections import deque

from bot.model import TranscriptLine

# A talkative target must not fill the database.
_MOST_FIRST = 200
_MOST_LAST = 200


class Transcript:
    """Keeps the first lines and the last, and says how many came between."""

    def __init__(self) -> None:
        self._first: list[TranscriptLine] = []
        self._last: deque[TranscriptLine] = deque(maxlen=_MOST_LAST)
        self._left_out = 0

    def add(self, line: TranscriptLine) -> None:
        """Take the next line."""
        if len(self._first) < _MOST_FIRST:
            self._first.append(line)
            return
        self._left_out += len(self._last) == _MOST_LAST
        self._last.append(line)

    @property
    def lines(self) -> tuple[TranscriptLine, ...]:
        """The lines in order; one of its own stands for those that are left out."""
        if not self._left_out:
            return (*self._first, *self._last)
        at, step = self._last[0].at, self._last[0].step
        text = f"[{self._left_out} lines left out]"
        gap = TranscriptLine(at=at, step=step, direction="·", text=text)
        return (*self._first, gap, *self._last)
