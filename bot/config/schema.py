"""The JSON Schema of a configuration file, with what the code says of each setting."""

import ast
import inspect
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import DataclassSchema, ModelSchema

from bot.config.known import OURS
from bot.config.limits import PATTERNS, RANGES, URLS
from bot.config.references import REFERENCE
from bot.config.secrets import MOST_CANDIDATES
from bot.config.settings import NAME, File
from bot.labels import Label
from bot.target import Target

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
    schema = File.model_json_schema(schema_generator=_Described)
    parts = schema["$defs"]
    parts["Secret"] = _SECRET
    parts.pop("Setting", None)
    parts.pop("KeyPlace", None)
    target = parts["Target"]
    for name in OURS[Target]:
        del target["properties"][name]
    target["required"] = [name for name in target["required"] if name not in OURS[Target]]
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


def _property(parts: Mapping[str, Any], setting: str) -> dict[str, Any]:
    schema = parts["Target"]
    for name in setting.split("."):
        schema = schema["properties"][name]
        if "$ref" in schema:
            schema = parts[schema["$ref"].rpartition("/")[2]]
    found: dict[str, Any] = schema
    return found


class _Described(GenerateJsonSchema):
    """Writes the words below each setting in the code into the schema.

    pydantic can do so by itself, but whenever a class is made: every start would read the code
    again for it.
    """

    def model_schema(self, schema: ModelSchema) -> JsonSchemaValue:
        return _described(super().model_schema(schema), schema["cls"])

    def dataclass_schema(self, schema: DataclassSchema) -> JsonSchemaValue:
        return _described(super().dataclass_schema(schema), schema["cls"])


def _described(schema: JsonSchemaValue, kind: type) -> JsonSchemaValue:
    for part in reversed(kind.__mro__):
        if part.__module__.startswith("bot."):
            for name, words in _words(part):
                schema["properties"][name]["description"] = words
    return schema


def _words(kind: type) -> Iterator[tuple[str, str]]:
    """Yield the fields of `kind` that have a text below them, with it."""
    [told] = ast.parse(inspect.getsource(kind)).body
    assert isinstance(told, ast.ClassDef)
    for field, text in pairwise(told.body):
        match field, text:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(words))),
            ):
                yield name, inspect.cleandoc(words)
            case _:
                pass
