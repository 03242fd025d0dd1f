"""One HTTP request: what came back, how long each phase took, and who answered."""

import asyncio
import json
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias

import httpx

from bot.model import Json
from bot.probe.peer import NOBODY, Peer, peer_of
from bot.probe.trouble import NETWORK_ERRORS, Kind, Trouble, trouble_in, trouble_of

BODY_LIMIT = 262_144
"""Bytes of a body that are read; 256 KB is far more than any answer asked for here."""

USER_AGENT = "stagecheck/0.1"

Headers: TypeAlias = tuple[tuple[str, str], ...]

# A server may drop an idle connection just as it is used again. As in RFC 9112 9.3.1 the request
# is repeated on another connection; every idle one of the pool could be stale.
_MOST_ATTEMPTS = 5
# Of a number of seconds; more than this is some mistake, and must not become one of ours.
_MOST_DIGITS = 9
_PHASES = {
    "connection.connect_tcp": "tcp",
    "connection.start_tls": "tls",
    "http11.receive_response_headers": "ttfb",
}
_WAITING_FOR = {
    "connection.connect_tcp": "a connection",
    "connection.start_tls": "the TLS handshake",
    "http11.receive_response_headers": "the first byte of the answer",
    "http11.receive_response_body": "the rest of the answer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one request led to: a status, or a `trouble`, or both when the body was unusable."""

    url: str
    latency_ms: float
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """By lower-case name; of repeated headers the last."""
    body: str = ""
    json: Json = None
    """The body as JSON; None if it is not JSON."""
    size_bytes: int = 0
    answered_at: float = 0.0
    """Loop time at which the headers were there."""
    trouble: Trouble | None = None
    phases: Mapping[str, float] = field(default_factory=dict)
    """Milliseconds of tcp, tls and ttfb; no tcp and tls on a connection that was open already."""
    peer: Peer = NOBODY
    bytes_sent: int = 0
    bytes_received: int = 0

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")

    @property
    def retry_after_s(self) -> int | None:
        """How long the server asks to be left alone, in seconds; None if it does not say."""
        return retry_after_s(self.headers)

    @property
    def is_from_target(self) -> bool:
        """Whether there is an answer, and no network of ours gave it in the target's place."""
        is_portal = self.trouble is not None and self.trouble.kind is Kind.PORTAL
        return self.status is not None and not is_portal

    @property
    def from_edge(self) -> bool:
        """Whether something in front of the application answered in its place."""
        if self.status is None or self.status < 500 or self.json is not None:
            return False
        # Frameworks answer an unhandled exception with this text themselves.
        return self.body.strip() != "Internal Server Error"


def retry_after_s(headers: Mapping[str, str]) -> int | None:
    """Return what Retry-After asks for, a number or a date (RFC 9110, 10.2.3), in seconds."""
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return int(said[:_MOST_DIGITS])
    try:
        until, now = (parsedate_to_datetime(when) for when in (said, headers["date"]))
    except (KeyError, ValueError):
        return None
    return max(0, round(until.timestamp() - now.timestamp()))


def parse_json(text: str) -> Json:
    """Return `text` as JSON, or None; NaN and Infinity, which are not JSON, become their names."""
    try:
        return json.loads(text, parse_constant=str)
    except (ValueError, RecursionError):
        return None


class _Watch:
    """Follows one request through its phases, as httpcore reports them."""

    def __init__(self) -> None:
        self.phases: dict[str, float] = {}
        self.waiting_for = "a connection"
        self.is_reused = True
        self.address: object = None
        self._clock = asyncio.get_running_loop().time
        self._phase_began = self._clock()

    async def __call__(self, name: str, info: Mapping[str, Any]) -> None:
        phase, _, moment = name.rpartition(".")
        if moment == "started":
            self._phase_began = self._clock()
            self.waiting_for = _WAITING_FOR.get(phase, self.waiting_for)
            return
        took_ms = round((self._clock() - self._phase_began) * 1000, 2)
        if phase == "connection.connect_tcp":
            self.is_reused = False
            if moment == "complete":
                # Now, because a server that has hung up by the end has no address any more.
                self.address = info["return_value"].get_extra_info("server_addr")
        if phase in _PHASES:
            self.phases[_PHASES[phase]] = took_ms


async def ask(
    connections: httpx.AsyncHTTPTransport,
    method: str,
    url: str,
    *,
    headers: Headers = (),
    content: bytes = b"",
    deadline: float,
) -> Answer:
    """Send one request and return what it led to, by `deadline` (loop time) at the latest.

    Redirects are recorded and not followed. Never raises for what the target does.
    """
    began = asyncio.get_running_loop().time()
    try:
        request = _request(method, url, headers, content)
    except (ValueError, httpx.InvalidURL) as error:
        trouble = Trouble(kind=Kind.CONFIG, text=str(error))
        return Answer(url=url, latency_ms=_since(began), trouble=trouble)
    answer, went_stale = await _attempt(connections, request, began, deadline)
    attempts = 1
    while went_stale and attempts < _MOST_ATTEMPTS:
        answer, went_stale = await _attempt(connections, request, began, deadline)
        attempts += 1
    return answer


def _request(method: str, url: str, headers: Headers, content: bytes) -> httpx.Request:
    # Header values go out as UTF-8, so that a key with a byte order mark is sent as it is held.
    own = [(b"user-agent", USER_AGENT.encode()), (b"accept-encoding", b"identity")]
    given = [(name.encode(), value.encode()) for name, value in headers]
    return httpx.Request(method, url, headers=own + given, content=content)


async def _attempt(
    connections: httpx.AsyncHTTPTransport, request: httpx.Request, began: float, deadline: float
) -> tuple[Answer, bool]:
    """Return the answer, and whether there is none because an idle connection had gone stale."""
    watch = _Watch()
    request.extensions["trace"] = watch
    try:
        async with asyncio.timeout_at(deadline):
            response = await connections.handle_async_request(request)
    except NETWORK_ERRORS as error:
        trouble = trouble_of(error, waiting_for=watch.waiting_for)
        answer = Answer(
            url=str(request.url), latency_ms=_since(began), trouble=trouble, phases=watch.phases
        )
        return answer, watch.is_reused and trouble.kind == Kind.RESET
    try:
        return await _read(response, request, watch, began, deadline), False
    finally:
        await response.aclose()


async def _read(
    response: httpx.Response, request: httpx.Request, watch: _Watch, began: float, deadline: float
) -> Answer:
    status, headers = response.status_code, dict(response.headers)
    stream = response.extensions["network_stream"]
    tls = None if watch.is_reused else stream.get_extra_info("ssl_object")
    answered_at = asyncio.get_running_loop().time()
    raw, trouble = await _body(response, watch, deadline)
    body = _decoded(raw[:BODY_LIMIT], headers.get("content-encoding", ""))
    return Answer(
        url=str(request.url),
        latency_ms=_since(began),
        status=status,
        headers=headers,
        body=body,
        json=parse_json(body),
        size_bytes=len(raw),
        answered_at=answered_at,
        trouble=trouble or trouble_in(status, headers),
        phases=watch.phases,
        peer=peer_of(watch.address or stream.get_extra_info("server_addr"), tls),
        bytes_sent=_size(request.headers) + len(request.content),
        bytes_received=_size(response.headers) + len(raw),
    )


async def _body(
    response: httpx.Response, watch: _Watch, deadline: float
) -> tuple[bytes, Trouble | None]:
    raw = bytearray()
    try:
        async with asyncio.timeout_at(deadline):
            async for chunk in response.aiter_raw():
                raw += chunk
                if len(raw) > BODY_LIMIT:
                    text = f"the body is larger than {BODY_LIMIT} bytes"
                    return bytes(raw), Trouble(kind=Kind.TOO_LARGE, text=text)
    except NETWORK_ERRORS as error:
        return bytes(raw), trouble_of(error, waiting_for=watch.waiting_for)
    return bytes(raw), None


def _decoded(raw: bytes, encoding: str) -> str:
    """Return `raw` as text, whatever it is; compression nobody asked for is undone, bounded."""
    if encoding.lower() in ("gzip", "x-gzip", "deflate"):
        with suppress(zlib.error):  # if it is not what the header says, it is shown as it came
            raw = zlib.decompressobj(wbits=47).decompress(raw, BODY_LIMIT)
    return raw.decode("utf-8", "replace")


def _size(headers: httpx.Headers) -> int:
    # "name: value\r\n" of each; the first line is small change.
    return sum(len(name) + len(value) + 4 for name, value in headers.raw)


def _since(began: float) -> float:
    return round((asyncio.get_running_loop().time() - began) * 1000, 2)
