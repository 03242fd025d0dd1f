"""Why there is no answer: exceptions of the network libraries as one closed set of kinds."""

import errno
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import httpx
from websockets.exceptions import InvalidHandshake, InvalidURI

from bot.probe.network import UnfitAddress
from bot.probe.proxy import ProxyTrouble, is_about_us


class Kind(StrEnum):
    """What kept an answer away."""

    DNS = "dns"
    """The name does not exist."""
    DNS_TEMPORARY = "dns_temporary"
    """Our resolver did not answer: nothing is known about the name."""
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    """There is no route from here."""
    RESET = "reset"
    """The peer closed or reset the connection without an answer."""
    TIMEOUT = "timeout"
    TLS = "tls"
    PROTOCOL = "protocol"
    """What came back is not the protocol that was spoken."""
    TOO_LARGE = "too_large"
    REDIRECT = "redirect"
    DECODE = "decode"
    """An answer came, but its content cannot be used."""
    CONFIG = "config"
    """Nothing could be sent, because our configuration does not allow it."""
    LOCAL = "local"
    """This machine ran out of something, such as file descriptors or ports."""

    PORTAL = "portal"
    """The network that we are in answers in the target's place, and wants somebody to sign in."""
    PROXY = "proxy"
    """Our proxy cannot be reached, or does not let us through."""
    PROXY_GATEWAY = "proxy_gateway"
    """Our proxy lets us through, and did not get to the target."""

    @property
    def is_ours(self) -> bool:
        """Whether the trouble lies on this side and says nothing about the target."""
        return self in (
            *(Kind.DNS_TEMPORARY, Kind.UNREACHABLE, Kind.LOCAL, Kind.CONFIG),
            *(Kind.PORTAL, Kind.PROXY, Kind.PROXY_GATEWAY),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """The kind of trouble, and the library's own words for it."""

    kind: Kind
    text: str


# What httpx, websockets, ssl and asyncio raise when the network or the peer misbehaves.
# ValueError covers their complaints about a URL or a header, UnicodeError about a host name.
NETWORK_ERRORS = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    InvalidHandshake,
    InvalidURI,
    OSError,
    EOFError,
    ValueError,
)

# No server says so of itself: it comes from a network that lets nobody out yet (RFC 6585, 6).
NETWORK_AUTHENTICATION_REQUIRED = 511
_UNREACHABLE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN}
_LOCAL = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL}
_TEMPORARY = {socket.EAI_AGAIN, socket.EAI_SYSTEM, socket.EAI_MEMORY}


def trouble_of(error: BaseException, *, waiting_for: str = "") -> Trouble:
    """Return what `error` means; the libraries wrap the telling one, so its causes are read."""
    family = list(_family(error))
    for cause in family:
        if isinstance(cause, ProxyTrouble):
            ours = is_about_us(cause.status)
            return Trouble(kind=Kind.PROXY if ours else Kind.PROXY_GATEWAY, text=str(cause))
    known = [(kind, cause) for cause in family if (kind := _kind(cause))]
    if isinstance(error, ValueError):
        # Raised as it is, it is a library's complaint about a URL or header of ours; inside
        # another error it is about what the server sent.
        known.append((Kind.DNS if isinstance(error, UnicodeError) else Kind.CONFIG, error))
    # Of several attempts, one that reached the other side says more than one that did not.
    known.sort(key=lambda pair: pair[0].is_ours)
    kind, cause = known[0] if known else (Kind.PROTOCOL, family[-1])
    return Trouble(kind=kind, text=_text(cause, waiting_for))


def trouble_in(status: int, headers: Mapping[str, str]) -> Trouble | None:
    """Return what is wrong with an answer that its status alone tells; None if nothing is."""
    if status == NETWORK_AUTHENTICATION_REQUIRED:
        text = "HTTP 511, network authentication required"
        return Trouble(kind=Kind.PORTAL, text=text)
    if 300 <= status < 400 and "location" in headers:
        return Trouble(kind=Kind.REDIRECT, text=f"redirects to {headers['location']}")
    return None


def _family(error: BaseException) -> Iterator[BaseException]:
    """Yield what was raised and what caused it, the deepest first."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if any(one is known for known in seen):
            continue
        seen.append(one)
        if isinstance(one, BaseExceptionGroup):
            waiting.extend(one.exceptions)
        # Even a context that was suppressed: httpcore raises from None what it caught with a cause.
        if inner := one.__cause__ or one.__context__:
            waiting.append(inner)
    return reversed(seen)


def _kind(error: BaseException) -> Kind | None:
    match error:
        case socket.gaierror():
            return Kind.DNS_TEMPORARY if error.errno in _TEMPORARY else Kind.DNS
        case ssl.SSLWantReadError() | ssl.SSLWantWriteError():
            return None  # how the library waits for bytes, not that anything is wrong
        case ssl.SSLError():
            return Kind.TLS
        case UnfitAddress():
            return Kind.CONFIG
        case TimeoutError() | httpx.TimeoutException():
            return Kind.TIMEOUT
        case ConnectionRefusedError():
            return Kind.REFUSED
        case ConnectionError() | EOFError():
            return Kind.RESET
        case OSError() if error.errno in _UNREACHABLE:
            return Kind.UNREACHABLE
        case OSError() if error.errno in _LOCAL:
            return Kind.LOCAL
        case httpx.ReadError() | httpx.WriteError():
            return Kind.RESET  # anyio keeps the cause of these to itself
        case httpx.RemoteProtocolError() if "disconnected without" in str(error):
            return Kind.RESET
        case httpx.LocalProtocolError() | httpx.InvalidURL() | httpx.UnsupportedProtocol():
            return Kind.CONFIG
        case InvalidURI():
            return Kind.CONFIG
        case _:
            return None


def _text(error: BaseException, waiting_for: str) -> str:
    text = str(error) or type(error).__name__
    if isinstance(error, TimeoutError) and waiting_for:
        return f"no answer in time while waiting for {waiting_for}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate refused: {error.verify_message}"
    return text
