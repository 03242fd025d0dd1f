"""What a client of the simulator is configured with, the client's side of the faults included."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Template
from typing import Any

from bot.sandbox.faults import Fault
from bot.sandbox.nuisances import Nuisance

IMPACT = "Blocks every authenticated end-to-end test"


def healthy_settings(urls: Mapping[str, str], secrets: Mapping[str, Path]) -> dict[str, Any]:
    """Return the settings of a target that nothing is wrong with."""
    return {
        "profile": "reference",
        **urls,
        **{name: f"${{file:{path}}}" for name, path in secrets.items()},
        "user": {"id": "staging-e2e-user-001", "email": "e2e@example.test"},
        "request": {
            "type": "start_agent",
            "payload": {"user_request": "ping {nonce}"},
            "nonce_echoed": True,
        },
        "timeouts": {"step_s": 3.0, "welcome_s": 1.0, "gap_s": 3.0, "total_s": 10.0},
        # A run that meets nothing but silence ends within 12 s all the same.
        "experiments": {"budget_s": 5.0},
        "impact": IMPACT,
    }


def client_side(rows: Iterable[Fault | Nuisance], values: Mapping[str, object]) -> dict[str, Any]:
    """Return what nuisances and faults change at the client, ``$name`` filled in from `values`."""
    changes: dict[str, Any] = {}
    for row in rows:
        changes = merged(changes, _filled(row.client, values))
    return changes


def merged(settings: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return `settings` with `changes` laid over them."""
    result = dict(settings)
    for key, value in changes.items():
        if isinstance(value, Mapping) and isinstance(result.get(key), Mapping):
            result[key] = merged(result[key], value)
        else:
            result[key] = value
    return result


def as_yaml(value: Mapping[str, Any], indent: str = "") -> str:
    """Return nested settings as YAML; a value is written as JSON, which YAML contains."""
    lines = []
    for key, item in value.items():
        if isinstance(item, Mapping) and item:
            lines.append(f"{indent}{key}:\n{as_yaml(item, indent + '  ')}")
        else:
            lines.append(f"{indent}{key}: {json.dumps(item)}\n")
    return "".join(lines)


def _filled(value: Any, values: Mapping[str, object]) -> Any:
    match value:
        case str():
            return Template(value).safe_substitute(values)
        case Mapping():
            return {key: _filled(item, values) for key, item in value.items()}
        case _:
            return value
