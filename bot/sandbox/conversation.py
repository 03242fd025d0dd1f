"""What the backend says on an accepted socket: errors, greeting, answers to requests."""

import asyncio
import json
import re
import time
from collections.abc import Mapping
from dataclasses import replace

from aiohttp import web

from bot.sandbox.behaviour import (
    GOLDEN_PATH,
    USER_MESSAGES,
    Close,
    Era,
    Refusal,
    Script,
    Shape,
)
from bot.sandbox.dress import say
from bot.sandbox.messages import (
    MAX_MESSAGE_BYTES,
    Client,
    ack,
    error_message,
    message_received,
    ping,
    rejection,
    service_info,
    thread_announced,
    welcome,
)
from bot.sandbox.performance import Gone, perform
from bot.sandbox.stream import Agent
from bot.sandbox.tokens import judge
from bot.sandbox.world import Received, World

MAX_CONNECTIONS = 3
_MAX_ROUTING_FAILURES = 5
_POLICY = 1008
_AUTH_CLOSE = Close(code=_POLICY, reason="SSOT Auth failed")
_TEXT_FIELDS = ("content", "text", "message")
_OLD_REQUEST = "What does our cloud cost?"
_UNANSWERED = ("pong", "heartbeat", "handshake_acknowledged")
# Whose connections a fault lets leak; a fresh user is not among them.
_USUAL_USERS = ("e2e-", "staging-e2e-user-00")


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

    def hear(self, message: str | bytes) -> None:
        """Take in one message of the client."""
        self._heard.put_nowait(message)

    def leave(self) -> None:
        """Give the user's place back; leaving twice does nothing."""
        if self._user_id:
            self._world.connections[self._user_id] -= 1
            self._user_id = ""

    async def talk(self) -> Close | Gone:
        """Hold the conversation; return how the server ends it."""
        refused = await self._refused(self._behaviour.on_accept) or await self._identify()
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
        return refusal.close or Close(code=1000)

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
        if refused := await self._refused(behaviour.on_identity):
            later = behaviour.era is Era.INTERNAL_CLOSE and refused.code == _POLICY
            return replace(refused, code=1011) if later else refused
        if behaviour.refused_users and re.search(behaviour.refused_users, verdict.user_id):
            problem = f"Invalid user_id format: {verdict.user_id}"
            return await self._reject("VALIDATION_FAILED", problem)
        return self._join(verdict.user_id)

    def _join(self, user_id: str) -> Close | None:
        """Take one of the user's places."""
        leaked = self._behaviour.leaked_connections if user_id.startswith(_USUAL_USERS) else 0
        if self._world.connections[user_id] + leaked >= MAX_CONNECTIONS:
            return Close(code=1008, reason="Too many concurrent connections")
        self._world.connections[user_id] += 1
        self._user_id = user_id
        return None

    async def _reject(self, code: str, message: str) -> Close:
        """Refuse the token the way of the era, telling what arrived of it."""
        details = rejection(code, self._client)
        match self._behaviour.era:
            case Era.ACCEPT_FIRST:
                error = {"error": message, "message": message, "code": code}
                await self._send({"type": "error", "data": error})
                return Close(code=_POLICY, reason="Auth failed")
            case Era.AUTH_REQUIRED:
                text = "Authentication failed: Valid JWT token required for WebSocket connection"
                seen = {"environment": "staging", "error": message}
                await self._error("AUTH_REQUIRED", text, seen)
                return Close(code=_POLICY, reason="Authentication failed")
            case Era.MAIN_MODE:
                told: dict[str, object] = {**details, "error_code": "AUTH_FAILED", "error": message}
                await self._error("AUTH_FAILED", "WebSocket authentication failed", told)
                return Close(code=_POLICY, reason="Authentication failed")
            case era:
                await self._error(code, message, details)
                later = era is Era.INTERNAL_CLOSE
                return replace(_AUTH_CLOSE, code=1011) if later else _AUTH_CLOSE

    async def _greet(self) -> None:
        """Send ping and welcome; the heartbeat starts first, so either may win."""
        behaviour = self._behaviour
        await asyncio.sleep(behaviour.pause("welcome"))
        if behaviour.handshake_validation:
            await self._send({"type": "handshake_validation", "timestamp": time.time()})
        for _ in range(behaviour.extra_pings):
            await self._send(ping())
        greeting = welcome(behaviour.welcome, self._user_id, ahead_s=behaviour.backend_clock_s)
        frames = [ping(), greeting]
        for frame in frames if behaviour.ping_first else reversed(frames):
            await self._send(frame)
        if behaviour.service_info:
            await self._send(service_info())
        if behaviour.announces_thread:
            for frame in thread_announced():
                await self._send(frame)

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
        if kind in _UNANSWERED:
            return None
        if kind == "ping":
            await self._send({"type": "pong", "timestamp": time.time()})
        elif kind not in behaviour.handled and behaviour.refuses_unknown:
            return await self._misunderstood("FORMAT_ERROR", f"Unknown message type: {kind}")
        elif kind not in behaviour.handled:
            await self._send(ack(kind, self._user_id))
        elif behaviour.shadowed:
            await self._send(message_received())
        elif kind == "agent_request":
            return await self._perform(str(payload), GOLDEN_PATH, Shape.REQUEST_MOCK)
        elif text := _text(
            payload, _TEXT_FIELDS if kind in USER_MESSAGES else (behaviour.request_field,)
        ):
            return await self._perform(text, behaviour.script, behaviour.shape)
        elif kind in USER_MESSAGES:
            await self._send({"type": "error", "message": "Please enter a message"})
        else:
            problem = f"payload.{behaviour.request_field} is required"
            return await self._misunderstood("FORMAT_ERROR", problem)
        return None

    async def _perform(self, text: str, script: Script, shape: Shape) -> Close | Gone | None:
        behaviour = self._behaviour
        error = behaviour.agent_error
        if behaviour.fatal_dependencies:
            error = next(iter(behaviour.fatal_dependencies.values()))
            script = ("agent_started", "agent_thinking", "agent_error")
        user_id = "user-8d11f3" if behaviour.foreign_ids else self._user_id
        if behaviour.stale_answer:
            text = _OLD_REQUEST
        said = f"{behaviour.flourish}{text}{'.' * behaviour.padding_chars}"
        agent = Agent.start(text=said, user_id=user_id, error=error)
        return await perform(self._socket, script, agent, shape=shape, behaviour=behaviour)

    async def _misunderstood(self, code: str, problem: str) -> Close | None:
        await self._error(code, problem, {"environment": "staging"})
        self._failures += 1
        if self._failures < _MAX_ROUTING_FAILURES:
            return None
        return Close(code=1000, reason="main cleanup")

    def _too_fast(self) -> bool:
        now, times = time.monotonic(), self._world.messages[self._user_id]
        times.append(now)
        while times[0] < now - 60:
            times.popleft()
        return len(times) > self._behaviour.rate_per_minute

    async def _error(self, code: str, message: str, details: Mapping[str, object]) -> None:
        in_data = self._behaviour.errors_in_data
        await self._send(error_message(code, message, details, in_data=in_data))

    async def _send(self, frame: Mapping[str, object]) -> None:
        await say(self._socket, frame, self._behaviour)


def _text(payload: Mapping[str, object], fields: tuple[str, ...]) -> str:
    """Return the first of `fields` that holds something, as text."""
    return str(next((payload[name] for name in fields if payload.get(name)), ""))
