"""Profiles: named sets of defaults for a target, and laying a target over one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources

from bot.config.document import Node, parse, plain
from bot.config.problems import Position, Problems

_FOLDER = resources.files("bot") / "profiles"
SOURCE = "profile "


@dataclass(frozen=True, slots=True)
class Profile:
    """Defaults of a target, and the variables known to have been used for the same thing."""

    target: Node
    other_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def profile_names() -> tuple[str, ...]:
    """Return the names of the profiles that come with stagecheck."""
    files = (entry.name for entry in _FOLDER.iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in files if name.endswith(".yaml")))


@cache
def load_profile(name: str) -> Profile:
    """Read the profile `name`, one of `profile_names()`."""
    problems = Problems()
    source = f"{SOURCE}{name}"
    root = parse((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), source, problems)
    problems.check()
    nothing = Node(value={}, at=Position(source, 1, 1), key_at=Position(source, 1, 1))
    items = root.items if root else {}
    others = {key: plain(names) for key, names in items.get("other_names", nothing).items.items()}
    return Profile(
        target=items.get("target", nothing),
        other_names={key: tuple(map(str, n)) for key, n in others.items() if isinstance(n, list)},
    )


def overlay(under: Node, over: Node) -> Node:
    """Lay `over` over `under`: mappings entry by entry, anything else as a whole.

    A null takes away what lies under it.
    """
    if not (isinstance(under.value, dict) and isinstance(over.value, dict)):
        return over
    merged = dict(under.value)
    for name, item in over.value.items():
        if item.value is None and name in merged:
            del merged[name]
        elif name in merged:
            merged[name] = overlay(merged[name], item)
        else:
            merged[name] = item
    return replace(over, value=merged)
