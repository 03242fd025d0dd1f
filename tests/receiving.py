"""A server outside Slack that hears of incidents, and a bot that tells it of some."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from slack_house import House

from bot.alerting import RunEnded
from bot.config import Owner, Route
from bot.config.routes import PagerDuty, Webhook
from bot.deps import Deps
from bot.labels import Label
from bot.masking import Secret
from bot.model import Status
from bot.receivers import receiving
from bot.relay import Relay
from bot.workflows import settle

KEY = b"a key of the receiver, long enough"
NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


@dataclass
class Outside:
    """Somebody else's server, which takes what it is sent unless it is told not to."""

    url: str = ""
    taken: list[tuple[dict[str, str], Any]] = field(default_factory=list)
    refuses: list[int] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        if self.refuses:
            return web.Response(status=self.refuses.pop(0))
        self.taken.append(({k.lower(): v for k, v in request.headers.items()}, body))
        return web.Response(status=202)

    @property
    def said(self) -> list[Any]:
        return [json.loads(body) for _, body in self.taken]


@asynccontextmanager
async def outside() -> AsyncIterator[Outside]:
    there = Outside()
    app = web.Application()
    app.router.add_post("/in", there.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    there.url = f"http://127.0.0.1:{runner.addresses[0][1]}/in"
    try:
        yield there
    finally:
        await runner.cleanup()


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def secret(value: str) -> Secret:
    return Secret(name="x", source="env:X", value=value)


def routed(*routes: Route, clock: Clock, owner: Owner | None = None) -> Any:
    def changed(deps: Deps) -> Deps:
        settings = deps.settings.model_copy(update={"routes": routes, "owner": owner})
        return replace(deps, settings=settings, clock=clock)

    return changed


def webhook(there: Outside) -> Route:
    shared = secret(f"whsec_{base64.b64encode(KEY).decode()}")
    return Route(target="staging", webhook=Webhook(url=there.url)).model_copy(
        update={"webhook": Webhook(url=there.url).model_copy(update={"secret": shared})}
    )


def pager(there: Outside) -> PagerDuty:
    return PagerDuty(url=there.url).model_copy(update={"routing_key": secret("R0UTING")})


def paging(there: Outside) -> Route:
    return Route(target="*", pagerduty=PagerDuty()).model_copy(update={"pagerduty": pager(there)})


def ended(number: int, status: Status, cause: Label = Label.BACKEND_5XX) -> RunEnded:
    """A run that ended some minutes after the one before."""
    at = NOW + timedelta(minutes=5 * number)
    return RunEnded(
        key=f"r{number}",
        at=at,
        check="pipeline",
        status=status,
        started_at=at - timedelta(seconds=20),
        cause=Label.HEALTHY if status is Status.PASSED else cause,
        confidence=0.9,
        summary="" if status is Status.PASSED else "The backend answers 500.",
    )


async def run(home: House, number: int, status: Status) -> None:
    """Have a run end, and the clock show when."""
    clock: Any = home.deps.clock
    event = ended(number, status)
    clock.now = event.at
    await settle(home.deps, "staging", event)


async def told(home: House) -> None:
    async with receiving(home.deps.store) as receivers:
        await Relay(home.deps, receivers).idle()


async def outage(home: House, *, after: int = 0) -> None:
    for number, status in enumerate(
        [Status.FAILED, Status.FAILED, Status.PASSED, Status.PASSED], start=after + 1
    ):
        await run(home, number, status)
        await told(home)
