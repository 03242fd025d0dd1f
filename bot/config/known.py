"""Which settings exist where in a configuration file, by the types that hold them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from bot.config.document import Node
from bot.config.problems import Problems, nearest
from bot.config.section import Section
from bot.config.settings import File
from bot.target import Target

OURS: Mapping[type, Collection[str]] = {Target: ("name", "provenance", "keys")}
"""Fields that are not the file's: a target's name is its key, the rest is worked out."""


def tidy(root: Node, problems: Problems) -> Node:
    """Return `root` without unknown keys, which are problems, and without settings left empty."""
    return _tidy(root, File, "", problems)


def known_keys(path: Sequence[str]) -> Mapping[str, Any]:
    """Return the settings that exist at `path`, by name; empty where any key may stand."""
    kind: Any = File
    for name in path:
        kind = _below(kind, name)
    return _settings(kind)


def leaves(path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the paths, below `path`, of every setting that has no settings below it."""
    for name in known_keys(path):
        below = (*path, name)
        if known_keys(below):
            yield from leaves(below)
        else:
            yield below


def _tidy(node: Node, kind: Any, path: str, problems: Problems) -> Node:
    if isinstance(node.value, list):
        items = [
            _tidy(item, _below(kind, index), f"{path}[{index}]", problems)
            for index, item in enumerate(node.value)
        ]
        return node.with_value(items)
    known = _settings(kind)
    kept = {}
    for name, item in node.items.items():
        where = f"{path}.{name}".removeprefix(".")
        if known and name not in known:
            problems.add(item.key_at, f"{where} is not a setting. {nearest(name, known)}".strip())
        elif not known or item.value is not None:
            kept[name] = _tidy(item, _below(kind, name), where, problems)
    return node.with_value(kept) if isinstance(node.value, dict) else node


def _below(kind: Any, name: str | int) -> Any:
    """Return the type of what stands at `name` in a `kind`; None where it may be anything."""
    if known := _settings(kind):
        return known.get(str(name))
    inside = get_args(kind)
    if isinstance(name, int):
        return inside[0] if get_origin(kind) is tuple else None
    return inside[1] if get_origin(kind) is Mapping else None


@cache
def _settings(kind: Any) -> Mapping[str, Any]:
    """Return the types of the settings in a `kind`, by name; empty if it is no section."""
    for option in get_args(kind) if isinstance(kind, UnionType) else (kind,):
        if isinstance(option, type) and issubclass(option, Section):
            return {name: field.annotation for name, field in option.model_fields.items()}
        if hasattr(option, "__pydantic_config__"):  # a part of a target
            types, ours = get_type_hints(option), OURS.get(option, ())
            return {each.name: types[each.name] for each in fields(option) if each.name not in ours}
    return {}
