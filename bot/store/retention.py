"""Forgetting: what is too old or too much is removed, a little at a time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.model import Status
from bot.rounds import once, rounds
from bot.store import names
from bot.store.database import Database
from bot.store.tables import UtcDateTime, claims, postings, runs

BATCH = 25
"""Runs removed in one transaction: whoever wants to save one waits for some milliseconds."""
MESSAGES = 1_000
"""Messages forgotten in one: they are small, and to find them takes longer than to remove them."""
PAUSE_S = 0.05
"""Between two batches, for those who waited."""
EVERY_S = 3600.0

Prune = Callable[[datetime], Awaitable[object]]
"""Remove what ended before a moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Excess:
    """The runs of a target that are to go: those saved before a moment, but for some."""

    target: str
    before: datetime
    kept: tuple[str, ...]


async def prune(database: Database, before: datetime, *, runs_per_target: int) -> int:
    """Remove runs saved before a moment or too many of their target, messages, expired claims.

    Of each target and check, the newest run and the newest that passed always stay: they tell how
    it is, and what a failure is compared with. Returns how many runs went.
    """
    removed = 0
    for target in await database.read(lambda connection: tuple(_targets(connection))):
        await until_done(database, partial(_date, target=target))
        excess = await database.read(
            partial(_excess, target=target, before=before, most=runs_per_target)
        )
        removed += await until_done(database, partial(_remove, excess=excess))
    await until_done(database, partial(_lose_messages, before=before))
    await until_done(database, _expire)
    return removed


@asynccontextmanager
async def retaining(
    prunes: Sequence[Prune],
    *,
    days: int,
    every_s: float = EVERY_S,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> AsyncIterator[None]:
    """While inside, remove what is older than `days` by each of `prunes`: at once, then hourly."""

    async def prune_all() -> None:
        before = clock() - timedelta(days=days)
        for prune in prunes:  # one after the other: others write too
            await once(partial(prune, before), name="retention")

    async with rounds(prune_all, every_s=every_s, name="retention"):
        yield


async def until_done(database: Database, batch: Callable[[Connection], int]) -> int:
    """Do a batch again until it has nothing left to do; return how much it did in all."""
    done = 0
    while (count := await database.write(batch)) > 0:
        done += count
        await asyncio.sleep(PAUSE_S)
    return done


def _targets(connection: Connection) -> Iterator[str]:
    # One step down the index for each, instead of all of a million rows for a handful of names.
    following = sa.select(sa.func.min(runs.c.target))
    target = connection.execute(following).scalar()
    while target is not None:
        yield target
        target = connection.execute(following.where(runs.c.target > target)).scalar()


def _date(connection: Connection, *, target: str) -> int:
    """Say of runs from before 0003 when they were saved; return of how many."""
    undated = sa.and_(runs.c.target == target, runs.c.saved_at.is_(None))
    some = sa.select(runs.c.id).where(undated).limit(BATCH)
    # What a pasted log tells of happened at any time; how old its reading is, nobody knows.
    now = sa.literal(datetime.now(UTC), UtcDateTime())
    saved_at = sa.case((runs.c.executed.is_(True), runs.c.started_at), else_=now)
    dated = sa.update(runs).where(runs.c.id.in_(some)).values(saved_at=saved_at)
    return connection.execute(dated).rowcount


def _excess(connection: Connection, *, target: str, before: datetime, most: int) -> Excess:
    of_target = runs.c.target == target
    newest = sa.select(runs.c.saved_at).where(of_target).order_by(runs.c.saved_at.desc())
    first_kept = connection.execute(newest.offset(most - 1).limit(1)).scalar()
    kept = [_lasting(connection, target, check) for check in _checks(connection, target)]
    return Excess(
        target=target,
        before=max(before, first_kept or before),
        kept=tuple(chain.from_iterable(kept)),
    )


def _checks(connection: Connection, target: str) -> Iterator[str]:
    following = sa.select(sa.func.min(runs.c.check)).where(runs.c.target == target)
    check = connection.execute(following).scalar()
    while check is not None:
        yield check
        check = connection.execute(following.where(runs.c.check > check)).scalar()


def _lasting(connection: Connection, target: str, check: str) -> Iterator[str]:
    newest = (
        sa.select(runs.c.id)
        .where(runs.c.target == target, runs.c.check == check)
        .order_by(runs.c.started_at.desc(), runs.c.id.desc())
        .limit(1)
    )
    passed = newest.where(runs.c.status == str(Status.PASSED), runs.c.executed.is_(True))
    for query in (newest, passed):
        if (found := connection.execute(query).scalar()) is not None:
            yield found


def _remove(connection: Connection, *, excess: Excess) -> int:
    some = (
        sa.select(runs.c.id)
        .where(
            runs.c.target == excess.target,
            runs.c.saved_at < excess.before,
            runs.c.id.not_in(excess.kept),
        )
        .order_by(runs.c.saved_at)
        .limit(BATCH)
        # Another process may be at the same; PostgreSQL only, SQLite has one writer anyway.
        .with_for_update(skip_locked=True)
    )
    ids = list(connection.execute(some).scalars())
    connection.execute(sa.delete(postings).where(postings.c.run_id.in_(ids)))
    # What belongs to a run goes with it.
    return connection.execute(sa.delete(runs).where(runs.c.id.in_(ids))).rowcount


def _lose_messages(connection: Connection, *, before: datetime) -> int:
    """Forget where old messages are, but for those of runs, incidents and routes."""
    name = postings.c.run_id
    lasting = [name.startswith(each, autoescape=True) for each in (names.INCIDENT, names.ROUTE)]
    of_runs = name.in_(sa.select(runs.c.id))
    # A message's `ts` is the time at which it was posted, in seconds.
    is_old = postings.c.ts < f"{before.timestamp():.6f}"
    some = sa.select(name).where(is_old, ~sa.or_(*lasting, of_runs)).limit(MESSAGES)
    # Old also when its turn comes: another process may just be putting a new message in its place.
    return connection.execute(sa.delete(postings).where(is_old, name.in_(some))).rowcount


def _expire(connection: Connection) -> int:
    is_over = claims.c.expires_at <= datetime.now(UTC)
    expired = sa.select(claims.c.key).where(is_over).limit(BATCH)
    # Over also when its turn comes: another process may just be claiming it anew.
    query = sa.delete(claims).where(is_over, claims.c.key.in_(expired))
    return connection.execute(query).rowcount
