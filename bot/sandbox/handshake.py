"""The upgrade to a socket: who may connect, with which subprotocol, and how it ends."""

import asyncio
import base64
import binascii
import json
import time
from contextlib import suppress

from aiohttp import WSMsgType, web

from bot.sandbox.behaviour import Behaviour, Close, Era
from bot.sandbox.conversation import Conversation
from bot.sandbox.edge import give
from bot.sandbox.messages import Client
from bot.sandbox.performance import Gone
from bot.sandbox.tokens import judge
from bot.sandbox.wordings import reworded
from bot.sandbox.world import World

_TRUE = ("true", "1", "yes", "test")
_E2E_HEADERS = {
    "X-Test-Type": ("e2e", "integration"),
    "X-Test-Environment": ("staging", "test"),
    "X-E2E-Test": _TRUE,
    "X-Test-Mode": _TRUE,
}
# How long we wait for a client's half of the closing handshake.
_CLOSE_TIMEOUT_S = 1.0
# No socket lives longer than this, whatever its client does.
_LONGEST_S = 600.0


async def open_socket(request: web.Request, world: World) -> web.StreamResponse:
    """Answer an upgrade, and hold the conversation if it is accepted."""
    behaviour = world.behaviour
    if behaviour.upgrade is not None and _spoilt(request, world):
        return await give(request, behaviour.upgrade)
    if request.headers.get("Upgrade", "").lower() != "websocket":
        return web.json_response({"detail": "Not Found"}, status=404)
    offered = _offered(request)
    if offered and behaviour.subprotocol not in offered:
        return web.Response(status=403)
    client = _client(request, offered, behaviour)
    judged_first = behaviour.era is Era.PRE_ACCEPT or not _e2e(request)
    if judged_first and not (behaviour.demo_mode or _verifies(client.token, behaviour)):
        # Without the headers of an end-to-end test the token is judged before the accept.
        return web.Response(status=403)
    socket = web.WebSocketResponse(
        timeout=_CLOSE_TIMEOUT_S,
        max_msg_size=0,
        protocols=[behaviour.subprotocol] if behaviour.selects_subprotocol else [],
        compress=behaviour.compresses,
    )
    await socket.prepare(request)
    conversation = Conversation(socket, world, client)
    await _hold(request, socket, conversation, behaviour)
    return socket


async def open_test_socket(request: web.Request) -> web.StreamResponse:
    """Serve ``/ws/test``: no authentication, no agents."""
    socket = web.WebSocketResponse(timeout=_CLOSE_TIMEOUT_S)
    await socket.prepare(request)
    with suppress(ConnectionError, TimeoutError):
        async with asyncio.timeout(_LONGEST_S):
            await _serve_test(socket)
    return socket


async def _serve_test(socket: web.WebSocketResponse) -> None:
    await socket.send_json({"type": "connection_established", "timestamp": time.time()})
    async for message in socket:
        await socket.send_json(_test_reply(message.data))


def _test_reply(text: object) -> dict[str, object]:
    try:
        message = json.loads(str(text))
    except ValueError:
        message = None
    kind = message.get("type") if isinstance(message, dict) else None
    match kind:
        case "ping":
            return {"type": "pong", "timestamp": time.time()}
        case "echo":
            return {"type": "echo_response", "original": message}
        case _:
            return {"type": "ack", "received_type": kind, "status": "acknowledged"}


def _spoilt(request: web.Request, world: World) -> bool:
    """Tell whether this upgrade meets the answer that stands for an upgrade."""
    behaviour = world.behaviour
    if behaviour.upgrade_paths and request.path not in behaviour.upgrade_paths:
        return False
    world.upgrades += 1
    return not behaviour.upgrades_spoilt or world.upgrades <= behaviour.upgrades_spoilt


def _offered(request: web.Request) -> tuple[str, ...]:
    value = request.headers.get("Sec-WebSocket-Protocol", "")
    return tuple(name.strip() for name in value.split(",") if name.strip())


def _e2e(request: web.Request) -> bool:
    """Tell whether the client says that it is an end-to-end test."""
    return any(
        request.headers.get(name, "").lower() in accepted for name, accepted in _E2E_HEADERS.items()
    )


def _client(request: web.Request, offered: tuple[str, ...], behaviour: Behaviour) -> Client:
    """Take down what the client showed of itself, as far as the load balancer let it through."""
    authorization = request.headers.get("Authorization", "")
    if behaviour.strip_authorization:
        authorization = ""
        offered = offered[:1]
    scheme, _, token = authorization.partition(" ")
    malformed = bool(authorization) and (scheme.lower() != "bearer" or not token.strip())
    if not authorization:
        token = _token_in(offered)
    return Client(
        token="" if malformed else token.strip(),
        authorization_present=bool(authorization),
        malformed=malformed,
        protocols=offered,
    )


def _token_in(offered: tuple[str, ...]) -> str:
    """Return the token that a subprotocol offer carries: ``jwt.`` and the token in base64url."""
    for name in offered:
        prefix, _, encoded = name.partition(".")
        if prefix != "jwt" or not encoded:
            continue
        with suppress(binascii.Error, UnicodeDecodeError):
            return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
    return ""


def _verifies(token: str, behaviour: Behaviour) -> bool:
    verdict = judge(
        token, behaviour, secret=behaviour.backend_secret, clock_s=behaviour.backend_clock_s
    )
    return not verdict.code


async def _hold(
    request: web.Request,
    socket: web.WebSocketResponse,
    conversation: Conversation,
    behaviour: Behaviour,
) -> None:
    """Talk until the server ends it; if the client does, this is cancelled as a whole."""
    reader = asyncio.create_task(_read(socket, conversation))
    try:
        async with asyncio.timeout(behaviour.connection_age_s or _LONGEST_S):
            ending = await conversation.talk()
    except TimeoutError:
        ending = Gone()
    except ConnectionError:
        return  # the client is gone; there is nobody left to tell
    finally:
        conversation.leave()
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
    await _end(request, socket, ending, voice=behaviour.voice)


async def _read(socket: web.WebSocketResponse, conversation: Conversation) -> None:
    async for message in socket:
        if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
            conversation.hear(message.data)


async def _end(
    request: web.Request, socket: web.WebSocketResponse, ending: Close | Gone, *, voice: str
) -> None:
    match ending:
        case Close(code=1005):
            # A close frame with nothing in it.
            await asyncio.sleep(ending.after_s)
            await socket.send_frame(b"", WSMsgType.CLOSE)
            await asyncio.sleep(_CLOSE_TIMEOUT_S)
        case Close():
            await asyncio.sleep(ending.after_s)
            reason = reworded(ending.reason, voice)
            await socket.close(code=ending.code, message=reason.encode())
        case Gone():
            if request.transport is not None:
                request.transport.abort()
