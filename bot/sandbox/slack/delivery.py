"""Bringing a payload to the app: signed HTTP or Socket Mode, and three seconds for the ack."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.slack.responses import body_of, checked_body
from bot.sandbox.slack.socket_mode import Sockets
from bot.sandbox.slack.workspace import Json, Refusal

ACK_S = 3.0  # docs.slack.dev: an app has three seconds to acknowledge
AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One payload that was brought to the app, and how that went."""

    kind: str
    """`slash_commands`, `interactive` or `events_api`, as Socket Mode names them."""
    payload: Mapping[str, Json]
    ok: bool = False
    error: str = ""
    """Slack's word for a missing ack: `operation_timeout` or `dispatch_failed`."""
    status: int | None = None
    """The HTTP status of the ack; None over Socket Mode, or without an answer."""
    ack: Json = None
    """What the body of the ack said; None when it was empty."""
    took_s: float = 0.0
    no_retry: bool = False
    """The app asked with X-Slack-No-Retry not to hear of this again."""
    repeats: tuple["Delivery", ...] = ()
    """The other deliveries when one thing was done several times at once."""


@dataclass(slots=True)
class Courier:
    """Delivers to a Socket Mode connection when there is one, else to `request_url`."""

    sockets: Sockets
    signing_secret: str
    ack_s: float = ACK_S
    request_url: str = ""
    under_way: int = 0
    _session: aiohttp.ClientSession | None = field(default=None)

    async def deliver(
        self, kind: str, payload: Mapping[str, Json], *, retry: tuple[int, str] = (0, "")
    ) -> Delivery:
        """Deliver once. Never raises for the app's doing: see `Delivery.error`."""
        started = time.monotonic()
        self.under_way += 1
        try:
            async with asyncio.timeout(self.ack_s):
                answer = await self._send(kind, payload, retry)
        except TimeoutError:
            answer = {"error": "operation_timeout"}
        except (Refusal, aiohttp.ClientError, ConnectionError):
            answer = {"error": "dispatch_failed"}
        finally:
            self.under_way -= 1
        took_s = time.monotonic() - started
        return Delivery(kind=kind, payload=payload, took_s=took_s, **answer)

    async def stop(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _send(
        self, kind: str, payload: Mapping[str, Json], retry: tuple[int, str]
    ) -> dict[str, Json]:
        if self.sockets.connections:
            ack = await self.sockets.deliver(kind, payload, retry)
            return {"ok": True, "ack": checked_body(ack)}
        if not self.request_url:
            raise Refusal("dispatch_failed")
        body, content_type = _encoded(kind, payload)
        headers = signed(body, self.signing_secret) | {"Content-Type": content_type}
        if retry[0]:
            headers |= {"X-Slack-Retry-Num": str(retry[0]), "X-Slack-Retry-Reason": retry[1]}
        if self._session is None:
            self._session = aiohttp.ClientSession()
        async with self._session.post(self.request_url, data=body, headers=headers) as response:
            text = await response.text(errors="replace")
            answer: dict[str, Json] = {
                "status": response.status,
                "no_retry": response.headers.get("X-Slack-No-Retry") == "1",
            }
            if response.status != 200:
                return answer | {"error": "dispatch_failed"}
            return answer | {"ok": True, "ack": body_of(text, response.content_type)}


def signed(body: bytes, secret: str, *, at: float | None = None) -> dict[str, str]:
    """The headers by which Slack proves that it sent `body`."""
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256)
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest.hexdigest()}",
        "User-Agent": AGENT,
    }


def _encoded(kind: str, payload: Mapping[str, Json]) -> tuple[bytes, str]:
    """The body as Slack writes it: commands flat, interactions as one field, events as JSON."""
    form = "application/x-www-form-urlencoded"
    if kind == "slash_commands":
        return urlencode(payload).encode(), form
    if kind == "interactive":
        return urlencode({"payload": json.dumps(payload)}).encode(), form
    return json.dumps(payload).encode(), "application/json"
