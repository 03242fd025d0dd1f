"""YAML text as a tree of nodes that know where they stand.

Stricter than YAML on purpose: no duplicate keys, no tags, one document, and plain words mean what
YAML 1.2 says (``no`` and ``on`` are text). Anchors and ``<<`` work within limits.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import yaml

from bot.config.problems import Position, Problems

MAX_BYTES = 262_144
MAX_DEPTH = 40
MAX_NODES = 20_000
"""Aliases count as often as they are used, so a few lines cannot unfold into gigabytes."""

Scalar: TypeAlias = str | int | float | bool | None

_INT = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,4})?")
_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A value and where it stands; `key_at` is where its key stands, if it has one."""

    value: "Scalar | dict[str, Node] | list[Node]"
    at: Position
    key_at: Position
    depth: int = 1
    size: int = 1

    @property
    def items(self) -> "dict[str, Node]":
        """The entries of a mapping; empty for anything else."""
        return self.value if isinstance(self.value, dict) else {}

    def child(self, name: str | int) -> "Node | None":
        """Return the entry `name` of a mapping, or the item at an index of a list."""
        if isinstance(self.value, dict):
            return self.value.get(str(name))
        if isinstance(self.value, list) and isinstance(name, int) and name < len(self.value):
            return self.value[name]
        return None

    def with_value(self, value: "Scalar | dict[str, Node] | list[Node]") -> "Node":
        """Return a node at the same place that holds `value`."""
        return replace(self, value=value)


def parse(text: str, source: str, problems: Problems) -> Node | None:
    """Return the tree of `text`, None if it is empty; what is not YAML raises ConfigError."""
    builder = _Builder(source, problems)
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = Position(source, mark.line + 1, mark.column + 1) if mark else builder.last
        problems.add(at, _syntax(text, error))
    except yaml.reader.ReaderError as error:
        problems.add(
            _position(source, text, error.position), "A character that YAML does not allow."
        )
    except (ValueError, OverflowError):
        # PyYAML lets these through for escapes and versions beyond every limit ("\UFFFFFFFF").
        problems.add(builder.last, "An escape or a number here is out of range.")
    problems.check()
    return builder.root


def plain(node: Node) -> object:
    """Return the value of `node` without its positions, as JSON would have it."""
    match node.value:
        case dict():
            return {name: plain(item) for name, item in node.value.items()}
        case list():
            return [plain(item) for item in node.value]
        case _:
            return node.value


def walk(
    node: Node, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], Node]]:
    """Yield every node under `node` with its path, itself first."""
    yield path, node
    entries = enumerate(node.value) if isinstance(node.value, list) else node.items.items()
    for name, item in entries:
        yield from walk(item, (*path, name))


@dataclass(slots=True)
class _Open:
    """A mapping or a list that is still being read."""

    at: Position
    key_at: Position
    anchor: str | None
    value: dict[str, Node] | list[Node]
    key: tuple[str, Position] | None = None
    merged: list[Node] = field(default_factory=list)


class _Builder:
    """Turns YAML events into nodes without recursion, so depth cannot exhaust the stack."""

    def __init__(self, source: str, problems: Problems) -> None:
        self._source = source
        self._problems = problems
        self._open: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._documents = 0
        self.root: Node | None = None
        self.last = Position(source, 1, 1)

    def take(self, event: yaml.Event) -> None:
        if mark := event.start_mark:
            self.last = Position(self._source, mark.line + 1, mark.column + 1)
        at = self.last
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    self._problems.stop(
                        at, "A second document begins here; a configuration is one."
                    )
            case yaml.ScalarEvent():
                self._no_tag(event, at)
                self._attach(self._scalar(event, at), event.anchor)
            case yaml.AliasEvent():
                # The name is not repeated: it may be a secret that began with an asterisk.
                if event.anchor not in self._anchors:
                    self._problems.stop(
                        at, "An alias (*) to an anchor (&) that is not above. Quote text."
                    )
                self._attach(replace(self._anchors[event.anchor], at=at, key_at=at), None)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._no_tag(event, at)
                self._begin(event, at)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._end()
            case _:  # the stream's ends and the document's end
                pass

    def _begin(self, event: yaml.CollectionStartEvent, at: Position) -> None:
        if len(self._open) >= MAX_DEPTH:
            self._problems.stop(at, f"Nested deeper than {MAX_DEPTH} levels.")
        key = self._open[-1].key if self._open else None
        value: dict[str, Node] | list[Node] = (
            {} if isinstance(event, yaml.MappingStartEvent) else []
        )
        self._open.append(_Open(at, key[1] if key else at, event.anchor, value))

    def _end(self) -> None:
        done = self._open.pop()
        if isinstance(done.value, dict):
            for merged in done.merged:
                done.value = {**merged.items, **done.value}
        children = done.value.values() if isinstance(done.value, dict) else done.value
        depth = 1 + max((child.depth for child in children), default=0)
        size = 1 + sum(child.size for child in children)
        node = Node(value=done.value, at=done.at, key_at=done.key_at, depth=depth, size=size)
        self._attach(node, done.anchor)

    def _attach(self, node: Node, anchor: str | None) -> None:
        if node.size > MAX_NODES:
            self._problems.stop(node.at, f"More than {MAX_NODES} values, aliases unfolded.")
        if node.depth + len(self._open) > MAX_DEPTH:
            self._problems.stop(node.at, f"Nested deeper than {MAX_DEPTH} levels.")
        if anchor:
            self._anchors[anchor] = node
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if isinstance(parent.value, list):
            parent.value.append(node)
        elif parent.key is None:
            parent.key = self._key(node)
        else:
            self._entry(parent, parent.value, parent.key, node)

    def _entry(
        self, parent: _Open, entries: dict[str, Node], key: tuple[str, Position], node: Node
    ) -> None:
        name, key_at = key
        parent.key = None
        if name == "<<":
            merged = node.value if isinstance(node.value, list) else [node]
            if not all(isinstance(item.value, dict) for item in merged):
                self._problems.stop(key_at, "What << takes over must be a mapping.")
            parent.merged.extend(merged)
        elif name in entries:
            first = entries[name].key_at.line
            self._problems.add(key_at, f"{name} is given twice; first in line {first}.")
        else:
            entries[name] = replace(node, key_at=key_at)

    def _key(self, node: Node) -> tuple[str, Position]:
        if isinstance(node.value, (dict, list)):
            self._problems.stop(node.at, "A key must be text, not a mapping or a list.")
        return str(node.value), node.at

    def _scalar(self, event: yaml.ScalarEvent, at: Position) -> Node:
        value: Scalar = event.value
        is_key = bool(self._open) and isinstance(self._open[-1].value, dict)
        is_key = is_key and self._open[-1].key is None
        if event.implicit[0] and not is_key:
            value = _resolve(event.value)
        if any("\ud800" <= char <= "\udfff" for char in event.value):
            self._problems.stop(at, "Half a surrogate pair is not text.")
        return Node(value=value, at=at, key_at=at)

    def _no_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, at: Position) -> None:
        if event.tag is not None:
            self._problems.stop(
                at, "Tags (!) are not supported here. Quote text that begins with one."
            )


def _resolve(word: str) -> Scalar:
    if word in _WORDS:
        return _WORDS[word]
    if _INT.fullmatch(word):
        return int(word)
    if _FLOAT.fullmatch(word) and len(word) < 40 and math.isfinite(float(word)):
        return float(word)
    return word


def _syntax(text: str, error: yaml.MarkedYAMLError) -> str:
    """Say what is wrong in our words; the library's may quote a part of a secret."""
    mark = error.problem_mark
    if mark is not None and text[mark.index : mark.index + 1] == "\t":
        return "A tab. YAML indents with spaces."
    told = error.problem or "it cannot be read"
    return f"This is not YAML: {re.sub(_QUOTED, _short, told)}."


_QUOTED = r"'([^']*)'"


def _short(quoted: re.Match[str]) -> str:
    """Keep a quoted sign, such as a bracket, or the name of a token; leave anything else out."""
    is_sign = len(quoted[1]) < 3 or quoted[1].startswith("<")
    return quoted[0] if is_sign else "…"


def _position(source: str, text: str, index: int) -> Position:
    before = text[:index]
    return Position(source, before.count("\n") + 1, index - before.rfind("\n"))
