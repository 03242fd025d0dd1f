"""What alerting keeps: decided and written in one transaction, told afterwards."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from bot.alerting import Entry, Event, Incident, Policy, RunEnded, Watch
from bot.errors import NotFound, StoreError
from bot.store import claims, outgoing, watches
from bot.store.database import Database
from bot.store.outgoing import Lane, Pending
from bot.store.retention import until_done
from bot.store.watches import Decided

_TRIES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What came of an event; `fresh` is False if it was decided before."""

    decided: Decided
    watch: Watch
    incident: Incident | None
    fresh: bool
    notices: int = 0
    """How much there is to be told."""


class Alerts:
    """Keeps watches, incidents, timelines, notices and decisions. Texts arrive here masked.

    Every method may raise StoreError.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def apply(self, target: str, event: Event, policy: Policy) -> Applied:
        """Decide about `event` and keep all that comes of it, or nothing.

        The same key changes nothing twice. Of several processes, one decides at a time.
        """

        def work(connection: Connection) -> Applied:
            return _apply(connection, target, event, policy)

        for _ in range(_TRIES):
            try:
                return await self._database.write(work)
            except IntegrityError:
                # Another process was first with the same event, the same target's first event, or
                # the number of an incident; now its rows are there to be seen.
                continue
        raise StoreError(f"What happened to {target} could not be kept: others keep coming first.")

    async def watch(self, target: str) -> Watch:
        """Return what is remembered of `target`; an empty watch if nothing is."""
        return await self._database.read(lambda connection: watches.find(connection, target))

    async def watches(self) -> tuple[Watch, ...]:
        """Return what is remembered of every target."""
        return await self._database.read(watches.every)

    async def incident(self, id: str) -> Incident:
        """Return the incident called `id`; NotFound if there is none."""
        found = await self._database.read(lambda connection: watches.incident(connection, id))
        if found is None:
            raise NotFound(
                f"There is no incident {id}.", hint="`/stagecheck incident list` shows them."
            )
        return found

    async def incidents(self, *, open_only: bool = False, limit: int = 20) -> tuple[Incident, ...]:
        """Return the newest `limit` incidents, newest first."""
        return await self._database.read(
            lambda connection: watches.newest(connection, open_only=open_only, limit=limit)
        )

    async def timeline(self, incident: str) -> tuple[Entry, ...]:
        """Return all that happened in an incident, oldest first."""
        return await self._database.read(
            lambda connection: watches.entries_of(connection, incident)
        )

    async def decided(self, key: str) -> Decided | None:
        """Return what was decided about a run or an act, and why."""
        return await self._database.read(lambda connection: watches.decided(connection, key))

    async def lanes(self, now: datetime) -> tuple[Lane, ...]:
        """Return the lanes whose next notice is due."""
        return await self._database.read(lambda connection: outgoing.lanes(connection, now))

    async def pending(self, lane: Lane) -> tuple[Pending, ...]:
        """Return what is still to be told in `lane`, in order."""
        return await self._database.read(lambda connection: outgoing.pending(connection, lane))

    async def told(self, ids: tuple[int, ...], *, at: datetime) -> None:
        """Keep that these notices were delivered."""
        await self._database.write(lambda connection: outgoing.told(connection, ids, at))

    async def put_off(self, id: int, *, until: datetime, error: str) -> None:
        """Keep that a notice, and with it its lane, is tried again at `until`."""
        await self._database.write(
            lambda connection: outgoing.put_off(connection, id, until, error)
        )

    async def bury(self, ids: tuple[int, ...], *, at: datetime, error: str) -> None:
        """Keep that nobody will ever take these notices."""
        await self._database.write(lambda connection: outgoing.bury(connection, ids, at, error))

    async def tell(self, target: str, route: str, text: str, *, at: datetime) -> None:
        """Have something told on `route` that is about no incident."""
        await self._database.write(
            lambda connection: outgoing.tell(connection, target, route, text, at)
        )

    async def tell_once(
        self, key: str, target: str, route: str, text: str, *, at: datetime, ttl_s: float
    ) -> None:
        """Have it told, unless something was in the last `ttl_s` seconds for the same `key`."""

        def work(connection: Connection) -> None:
            if claims.take(connection, key, ttl_s=ttl_s, holder=""):
                outgoing.tell(connection, target, route, text, at)

        await self._database.write(work)

    async def ticks(self) -> dict[str, datetime]:
        """Return schedule -> the newest of its times that was acted on."""
        return await self._database.read(watches.ticks_of)

    async def ticked(self, schedule: str, at: datetime) -> None:
        """Keep that a schedule was acted on, unless a later time of it was."""
        try:
            await self._database.write(lambda connection: watches.tick(connection, schedule, at))
        except IntegrityError:  # another process was first; now there is a row to update
            await self._database.write(lambda connection: watches.tick(connection, schedule, at))

    async def dead(self, *, since: datetime) -> tuple[Pending, ...]:
        """Return the notices that nobody took, newest first."""
        return await self._database.read(lambda connection: outgoing.dead(connection, since))

    async def prune(self, before: datetime) -> None:
        """Remove the decisions, told notices and closed incidents from before a moment."""
        for prune in (watches.prune, outgoing.prune):
            await until_done(self._database, partial(prune, before=before))


def _apply(connection: Connection, target: str, event: Event, policy: Policy) -> Applied:
    watch = watches.lock(connection, target)
    if event.key and (before := watches.decided(connection, event.key, target=target)):
        known = watches.incident(connection, before.incident) if before.incident else None
        return Applied(decided=before, watch=watch, incident=known, fresh=False)
    decision = watches.consider(connection, watch, event, policy)
    decided = watches.keep(connection, decision, event)
    outgoing.add(connection, decision, at=_heard_at(event))
    return Applied(
        decided=decided,
        watch=decision.watch,
        incident=decision.incident,
        fresh=True,
        notices=len(decision.notices),
    )


def _heard_at(event: Event) -> datetime:
    """Return when it was decided: how long telling takes is counted from then."""
    return (event.heard_at if isinstance(event, RunEnded) else None) or event.at
