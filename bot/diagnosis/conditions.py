"""Conditions: values that hold or not over a run's observations, and say what they rest on.

`support` returns the ids of the observations a condition rests on, or None if it does not hold.
The ids can be empty where a fact is about a step that recorded nothing. A condition on a value
never holds where the value was not observed; only `Lacks` and `Not` hold by absence, and they
cite an observation which shows that the step was there to look.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeGuard

from bot.diagnosis.index import Index
from bot.diagnosis.program_errors import Mistake, program_error
from bot.model import Json

Ids: TypeAlias = tuple[str, ...]


class Condition(Protocol):
    """Something that holds over an index or not."""

    @property
    def paths(self) -> tuple[str, ...]:
        """The observation paths it asks for."""
        ...

    def support(self, index: Index) -> Ids | None:
        """Return the ids it rests on, or None if it does not hold."""
        ...


@dataclass(frozen=True, slots=True, init=False)
class Is:
    """The value at `path` is one of `values`."""

    path: str
    values: tuple[Json, ...]

    def __init__(self, path: str, *values: Json) -> None:
        object.__setattr__(self, "path", path)
        object.__setattr__(self, "values", values)

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path,)

    def support(self, index: Index) -> Ids | None:
        return _any(index, self.path, lambda value: _among(value, self.values))


@dataclass(frozen=True, slots=True, init=False)
class IsNot:
    """Something was observed at `path`, and it is none of `values`."""

    path: str
    values: tuple[Json, ...]

    def __init__(self, path: str, *values: Json) -> None:
        object.__setattr__(self, "path", path)
        object.__setattr__(self, "values", values)

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path,)

    def support(self, index: Index) -> Ids | None:
        found = index.find(self.path)
        if not found or any(_among(o.value, self.values) for o in found):
            return None
        return tuple(o.id for o in found)


@dataclass(frozen=True, slots=True)
class Has:
    """Something that is not empty was observed at `path`."""

    path: str

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path,)

    def support(self, index: Index) -> Ids | None:
        return _any(index, self.path, lambda value: value not in (None, "", [], {}, ()))


@dataclass(frozen=True, slots=True)
class Lacks:
    """Nothing, or only emptiness, was observed at `path`."""

    path: str

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path,)

    def support(self, index: Index) -> Ids | None:
        if Has(self.path).support(index) is not None:
            return None
        empty = index.find(self.path)
        return tuple(o.id for o in empty) or index.near(self.path)


@dataclass(frozen=True, slots=True)
class Matches:
    """The value at `path`, as text, contains the regular expression; case does not count."""

    path: str
    pattern: str

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path,)

    def support(self, index: Index) -> Ids | None:
        shape = re.compile(self.pattern, re.IGNORECASE | re.DOTALL)
        return _any(index, self.path, lambda value: bool(shape.search(_text(value))))


@dataclass(frozen=True, slots=True)
class Above:
    """The number at `path` is greater than `limit`."""

    path: str
    limit: float

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path,)

    def support(self, index: Index) -> Ids | None:
        return _any(index, self.path, lambda value: _number(value) and value > self.limit)


@dataclass(frozen=True, slots=True)
class Below:
    """The number at `path` is less than `limit`."""

    path: str
    limit: float

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path,)

    def support(self, index: Index) -> Ids | None:
        return _any(index, self.path, lambda value: _number(value) and value < self.limit)


@dataclass(frozen=True, slots=True)
class Same:
    """Both paths were observed, with the same latest value."""

    path: str
    other: str

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path, self.other)

    def support(self, index: Index) -> Ids | None:
        one, two = index.find(self.path), index.find(self.other)
        if one and two and one[-1].value == two[-1].value:
            return (one[-1].id, two[-1].id)
        return None


@dataclass(frozen=True, slots=True)
class Differs:
    """Both paths were observed, with different latest values."""

    path: str
    other: str

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path, self.other)

    def support(self, index: Index) -> Ids | None:
        one, two = index.find(self.path), index.find(self.other)
        if one and two and one[-1].value != two[-1].value:
            return (one[-1].id, two[-1].id)
        return None


@dataclass(frozen=True, slots=True)
class ClaimOver:
    """The time that a token gives for `claim` was over by `by_s` seconds when the run started.

    A negative `by_s` asks for a time that was still that far ahead, or less.
    """

    path: str
    claim: str
    by_s: float = 0.0

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path,)

    def support(self, index: Index) -> Ids | None:
        limit = index.run.started_at.timestamp() - self.by_s

        def over(value: Json) -> bool:
            at = value.get(self.claim) if isinstance(value, dict) else None
            return _number(at) and at <= limit

        return _any(index, self.path, over)


@dataclass(frozen=True, slots=True, init=False)
class Raises:
    """The text at `path` quotes an exception of the program, of one of `mistakes` if given.

    With `certainly`, only one that is worded like no refusal of a token.
    """

    path: str
    mistakes: tuple[Mistake, ...]
    certainly: bool

    def __init__(self, path: str, *mistakes: Mistake, certainly: bool = False) -> None:
        object.__setattr__(self, "path", path)
        object.__setattr__(self, "mistakes", mistakes)
        object.__setattr__(self, "certainly", certainly)

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path,)

    def support(self, index: Index) -> Ids | None:
        return _any(index, self.path, self._quoted)

    def _quoted(self, value: Json) -> bool:
        error = program_error(_text(value))
        if error is None or (self.certainly and not error.is_certain):
            return False
        return not self.mistakes or error.mistake in self.mistakes


def _any(index: Index, path: str, good: Callable[[Json], bool]) -> Ids | None:
    ids = tuple(o.id for o in index.find(path) if good(o.value))
    return ids or None


def _among(value: Json, values: Iterable[Json]) -> bool:
    # 1 == True in Python, but a count of one is not a yes.
    return any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in values)


def _number(value: Json) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
