"""Who may read what is not for everybody: metrics, run pages, and why the bot is not ready.

With a token: who shows it. Without one: whoever is on this machine, asks it by its own name, and
was not passed on by a proxy; nobody, where others are meant to reach the server. Either way: who
follows a link that we signed, until it expires.
"""

import hashlib
import hmac
import ipaddress
from collections.abc import Callable, Mapping
from time import time

from bot.errors import ConfigError

SHORTEST_TOKEN = 16
_LINKS = b"stagecheck: links to pages of runs"
# What a proxy adds: then the neighbour who connects is not the one who asks.
_PASSED_ON = frozenset(
    {
        "cdn-loop",
        "client-ip",
        "fastly-client-ip",
        "forwarded",
        "true-client-ip",
        "via",
        "x-client-ip",
        "x-cluster-client-ip",
        "x-original-forwarded-for",
        "x-real-ip",
    }
)
_PASSED_ON_PREFIXES = ("cf-", "fly-", "x-amzn-", "x-envoy-", "x-forwarded-")


class Gate:
    """Decides by what a request says of itself; it keeps nothing."""

    def __init__(
        self,
        token: str = "",
        *,
        pepper: bytes = b"",
        neighbours: bool = True,
        clock: Callable[[], float] = time,
    ) -> None:
        """Sign links with a key made from `pepper`, or from the token where there is none.

        Without `neighbours`, being on this machine counts for nothing: so does a proxy that passes
        strangers on, and some say nothing of it. Raises ConfigError for a token that can be
        guessed.
        """
        if token and len(token) < SHORTEST_TOKEN:
            raise ConfigError(
                f"server.token is shorter than {SHORTEST_TOKEN} characters.",
                hint="Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe())'",
            )
        self._key = token.encode()
        root = pepper or self._key
        self._signing = hmac.new(root, _LINKS, hashlib.sha256).digest() if root else b""
        self._neighbours = neighbours
        self._clock = clock

    def admits(
        self,
        *,
        peer: str,
        headers: Mapping[str, str],
        path: str,
        query: Mapping[str, str],
    ) -> bool:
        """Tell whether a request may read `path`; `headers` are looked up as they come."""
        if self._is_signed(path, query):
            return True
        if not self._key:
            return self._neighbours and _is_neighbour(peer, headers)
        scheme, _, shown = headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "bearer" and _same(shown.strip().encode(), self._key)

    def _is_signed(self, path: str, query: Mapping[str, str]) -> bool:
        until = query.get("until", "")
        if not self._signing or not (until.isascii() and until.isdecimal() and len(until) <= 12):
            return False
        return int(until) >= self._clock() and _same(
            query.get("sig", "").encode(), self._signature(path, until)
        )

    def link(self, path: str, *, good_s: float) -> str:
        """Return `path` with what lets whoever has it read that one page for `good_s` seconds.

        With nothing to sign with, the path is returned as it is.
        """
        if not self._signing:
            return path
        until = str(int(self._clock() + good_s))
        return f"{path}?until={until}&sig={self._signature(path, until).decode()}"

    def _signature(self, path: str, until: str) -> bytes:
        content = f"page\n{until}\n{path}".encode()
        return hmac.new(self._signing, content, hashlib.sha256).hexdigest().encode()


def _same(one: bytes, other: bytes) -> bool:
    """Compare without telling by the time it takes how much is right, or how long it is."""
    return hmac.compare_digest(hashlib.sha256(one).digest(), hashlib.sha256(other).digest())


def _is_neighbour(peer: str, headers: Mapping[str, str]) -> bool:
    if not _is_loopback(peer) or any(map(_tells_of_proxy, headers)):
        return False
    # A page on the web can make a browser here ask us, but not under a name of this machine.
    return _is_loopback(_host_of(headers.get("Host", "")))


def _tells_of_proxy(name: str) -> bool:
    return name.lower() in _PASSED_ON or name.lower().startswith(_PASSED_ON_PREFIXES)


def _host_of(header: str) -> str:
    """Return the host of a `Host` header, without port and brackets."""
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.partition(":")[0]


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host.lower() == "localhost"
