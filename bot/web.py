"""The HTTP server: what Slack delivers, and what operators ask (alive, ready, metrics).

Nothing reaches the Slack app that Slack did not sign within the last five minutes, and nobody
reads what is not for everybody (`private`) but those whom the gate lets in.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from time import time as unix_time
from types import MappingProxyType

import structlog
from aiohttp import web

from bot.errors import ConfigError, StagecheckError
from bot.gate import Gate
from bot.listening import Site, name_server
from bot.metrics import Metrics

log = structlog.get_logger(__name__)

Deliver = Callable[[web.Request, str], Awaitable[web.StreamResponse]]
"""Answer a request that Slack signed, given its body."""
Application = web.Application
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Check = Callable[[], Awaitable[None]]
"""Return if a part can serve; raise StagecheckError if it cannot."""

MOST_BODY_BYTES = 1_048_576
MOST_AGE_S = 300  # docs.slack.dev: older requests may be replays
BODY_S = 10.0
HEAD_S = 10.0
CHECK_S = 2.0
SHUTDOWN_S = 5.0
_NOT_FOR_EVERYBODY = (
    "Not for everybody. Set server.token and send it as Authorization: Bearer …. Without a token"
    " this is shown at http://127.0.0.1 on the machine of the bot only, and nowhere if the bot"
    " takes requests from outside: of Slack over HTTP, of browsers, or of who deploys.\n"
)
_NO_PAGES: Mapping[str, Handler] = MappingProxyType({})


def build_web(
    *,
    checks: Mapping[str, Check],
    metrics: Metrics,
    deliver: Deliver | None = None,
    signing_secret: str = "",
    gate: Gate | None = None,
    pages: Mapping[str, Handler] = _NO_PAGES,
    hooks: Mapping[str, Handler] = _NO_PAGES,
) -> web.Application:
    """Return the application; with `deliver` it also takes Slack's deliveries.

    `pages` and `hooks`, which take POST, are for everybody, by path. What is wrong and the metrics
    are for those whom the `gate` lets in: of itself, whoever is on this machine.
    """
    gate = gate or Gate()
    app = web.Application(client_max_size=MOST_BODY_BYTES)
    app.on_response_prepare.append(name_server)
    app.router.add_get("/healthz", _alive)
    app.router.add_get("/readyz", partial(_ready, checks, gate))
    app.router.add_get("/metrics", private(gate, partial(_metrics, metrics)))
    for path, page in pages.items():
        app.router.add_get(path, page)
    for path, hook in hooks.items():
        app.router.add_post(path, hook)
    if deliver is not None:
        if not signing_secret:
            raise ConfigError(
                "Slack's signing secret is missing, so nothing it delivers could be trusted.",
                hint="Set slack.signing_secret, or slack.app_token for Socket Mode.",
            )
        app.router.add_post("/slack/events", _guarded(deliver, signing_secret.encode()))
    return app


class WebServer:
    """Serves an application until it is stopped; `port` 0 takes a free one."""

    def __init__(
        self, app: web.Application, *, host: str, port: int, head_s: float = HEAD_S
    ) -> None:
        """`head_s` is how long a new connection may take to say what it wants."""
        self._host, self._port, self._head_s = host, port, head_s
        self._runner = web.AppRunner(app, shutdown_timeout=SHUTDOWN_S)

    async def start(self) -> str:
        """Listen, and return the address; ConfigError if that is not possible there."""
        await self._runner.setup()
        try:
            await Site(self._runner, self._host, self._port, self._head_s).start()
        except OSError as error:
            await self._runner.cleanup()
            raise ConfigError(
                f"Cannot listen on {self._host}:{self._port}: {error.strerror or error}.",
                hint="Set server.host and server.port, or stop what listens there.",
            ) from error
        host, port = self._runner.addresses[0][:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def stop(self) -> None:
        """Take nothing new, finish what is being answered, and close."""
        await self._runner.cleanup()


def _guarded(
    deliver: Deliver, secret: bytes
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def events(request: web.Request) -> web.StreamResponse:
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        # Before the body is read, so that strangers cannot make us read it.
        if not signature or not is_fresh(timestamp):
            return _refused()
        if "Content-Encoding" in request.headers:  # Slack packs nothing
            return web.Response(status=400, text="The body must not be compressed.")
        try:
            async with asyncio.timeout(BODY_S):
                body = await request.read()
        except TimeoutError:
            return web.Response(status=408, text="The body took too long.")
        # What is no text comes as half characters, which have no bytes of their own.
        given = signature.encode("utf-8", "replace")
        if not hmac.compare_digest(signed(secret, timestamp, body), given):
            return _refused()
        try:
            return await deliver(request, body.decode())
        except UnicodeDecodeError:
            return web.Response(status=400, text="The body is not UTF-8.")

    return events


def signed(secret: bytes, timestamp: str, body: bytes) -> bytes:
    """Return Slack's signature of a request."""
    content = b"v0:" + timestamp.encode() + b":" + body
    return b"v0=" + hmac.new(secret, content, hashlib.sha256).hexdigest().encode()


def is_fresh(timestamp: str) -> bool:
    """Tell whether a signed time, in seconds since 1970, is not older than `MOST_AGE_S`."""
    # isdecimal alone takes other scripts' digits, and a very long number.
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
        return False
    return abs(unix_time() - int(timestamp)) <= MOST_AGE_S


def _refused() -> web.Response:
    return web.Response(status=401, text="Slack did not sign this.")


def private(gate: Gate, handler: Handler) -> Handler:
    """Return `handler` for those whom the gate lets in; 403 for others, with what to do."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        if _admitted(gate, request):
            return await handler(request)
        return web.Response(status=403, text=_NOT_FOR_EVERYBODY)

    return guarded


def peer_of(request: web.Request) -> str:
    """Return the address of who connected; empty where there is none, as behind a Unix socket."""
    # Not `request.remote`, which a middleware may have taken from what a header claims.
    peer = request.transport.get_extra_info("peername") if request.transport else None
    return str(peer[0]) if peer else ""


def _admitted(gate: Gate, request: web.Request) -> bool:
    return gate.admits(
        peer=peer_of(request),
        headers=request.headers,
        path=request.path,
        query=request.query,
    )


async def _alive(_: web.Request) -> web.Response:
    return web.Response(text="alive\n")


async def states(checks: Mapping[str, Check]) -> dict[str, str]:
    """Return the state of each part, all asked at once: ``ok``, or what is wrong with it."""
    found = await asyncio.gather(*(_state(check) for check in checks.values()))
    return dict(zip(checks, found, strict=True))


async def _ready(checks: Mapping[str, Check], gate: Gate, request: web.Request) -> web.Response:
    found = await states(checks)
    ready = all(state == "ok" for state in found.values())
    if not _admitted(gate, request):  # a probe of a cluster needs no more, and shows no token
        found = {part: state if state == "ok" else "not ready" for part, state in found.items()}
    return web.json_response(found, status=200 if ready else 503)


async def _state(check: Check) -> str:
    try:
        async with asyncio.timeout(CHECK_S):
            await check()
    except TimeoutError:
        return f"no answer within {CHECK_S:.0f} s"
    except StagecheckError as error:
        return error.message
    return "ok"


async def _metrics(metrics: Metrics, _: web.Request) -> web.Response:
    return web.Response(body=metrics.render(), headers={"Content-Type": metrics.content_type})
