"""Going through an HTTP proxy of our own: a tunnel by CONNECT, and what the proxy itself says.

Everything goes through a tunnel, plain HTTP too. So whatever arrives inside it is the target's
doing, and whatever keeps the tunnel from opening is told by the proxy: the two are never confused.
"""

import asyncio
import base64
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import httpcore

from bot.probe.network import Address, connect_tcp, host_and_port, resolve
from bot.target import Target

# A proxy explains itself in a few hundred bytes.
_MOST_HEAD_BYTES = 16_384
_CHUNK = 4_096
_TITLE = re.compile(rb"<title[^>]*>([^<]{1,100})", re.IGNORECASE)
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ?([^\r\n]*)")
# The proxy wants to know who we are, or does not let us: nothing to do with the target.
_OUR_STATUSES = (*range(300, 400), 401, 403, 405, 407, 429, 451, 511)
# Long enough for a page that follows its headers; only a proxy that announces one is waited for.
_PAGE_S = 0.3
# What no tunnel begins with (RFC 9110, 9.3.6), and the page of a proxy does.
_ANNOUNCES = re.compile(
    rb"\n(?:content-length: *[1-9]|transfer-encoding:|content-type:)", re.IGNORECASE
)
# What a proxy that says nothing may as well have said.
_BAD_GATEWAY, _GATEWAY_TIMEOUT = 502, 504
# Of the time that a step has.
_PATIENCE = 0.8


Read: TypeAlias = Callable[[], Awaitable[bytes]]
"""Returns the next bytes that the proxy sends; none when it has closed the connection."""


class ProxyTrouble(OSError):
    """The proxy could not be used; `status` is what it answered, None if it did not answer."""

    def __init__(self, text: str, *, status: int | None = None) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """Where the proxy is, and what is said to it."""

    host: str
    port: int
    authorization: str = field(default="", repr=False)
    patience_s: float = 10.0
    """How long it may take to lead to the target; less than a step, so that it is told apart."""

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    def connect_request(self, host: str, port: int) -> bytes:
        """Return the request for a tunnel to `host`."""
        name = f"[{host}]" if ":" in host else host
        lines = [f"CONNECT {name}:{port} HTTP/1.1", f"Host: {name}:{port}"]
        if self.authorization:
            lines.append(f"Proxy-Authorization: {self.authorization}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii", "replace")


def proxy_of(target: Target) -> Proxy | None:
    """Return the proxy of `target`, None if it has none."""
    if not target.proxy:
        return None
    host, port = host_and_port(target.proxy)
    held = target.proxy_credentials.value if target.proxy_credentials else None
    encoded = base64.b64encode((held or "").strip().encode()).decode()
    return Proxy(
        host=host,
        port=port,
        authorization=f"Basic {encoded}" if held else "",
        patience_s=target.timeouts.step_s * _PATIENCE,
    )


async def addresses_of(proxy: Proxy) -> list[Address]:
    """Look the proxy's own name up; ProxyTrouble if it has no address."""
    try:
        return await resolve(proxy.host, proxy.port)
    except (OSError, UnicodeError) as error:
        raise ProxyTrouble(f"the name of the proxy {proxy.address} is unknown: {error}") from error


async def dial(proxy: Proxy, addresses: list[Address]) -> socket.socket:
    """Return a socket to the proxy; ProxyTrouble if it cannot be reached."""
    try:
        return await connect_tcp(addresses)
    except OSError as error:
        raise ProxyTrouble(f"the proxy {proxy.address} cannot be reached: {_deepest(error)}") from (
            error
        )


async def open_tunnel(proxy: Proxy, sock: socket.socket, host: str, port: int) -> None:
    """Make `sock`, which leads to the proxy, lead to `host`; ProxyTrouble if that is refused."""
    loop = asyncio.get_running_loop()
    async with _patience(proxy):
        await loop.sock_sendall(sock, proxy.connect_request(host, port))
        await _opened(proxy, lambda: loop.sock_recv(sock, _CHUNK))


class TunnelBackend(httpcore.AsyncNetworkBackend):
    """httpcore's way to the network, through the proxy."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Return a stream to `host` through the proxy; ProxyTrouble if there is no way."""
        proxy = self._proxy
        try:
            stream = await self._inner.connect_tcp(
                proxy.host, proxy.port, timeout, local_address, socket_options
            )
        except (httpcore.ConnectError, OSError) as error:
            text = f"the proxy {proxy.address} cannot be reached: {_deepest(error)}"
            raise ProxyTrouble(text) from error
        opened = False
        try:
            async with _patience(proxy):
                await stream.write(proxy.connect_request(host, port))
                await _opened(proxy, lambda: stream.read(_CHUNK))
            opened = True
        except (httpcore.ReadError, httpcore.WriteError) as error:
            text = f"the proxy {proxy.address} dropped the connection: {_deepest(error)}"
            raise ProxyTrouble(text) from error
        finally:
            if not opened:
                await stream.aclose()
        return stream


@asynccontextmanager
async def _patience(proxy: Proxy) -> AsyncIterator[None]:
    """Raise ProxyTrouble where the proxy says nothing: it may be stuck, or still be trying."""
    try:
        async with asyncio.timeout(proxy.patience_s):
            yield
    except TimeoutError as error:
        text = f"the proxy {proxy.address} gave no answer to CONNECT in {proxy.patience_s:g} s"
        raise ProxyTrouble(text, status=_GATEWAY_TIMEOUT) from error


async def _opened(proxy: Proxy, read: Read) -> None:
    """Return once the tunnel is open; ProxyTrouble if the proxy answers anything else."""
    head, _, early = (await _head(read)).partition(b"\r\n\r\n")
    _judge(proxy, head)
    is_page = bool(early)
    if not early and _ANNOUNCES.search(head):
        try:
            async with asyncio.timeout(_PAGE_S):
                early = await read()
            is_page = True
        except TimeoutError:
            return
    # Whoever opened the tunnel speaks first in it, with HTTP as with TLS; so this is the proxy.
    if is_page:
        title = _TITLE.search(early)
        named = f": “{title[1].decode('utf-8', 'replace').strip()}”" if title else ""
        raise ProxyTrouble(
            f"the proxy {proxy.address} answers CONNECT with a page of its own, not a tunnel{named}"
        )


async def _head(read: Read) -> bytes:
    """Read the proxy's answer up to the end of its headers."""
    head = b""
    while b"\r\n\r\n" not in head and len(head) < _MOST_HEAD_BYTES:
        try:
            chunk = await read()
        except ConnectionError as error:
            raise ProxyTrouble(f"the proxy dropped the connection: {error}") from error
        if not chunk:
            break
        head += chunk
    return head


def _judge(proxy: Proxy, head: bytes) -> None:
    """Raise ProxyTrouble unless the proxy opened the tunnel."""
    if not head:
        # Some proxies do so when they do not get to where they were sent.
        text = f"the proxy {proxy.address} closed the connection without an answer"
        raise ProxyTrouble(text, status=_BAD_GATEWAY)
    found = _STATUS.match(head)
    if found is None:
        raise ProxyTrouble(f"what answers at {proxy.address} is no HTTP proxy")
    status, words = int(found[1]), found[2].decode("latin-1").strip()
    if not 200 <= status < 300:
        text = f"the proxy {proxy.address} answers {status} {words}".rstrip()
        raise ProxyTrouble(f"{text} to CONNECT", status=status)


def is_about_us(status: int | None) -> bool:
    """Tell whether a proxy's `status` is about us, and not about what lies behind it."""
    return status is None or status in _OUR_STATUSES


def _deepest(error: BaseException) -> str:
    while True:
        if isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        elif inner := error.__cause__:
            error = inner
        else:
            return str(error) or type(error).__name__
