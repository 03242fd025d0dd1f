"""The kinds of rule Block Kit's limits are made of. A rule is a value; it yields what is wrong."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

Json: TypeAlias = Any


class Surface(StrEnum):
    """Where blocks are shown; not every block may stand everywhere."""

    MESSAGE = "message"
    MODAL = "modal"
    HOME = "home"


EVERYWHERE = frozenset(Surface)


@dataclass(frozen=True, slots=True)
class Look:
    """What a rule may look at besides its value: every known shape, and the surface."""

    shapes: Mapping[str, "Shape"]
    surface: Surface


class Rule(ABC):
    """One limit. `at` is the place of the value as a JSON pointer."""

    @abstractmethod
    def check(self, value: Json, at: str, look: Look, /) -> Iterator[str]: ...


def wrong(what: str, at: str) -> str:
    """A problem, worded and placed as Slack does it."""
    return f"{what} [json-pointer:{at}]"


@dataclass(frozen=True, slots=True)
class Shape:
    """The keys of an object. Any other key is a problem, and so is a missing one of `needs`."""

    fields: Mapping[str, Rule]
    needs: tuple[str, ...] = ()
    either: tuple[str, ...] = ()
    """At least one of these keys has to be there."""
    surfaces: frozenset[Surface] = EVERYWHERE
    also: Callable[[Json, str], Iterator[str]] | None = None
    """What no single key can tell."""

    def check(self, value: Json, at: str, look: Look) -> Iterator[str]:
        for name in self.needs:
            if name not in value:
                yield wrong(f"missing required field: {name}", at)
        if self.either and not any(name in value for name in self.either):
            yield wrong(f"missing one of the fields: {', '.join(self.either)}", at)
        for name, inner in value.items():
            if name == "type" and name not in self.fields:
                continue
            if name not in self.fields:
                yield wrong(f"invalid additional property: {name}", at)
            else:
                yield from self.fields[name].check(inner, f"{at}/{name}", look)
        if self.also is not None:
            yield from self.also(value, at)


@dataclass(frozen=True, slots=True)
class Chars(Rule):
    """A string of `least` to `most` characters; `blank` allows it to be only spaces."""

    most: int
    least: int = 1
    blank: bool = False
    starts: tuple[str, ...] = ()

    def check(self, value: Json, at: str, _look: Look, /) -> Iterator[str]:
        if not isinstance(value, str):
            yield wrong("must be a string", at)
        elif len(value) > self.most:
            yield wrong(f"must be less than {self.most + 1} characters", at)
        elif len(value) < self.least or (self.least and not self.blank and not value.strip()):
            yield wrong(f"must be more than {max(0, self.least - 1)} characters", at)
        elif self.starts and not value.startswith(self.starts):
            yield wrong(f"must start with {' or '.join(self.starts)}", at)


@dataclass(frozen=True, slots=True)
class Choice(Rule):
    """One of a closed set of words."""

    words: tuple[str, ...]

    def check(self, value: Json, at: str, _look: Look, /) -> Iterator[str]:
        if value not in self.words:
            yield wrong(f"must be one of: {', '.join(self.words)}", at)


@dataclass(frozen=True, slots=True)
class Flag(Rule):
    """True or false."""

    def check(self, value: Json, at: str, _look: Look, /) -> Iterator[str]:
        if not isinstance(value, bool):
            yield wrong("must be true or false", at)


@dataclass(frozen=True, slots=True)
class Number(Rule):
    """A number in a range, its ends included."""

    least: float = float("-inf")
    most: float = float("inf")
    whole: bool = True

    def check(self, value: Json, at: str, _look: Look, /) -> Iterator[str]:
        allowed = int if self.whole else (int, float)
        if not isinstance(value, allowed) or isinstance(value, bool):
            yield wrong("must be a whole number" if self.whole else "must be a number", at)
        elif not self.least <= value <= self.most:
            yield wrong(f"must be between {self.least} and {self.most}", at)


@dataclass(frozen=True, slots=True)
class Text(Rule):
    """A text object: plain_text, mrkdwn, or either."""

    most: int
    kinds: tuple[str, ...] = ("plain_text", "mrkdwn")

    def check(self, value: Json, at: str, look: Look, /) -> Iterator[str]:
        if not isinstance(value, dict):
            yield wrong("must be a text object", at)
            return
        kind = value.get("type")
        if kind not in self.kinds:
            yield wrong(
                f"unsupported type: {kind}, must be {' or '.join(self.kinds)}", f"{at}/type"
            )
            return
        switch = "emoji" if kind == "plain_text" else "verbatim"
        fields: dict[str, Rule] = {"text": Chars(self.most), switch: Flag()}
        yield from Shape(fields, needs=("text",)).check(value, at, look)


PLAIN = ("plain_text",)


@dataclass(frozen=True, slots=True)
class Items(Rule):
    """A list of `least` to `most` items, each under one rule."""

    each: Rule
    least: int
    most: int

    def check(self, value: Json, at: str, look: Look, /) -> Iterator[str]:
        if not isinstance(value, list | tuple):
            yield wrong("must be a list", at)
            return
        if len(value) > self.most:
            yield wrong(f"no more than {self.most} items allowed", at)
        if len(value) < self.least:
            yield wrong(f"no fewer than {self.least} items allowed", at)
        for number, item in enumerate(value):
            yield from self.each.check(item, f"{at}/{number}", look)


@dataclass(frozen=True, slots=True)
class Object(Rule):
    """An object without a `type`, such as an option or a confirmation."""

    shape: Shape

    def check(self, value: Json, at: str, look: Look, /) -> Iterator[str]:
        if not isinstance(value, dict):
            yield wrong("must be an object", at)
        elif "type" in value and "type" not in self.shape.fields:
            yield wrong("invalid additional property: type", at)
        else:
            yield from self.shape.check(value, at, look)


@dataclass(frozen=True, slots=True)
class Typed(Rule):
    """A block or element: its `type` is one of `kinds` and decides its shape.

    A key `inner TYPE` in the shapes, where there is one, holds for what stands inside a block:
    an image is a block and an element, with different keys.
    """

    kinds: tuple[str, ...]
    inner: bool = False

    def check(self, value: Json, at: str, look: Look, /) -> Iterator[str]:
        if not isinstance(value, dict):
            yield wrong("must be an object", at)
            return
        kind = value.get("type")
        if kind not in self.kinds:
            yield wrong(f"unsupported type: {kind}", f"{at}/type")
            return
        name = f"inner {kind}"
        shape = look.shapes[name if self.inner and name in look.shapes else kind]
        if look.surface not in shape.surfaces:
            yield wrong(f"unsupported type: {kind} cannot stand in a {look.surface}", f"{at}/type")
        yield from shape.check(value, at, look)


@dataclass(frozen=True, slots=True)
class Anything(Rule):
    """Slack says nothing here that we could hold the value to."""

    def check(self, _value: Json, _at: str, _look: Look, /) -> Iterator[str]:
        yield from ()
