"""The bot with a route to a channel of the small Slack, and runs that end as a test wants them."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from samples import PASSED_DIAGNOSIS, PASSED_RUN, SEED_DIAGNOSIS, SEED_RUN
from slack_house import House, channel_id, house, said

from bot.alerting import Incident, RunEnded
from bot.config import Permissions, Route
from bot.deps import Deps
from bot.labels import Label
from bot.model import Run, Status, Trigger
from bot.relay import Relay
from bot.sandbox.slack import Delivery, Message
from bot.slack import SlackReceiver
from bot.workflows import settle, tick

TO_STAGING = (Route(target="*", channel="staging"),)


@dataclass(slots=True)
class Clock:
    """The time of day, and what a test has let pass besides."""

    skipped: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.skipped

    def passes(self, **span: float) -> None:
        self.skipped += timedelta(**span)


@dataclass(slots=True, kw_only=True)
class Desk:
    """Somebody in front of the channel, with runs to come."""

    home: House
    clock: Clock
    relay: Relay
    numbers: Any = field(default_factory=lambda: count(1))

    async def told(self) -> None:
        """Return once everything that was decided is told."""
        await self.home.idle()
        await self.relay.idle()

    async def run(
        self,
        status: Status,
        *,
        target: str = "staging",
        check: str = "pipeline",
        cause: Label = Label.BYPASS_KEY_MISMATCH,
        summary: str = "The bypass key is refused.",
    ) -> str:
        """Let a run end now; return its id."""
        run_id, at = f"r{next(self.numbers):016x}", self.clock()
        await self.keep(run_id, status, target, check)
        works = status is Status.PASSED
        event = RunEnded(
            key=run_id,
            at=at,
            check=check,
            status=status,
            started_at=at - timedelta(seconds=3),
            cause=Label.HEALTHY if works else cause,
            confidence=0.97,
            summary="" if works else summary,
        )
        _ = await settle(self.home.deps, target, event)
        await self.told()
        return run_id

    async def keep(self, run_id: str, status: Status, target: str, check: str) -> None:
        """Keep a run that has ended now, and of which policy has not heard."""
        works = status is Status.PASSED
        sample: Run = PASSED_RUN if works else SEED_RUN
        run = replace(
            sample,
            id=run_id,
            status=status,
            target=target,
            check=check,
            trigger=Trigger.SCHEDULE,
            started_at=self.clock() - timedelta(seconds=3),
        )
        diagnosis = PASSED_DIAGNOSIS if works else SEED_DIAGNOSIS
        await self.home.deps.store.save_run(run, diagnosis)

    async def failed(self, times: int = 1, **how: Any) -> str:
        ids = [await self.run(Status.FAILED, **how) for _ in range(times)]
        return ids[-1]

    async def passed(self, times: int = 1, **how: Any) -> str:
        ids = [await self.run(Status.PASSED, **how) for _ in range(times)]
        return ids[-1]

    async def ticked(self, **span: float) -> None:
        """Let time pass, and policy look at what that changes."""
        self.clock.passes(**span)
        await tick(self.home.deps)
        await self.told()

    async def ask(self, text: str, **where: str) -> None:
        await self.home.ask(text, **where)
        await self.told()

    async def press(self, label: str, ts: str = "", **how: Any) -> Delivery:
        """Press or choose in the incident's first message, and wait for what comes of it."""
        delivery = await self.home.slack.press(ts or self.parent.ts, label, **how)
        assert delivery.ok, delivery.error
        await self.told()
        return delivery

    async def submit(self, values: dict[str, Any], *, user: str = "ada") -> Delivery:
        delivery = await self.home.slack.submit(values, user=user)
        await self.told()
        return delivery

    @property
    def parents(self) -> list[Message]:
        """Every first message of an incident."""
        return [m for m in self.home.slack.messages() if not m.is_reply and m.by_app]

    @property
    def parent(self) -> Message:
        return self.parents[-1]

    @property
    def thread(self) -> list[str]:
        """What stands in the thread of the newest incident, message by message."""
        return [shown(m) for m in self.home.slack.thread("staging", self.parent.ts)]

    async def incident(self, id: str = "i1") -> Incident:
        return await self.home.deps.store.alerts.incident(id)

    async def timeline(self, id: str = "i1") -> list[str]:
        return [entry.text for entry in await self.home.deps.store.alerts.timeline(id)]

    def whispers(self, user: str = "ada") -> list[str]:
        return [shown(m) for m in self.home.slack.ephemerals(user=user)]

    def text_of(self, message: Message) -> str:
        return shown(message)

    def id_of(self, user: str) -> str:
        return self.home.slack.workspace.user(user).id


def shown(message: Message) -> str:
    """What a person reads in a message, people as their ids."""
    return said([_named(block) for block in message.blocks]) or message.text


def _named(part: Any) -> Any:
    if isinstance(part, list):
        return [_named(one) for one in part]
    if not isinstance(part, dict):
        return part
    if part.get("type") == "user":
        return {"type": "text", "text": f"<@{part['user_id']}>"}
    if part.get("type") == "usergroup":
        return {"type": "text", "text": f"<!{part['usergroup_id']}>"}
    return {key: _named(value) for key, value in part.items()}


@asynccontextmanager
async def desk(
    *faults: str,
    targets: Iterable[str] = ("staging",),
    routes: Iterable[Route] | None = None,
    permissions: Permissions | None = None,
    changed: Callable[[Deps], Deps] = lambda deps: deps,
    **how: Any,
) -> AsyncIterator[Desk]:
    """Yield the bot whose alerts go to #staging, with a clock of its own."""
    clock = Clock()

    def set_up(deps: Deps) -> Deps:
        settings = deps.settings.model_copy(
            update={
                "routes": TO_STAGING if routes is None else tuple(routes),
                "permissions": permissions or Permissions(),
                "targets": deps.targets,
            }
        )
        return changed(replace(deps, settings=settings, clock=clock))

    async with house(*faults, targets=targets, changed=set_up, **how) as home:
        relay = Relay(home.deps, {"slack": SlackReceiver(home.deps, home.outbox)})
        try:
            yield Desk(home=home, clock=clock, relay=relay)
        finally:
            await relay.close(deadline_s=5.0)


__all__ = ["Clock", "Desk", "channel_id", "desk", "shown"]
