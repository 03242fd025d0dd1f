"""Frames of the backend that are not events: errors, greeting, acknowledgements."""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from bot.sandbox.behaviour import GOLDEN_PATH

MAX_MESSAGE_BYTES = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """What the server sees of a client at the upgrade."""

    token: str
    authorization_present: bool
    malformed: bool
    protocols: tuple[str, ...]


def error_message(
    code: str, message: str, details: Mapping[str, object], *, in_data: bool
) -> dict[str, object]:
    """Return an error frame, its fields flat or wrapped in ``data``."""
    body = {
        "error_code": code,
        "error_message": message,
        "details": dict(details),
        "timestamp": time.time(),
        "recovery_suggestions": [],
    }
    return {"type": "error_message", **({"data": body} if in_data else body)}


def rejection(code: str, client: Client) -> dict[str, object]:
    """Return the details of a refused token: the server tells what arrived of it."""
    headers = {
        "authorization_present": client.authorization_present,
        "authorization_preview": "Bearer ..." if client.authorization_present else None,
        "websocket_protocol": ", ".join(name[:12] for name in client.protocols) or None,
    }
    return {
        "environment": "staging",
        "ssot_authentication": True,
        "error_code": code,
        "failure_context": {"auth_headers": headers},
        "token_characteristics": {
            "length": len(client.token),
            "dot_count": client.token.count("."),
        },
    }


def welcome(form: str, user_id: str, *, ahead_s: float) -> dict[str, object]:
    """Return the welcome of an era; see `Behaviour.welcome`."""
    first = _connection_established(user_id, ahead_s=ahead_s)
    data = first["data"]
    assert isinstance(data, dict)
    match form:
        case "connect":
            return _connect(user_id, ahead_s=ahead_s)
        case "flat":
            return {"type": "connection_established", **data, "timestamp": first["timestamp"]}
        case "wrapped" | "factory":
            name = "connection_established" if form == "wrapped" else f"{form}_{data['event']}"
            return {**first, "type": name, "data": {**data, "event": name}}
        case _:
            return first


def service_info() -> dict[str, object]:
    """Return what the fallback mode says of itself."""
    data = {
        "event": "service_info",
        "fallback_active": True,
        "missing_dependencies": ["agent_supervisor"],
    }
    return {"type": "system_message", "data": data, "timestamp": time.time()}


def thread_announced() -> tuple[dict[str, object], ...]:
    """Return what later eras send after the welcome, whether or not it is acknowledged."""
    ids = {name: f"{name}_{uuid.uuid4().hex[:12]}" for name in ("thread_id", "run_id")}
    shaken = {**ids, "request_id": uuid.uuid4().hex, "session_token": uuid.uuid4().hex}
    created = {"thread_id": ids["thread_id"], "timestamp": time.time()}
    return (
        {"type": "handshake_response", **shaken},
        {"type": "handshake_complete", "timestamp": time.time()},
        {"type": "thread_created", "payload": created},
    )


def _connection_established(user_id: str, *, ahead_s: float) -> dict[str, object]:
    now = time.time()
    data = {
        "event": "connection_established",
        "connection_id": f"ws_{user_id}_{int(now)}_{uuid.uuid4().hex[:8]}",
        "user_id": user_id,
        "server_time": now + ahead_s,
        "connection_ready": True,
        "environment": "staging",
        "startup_complete": True,
        "config": {"heartbeat_interval": 25, "max_message_size": MAX_MESSAGE_BYTES},
        "factory_pattern_enabled": True,
    }
    return {"type": "system_message", "data": data, "timestamp": now}


def _connect(user_id: str, *, ahead_s: float) -> dict[str, object]:
    """Return the welcome of the later eras; it shows only the start of the user's id."""
    data = {
        "mode": "main",
        "user_id": f"{user_id[:8]}...",
        "connection_id": f"main_{uuid.uuid4().hex[:8]}",
        "golden_path_events": list(GOLDEN_PATH),
        "features": {},
        "timestamp": time.time() + ahead_s,
    }
    return {"type": "connect", "data": data}


def ping() -> dict[str, object]:
    """Return the heartbeat: a JSON frame, not a control frame."""
    now = time.time()
    beat = {"timestamp": now}
    return {
        "type": "ping",
        "data": beat,
        "timestamp": now,
        "server_id": None,
        "correlation_id": None,
    }


def ack(kind: str, user_id: str) -> dict[str, object]:
    """Return what an unknown request gets, and nothing else."""
    return {
        "type": "ack",
        "received_type": kind,
        "timestamp": time.time(),
        "user_id": user_id,
        "status": "acknowledged",
    }


def message_received() -> dict[str, object]:
    """Return what the built-in handler says that shadows the agents."""
    data = {
        "content": "Message received",
        "original_message_id": None,
        "status": "acknowledged",
    }
    return {"type": "system_message", "data": data, "timestamp": time.time()}
