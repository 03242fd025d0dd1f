"""A proxy of the client's own side: tunnels by CONNECT, or a refusal."""

import asyncio
from contextlib import suppress
from http import HTTPStatus
from types import TracebackType
from typing import Self

from bot.sandbox.world import World

_HOST = "127.0.0.1"
_CHUNK = 65_536
_LONGEST_S = 600.0
_HEAD_S = 10.0


class Proxy:
    """Listens on `port` while it is open; what it answers is `Behaviour.proxy_status`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tunnels: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, _HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()
        for tunnel in self._tunnels:
            tunnel.cancel()
        await asyncio.gather(*self._tunnels, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tunnels.add(task)
        try:
            async with asyncio.timeout(_LONGEST_S):
                await self._answer(reader, writer)
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass  # one of the two is gone, spoke no CONNECT, or the simulator stops
        finally:
            writer.transport.abort()
            self._tunnels.discard(task)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(_HEAD_S):
            head = await reader.readuntil(b"\r\n\r\n")
        method, where, *_ = head.decode("latin-1").split()
        behaviour = self._world.behaviour
        status = behaviour.proxy_status if method == "CONNECT" else 405
        if status == 200 and (page := behaviour.proxy_page.encode()):
            kind = f"content-type: text/html\r\ncontent-length: {len(page)}"
            writer.write(f"HTTP/1.1 200 OK\r\n{kind}\r\n\r\n".encode() + page)
            await writer.drain()
            return
        if status != 200:
            words = HTTPStatus(status).phrase
            writer.write(f"HTTP/1.1 {status} {words}\r\ncontent-length: 0\r\n\r\n".encode())
            await writer.drain()
            return
        host, _, port = where.rpartition(":")
        async with asyncio.timeout(_HEAD_S):
            far_reader, far_writer = await asyncio.open_connection(host.strip("[]"), int(port))
        try:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(_pipe(reader, far_writer), _pipe(far_reader, writer))
        finally:
            far_writer.transport.abort()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    async with asyncio.timeout(_LONGEST_S):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
    with suppress(OSError):
        writer.write_eof()
