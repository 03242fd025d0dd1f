"""Where the HTTP server listens, and how it answers whoever connects, whatever they send."""

import asyncio
import logging
from typing import Any

import structlog
from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

log = structlog.get_logger(__name__)

IDLE_S = 30.0
SERVER = "stagecheck"
"""What every answer says of us: no versions, which tell what might be weak."""


async def name_server(_: web.Request, response: web.StreamResponse) -> None:
    """Say who answers; aiohttp would name itself and Python, with their versions."""
    response.headers["Server"] = SERVER


class Site(web.TCPSite):
    """Where we listen; each connection has to come to the point."""

    def __init__(self, runner: web.AppRunner, host: str, port: int, head_s: float) -> None:
        super().__init__(runner, host, port)
        self._where, self._head_s = (host, port), head_s

    async def start(self) -> None:
        await web.BaseSite.start(self)
        serving, loop = self._runner.server, asyncio.get_running_loop()
        assert serving is not None  # the runner was set up
        self._server = await loop.create_server(
            lambda: _Impatient(_Answering(serving, loop=loop, **_HOW), self._head_s), *self._where
        )


class _Impatient(asyncio.Protocol):
    """Passes everything on, and cuts off who does not end the head of a first request in time.

    aiohttp bounds how large a head is, but not how long it takes: a few strangers who send a
    letter a minute could take every connection there is.
    """

    def __init__(self, inner: asyncio.Protocol, head_s: float) -> None:
        self._inner, self._head_s = inner, head_s
        self._tail = b""
        self._waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        loop = asyncio.get_running_loop()
        self._waiting = loop.call_later(self._head_s, transport.abort)
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self._waiting is not None:
            seen = self._tail + data
            self._tail = seen[-3:]
            if b"\r\n\r\n" in seen:
                self._stop_waiting()
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None


class _Answering(web.RequestHandler):
    """Answers; that strangers send what is no HTTP is no error of ours, and takes no traceback."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if status >= 500:
            answer = super().handle_error(request, status, exc, message)
        elif request.writer.output_size > 0:
            raise ConnectionError("Something was answered already.")
        else:
            answer = web.Response(status=status, text="This cannot be read as HTTP.\n")
            answer.force_close()
        answer.headers["Server"] = SERVER
        return answer


class AccessLog(AbstractAccessLogger):
    """One line per request, without query strings: they may hold what is not for logs."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        log.info(
            "request",
            method=request.method,
            path=request.path,
            status=response.status,
            seconds=round(time, 3),
        )


_HOW: dict[str, Any] = {
    "access_log_class": AccessLog,
    "access_log": logging.getLogger(__name__),
    "keepalive_timeout": IDLE_S,
}
