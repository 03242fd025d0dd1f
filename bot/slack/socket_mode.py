"""Socket Mode: the connections over which Slack delivers, and a watchdog that keeps them alive.

slack_sdk's aiohttp client asks for a fresh address when the socket closes, but when the handshake
itself fails it tries the same used-up address for ever. The watchdog makes it ask again; if that
does not help it builds the connection anew, and in the end it gives up, so that whoever runs the
process can start it again.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from math import log2

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import DeliveryError, Unavailable
from bot.slack.answers import Accepted, Limited, Lost, Refused, call
from bot.slack.client import UNREACHED, quiet_logger
from bot.slack.hosts import is_local
from bot.slack.tasks import Tasks

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a connection may be down, in seconds, before the next thing is tried."""

    look_s: float = 0.5
    address_s: float = 2.0
    """Then a new address is asked for, and again after twice as long each time."""
    hang_s: float = 6.0
    """Then the connection is built anew: what waits for an answer asks for no other address."""
    rebuild_s: float = 60.0
    """Then it is built anew again, and after each such time."""
    give_up_s: float = 600.0
    connect_s: float = 15.0
    """For the first connection, when the process starts."""
    ping_s: float = 2.5
    """Between two pings, and between two attempts of the library to connect."""
    close_s: float = 3.0


@dataclass(slots=True)
class _Line:
    """One connection, by number, and since when it is down."""

    number: int
    handler: AsyncSocketModeHandler
    down_s: float = 0.0
    connecting: asyncio.Task[None] | None = field(default=None)


class SocketLink:
    """Receives what Slack delivers over `connections` sockets, of which one is always open.

    With two, Slack can renew one while the other listens. `lost` is set when it is given up.
    """

    def __init__(
        self,
        bolt: AsyncApp,
        client: AsyncWebClient,
        *,
        app_token: str,
        connections: int = 2,
        patience: Patience | None = None,
    ) -> None:
        self.lost = asyncio.Event()
        self._bolt = bolt
        self._client = client
        self._app_token = app_token
        self._connections = connections
        self._patience = patience or Patience()
        self._lines: list[_Line] = []
        self._tasks = Tasks()
        self._watch: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect; DeliveryError if Slack refuses the app token or cannot be reached."""
        try:
            async with asyncio.timeout(self._patience.connect_s):
                for number in range(self._connections):
                    line = _Line(number=number, handler=self._handler())
                    self._lines.append(line)
                    # Asked here, because the client would repeat a refused token for ever.
                    line.handler.client.wss_uri = await self._address()
                    await _connect(line.handler)
        except TimeoutError as error:
            raise DeliveryError(
                "Slack's Socket Mode did not connect.", hint="Is wss://… allowed out of here?"
            ) from error
        self._watch = self._tasks.start(
            self._keep_alive(), name="socket mode watchdog", regret=self._give_up
        )

    async def close(self) -> None:
        """Stop listening; what was delivered is still answered by the listeners."""
        if self._watch is not None:
            self._watch.cancel()
        for line in self._lines:
            await self._drop(line)
        await self._tasks.close(deadline_s=1.0)

    async def check(self) -> None:
        """Raise Unavailable unless at least one connection is open."""
        for line in self._lines:
            if await line.handler.client.is_connected():
                return
        raise Unavailable("No Socket Mode connection to Slack is open.")

    async def _keep_alive(self) -> None:
        while not self.lost.is_set():
            await asyncio.sleep(self._patience.look_s)
            for line in self._lines:
                await self._look_after(line)
            if min(line.down_s for line in self._lines) >= self._patience.give_up_s:
                log.error("socket mode given up", after_s=self._patience.give_up_s)
                self.lost.set()

    async def _give_up(self, broken: BaseException) -> None:
        log.error("the watchdog of socket mode broke", error=repr(broken))
        self.lost.set()

    async def _look_after(self, line: _Line) -> None:
        if await line.handler.client.is_connected():
            line.down_s = 0.0
            return
        before, line.down_s = line.down_s, line.down_s + self._patience.look_s
        patience = self._patience
        hangs = before < patience.hang_s <= line.down_s
        if hangs or _passed(before, line.down_s, every=patience.rebuild_s):
            log.warning("socket mode connection built anew", number=line.number)
            await self._drop(line)
            line.handler = self._handler()
            line.connecting = self._tasks.start(
                _connect(line.handler), name=f"socket mode {line.number}"
            )
        elif _doubled(before, line.down_s, first=patience.address_s):
            log.info("socket mode asks for a new address", number=line.number)
            line.handler.client.wss_uri = None

    async def _drop(self, line: _Line) -> None:
        if line.connecting is not None:
            line.connecting.cancel()
        with suppress(TimeoutError):  # the other side may never say goodbye
            async with asyncio.timeout(self._patience.close_s):
                await _close(line.handler)

    async def _address(self) -> str:
        # slack_sdk sends a `token` in the header, in place of the client's own.
        payload = {"token": self._app_token}
        timeout_s = self._patience.connect_s
        match await call(self._client, "apps.connections.open", payload, timeout_s=timeout_s):
            case Accepted(data=data):
                return str(data["url"])
            case Refused(error=error):
                raise DeliveryError(
                    "Slack does not accept our app token.",
                    hint=f"It needs the scope connections:write. ({error.code})",
                    permanent=True,
                    code=error.code,
                )
            case Limited(retry_after_s=retry_after_s):
                raise DeliveryError(f"Slack asks to wait {retry_after_s:.0f} s before connecting.")
            case Lost(reason=reason):
                raise DeliveryError(
                    f"Slack does not answer at {self._client.base_url}: {reason}.", hint=UNREACHED
                )

    def _handler(self) -> AsyncSocketModeHandler:
        handler = AsyncSocketModeHandler(
            self._bolt,
            self._app_token,
            logger=quiet_logger(),
            web_client=self._client,
            ping_interval=self._patience.ping_s,
        )
        if is_local(self._client.base_url):
            handler.client.proxy = None
        return handler


async def _connect(handler: AsyncSocketModeHandler) -> None:
    await handler.connect_async()  # type: ignore[no-untyped-call]  # slack_bolt leaves it untyped


async def _close(handler: AsyncSocketModeHandler) -> None:
    await handler.close_async()  # type: ignore[no-untyped-call]  # slack_bolt leaves it untyped


def _passed(before: float, now: float, *, every: float) -> bool:
    return now // every > before // every


def _doubled(before: float, now: float, *, first: float) -> bool:
    """Whether `first`, or that doubled again and again, was passed."""
    return now >= first and (before < first or int(log2(now / first)) > int(log2(before / first)))
