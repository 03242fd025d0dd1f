"""The beginning and the end of a secret, as those show it who leave out its middle: ``abcd…wxyz``.

Four letters are nothing by themselves, and words begin with them. Beside a sign that something
was left out they are known to be of the secret.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.masking.words import is_wordy

SHORTEST = 4
# A longer piece is noticed without any sign.
_LONGEST = 16
# What stands for what was left out; of those that may be longer, the shortest.
_SIGNS = (
    *("..", "…", "**", "••", "xxxx", "XXXX", "####", "----", "____", "\\u2026", "&hellip;"),
    *("redacted", "REDACTED", "truncated", "hidden", "masked"),
)
_AROUND = " \t\"'`\\[](){}<>"
_MOST_AROUND = 4


@dataclass(frozen=True, slots=True)
class End:
    """The beginning or the end of a secret, in small letters."""

    text: str
    part_mark: str
    is_telling: bool
    """Whether it can be told from an ordinary word."""


@dataclass(frozen=True, slots=True)
class Ends:
    """The beginnings and ends of the known secrets, found by the four letters beside a sign."""

    before: Mapping[str, tuple[End, ...]] = field(default_factory=dict)
    after: Mapping[str, tuple[End, ...]] = field(default_factory=dict)

    def joined(self, value: str, part_mark: str) -> "Ends":
        """Return ends that know those of `value` too."""
        fresh = list(_ends_of(value, part_mark))
        return Ends(
            before=_added(self.before, fresh, slice(-SHORTEST, None)),
            after=_added(self.after, fresh, slice(SHORTEST)),
        )

    def spans_in(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield where in `text` an end stands beside a sign that the rest was left out."""
        if not self.before:
            return
        for first, last in _signs_in(text):
            left = max(0, first - _LONGEST - _MOST_AROUND)
            head = text[left:first].rstrip(_AROUND)
            right = last + _MOST_AROUND + _LONGEST
            tail = text[last:right].lstrip(_AROUND)
            begins = min(right, len(text)) - len(tail)
            heads = [end for end in self._of(self.before, head[-SHORTEST:]) if _closes(head, end)]
            tails = [end for end in self._of(self.after, tail[:SHORTEST]) if _opens(tail, end)]
            both = {end.part_mark for end in heads} & {end.part_mark for end in tails}
            for end in heads:
                if end.is_telling or end.part_mark in both:
                    stop = left + len(head)
                    yield stop - len(end.text), stop, end.part_mark
            for end in tails:
                if end.is_telling or end.part_mark in both:
                    yield begins, begins + len(end.text), end.part_mark

    @staticmethod
    def _of(known: Mapping[str, tuple[End, ...]], letters: str) -> tuple[End, ...]:
        return known.get(letters.lower(), ())


def _closes(head: str, end: End) -> bool:
    return head[-len(end.text) :].lower() == end.text


def _opens(tail: str, end: End) -> bool:
    return tail[: len(end.text)].lower() == end.text


def _ends_of(value: str, part_mark: str) -> Iterator[End]:
    folded = value.lower()
    if len(folded) != len(value):
        return
    for length in range(SHORTEST, min(_LONGEST, len(folded) - 1) + 1):
        for text in {folded[:length], folded[-length:]}:
            yield End(text, part_mark, not is_wordy(text))


def _added(
    known: Mapping[str, tuple[End, ...]], fresh: Iterable[End], letters: slice
) -> dict[str, tuple[End, ...]]:
    found = dict(known)
    for end in fresh:
        found[end.text[letters]] = (*found.get(end.text[letters], ()), end)
    return found


def _signs_in(text: str) -> Iterator[tuple[int, int]]:
    for sign in _SIGNS:
        if sign in text:
            yield from _each(sign, text)


def _each(sign: str, text: str) -> Iterator[tuple[int, int]]:
    first = text.find(sign)
    while first >= 0:
        last = first + len(sign)
        while text.startswith(sign[-1], last):
            last += 1
        yield first, last
        first = text.find(sign, last)
