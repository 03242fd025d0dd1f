"""Many words looked for at once: one pass over a text, however many words there are."""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import TypeAlias

_Tree: TypeAlias = "dict[str, _Tree]"
# Marks the end of a word in a tree; no word has it, for none has an empty letter.
_END = ""


class Needles:
    """Words, in lower case, that are searched for together."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = known = frozenset(words)
        # Looks ahead and takes nothing, so that words may overlap.
        self._pattern = re.compile(f"(?=({_pattern(_tree(known))}))")
        # Only the longest word at a place is found: what it begins with stands there too.
        self._with_beginnings = {word: tuple(_beginnings(word, known)) for word in known}

    def find(self, text: str) -> Iterator[tuple[int, str]]:
        """Yield each word in `text` with where it begins, in that order; `text` is lower case."""
        for found in self._pattern.finditer(text):
            for word in self._with_beginnings[found[1]]:
                yield found.start(), word


def _beginnings(word: str, known: Collection[str]) -> Iterator[str]:
    return (word[:end] for end in range(1, len(word) + 1) if word[:end] in known)


def _tree(words: Collection[str]) -> _Tree:
    root: _Tree = {}
    for word in sorted(words):
        node = root
        for letter in word:
            node = node.setdefault(letter, {})
        node[_END] = {}
    return root


def _pattern(node: _Tree) -> str:
    """Return a pattern for what may follow at `node`, which tries the longest first."""
    rest = {letter: _pattern(after) for letter, after in node.items() if letter != _END}
    last = "".join(re.escape(letter) for letter, after in rest.items() if not after)
    ways = [f"{re.escape(letter)}{after}" for letter, after in rest.items() if after]
    ways += [f"[{last}]"] if last else []
    if not ways:
        return ""
    whole = f"(?:{'|'.join(ways)})"
    return f"{whole}?" if _END in node else whole
