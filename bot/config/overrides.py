"""Settings of `alerts` given otherwise for once, by text such as ``failure_threshold=3``."""

import json
from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from bot.config.alerts import Alerts, contradictions
from bot.config.document import parse, plain
from bot.config.known import leaves
from bot.config.problems import Problems, nearest
from bot.config.validation import words
from bot.errors import ConfigError, UsageError

_SECTION = "alerts"


def overridden(alerts: Alerts, assignments: Iterable[str]) -> Alerts:
    """Return `alerts` with each ``KEY=VALUE`` in the place of what the file says.

    UsageError for what is no setting of alerts, naming the nearest, or what it cannot be.
    """
    data = alerts.model_dump()
    known = [".".join(path[1:]) for path in leaves((_SECTION,))]
    for assignment in assignments:
        name, given, value = assignment.partition("=")
        name = name.strip().removeprefix(f"{_SECTION}.")
        if not given:
            raise UsageError(f"{assignment} sets nothing.", hint="Give it as failure_threshold=3.")
        if name not in known:
            raise UsageError(f"{name} is not a setting of alerts.", hint=nearest(name, known))
        *path, last = name.split(".")
        inner: dict[str, Any] = data
        for part in path:
            inner = inner[part]
        inner[last] = _read(value)
    # JSON is YAML too: as a document it is checked and told of as the file is.
    root = parse(json.dumps({_SECTION: data}), "--set", Problems())
    assert root is not None
    try:
        wanted = Alerts.model_validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=True)
        told = [words(root, {**each, "loc": (_SECTION, *each["loc"])}) for each in found]
        raise UsageError("\n".join(told)) from error
    if told := [text for _, text in contradictions(root.items[_SECTION])]:
        raise UsageError("\n".join(told))
    return wanted


def _read(value: str) -> object:
    """Return a value as the file would have it; what cannot be read there stays text."""
    try:
        node = parse(value, "--set", Problems())
    except ConfigError:
        return value
    return plain(node) if node else None
