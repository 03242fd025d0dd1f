"""A shape of a secret: a pattern, what must be there for it to match, and what it must not hide."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from bot.masking.words import is_wordy

HIDDEN = "[redacted]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A pattern whose group `secret` is to be hidden; most are not even tried without a hint."""

    mark: str
    hints: tuple[str, ...]
    """Lower-case pieces of text, one of which is there when the pattern can match."""
    pattern: re.Pattern[str]
    folded: bool = False
    """Whether the pattern is for lower-case text: much faster than ignoring case in it."""
    at_hint: bool = False
    """Whether the pattern begins where a hint does: much faster where the hints are rare."""
    only_random: bool = False
    """Whether an ordinary word may stand in the secret's place and is to be left alone."""
    no_words: bool = False
    """Whether several words and numbers may stand there too, such as ``staging-user-001``."""

    def spans(self, text: str, lowered: str, hints: list[str]) -> Iterator[tuple[int, int]]:
        """Yield where in `text` secrets of this shape stand.

        `lowered` is it in small letters, of the same length; `hints` are those that are in it.
        """
        looked_at = lowered if self.folded else text
        found = self._at(hints, looked_at, lowered) if self.at_hint else None
        for match in self.pattern.finditer(looked_at) if found is None else found:
            start, end = match.span("secret")
            if start < end and self._is_secret(text[start:end]):
                yield start, end

    def _at(self, hints: list[str], looked_at: str, lowered: str) -> Iterator[re.Match[str]]:
        for hint in hints:
            at = lowered.find(hint)
            while at >= 0:
                # What was taken is not looked at again, or a hostile text would take for ever.
                if match := self.pattern.match(looked_at, at):
                    yield match
                at = lowered.find(hint, max(at + 1, match.end() if match else 0))

    def _is_secret(self, word: str) -> bool:
        if self.no_words and is_wordy(word):
            return False
        return not (self.only_random or self.no_words) or _is_random(word)


def shape(
    mark: str,
    hints: str,
    pattern: str,
    *,
    at_hint: bool = False,
    only_random: bool = False,
    no_words: bool = False,
) -> Shape:
    """Return a shape; `hints` are words, and a pattern that begins with ``(?i)`` is folded."""
    folded = pattern.startswith("(?i)")
    return Shape(
        mark=mark,
        hints=tuple(hints.split()),
        pattern=re.compile(pattern.removeprefix("(?i)")),
        folded=folded,
        at_hint=at_hint,
        only_random=only_random,
        no_words=no_words,
    )


def _is_random(word: str) -> bool:
    """Tell a credential from a word: digits, or capitals that change faster than CamelCase."""
    if any(char.isdigit() for char in word):  # at once, of nearly every token
        return True
    return sum(a.isupper() != b.isupper() for a, b in pairwise(word)) >= 0.3 * len(word)
