"""What was recognised in a log: facts with the line they stand on."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.model import Json

# The first ones of a kind tell how it began and the last how it ended; the rest is repetition.
_MOST_FIRST = 5
_MOST_LAST = 2
_LONGEST_VALUE = 300
# Of how many lines is it remembered that they say the same?
MOST_LINES = 50


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that line `line` of the log says, under the name `key`."""

    key: str
    line: int
    value: Json


class Facts:
    """The facts of one log, a bounded number of each kind, however long the log is."""

    def __init__(self) -> None:
        self._first: dict[str, list[Fact]] = {}
        self._last: dict[str, list[Fact]] = {}
        self._counts: dict[str, int] = {}
        self._lines: dict[tuple[str, str], list[int]] = {}

    def add(self, facts: Iterable[Fact]) -> None:
        """Keep `facts`; the same value of the same kind is kept once, from its first line."""
        for fact in facts:
            self._keep(fact)

    def _keep(self, fact: Fact) -> None:
        self._counts[fact.key] = self._counts.get(fact.key, 0) + 1
        first = self._first.setdefault(fact.key, [])
        known = next((one for one in first if one.value == fact.value), None)
        if known is not None:
            lines = self._lines.setdefault((known.key, str(known.value)), [known.line])
            if len(lines) < MOST_LINES:
                lines.append(fact.line)
            return
        short = Fact(fact.key, fact.line, _short(fact.value))
        if len(first) < _MOST_FIRST:
            first.append(short)
        else:
            last = self._last.setdefault(fact.key, [])
            last.append(short)
            del last[:-_MOST_LAST]

    def lines_of(self, fact: Fact) -> list[int]:
        """Return the lines that say the same as `fact`, as many as are kept."""
        return self._lines.get((fact.key, str(fact.value)), [fact.line])

    def drop(self, is_void: Callable[[Fact], bool]) -> None:
        """Forget the facts that turned out to be void."""
        for kept in (self._first, self._last):
            for key, facts in kept.items():
                kept[key] = [fact for fact in facts if not is_void(fact)]
        for key in self._counts:
            if not self._first.get(key) and not self._last.get(key):
                self._counts[key] = 0

    def rename(self, new_key: Callable[[Fact], str]) -> None:
        """Give each fact the name that `new_key` returns."""
        kept = self.all()
        renamed = [Fact(new_key(fact), fact.line, fact.value) for fact in kept]
        self._counts = {}
        self._first, self._last = {}, {}
        for fact in renamed:
            self._keep(fact)

    def has(self, *prefixes: str) -> bool:
        """Whether there is a fact whose name is one of `prefixes` or begins with it and a dot."""
        seen = [key for key, times in self._counts.items() if times]
        return any(_under(key, prefix) for key in seen for prefix in prefixes)

    def of(self, prefix: str) -> list[Fact]:
        """Return the facts under `prefix`, in the order of their lines."""
        return [fact for fact in self.all() if _under(fact.key, prefix)]

    def count(self, key: str) -> int:
        """Return how often `key` was seen, repetitions included."""
        return self._counts.get(key, 0)

    def all(self) -> list[Fact]:
        """Return every fact that was kept, in the order of their lines."""
        kept = [
            fact for many in (self._first, self._last) for some in many.values() for fact in some
        ]
        return sorted(kept, key=lambda fact: (fact.line, fact.key, str(fact.value)))


def _under(key: str, prefix: str) -> bool:
    return key == prefix or key.startswith(f"{prefix}.")


def _short(value: Json) -> Json:
    if isinstance(value, str) and len(value) > _LONGEST_VALUE:
        return f"{value[: _LONGEST_VALUE * 2 // 3]} … {value[-_LONGEST_VALUE // 3 :]}"
    return value
