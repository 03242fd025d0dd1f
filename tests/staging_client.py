"""A plain client of the simulated staging: it shares no code with `bot.probe`."""

import asyncio
import base64
import json
import ssl
import time
import uuid
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import jwt
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidProxy
from websockets.typing import Subprotocol

from bot.sandbox import Staging

# Patience of this client where an answer must come; a healthy run takes a quarter of a second.
PATIENCE_S = 10.0
# How long nothing must come until nothing is taken to come.
QUIET_S = 0.3
NONCE = "n-4711"
START = json.dumps({"type": "start_agent", "payload": {"user_request": f"ping {NONCE}"}})
CANNED = ("Agent processed your message", "analysis_tool")
ENDS = ("agent_completed", "agent_error")
E2E = {"X-Test-Type": "E2E", "X-Test-Environment": "staging", "X-E2E-Test": "true"}


@dataclass(slots=True)
class Visit:
    """What a client saw of one run."""

    health: dict[str, Any] = field(default_factory=dict)
    """Name -> the JSON of a 200, or None."""
    exchange: int = 0
    subject: str = ""
    upgrade: str = ""
    """Empty if the socket opened."""
    frames: list[dict[str, Any] | None] = field(default_factory=list)
    """None stands for a frame that is no JSON object."""
    close: tuple[int, str] | None = None
    required: frozenset[str] = frozenset()
    """Events that must have come."""

    @property
    def names(self) -> list[str]:
        return [name_of(frame) for frame in self.frames if frame]

    @property
    def events(self) -> list[str]:
        return [name for name in self.names if name.startswith(("agent_", "tool_"))]

    def first(self, name: str) -> dict[str, Any]:
        """Return the first frame of this name."""
        return next(frame for frame in self.frames if frame and name_of(frame) == name)


def name_of(frame: Mapping[str, Any]) -> str:
    """Return the event's own name, however deep it is."""
    data = frame.get("data")
    data = data if isinstance(data, dict) else {}
    return str(data.get("event") or frame.get("event") or frame.get("type"))


def minted(secret: str, **claims: object) -> str:
    """Return a token as clients mint it; a claim that is None is left out."""
    now = int(time.time())
    usual = {
        "sub": "staging-e2e-user-001",
        "iss": "netra-auth-service",
        "iat": now,
        "exp": now + 900,
        "jti": str(uuid.uuid4()),
        "type": "access",
        "token_type": "access",
    }
    merged = {key: value for key, value in {**usual, **claims}.items() if value is not None}
    return jwt.encode(merged, secret, algorithm="HS256")


def works(visit: Visit) -> bool:
    """Tell whether a run really ran: the contract is kept, by an agent, for us."""
    events, text = visit.events, str(visit.frames)
    return (
        not visit.upgrade
        and events[:1] == ["agent_started"]
        and events[-1:] == ["agent_completed"]
        and events.count("agent_completed") == 1
        and [name for name in events if name.startswith("tool_")]
        in ([], ["tool_executing", "tool_completed"])
        and visit.required <= set(events)
        and None not in visit.frames
        and not any(mark in text for mark in CANNED)
        and {frame["data"].get("user_id") for frame in visit.frames if frame and "data" in frame}
        <= {visit.subject, None}
    )


def proper(visit: Visit) -> bool:
    """Tell whether a run that works did so by the proper way."""
    well = all(
        body is not None and body["status"] in ("healthy", "ready")
        for body in visit.health.values()
    )
    return well and visit.exchange == 200 and NONCE in str(visit.frames)


async def talk(
    socket: ClientConnection,
    *,
    until: Collection[str] = (),
    quiet_s: float = PATIENCE_S,
    total_s: float = PATIENCE_S,
    visit: Visit | None = None,
) -> Visit:
    """Listen until one of these has come and nothing follows at once, or it is over."""
    visit = visit or Visit()
    with suppress(TimeoutError):
        async with asyncio.timeout(total_s):
            while visit.close is None:
                done = not set(until).isdisjoint(visit.names)
                async with asyncio.timeout(0.2 if done else quiet_s):
                    await _hear(socket, visit)
    return visit


async def _hear(socket: ClientConnection, visit: Visit) -> None:
    try:
        visit.frames.append(_object(await socket.recv()))
    except ConnectionClosed as closed:
        received = closed.rcvd
        visit.close = (received.code, received.reason) if received else (1006, "")


def _object(raw: str | bytes) -> dict[str, Any] | None:
    try:
        frame = json.loads(raw)
    except ValueError:
        return None
    return frame if isinstance(frame, dict) else None


def offer(token: str) -> list[Subprotocol]:
    """Return the subprotocols that a client offers."""
    encoded = base64.urlsafe_b64encode(token.encode()).decode().rstrip("=")
    return [Subprotocol("jwt-auth"), Subprotocol(f"jwt.{encoded}")]


def opened(staging: Staging, token: str = "", **headers: str) -> connect:
    """Return a connection to the socket with the usual headers; open it with ``async with``."""
    if token:
        headers = {"Authorization": f"Bearer {token}", **headers}
    return connect(
        staging.ws_url,
        additional_headers={**E2E, **headers},
        proxy=None,
        open_timeout=PATIENCE_S,
        close_timeout=1,
    )


async def visited(
    staging: Staging, *, step_s: float = PATIENCE_S, quiet_s: float = PATIENCE_S
) -> Visit:
    """Go through a whole run as it is configured, and return what was seen.

    A step is given up after `step_s`; the stream after `quiet_s` without a frame, or twice that.
    """
    settings = staging.target_settings()
    visit = Visit(required=frozenset(settings.get("events", {}).get("required", ())))
    try:
        context = ssl.create_default_context(cafile=settings.get("ca_file"))
    except ssl.SSLError as error:
        visit.upgrade = f"{type(error).__name__}: {error}"
        return visit
    proxy = settings.get("proxy")
    async with httpx.AsyncClient(
        timeout=step_s, verify=context, trust_env=False, proxy=proxy
    ) as client:
        urls = {
            "backend": f"{settings['api_url']}/health",
            "ready": f"{settings['api_url']}/health/ready",
            "dependencies": f"{settings['api_url']}/api/health",
            "auth": f"{settings['auth_url']}/health",
            "frontend": f"{settings['frontend_url']}/health",
        }
        answers = await asyncio.gather(*(_json(client, url, step_s) for url in urls.values()))
        visit.health = dict(zip(urls, answers, strict=True))
        token = await _exchanged(client, settings, staging, visit)
    if not token and "jwt_secret" in settings:
        visit.subject = settings["user"]["id"]
        token = minted(staging.secrets["jwt_secret"], **_claims(settings.get("token", {})))
    try:
        socket = await _socket(settings, token, context, step_s)
    except (OSError, InvalidHandshake, InvalidProxy, TimeoutError, EOFError) as error:
        visit.upgrade = f"{type(error).__name__}: {error}"
        return visit
    async with socket:
        await socket.send(_request(settings["request"]))
        return await talk(socket, until=ENDS, quiet_s=quiet_s, total_s=2 * quiet_s, visit=visit)


def _claims(token: Mapping[str, Any]) -> dict[str, Any]:
    """Return the claims that a target's settings give a minted token."""
    named = {"iss": token.get("issuer"), "aud": token.get("audience")}
    return {name: claim for name, claim in named.items() if claim} | token.get("claims", {})


def _request(request: Mapping[str, Any]) -> str:
    """Return the request that a target's settings describe; a field that is None is left out."""
    payload = {name: text for name, text in request["payload"].items() if text is not None}
    text = json.dumps({"type": request["type"], "payload": payload})
    return text.replace("{nonce}", NONCE)


async def _json(client: httpx.AsyncClient, url: str, step_s: float) -> Any:
    try:
        async with asyncio.timeout(step_s):
            answer = await client.get(url)
    except (httpx.HTTPError, TimeoutError):
        return None
    if answer.status_code != 200 or "json" not in answer.headers["content-type"]:
        return None
    return answer.json()


async def _exchanged(
    client: httpx.AsyncClient, settings: Mapping[str, Any], staging: Staging, visit: Visit
) -> str:
    key, exchange = staging.secrets.get("bypass_key", ""), settings.get("exchange", {})
    header = exchange.get("header", "X-E2E-Bypass-Key")
    url = settings["auth_url"] + exchange.get("path", "/auth/e2e/test-auth")
    try:
        body = {"email": settings["user"]["email"]}
        answer = await client.post(url, headers={header: key.encode()} if key else {}, json=body)
    except httpx.HTTPError:
        return ""
    visit.exchange = answer.status_code
    if answer.status_code != 200:
        return ""
    visit.subject = answer.json()["user"]["id"]
    return str(answer.json()["access_token"])


async def _socket(
    settings: Mapping[str, Any], token: str, context: ssl.SSLContext, step_s: float
) -> ClientConnection:
    socket = settings.get("socket", {})
    headers, offered = dict(E2E), None
    if token and socket.get("send_authorization", True):
        headers["Authorization"] = f"Bearer {token}"
    if token and socket.get("subprotocol", "jwt-auth"):
        offered = offer(token)
    return await connect(
        settings["ws_url"],
        additional_headers=headers,
        subprotocols=offered,
        ssl=context if settings["ws_url"].startswith("wss") else None,
        proxy=settings.get("proxy"),
        open_timeout=step_s,
        close_timeout=1,
    )
