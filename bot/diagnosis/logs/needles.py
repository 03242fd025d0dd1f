"""Many words looked for at once: one pass over a text, however many words there are."""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import TypeAlias

_Tree: TypeAlias = "dict[str, _Tree]"
# Marks the end of a word in a tree; no word has it, for none has an empty letter.
_END = ""


# So many letters of a word the pattern knows, the rest is compared. With more, to make it takes
# longer than to read most logs; with fewer, it finds what is none of the words too often.
_STEM = 5


class Needles:
    """Words, in lower case, that are searched for together."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = frozenset(words)
        by_stem: dict[str, list[str]] = {}
        for word in sorted(self.words, key=len):
            by_stem.setdefault(word[:_STEM], []).append(word)
        self._pattern = re.compile(_pattern(_tree(by_stem)))
        # Only the longest stem at a place is found: words that end in it may stand there too.
        self._words_at = {
            stem: [word for end in range(1, len(stem) + 1) for word in by_stem.get(stem[:end], ())]
            for stem in by_stem
        }

    def find(self, text: str) -> Iterator[tuple[int, str]]:
        """Yield each word in `text` with where it begins, in that order; `text` is lower case."""
        search = self._pattern.search
        found = search(text)
        while found:
            at = found.start()
            for word in self._words_at[found[0]]:
                if text.startswith(word, at):
                    yield at, word
            found = search(text, at + 1)  # words may overlap


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
