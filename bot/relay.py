"""Tells what was decided: takes notices out of the store and hands them to their receivers."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.alerting import Incident, IncidentState, NoticeKind
from bot.config import Owner, Route
from bot.deps import Deps, Receiver
from bot.errors import DeliveryError, NotFound, StoreError
from bot.rounds import once, rounds
from bot.store import Lane, Pending, names
from bot.workflows import tick

log = structlog.get_logger(__name__)

TICK_S = 5.0
"""How often policy is asked what time alone changes."""
ROUND_S = 1.0
"""How often the store is asked what other processes have decided."""
DELIVERY_S = 45.0
# Longer than one delivery: while it is held, nobody else tells anything in the lane.
_LEASE_S = 60.0
_FIRST_RETRY_S = 5.0
_LONGEST_RETRY_S = 300.0
# A route that takes nothing may be put right; until then its recoveries are kept for so long.
_DAY_S = 86_400.0
_GIVE_UP_S = 7 * _DAY_S
# Another process may know the route already, or this one will in a moment.
_UNKNOWN, _UNKNOWN_S = "unknown_route", 3_600.0


class Relay:
    """Delivers pending notices, each exactly once, in order within an incident and route."""

    def __init__(self, deps: Deps, receivers: Mapping[str, Receiver]) -> None:
        """With the receivers by kind: ``slack``, ``webhook``, …"""
        self._deps = deps
        self._receivers = receivers
        self._holder = secrets.token_hex(8)
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._resting: dict[str, datetime] = {}
        self._taking: set[str] = set()
        """The routes that took the last they were told, as far as this process knows."""

    async def run(self) -> None:
        """Tell what is due, until cancelled."""
        wake = self._deps.wake
        while True:
            wake.clear()
            await once(self.start_due, name="relay")
            with suppress(TimeoutError):
                async with asyncio.timeout(ROUND_S):
                    await wake.wait()

    async def start_due(self) -> None:
        """Begin to tell in every lane in which something is due and nothing is under way."""
        now = self._deps.clock()
        self._resting = {lane: until for lane, until in self._resting.items() if until > now}
        for lane in await self._deps.store.alerts.lanes(now):
            if lane.name not in self._busy and lane.name not in self._resting:
                task = asyncio.create_task(self._tell_lane(lane), name=f"lane {lane.name}")
                self._busy[lane.name] = task
                task.add_done_callback(partial(self._done, lane.name))

    def _done(self, name: str, task: asyncio.Task[None]) -> None:
        del self._busy[name]
        if not task.cancelled() and (broken := task.exception()):
            # A part of ours broke, and would again: not a second later, and not for ever.
            self._resting[name] = self._deps.clock() + timedelta(seconds=_LONGEST_RETRY_S)
            log.error("telling broke", lane=name, exc_info=broken)

    async def idle(self) -> None:
        """Return once nothing is due."""
        while True:
            await self.start_due()
            if not self._busy:
                return
            await asyncio.wait(self._busy.values())

    async def close(self, *, deadline_s: float) -> None:
        """Let what is being told be told for up to `deadline_s` seconds; the rest is kept."""
        if not self._busy:
            return
        _, late = await asyncio.wait(self._busy.values(), timeout=deadline_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _tell_lane(self, lane: Lane) -> None:
        try:
            while await self._tell_next(lane):
                pass
        except StoreError as error:  # what is kept is told in another round
            log.warning("nothing can be told at the moment", lane=lane.name, reason=error.message)

    async def _tell_next(self, lane: Lane) -> bool:
        """Tell the first notice of `lane`; return whether the next one may follow."""
        alerts, lease = self._deps.store.alerts, f"lane:{lane.name}"
        if not await self._deps.store.claim(lease, ttl_s=_LEASE_S, holder=self._holder):
            return False
        try:
            todo = await alerts.pending(lane)
            if not todo or todo[0].due_at > self._deps.clock():
                return False
            try:
                incident = await alerts.incident(lane.incident) if lane.incident else None
            except NotFound as error:  # removed because of its age: nothing is left to be told
                ids = tuple(each.id for each in todo)
                await alerts.bury(ids, at=self._deps.clock(), error=error.message)
                return False
            return await self._tell(todo[0], todo, incident)
        finally:
            await self._deps.store.release(lease, holder=self._holder)

    async def _tell(
        self, first: Pending, todo: tuple[Pending, ...], incident: Incident | None
    ) -> bool:
        route = self._route(first.lane) or await self._gone(first.lane)
        kind = route.kind if route else ""
        try:
            if route is None:
                raise DeliveryError(
                    f"Route {first.lane.route} is not in the configuration.", code=_UNKNOWN
                )
            if not _is_moot(first, incident):
                async with asyncio.timeout(DELIVERY_S):
                    await self._receivers[kind].deliver(
                        route, _without_call(first, incident), incident
                    )
                await self._took(first.lane.route)
        except TimeoutError:
            slow = DeliveryError(f"{first.lane.route} did not take it within {DELIVERY_S:.0f} s.")
            return await self._failed(first, incident, slow, kind)
        except DeliveryError as error:
            return await self._failed(first, incident, error, kind)
        now = self._deps.clock()
        # A parent message shows the incident as it is now: what came before is said with it.
        same = [each.id for each in todo if each.notice.kind is NoticeKind.PARENT]
        done = same if first.notice.kind is NoticeKind.PARENT else [first.id]
        await self._deps.store.alerts.told(tuple(done), at=now)
        self._deps.metrics.alerts.told(kind, max(0.0, (now - first.decided_at).total_seconds()))
        return True

    async def _failed(
        self, first: Pending, incident: Incident | None, error: DeliveryError, kind: str
    ) -> bool:
        """Keep that `first` was not taken; return whether the next one may be tried."""
        alerts, now = self._deps.store.alerts, self._deps.clock()
        self._taking.discard(first.lane.route)
        self._deps.metrics.alerts.failed(kind, permanent=error.permanent)
        log.warning(
            "an alert was not delivered",
            route=first.lane.route,
            incident=first.lane.incident,
            kind=str(first.notice.kind),
            permanent=error.permanent,
            reason=error.message,
        )
        if error.permanent:
            await self._tell_owner(first, error)
        lasts = not error.permanent or _ends(first, incident)
        patience_s = _UNKNOWN_S if error.code == _UNKNOWN else _GIVE_UP_S
        if lasts and now - first.decided_at < timedelta(seconds=patience_s):
            wait_s = _LONGEST_RETRY_S if error.permanent else _retry_s(first.attempts)
            until = now + timedelta(seconds=wait_s)
            await alerts.put_off(first.id, until=until, error=error.message)
            return False
        await alerts.bury((first.id,), at=now, error=error.message)
        return True

    async def _took(self, route: str) -> None:
        """Keep that `route` takes what it is told: its next trouble is news to the owner."""
        if route not in self._taking:
            await self._deps.store.shorten(_broken(route), ttl_s=_DAY_S)
            self._taking.add(route)

    async def _tell_owner(self, broken: Pending, error: DeliveryError) -> None:
        """Tell the bot's owner, once, that a route takes nothing.

        Again if it took something since; at most daily, for it may refuse some notices only.
        """
        owner = self._deps.live.owner
        if owner is None or owner.key == broken.lane.route:
            return
        key = f"{_broken(broken.lane.route)}{error.code}"
        target, now = broken.lane.target, self._deps.clock()
        text = f"Alerts about {target} do not reach {broken.lane.route}: {error}"
        await self._deps.store.alerts.tell_once(
            key, target, owner.key, text, at=now, ttl_s=_GIVE_UP_S
        )
        self._deps.wake.set()

    def _route(self, lane: Lane) -> Route | Owner | None:
        settings = self._deps.live
        known: list[Route | Owner] = [*settings.routes]
        if settings.owner:
            known.append(settings.owner)
        mine = [route for route in known if route.key == lane.route]
        exact = [each for each in mine if isinstance(each, Route) and each.target == lane.target]
        return next(iter([*exact, *mine]), None)

    async def _gone(self, lane: Lane) -> Route | None:
        """Return a channel that is not on a route any more, if the incident's message is there.

        It would stay red for ever, also where only the channel's name became its id.
        """
        kind, _, name = lane.route.partition(":")
        if kind != "slack" or not lane.incident:
            return None
        posted = await self._deps.store.posting(names.of_incident(lane.incident, lane.route))
        if posted is None:
            return None
        route = Route(target=lane.target, channel=posted.channel)
        return route.model_copy(update={"name": name})  # its key stays


@asynccontextmanager
async def relaying(relay: Relay, deps: Deps) -> AsyncIterator[None]:
    """While inside, tell what is decided, and have policy decide what time alone changes."""
    telling = asyncio.create_task(relay.run(), name="relay")
    try:
        async with rounds(partial(tick, deps), every_s=TICK_S, name="ticks"):
            yield
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)


def _is_moot(pending: Pending, incident: Incident | None) -> bool:
    """Tell whether it calls for somebody to react, and somebody has, or it is over."""
    calls = pending.notice.kind in (NoticeKind.REMINDER, NoticeKind.ESCALATION)
    return calls and incident is not None and incident.state is not IncidentState.TRIGGERED


def _without_call(pending: Pending, incident: Incident | None) -> Pending:
    """Return what is to be told as it is told now: nobody is called to what is over."""
    if incident is None or incident.state is not IncidentState.RESOLVED:
        return pending
    return replace(pending, notice=replace(pending.notice, mention=""))


def _ends(pending: Pending, incident: Incident | None) -> bool:
    """Tell whether it says that an outage is over, which is kept until somebody takes it."""
    resolved = incident is not None and incident.state is IncidentState.RESOLVED
    return resolved and pending.notice.kind in (NoticeKind.PARENT, NoticeKind.RECOVERY)


def _broken(route: str) -> str:
    """Return how the keys begin by which its owner hears once that a route takes nothing."""
    return f"broken-route:{route}:"


def _retry_s(attempts: int) -> float:
    return float(min(_FIRST_RETRY_S * 2 ** min(attempts, 10), _LONGEST_RETRY_S))
