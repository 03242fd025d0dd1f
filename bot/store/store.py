"""The store's public face: what is kept between runs, and between lives of the process."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from bot.errors import StoreError
from bot.masking import Masker
from bot.model import Diagnosis, PastRun, Posting, Run, Usual
from bot.store import claims, codec, names, past, runs, turns
from bot.store.accepted import AcceptedKeys
from bot.store.alerts import Alerts
from bot.store.database import Database, Observe, unobserved
from bot.store.installations import Installations
from bot.store.people import People
from bot.store.retention import prune
from bot.store.runs import RunSummary
from bot.store.tables import install, postings

PEPPER_BYTES = 32
USUAL_RUNS = 50
"""Runs that make up what is usual: some hours of a check that is made every five minutes."""
PAST_RUNS = 20_000
"""Runs that are counted together: a month of a check that is made every three minutes."""


class Store:
    """Keeps runs, diagnoses, messages and claims. Texts arrive here masked.

    Every method may raise StoreError: the database is locked, full, damaged or gone.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._masker: Masker | None = None
        self.installations = Installations(database)
        self.alerts = Alerts(database)
        self.keys = AcceptedKeys(database)
        self.people = People(database)

    @classmethod
    async def open(cls, url: str, *, observe: Observe = unobserved) -> "Store":
        """Open ``sqlite:///PATH`` or ``postgresql://…`` and bring its tables up to date.

        ``sqlite://`` is a store in memory: it works the same and is forgotten when closed.

        StoreError for a database of a newer version, of another program, damaged or out of reach;
        it is then left as it was found. `observe` is told of every transaction.
        """
        return cls(await Database.open(url, observe=observe))

    async def close(self) -> None:
        """Finish what is under way and close; closing twice does nothing."""
        await self._database.close()

    def mask_with(self, masker: Masker) -> None:
        """Mask what is kept of runs from now on; the pepper for that came from here."""
        self._masker = masker

    async def save_run(self, run: Run, diagnosis: Diagnosis) -> None:
        """Keep `run` and what it means. Saving the same id twice changes nothing."""
        now = datetime.now(UTC)

        def prepare() -> Callable[[Connection], None]:
            rows = codec.rows_of(run, diagnosis, saved_at=now, masker=self._masker)
            return partial(runs.save, rows=rows)

        try:
            await self._database.write_prepared(prepare)
        except IntegrityError as error:
            # Saved before, by us or by another process; anything else would be our mistake.
            if await self.find_run(run.id) is None:
                raise StoreError(f"Run {run.id} cannot be saved: its parts conflict.") from error

    async def find_run(self, id: str) -> Run | None:
        """Return the run with exactly this id, or None."""
        return await self._database.read(lambda connection: runs.find(connection, id))

    async def run(self, id: str) -> Run:
        """Return the run with this id, or the one that begins with it (6 characters or more).

        NotFound names the nearest.
        """

        def find(connection: Connection) -> Run | None:
            return runs.find(connection, runs.resolve(connection, id))

        found = await self._database.read(find)
        assert found is not None  # resolved in the same transaction
        return found

    async def diagnosis(self, id: str) -> Diagnosis:
        """Return what a run, named as in `run`, was found to mean when it was saved."""
        return await self._database.read(lambda connection: runs.diagnosis(connection, id))

    async def recent(
        self, target: str | None = None, *, check: str | None = None, limit: int = 10
    ) -> tuple[RunSummary, ...]:
        """Return the newest `limit` runs, newest first."""
        return await self._database.read(
            lambda connection: runs.recent(connection, target, check, limit)
        )

    async def between(
        self, target: str, since: datetime, until: datetime, *, limit: int
    ) -> tuple[RunSummary, ...]:
        """Return the newest `limit` runs that began in a span, its ends included, newest first."""
        return await self._database.read(
            lambda connection: runs.between(connection, target, since, until, limit)
        )

    async def last_passed(self, target: str, check: str, *, before: datetime) -> Run | None:
        """Return the newest run of this target and check that passed and began before `before`."""
        return await self._database.read(
            lambda connection: runs.last_passed(connection, target, check, before)
        )

    async def usual(self, target: str, check: str, *, before: datetime) -> dict[str, Usual]:
        """Return step -> its latency in the last `USUAL_RUNS` runs that passed before `before`."""
        return await self._database.read(
            lambda connection: runs.usual(connection, target, check, before, USUAL_RUNS)
        )

    async def history(self, run: Run) -> tuple[Run | None, dict[str, Usual]]:
        """Return the last run like `run` that passed before it, and how long each step takes."""
        before = run.started_at
        previous = await self.last_passed(run.target, run.check, before=before)
        return previous, await self.usual(run.target, run.check, before=before)

    async def past(self, target: str, check: str, *, since: datetime) -> tuple[PastRun, ...]:
        """Return the runs of a check that began since a moment, oldest first; `PAST_RUNS` at most.

        If there are more, the oldest are left out.
        """
        return await self._database.read(
            lambda connection: past.past(connection, target, check, since, PAST_RUNS)
        )

    async def posting(self, name: str) -> Posting | None:
        """Return the message that is kept by `name`, if one is: see `bot.store.names`."""
        query = sa.select(postings.c.channel, postings.c.ts, postings.c.thread).where(
            postings.c.run_id == codec.plain(name)
        )

        def find(connection: Connection) -> Posting | None:
            row = connection.execute(query).mappings().first()
            return Posting(**row) if row is not None else None

        return await self._database.read(find)

    async def incident_at(self, channel: str, ts: str) -> str:
        """Return the id of the incident in whose thread the message `ts` is; empty if in none.

        `ts` is any message of ours in it, or the one that began it.
        """
        here = postings.c.channel == codec.plain(channel)
        roots = sa.select(postings.c.thread).where(here, postings.c.ts == codec.plain(ts))
        begins = postings.c.run_id.startswith(names.INCIDENT, autoescape=True)
        is_root = postings.c.ts.in_([codec.plain(ts)]) | postings.c.ts.in_(roots)
        query = sa.select(postings.c.run_id).where(here, begins, is_root)
        name = await self._database.read(
            lambda connection: str(connection.execute(query.limit(1)).scalar() or "")
        )
        return names.incident_in(name)

    async def save_posting(self, name: str, posting: Posting) -> None:
        """Keep a message by `name`; a later one takes its place."""
        row: dict[str, Any] = {
            "channel": posting.channel,
            "ts": posting.ts,
            "thread": posting.thread,
        }

        def save(connection: Connection) -> None:
            same = postings.c.run_id == codec.plain(name)
            if connection.execute(sa.update(postings).where(same).values(row)).rowcount == 0:
                connection.execute(sa.insert(postings), {"run_id": codec.plain(name), **row})

        try:
            await self._database.write(save)
        except IntegrityError:
            # Another process inserted between our two statements; now there is a row to update.
            await self._database.write(save)

    async def claim(self, key: str, *, ttl_s: float, holder: str = "") -> bool:
        """Return True exactly once per key, until `ttl_s` seconds have passed.

        A `holder` that is named may claim its own key again, which then lasts `ttl_s` seconds
        from now: a restart forgets that it has it.
        """
        # Done again after it was kept, it would say that somebody else had the key.
        return await self._database.write(
            lambda connection: claims.take(connection, key, ttl_s=ttl_s, holder=holder),
            repeatable=bool(holder),
        )

    async def release(self, key: str, *, holder: str = "") -> None:
        """Let `key` be claimed again at once: what it was claimed for is done, or did not happen.

        What somebody else than `holder` has claimed by now, for ours had run out, stays.
        """
        await self._database.write(
            lambda connection: claims.release(connection, key, holder=holder)
        )

    async def shorten(self, beginning: str, *, ttl_s: float) -> None:
        """Let every key with this beginning be claimed again in `ttl_s` seconds at the latest."""
        await self._database.write(
            lambda connection: claims.shorten(connection, beginning, ttl_s=ttl_s)
        )

    @property
    def is_shared(self) -> bool:
        """Whether several processes may use this database at once."""
        return self._database.is_shared

    async def take_turn(self, name: str, *, burst: int, each_s: float) -> float:
        """Take one of the turns called `name` and return 0, or the seconds until there may be one.

        There are `burst` of them, and one more every `each_s` seconds, for all processes together.
        """
        # Done again after it was kept, it takes two: too slow is better than too fast.
        return await self._database.write(
            lambda connection: turns.take(connection, name, burst=burst, each_s=each_s)
        )

    async def hold_turns(self, name: str, seconds: float) -> None:
        """Let nobody have a turn called `name` for so long."""
        await self._database.write(lambda connection: turns.hold(connection, name, seconds))

    async def pepper(self) -> bytes:
        """Return the installation's pepper, made at first use and then kept for ever."""
        query = sa.select(install.c.value).where(install.c.name == "pepper")

        def make(connection: Connection) -> bytes:
            kept = connection.execute(query).scalar()
            if kept is not None:
                return bytes(kept)
            fresh = secrets.token_bytes(PEPPER_BYTES)
            connection.execute(sa.insert(install), {"name": "pepper", "value": fresh})
            return fresh

        try:
            return await self._database.write(make)
        except IntegrityError:
            return await self._database.write(make)

    async def prune(self, before: datetime, *, runs_per_target: int) -> int:
        """Remove the runs saved before a moment or too many of their target; return how many.

        Of each target and check the newest run stays, and the newest that passed. Expired claims
        go too. In small steps, between which others have their turn.
        """
        return await prune(self._database, before, runs_per_target=runs_per_target)

    async def check(self) -> None:
        """Raise StoreError unless the database can be written to right now."""
        await self._database.check()
