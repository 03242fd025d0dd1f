"""The arguments of one Web API call, wherever in the request they stood."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from bot.sandbox.slack.workspace import Json, Refusal


@dataclass(frozen=True, slots=True)
class Args:
    """Query, form and JSON body merged; forms carry everything as text, so text is read too."""

    values: Mapping[str, Json]

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name)
        return default if value is None else str(value)

    def needed(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise missing(name)
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.values.get(name)
        if value is None:
            return default
        return str(value).lower() in ("true", "1")

    def number(self, name: str, default: int) -> int:
        try:
            return int(self.text(name) or default)
        except ValueError:
            raise Refusal("invalid_arguments", response_metadata=_told(name, "a number")) from None

    def seconds(self, name: str, default: float) -> float:
        """A time stamp as a number."""
        try:
            return float(self.text(name) or default)
        except ValueError:
            raise Refusal(f"invalid_ts_{name}") from None

    def json(self, name: str, *, code: str = "invalid_arguments") -> Json:
        """A structured argument; None when absent or empty, which mean the same to Slack."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            raise Refusal(code, response_metadata=_told(name, "JSON")) from None

    def has(self, name: str) -> bool:
        return self.values.get(name) is not None


def missing(name: str) -> Refusal:
    """The refusal for an argument that must be there and is not."""
    return Refusal(
        "invalid_arguments",
        response_metadata={"messages": [f"[ERROR] missing required field: {name}"]},
    )


def _told(name: str, wanted: str) -> Json:
    return {"messages": [f"[ERROR] {name} must be {wanted} [json-pointer:/{name}]"]}
