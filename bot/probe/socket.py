"""Opening a WebSocket: what the server answered, how long each phase took, and who it is."""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.http11 import Response
from websockets.typing import Subprotocol

from bot.probe.http import USER_AGENT, Headers
from bot.probe.network import connect_tcp, fit, host_and_port, resolve
from bot.probe.peer import NOBODY, Peer, peer_of
from bot.probe.proxy import Proxy, addresses_of, dial, open_tunnel
from bot.probe.trouble import NETWORK_ERRORS, Trouble, trouble_in, trouble_of

# A server that does not answer our close frame is not waited for longer.
_CLOSE_TIMEOUT_S = 0.5
_SWITCHING_PROTOCOLS = 101


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """How a socket is to be opened: everything but the clock."""

    url: str
    headers: Headers = ()
    subprotocols: tuple[str, ...] = ()
    tls: ssl.SSLContext | None = None
    proxy: Proxy | None = None
    max_frame_bytes: int = 1_048_576
    allow_link_local: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How opening a socket went: a `connection`, or the answer or trouble instead of one."""

    latency_ms: float
    connection: ClientConnection | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    trouble: Trouble | None = None
    phases: Mapping[str, float] = field(default_factory=dict)
    """Milliseconds of dns, tcp, tls and upgrade."""
    peer: Peer = NOBODY

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")


class _Phases:
    """What is being waited for, and how long the phases before it took."""

    def __init__(self) -> None:
        self.clock = asyncio.get_running_loop().time
        self.began = self._last = self.clock()
        self.done: dict[str, float] = {}
        self.waiting_for = "the host's address"

    def end(self, phase: str, *, then: str = "") -> None:
        now = self.clock()
        self.done[phase] = round((now - self._last) * 1000, 2)
        self._last = now
        self.waiting_for = then

    @property
    def total_ms(self) -> float:
        return round((self.clock() - self.began) * 1000, 2)


class _Dialling(connect):
    """websockets' way of connecting, with our addresses, times, and no redirects followed."""

    def __init__(self, door: Door, phases: _Phases) -> None:
        super().__init__(
            door.url,
            subprotocols=[Subprotocol(name) for name in door.subprotocols] or None,
            additional_headers=[(name, _wire(value)) for name, value in door.headers],
            user_agent_header=USER_AGENT,
            max_size=door.max_frame_bytes,
            compression=None,
            proxy=None,
            open_timeout=None,
            ping_interval=None,
            close_timeout=_CLOSE_TIMEOUT_S,
        )
        if self.ws_uri.secure:
            self.create_connection_kwargs["ssl"] = door.tls
        self._door = door
        self._phases = phases

    async def open_tcp_connection(self) -> ClientConnection:
        door, phases = self._door, self._phases
        host, port = host_and_port(door.url)
        if door.proxy is not None:
            sock = await self._through(door.proxy, host, port)
        else:
            addresses = await resolve(host, port)
            phases.end("dns", then="a connection")
            sock = await connect_tcp(addresses if door.allow_link_local else fit(addresses))
        self.create_connection_kwargs["sock"] = sock
        phases.end("tcp", then="the TLS handshake")
        connection = await super().open_tcp_connection()
        if self.ws_uri.secure:
            phases.end("tls")
        phases.waiting_for = "the answer to the upgrade"
        return connection

    async def _through(self, proxy: Proxy, host: str, port: int) -> socket.socket:
        """Return a socket that leads to `host` through `proxy`."""
        self._phases.waiting_for = "the proxy's address"
        addresses = await addresses_of(proxy)
        self._phases.end("dns", then="a connection to the proxy")
        sock = await dial(proxy, addresses)
        self._phases.waiting_for = "the proxy to reach the target"
        opened = False
        try:
            await open_tunnel(proxy, sock, host, port)
            opened = True
        finally:
            if not opened:
                sock.close()
        return sock

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


async def open_socket(door: Door, *, deadline: float) -> Opening:
    """Open `door`, by `deadline` (loop time) at the latest; never raises for the target's doing."""
    phases = _Phases()
    try:
        async with asyncio.timeout_at(deadline):
            connection = await _Dialling(door, phases)
    except InvalidStatus as error:
        return _refused(error.response, phases)
    except NETWORK_ERRORS as error:
        trouble = trouble_of(error, waiting_for=phases.waiting_for)
        return Opening(latency_ms=phases.total_ms, trouble=trouble, phases=phases.done)
    phases.end("upgrade")
    tls: ssl.SSLObject | None = connection.transport.get_extra_info("ssl_object")
    return Opening(
        latency_ms=phases.total_ms,
        connection=connection,
        status=_SWITCHING_PROTOCOLS,
        headers={} if connection.response is None else _headers(connection.response),
        phases=phases.done,
        peer=peer_of(connection.remote_address, tls),
    )


def _refused(response: Response, phases: _Phases) -> Opening:
    phases.end("upgrade")
    headers = _headers(response)
    return Opening(
        latency_ms=phases.total_ms,
        status=response.status_code,
        headers=headers,
        body=bytes(response.body).decode("utf-8", "replace"),
        trouble=trouble_in(response.status_code, headers),
        phases=phases.done,
    )


def _headers(response: Response) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.raw_items()}


def _wire(value: str) -> str:
    # websockets writes header values as ISO-8859-1; this way UTF-8 is what reaches the wire.
    return value.encode().decode("iso-8859-1")
