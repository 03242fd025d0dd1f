"""Validation by type: pydantic's findings in a person's words, at their place in the file."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.config.checks import position
from bot.config.document import Node, plain
from bot.config.problems import Problems, dotted
from bot.config.settings import File

_EXPECTED: Mapping[str, str] = {
    "string_type": "text (quote it)",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "model_type": "a mapping",
    "dataclass_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
}


def validate(root: Node, problems: Problems) -> File | None:
    """Return the file's settings, or None with everything of a wrong type noted in `problems`."""
    data: Any = plain(root)
    targets = data.get("targets")
    for name, target in targets.items() if isinstance(targets, dict) else ():
        if isinstance(target, dict):
            target["name"] = name
    try:
        # As JSON: the only mode of pydantic that is strict about "15" and still knows tuples.
        return File.model_validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        for found in error.errors(include_url=False, include_context=True):
            problems.add(position(root, found["loc"]), words(root, found))
    return None


def words(root: Node, found: ErrorDetails) -> str:
    """Return what is wrong, with its path, as a sentence."""
    path = found["loc"]
    where = dotted(path)
    limits = found.get("ctx", {})
    kind = found["type"]
    if kind in _EXPECTED:
        return f"{where} must be {_EXPECTED[kind]}, not {_given(root, path)}."
    match kind:
        case "missing":
            return f"{where} is required."
        case "too_short":
            return f"{where} must hold at least one entry."
        case "greater_than_equal":
            return f"{where} must be at least {limits['ge']}."
        case "less_than_equal":
            return f"{where} must be at most {limits['le']}."
        case "string_pattern_mismatch":
            return f"{where} must match {limits['pattern']}."
        case _:
            return f"{where}: {found['msg']}."


def _given(root: Node, path: tuple[int | str, ...]) -> str:
    node: Node | None = root
    for name in path:
        node = node.child(name) if node else None
    match node.value if node else None:
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case None:
            return "nothing"
        case str() as text if len(text) > 40:
            return "a long text"
        case value:
            return json.dumps(value, ensure_ascii=False)
