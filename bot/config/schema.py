"""The JSON Schema of a configuration file, and what it knows: which keys exist where."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from bot.config.document import Node
from bot.config.limits import PATTERNS, RANGES, URLS
from bot.config.problems import Problems, nearest
from bot.config.references import REFERENCE
from bot.config.secrets import MOST_CANDIDATES
from bot.config.settings import NAME, File
from bot.labels import Label

# Fields of a target that are not the file's: the name is its key, the rest is worked out.
_OURS = ("name", "provenance", "keys")
_SECRET = {
    "description": "A reference to a secret, never the secret itself.",
    "pattern": f"^{REFERENCE}$",
    "type": "string",
}


_CANDIDATES = {
    "description": "Several, such as the current one and the next: the first that is set is used.",
    "items": {"$ref": "#/$defs/Secret"},
    "maxItems": MOST_CANDIDATES,
    "minItems": 1,
    "type": "array",
}


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a configuration file."""
    schema = File.model_json_schema()
    parts = schema["$defs"]
    parts["Secret"] = _SECRET
    parts.pop("Setting", None)
    parts.pop("KeyPlace", None)
    target = parts["Target"]
    for name in _OURS:
        del target["properties"][name]
    target["required"] = [name for name in target["required"] if name not in _OURS]
    target["properties"]["bypass_key"]["anyOf"].insert(1, _CANDIDATES)
    target["properties"]["owners"]["propertyNames"] = {"enum": [str(label) for label in Label]}
    schema["properties"]["targets"]["propertyNames"] = {"pattern": NAME}
    for setting, (low, high) in RANGES.items():
        _property(parts, setting).update(minimum=low, maximum=high)
    for setting, (pattern, _) in PATTERNS.items():
        found = _property(parts, setting)
        found.get("items", found)["pattern"] = f"^(?:{pattern})$"
    for setting, schemes in URLS.items():
        scheme = "|".join(f"{scheme}://" for scheme in schemes)
        optional = "|$" if setting not in target["required"] else ""
        _property(parts, setting)["pattern"] = (
            rf"^(?:{scheme}|\$\{{(?:env|file|dotenv|gsm):{optional})"
        )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "stagecheck.yaml",
    }


def tidy(root: Node, problems: Problems) -> Node:
    """Return `root` without unknown keys, which are problems, and without settings left empty."""
    return _tidy(root, _schema(), "", problems)


def known_keys(path: tuple[str | int, ...]) -> Mapping[str, Any]:
    """Return the settings that exist at `path`, by name; empty where any key may stand."""
    schema: Mapping[str, Any] = _schema()
    for name in path:
        schema = _below(schema, name)
    keys: Mapping[str, Any] = _follow(schema).get("properties", {})
    return keys


def _tidy(node: Node, schema: Mapping[str, Any], path: str, problems: Problems) -> Node:
    schema = _follow(schema)
    if isinstance(node.value, list):
        items = [
            _tidy(item, _below(schema, index), f"{path}[{index}]", problems)
            for index, item in enumerate(node.value)
        ]
        return node.with_value(items)
    known: Mapping[str, Any] = schema.get("properties", {})
    kept = {}
    for name, item in node.items.items():
        where = f"{path}.{name}".removeprefix(".")
        if known and name not in known:
            problems.add(item.key_at, f"{where} is not a setting. {nearest(name, known)}".strip())
        elif not known or item.value is not None:
            kept[name] = _tidy(item, _below(schema, name), where, problems)
    return node.with_value(kept) if isinstance(node.value, dict) else node


def _below(schema: Mapping[str, Any], name: str | int) -> Mapping[str, Any]:
    schema = _follow(schema)
    below = schema.get("items") if isinstance(name, int) else schema.get("properties", {}).get(name)
    if below is None:
        below = schema.get("additionalProperties")
    return below if isinstance(below, dict) else {}


def _follow(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    for option in schema.get("anyOf", ()):
        if "$ref" in option:
            schema = option
    if "$ref" in schema:
        found: Mapping[str, Any] = _schema()["$defs"][schema["$ref"].rpartition("/")[2]]
        return found
    return schema


def _property(parts: Mapping[str, Any], setting: str) -> dict[str, Any]:
    schema = parts["Target"]
    for name in setting.split("."):
        schema = schema["properties"][name]
        if "$ref" in schema:
            schema = parts[schema["$ref"].rpartition("/")[2]]
    found: dict[str, Any] = schema
    return found


def leaves(path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the paths, below `path`, of every setting that has no settings below it."""
    for name in known_keys(path):
        below = (*path, name)
        if known_keys(below):
            yield from leaves(below)
        else:
            yield below


@cache
def _schema() -> dict[str, Any]:
    return json_schema()
