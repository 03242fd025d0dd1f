"""Socket Mode: one-time addresses, connections, envelopes and their acks."""

import asyncio
import json
import secrets
import uuid
from contextlib import suppress
from dataclasses import dataclass, field

from aiohttp import WSCloseCode, WSMsgType, web

from bot.sandbox.slack.workspace import Json, Refusal, Workspace

CONNECTIONS_MOST = 10  # docs.slack.dev, Socket Mode
PATH = "/link/"


@dataclass(slots=True, eq=False)
class Connection:
    """One WebSocket of the app, and the acks that are still awaited on it."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    waiting: dict[str, asyncio.Future[Json]] = field(default_factory=dict)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, frame: Json) -> None:
        async with asyncio.timeout(5):
            await self.socket.send_str(json.dumps(frame))

    async def dismiss(self, reason: str) -> None:
        """Ask the app to go; if it is gone already, so much the better."""
        frame = {"type": "disconnect", "reason": reason, "debug_info": {"host": "minislack"}}
        with suppress(ConnectionError, TimeoutError):
            await self.send(frame)

    async def close(self) -> None:
        """Close, and wait a moment for the app to say that it heard."""
        with suppress(TimeoutError):
            async with asyncio.timeout(2):
                await self.socket.close(code=WSCloseCode.GOING_AWAY)


@dataclass(slots=True)
class Sockets:
    """Every open Socket Mode connection of the app; any one of them gets an envelope."""

    workspace: Workspace
    tickets: set[str] = field(default_factory=set)
    connections: list[Connection] = field(default_factory=list)
    opened: int = 0
    """How many connections were ever made, to see an app come back."""
    stopping: bool = False
    _turn: int = 0

    def open_url(self) -> str:
        """A new address to connect to; it works once."""
        ticket = secrets.token_urlsafe(16)
        self.tickets.add(ticket)
        base = self.workspace.base_url.replace("http://", "ws://", 1)
        return f"{base}{PATH}?ticket={ticket}&app_id={self.workspace.app_id}"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Hold one connection until either side ends it."""
        ticket = request.query.get("ticket", "")
        if self.stopping or ticket not in self.tickets:
            # A used or unknown address is refused for good: the app has to ask for a new one.
            return web.Response(status=408, text="expired link")
        self.tickets.discard(ticket)
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        connection = Connection(socket, request.transport)
        self.opened += 1
        if len(self.connections) >= CONNECTIONS_MOST:
            await connection.dismiss("too_many_websockets")
            await connection.close()
            return socket
        self.connections.append(connection)
        try:
            await connection.send(self._hello())
            self.workspace.touch()
            await self._read(connection)
        finally:
            self._forget(connection)
        return socket

    async def deliver(self, type: str, payload: Json, retry: tuple[int, str]) -> Json:
        """Send an envelope to one connection and await its ack; returns the ack's payload.

        Raises Refusal when the connection ends first.
        """
        self._turn += 1
        connection = self.connections[self._turn % len(self.connections)]
        envelope: dict[str, Json] = {
            "envelope_id": str(uuid.uuid4()),
            "type": type,
            "payload": payload,
            "accepts_response_payload": type != "events_api",
        }
        if type == "events_api":
            envelope |= {"retry_attempt": retry[0], "retry_reason": retry[1]}
        ack: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        connection.waiting[envelope["envelope_id"]] = ack
        try:
            await connection.send(envelope)
            return await ack
        except (ConnectionError, TimeoutError) as error:
            raise Refusal("dispatch_failed") from error
        finally:
            connection.waiting.pop(envelope["envelope_id"], None)

    async def disconnect(self, reason: str, *, grace_s: float) -> None:
        """Ask every connection to go; the ones that stay longer than `grace_s` are closed."""
        asked = tuple(self.connections)
        for connection in asked:
            await connection.dismiss(reason)
        try:
            async with asyncio.timeout(grace_s):
                await asyncio.gather(*(connection.gone.wait() for connection in asked))
        except TimeoutError:
            for connection in asked:
                self._forget(connection)
                await connection.close()

    def cut(self) -> None:
        """End every connection without a word, as a failing network does."""
        for connection in tuple(self.connections):
            self._forget(connection)
            if connection.transport is not None:
                connection.transport.abort()

    async def stop(self) -> None:
        self.stopping = True
        for connection in tuple(self.connections):
            self._forget(connection)
            await connection.close()

    async def _read(self, connection: Connection) -> None:
        async for frame in connection.socket:
            if frame.type is not WSMsgType.TEXT:
                continue
            try:
                said = json.loads(frame.data)
            except json.JSONDecodeError:
                continue
            if not isinstance(said, dict):
                continue
            ack = connection.waiting.get(str(said.get("envelope_id")))
            if ack is not None and not ack.done():
                ack.set_result(said.get("payload"))

    def _forget(self, connection: Connection) -> None:
        if connection in self.connections:
            self.connections.remove(connection)
        connection.gone.set()
        for ack in connection.waiting.values():
            if not ack.done():
                ack.set_exception(Refusal("dispatch_failed"))
        self.workspace.touch()

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.connections),
            "connection_info": {"app_id": self.workspace.app_id},
            "debug_info": {
                "host": "minislack",
                "build_number": 1,
                "approximate_connection_time": 18060,
            },
        }
