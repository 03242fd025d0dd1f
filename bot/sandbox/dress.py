"""How what the services say is laid out on the wire, without a change to what it means."""

import json
from collections.abc import Mapping

from aiohttp import web

from bot.sandbox.behaviour import Behaviour
from bot.sandbox.wordings import revoiced


def dressed(body: object, behaviour: Behaviour) -> str:
    """Return `body` as JSON, in the manner of `behaviour`."""
    if behaviour.voice or behaviour.other_codes:
        body = revoiced(body, behaviour.voice, codes=behaviour.other_codes)
    if behaviour.extra_fields:
        body = _with_fields(body, behaviour.extra_fields)
    match behaviour.json_layout:
        case "reversed":
            return json.dumps(_reversed(body))
        case "indented":
            return json.dumps(body, indent=2)
        case "unescaped":
            return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        case _:
            return json.dumps(body)


async def say(
    socket: web.WebSocketResponse, frame: Mapping[str, object], behaviour: Behaviour
) -> None:
    """Send one frame."""
    if behaviour.control_pings:
        await socket.ping()
    await socket.send_str(dressed(frame, behaviour))


def dress(response: web.Response, behaviour: Behaviour) -> None:
    """Lay out an HTTP answer that was not sent yet."""
    if response.content_type == "application/json" and isinstance(response.body, bytes):
        body = json.loads(response.body)
        if isinstance(body, dict) and body.get("status") in behaviour.other_states:
            body["status"] = behaviour.other_states[body["status"]]
        response.body = dressed(body, behaviour).encode()
    if behaviour.chunked and response.body:
        response.enable_chunked_encoding()
    if behaviour.closes_connections:
        response.force_close()


def dress_headers(response: web.StreamResponse, behaviour: Behaviour) -> None:
    """Add headers to an answer and respell their names, as its last change before it is sent."""
    for name, value in behaviour.extra_headers.items():
        response.headers.add(name, value)
    if behaviour.header_case:
        spell = str.upper if behaviour.header_case == "upper" else str.lower
        headers = list(response.headers.items())
        response.headers.clear()
        for name, value in headers:
            response.headers.add(spell(str(name)), value)


def _with_fields(body: object, fields: Mapping[str, object]) -> object:
    """Return `body` with `fields` in it, and in the objects one level below."""
    if not isinstance(body, Mapping):
        return body
    inner = {
        key: {**value, **fields} if key in ("data", "payload", "details") else value
        for key, value in body.items()
        if isinstance(value, Mapping)
    }
    return {**body, **inner, **fields}


def _reversed(body: object) -> object:
    if isinstance(body, Mapping):
        return {key: _reversed(value) for key, value in reversed(list(body.items()))}
    return [_reversed(item) for item in body] if isinstance(body, list) else body
