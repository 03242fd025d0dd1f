"""What the backend says on an accepted socket: errors, greeting, answers to requests."""

import asyncio
import json
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import WSMsgType, web

from bot.sandbox.behaviour import USER_MESSAGES, Act, Close, Refusal, Script, Shape
from bot.sandbox.stream import Agent, collapsed, event
from bot.sandbox.tokens import judge
from bot.sandbox.world import Received, World

MAX_MESSAGE_BYTES = 8192
MAX_CONNECTIONS = 3
_MAX_ROUTING_FAILURES = 5
_PING_GAP_S = 0.5
_OVERSIZED_BYTES = 5_000_000
_AUTH_CLOSE = Close(code=1008, reason="SSOT Auth failed")
# Mocks pause like this whatever they are asked, which is one way to tell them.
_MOCK_GAP_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """What the server sees of a client at the upgrade."""

    token: str
    authorization_present: bool
    malformed: bool
    protocols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gone:
    """The connection ends without a close frame."""


class Conversation:
    """One accepted socket. `talk` runs it; `hear` feeds it what the client sends."""

    def __init__(self, socket: web.WebSocketResponse, world: World, client: Client) -> None:
        self._socket = socket
        self._world = world
        self._behaviour = world.behaviour
        self._client = client
        self._heard: asyncio.Queue[str | bytes] = asyncio.Queue()
        self._user_id = ""
        self._failures = 0
        self.age_s = world.behaviour.connection_age_s

    def hear(self, message: str | bytes) -> None:
        """Take in one message of the client."""
        self._heard.put_nowait(message)

    def leave(self) -> None:
        """Give the user's place back."""
        if self._user_id:
            self._world.connections[self._user_id] -= 1
            self._user_id = ""

    async def talk(self) -> Close | Gone:
        """Hold the conversation; return how the server ends it."""
        behaviour = self._behaviour
        refused = await self._refused(behaviour.on_accept) or await self._identify()
        if refused is not None:
            return refused
        await self._greet()
        ending: Close | Gone | None = None
        while ending is None:
            ending = await self._answer(await self._heard.get())
        return ending

    async def _refused(self, refusal: Refusal | Close | None) -> Close | None:
        """Send what a refusal says; return its close, if there is a refusal."""
        if not isinstance(refusal, Refusal):
            return refusal
        await self._error(refusal.code, refusal.message, refusal.details)
        return refusal.close

    async def _identify(self) -> Close | None:
        """Find out who it is, in the order in which the server checks."""
        behaviour, client = self._behaviour, self._client
        if behaviour.demo_mode:
            return self._join("demo-user-001")
        if client.malformed:
            return await self._reject("INVALID_FORMAT", "Invalid Authorization header format")
        if not client.token:
            return await self._reject("NO_TOKEN", "No JWT token found in WebSocket connection")
        verdict = judge(
            client.token,
            behaviour,
            secret=behaviour.backend_secret,
            clock_s=behaviour.backend_clock_s,
        )
        if verdict.code == "VALIDATION_FAILED":
            size, dots = len(client.token), client.token.count(".")
            message = f"Token validation failed | Debug: {size} chars, {dots} dots"
            return await self._reject(verdict.code, message)
        if verdict.code:
            return await self._reject(verdict.code, f"Token expired: {verdict.error}")
        refused = await self._refused(behaviour.on_identity)
        if refused is not None:
            return refused
        if behaviour.refused_users and re.search(behaviour.refused_users, verdict.user_id):
            problem = f"Invalid user_id format: {verdict.user_id}"
            return await self._reject("VALIDATION_FAILED", problem)
        return self._join(verdict.user_id)

    def _join(self, user_id: str) -> Close | None:
        """Take one of the user's places."""
        usual = user_id.startswith(("e2e-", "staging-e2e-user-00"))
        leaked = self._behaviour.leaked_connections if usual else 0
        if self._world.connections[user_id] + leaked >= MAX_CONNECTIONS:
            return Close(code=1008, reason="Too many concurrent connections")
        self._world.connections[user_id] += 1
        self._user_id = user_id
        return None

    async def _reject(self, code: str, message: str) -> Close:
        """Refuse the token, telling what arrived of it."""
        client = self._client
        headers = {
            "authorization_present": client.authorization_present,
            "authorization_preview": "Bearer ..." if client.authorization_present else None,
            "websocket_protocol": ", ".join(name[:12] for name in client.protocols) or None,
        }
        details = {
            "environment": "staging",
            "ssot_authentication": True,
            "error_code": code,
            "failure_context": {"auth_headers": headers},
            "token_characteristics": {
                "length": len(client.token),
                "dot_count": client.token.count("."),
            },
        }
        await self._error(code, message, details)
        return _AUTH_CLOSE

    async def _error(self, code: str, message: str, details: Mapping[str, object]) -> None:
        body = {
            "error_code": code,
            "error_message": message,
            "details": dict(details),
            "timestamp": time.time(),
            "recovery_suggestions": [],
        }
        wrapped = {"data": body} if self._behaviour.errors_in_data else body
        await self._send({"type": "error_message", **wrapped})

    async def _greet(self) -> None:
        """Send ping and welcome; the heartbeat starts first, so either may win."""
        if self._behaviour.handshake_validation:
            await self._send({"type": "handshake_validation", "timestamp": time.time()})
        frames = [_ping(), self._welcome()]
        for frame in frames if self._behaviour.ping_first else reversed(frames):
            await self._send(frame)

    def _welcome(self) -> dict[str, object]:
        user_id, now = self._user_id, time.time()
        if self._behaviour.welcome == "connect":
            data: dict[str, object] = {
                "mode": "main",
                "user_id": f"{user_id[:8]}...",
                "connection_id": f"main_{uuid.uuid4().hex[:8]}",
                "golden_path_events": list(_GOLDEN_PATH),
                "features": {},
                "timestamp": now,
            }
            return {"type": "connect", "data": data}
        data = {
            "event": "connection_established",
            "connection_id": f"ws_{user_id}_{int(now)}_{uuid.uuid4().hex[:8]}",
            "user_id": user_id,
            "server_time": now + self._behaviour.backend_clock_s,
            "connection_ready": True,
            "environment": "staging",
            "startup_complete": True,
            "config": {"heartbeat_interval": 25, "max_message_size": MAX_MESSAGE_BYTES},
            "factory_pattern_enabled": True,
        }
        return {"type": "system_message", "data": data, "timestamp": now}

    async def _answer(self, raw: str | bytes) -> Close | Gone | None:
        """Answer one message; return how the conversation ends, or None if it goes on."""
        if len(raw.encode() if isinstance(raw, str) else raw) > MAX_MESSAGE_BYTES:
            return None  # the reference system drops it without a word
        if self._too_fast():
            return Close(code=1008, reason="Rate limit exceeded")
        try:
            message = json.loads(raw)
        except ValueError:
            return await self._misunderstood("JSON_PARSE_ERROR", "Invalid JSON")
        if not isinstance(message, dict):
            return await self._misunderstood("FORMAT_ERROR", "A message must be an object")
        if message.get("jsonrpc") == "2.0":
            message = {"type": message.get("method"), "payload": message.get("params")}
        kind = str(message.get("type"))
        payload = message.get("payload")
        self._world.note(Received(service="backend", method="MESSAGE", path=kind))
        return await self._handle(kind, payload if isinstance(payload, dict) else {})

    async def _handle(self, kind: str, payload: Mapping[str, object]) -> Close | Gone | None:
        behaviour = self._behaviour
        if kind == "ping":
            await self._send({"type": "pong", "timestamp": time.time()})
        elif kind in ("pong", "heartbeat", "handshake_acknowledged"):
            pass
        elif kind not in behaviour.handled:
            await self._send(_ack(kind, self._user_id))
        elif behaviour.shadowed:
            await self._send(_received())
        elif kind == "start_agent":
            text = payload.get(behaviour.request_field)
            if not text:
                problem = f"payload.{behaviour.request_field} is required"
                return await self._misunderstood("FORMAT_ERROR", problem)
            return await self._run(str(text), behaviour.script, behaviour.shape)
        elif kind in USER_MESSAGES:
            text = next((payload[key] for key in _TEXT_FIELDS if payload.get(key)), "")
            if not text:
                await self._send({"type": "error", "message": "Please enter a message"})
                return None
            return await self._run(str(text), behaviour.script, behaviour.shape)
        else:
            return await self._run(str(payload), _GOLDEN_PATH, Shape.REQUEST_MOCK)
        return None

    async def _misunderstood(self, code: str, problem: str) -> Close | None:
        await self._error(code, problem, {"environment": "staging"})
        self._failures += 1
        if self._failures < _MAX_ROUTING_FAILURES:
            return None
        return Close(code=1000, reason="main cleanup")

    def _too_fast(self) -> bool:
        now, times = time.monotonic(), self._world.messages[self._user_id]
        times.append(now)
        while times and times[0] < now - 60:
            times.popleft()
        return len(times) > self._behaviour.rate_per_minute

    async def _run(self, text: str, script: Script, shape: Shape) -> Close | Gone | None:
        """Play a run of the pipeline."""
        behaviour = self._behaviour
        error = next(iter(behaviour.fatal_dependencies.values()), behaviour.agent_error)
        if behaviour.fatal_dependencies:
            script = ("agent_started", "agent_thinking", "agent_error")
        mock = shape in (Shape.FALLBACK_MOCK, Shape.REQUEST_MOCK)
        user_id = "user-8d11f3" if behaviour.foreign_ids else self._user_id
        agent = Agent.start(text=text, user_id=user_id, error=error)
        for item in script:
            match item:
                case Close():
                    return item
                case Act.ABORT:
                    return Gone()
                case Act():
                    await self._act(item, agent, shape)
                case str():
                    frame = event(shape, item, agent)
                    await self._send(collapsed(frame) if behaviour.collapsed_names else frame)
            await asyncio.sleep(_MOCK_GAP_S if mock else behaviour.event_gap_s)
        return None

    async def _act(self, act: Act, agent: Agent, shape: Shape) -> None:
        match act:
            case Act.SILENCE:
                await asyncio.Event().wait()
            case Act.PINGS | Act.ENDLESS:
                while True:
                    ping = act is Act.PINGS
                    await self._send(_ping() if ping else event(shape, "agent_thinking", agent))
                    await asyncio.sleep(_PING_GAP_S)
            case Act.TEXT:
                await self._socket.send_str("data: agent_started\n\n")
                await self._socket.send_str("<html><body>upstream error</body></html>")
            case Act.BINARY:
                await self._socket.send_bytes(bytes(range(256)))
            case Act.BAD_UTF8:
                await self._socket.send_frame(b'{"type":"\xff\xfe"}', WSMsgType.TEXT)
            case Act.OVERSIZED:
                await self._send({"type": "agent_thinking", "data": "x" * _OVERSIZED_BYTES})
            case Act.ABORT:
                pass  # ends the conversation; taken care of by the caller

    async def _send(self, frame: Mapping[str, object]) -> None:
        await self._socket.send_json(frame)


_GOLDEN_PATH = (
    "agent_started",
    "agent_thinking",
    "tool_executing",
    "tool_completed",
    "agent_completed",
)
_TEXT_FIELDS = ("content", "text", "message")


def _ping() -> dict[str, object]:
    now = time.time()
    beat = {"timestamp": now}
    return {
        "type": "ping",
        "data": beat,
        "timestamp": now,
        "server_id": None,
        "correlation_id": None,
    }


def _ack(kind: str, user_id: str) -> dict[str, object]:
    return {
        "type": "ack",
        "received_type": kind,
        "timestamp": time.time(),
        "user_id": user_id,
        "status": "acknowledged",
    }


def _received() -> dict[str, object]:
    data = {
        "content": "Message received",
        "original_message_id": None,
        "status": "acknowledged",
    }
    return {"type": "system_message", "data": data, "timestamp": time.time()}
