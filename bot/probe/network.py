"""What the checks of one process share: certificate authorities, and how a host is reached."""

import asyncio
import socket
import ssl
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias
from urllib.parse import urlsplit

import httpcore
import httpx

from bot.target import unfit_address

Address: TypeAlias = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[object, ...]]
"""One line of `getaddrinfo`."""

# An address that takes longer gives way to the next one; the last may use all the time there is.
_ADDRESS_PATIENCE_S = 2.0
_MOST_CONNECTIONS = 16
_KEPT_S = 30.0
_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


class UnfitAddress(OSError):
    """A target's name leads where no target is looked for; nothing was said there."""

    def __init__(self, address: str, why: str) -> None:
        super().__init__(
            f"its name leads to {address}, {why}; that is asked for nothing unless"
            " allow_link_local is set for this target"
        )


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """httpcore's way to the network; says nothing to an address where no target can be.

    Judged is where the connection leads, and not what the name led to a moment before.
    """

    def __init__(self, inner: httpcore.AsyncNetworkBackend | None = None) -> None:
        self._inner = inner or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Return a stream to `host`; UnfitAddress if it leads where no target can be."""
        if why := unfit_address(host):
            raise UnfitAddress(host, why)
        stream = await self._inner.connect_tcp(host, port, timeout, local_address, socket_options)
        address = str((stream.get_extra_info("server_addr") or ("",))[0])
        if why := unfit_address(address):
            await stream.aclose()
            raise UnfitAddress(address, why)
        return stream


class _Remembering(httpcore.AsyncNetworkBackend):
    """A way to the network that can close whatever it opened."""

    def __init__(self, inner: httpcore.AsyncNetworkBackend) -> None:
        self._inner = inner
        self._opened: list[httpcore.AsyncNetworkStream] = []

    async def connect_tcp(
        self, host: str, port: int, *how: Any, **more: Any
    ) -> httpcore.AsyncNetworkStream:
        stream = await self._inner.connect_tcp(host, port, *how, **more)
        self._opened.append(stream)
        return stream

    async def aclose(self) -> None:
        for stream in self._opened:
            await stream.aclose()


class Connections(httpx.AsyncHTTPTransport):
    """A pool of HTTP connections of which none is left open."""

    def __init__(
        self, context: ssl.SSLContext, backend: httpcore.AsyncNetworkBackend | None = None
    ) -> None:
        """Make none yet; they are made by `backend`, such as one that goes through a proxy."""
        super().__init__(verify=context, trust_env=False)
        self._backend = _Remembering(backend or httpcore.AnyIOBackend())
        # httpx has no setting for the way to the network. Its own through a proxy sends plain HTTP
        # without a tunnel, and then nobody can tell the proxy's answer from the target's.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=_MOST_CONNECTIONS,
            keepalive_expiry=_KEPT_S,
            network_backend=self._backend,
        )

    async def aclose(self) -> None:
        """Close all of them."""
        await super().aclose()
        # When time is up while httpcore closes what a server has hung up, it forgets the rest.
        await self._backend.aclose()


class Network:
    """The shared, costly part of talking to targets.

    A TLS context takes about 20 ms of CPU to make, so there is one per set of authorities.
    Connections are not shared between runs: a check that reuses yesterday's connection would
    prove nothing about today's name, certificate and address, a connection that went stale in
    between would be blamed on the target, and a hanging target could starve the others.
    No cookies are kept and no proxy is taken from the environment.
    """

    def __init__(self) -> None:
        self._contexts: dict[tuple[str, int], ssl.SSLContext] = {}

    async def __aenter__(self) -> Self:
        # Reading the authorities takes a while, which the loop must not wait for in a check.
        # So does what httpx imports only with its first pool.
        _ = await asyncio.to_thread(self.connections)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._contexts.clear()

    def tls(self, ca_file: str = "") -> ssl.SSLContext:
        """Return the context that trusts the public authorities and those in `ca_file`.

        Raises OSError (ssl.SSLError included) when `ca_file` cannot be used.
        """
        # Keyed by its age too: an authority is replaced by writing the same file again.
        key = (ca_file, Path(ca_file).stat().st_mtime_ns if ca_file else 0)
        if key not in self._contexts:
            context = httpx.create_ssl_context(trust_env=False)
            context.load_default_certs()
            if ca_file:
                context.load_verify_locations(cafile=ca_file)
            self._contexts[key] = context
        return self._contexts[key]

    def connections(
        self, ca_file: str = "", *, backend: httpcore.AsyncNetworkBackend | None = None
    ) -> Connections:
        """Return a fresh pool of HTTP connections, for one run; it costs microseconds."""
        return Connections(self.tls(ca_file), backend)


def host_and_port(url: str) -> tuple[str, int]:
    """Return where `url` leads; ValueError if it does not say."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(f"not a URL that can be reached: {url}")
    return parts.hostname, parts.port or _PORTS[parts.scheme]


def address_family(host: str) -> socket.AddressFamily | None:
    """Return the family of `host` if it is an address already, None if it is a name."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except (OSError, ValueError):
            continue
        return family
    return None


def is_local(host: str) -> bool:
    """Tell whether `host` needs no name service: an address, or this machine by name."""
    return address_family(host) is not None or host == "localhost" or host.endswith(".localhost")


async def resolve(host: str, port: int) -> list[Address]:
    """Return the addresses of `host`; OSError (socket.gaierror) or UnicodeError if none."""
    if family := address_family(host):
        return [(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port))]
    loop = asyncio.get_running_loop()
    return list(await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM))


def fit(addresses: list[Address]) -> list[Address]:
    """Return the `addresses` at which a target can be; UnfitAddress if there is none."""
    found = [each for each in addresses if not unfit_address(str(each[4][0]))]
    if addresses and not found:
        address = str(addresses[0][4][0])
        raise UnfitAddress(address, unfit_address(address))
    return found


async def connect_tcp(addresses: list[Address]) -> socket.socket:
    """Return a connected socket to the first address that takes us; OSError if none does."""
    loop = asyncio.get_running_loop()
    failures: list[OSError] = []
    for position, (family, kind, protocol, _, address) in enumerate(addresses, start=1):
        patience = None if position == len(addresses) else _ADDRESS_PATIENCE_S
        try:
            connecting = socket.socket(family, kind, protocol)
        except OSError as error:
            failures.append(error)
            continue
        connecting.setblocking(False)
        connected = False
        try:
            async with asyncio.timeout(patience):
                await loop.sock_connect(connecting, address)
            connected = True
        except OSError as error:
            failures.append(error)
        finally:
            if not connected:
                connecting.close()
        if connected:
            return connecting
    raise OSError("no address could be reached") from ExceptionGroup("attempts", failures)
