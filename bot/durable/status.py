"""DBOS's table of runs, for what DBOS has no call for: handing over, adopting, order by target."""

import asyncio
from collections.abc import Callable, Collection
from functools import partial
from types import MappingProxyType
from typing import TypeVar

import sqlalchemy as sa
import structlog

from bot.durable.database import sqlite_engine
from bot.durable.private import COLUMNS, RUNS, SCHEMA
from bot.durable.states import ABANDONED, CANCELLED, RUNNING, WAITING
from bot.engine import slots_of
from bot.store import postgresql_engine

T = TypeVar("T")

log = structlog.get_logger(__name__)

END = "end:"
"""Begins the id of the run that ends another, which nobody goes on with."""
_AGAIN = MappingProxyType({"status": WAITING, "owner_xid": None, "started_at_epoch_ms": None})
_ROOM_POLL_S = 0.25
_AWAY_S = 1.0
_ALONE = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


async def patiently(work: Callable[[], T]) -> T:
    """Do what a run needs of the table, in a thread, and again for as long as that is away."""
    while True:
        try:
            return await asyncio.to_thread(work)
        except sa.exc.SQLAlchemyError as error:
            log.warning("a run waits for the database", error=type(error).__name__)
        await asyncio.sleep(_AWAY_S)


class StatusTable:
    """The table `workflow_status`. What is no coroutine waits for the database: for threads.

    Raises what SQLAlchemy raises.
    """

    def __init__(self, address: sa.URL) -> None:
        is_sqlite = address.get_backend_name() == "sqlite"
        self._schema = None if is_sqlite else SCHEMA
        # Few and far between: no connection is kept open for them.
        self._engine = (
            sqlite_engine(address)
            if is_sqlite
            else postgresql_engine(address, poolclass=sa.NullPool)
        )
        self._runs = sa.table(RUNS, *map(sa.column, COLUMNS), schema=self._schema)

    def credit(self, executor_id: str) -> frozenset[str]:
        """Take back the lives that an executor's runs are at, and return the ids of these runs.

        It is about to end as it was told to: that counts for none of them, even if it is killed.
        """
        runs, ours = self._runs.c, self._of(executor_id)
        with self._engine.begin() as connection:
            ids = frozenset(connection.execute(sa.select(runs.workflow_uuid).where(ours)).scalars())
            ours &= runs.workflow_uuid.in_(ids)
            connection.execute(sa.update(self._runs).where(ours).values(self._fewer))
        return ids

    def hand_over(self, executor_id: str, *, credited: Collection[str]) -> None:
        """Put what this executor has under way into the queue again, at no cost of a life."""
        ours = self._of(executor_id)
        begun_since = ours & self._runs.c.workflow_uuid.not_in(credited)
        with self._engine.begin() as connection:
            connection.execute(sa.update(self._runs).where(begun_since).values(self._fewer))
            connection.execute(sa.update(self._runs).where(ours).values(_AGAIN))

    def adopt(self, versions: Collection[str], *, into: str) -> None:
        """Make the runs of older `versions` that wait those of `into`."""
        runs = self._runs.c
        change = (
            sa.update(self._runs)
            .where(runs.application_version.in_(versions), runs.status == WAITING)
            .values(application_version=into)
        )
        if versions and self._is_there():
            with self._engine.begin() as connection:
                connection.execute(change)

    def executors(self) -> set[str]:
        """Return the executors that have runs under way, of whatever version."""
        query = sa.select(self._runs.c.executor_id).where(self._runs.c.status == RUNNING).distinct()
        with self._engine.connect() as connection:
            return {str(name) for name in connection.execute(query).scalars() if name}

    def take_from(self, executor_id: str, *, only: Collection[str] | None = None) -> None:
        """Put what an executor that is no more had under way into the queue again.

        That was a life of these runs. With `only`, it is no more for these.
        """
        ours = self._of(executor_id)
        if only is not None:
            ours &= self._runs.c.workflow_uuid.in_(only)
        if self._is_there():
            with self._engine.begin() as connection:
                connection.execute(sa.update(self._runs).where(ours).values(_AGAIN))

    def held(
        self, executor_id: str, *, among: Collection[str]
    ) -> tuple[frozenset[str], frozenset[str]]:
        """Return the ids of what an executor has under way, and of those `among` it has not."""
        runs = self._runs.c
        ours = sa.select(runs.workflow_uuid).where(self._of(executor_id))
        others = sa.select(runs.workflow_uuid).where(
            runs.workflow_uuid.in_(among),
            (runs.executor_id != executor_id) | (runs.status == WAITING),
        )
        with self._engine.connect() as connection:
            held, gone = (connection.execute(query).scalars().all() for query in (ours, others))
        return frozenset(held), frozenset(gone)

    def left(self, taken: Collection[str], *, before: float) -> list[str]:
        """Return the ids of the runs that nobody goes on with, and that nobody has ended yet.

        Those are the ones that ended the process again and again, and those of versions other than
        `taken` that wait since `before`, in seconds of Unix time.
        """
        runs, end = self._runs.c, self._runs.alias()
        given_up = (runs.status == ABANDONED) & runs.application_version.in_(taken)
        stranded = (runs.status == WAITING) & runs.application_version.not_in(taken)
        stranded &= runs.created_at < before * 1000
        is_ended = sa.exists().where(end.c.workflow_uuid == END + runs.workflow_uuid)
        query = (
            sa.select(runs.workflow_uuid)
            .where(given_up | stranded, ~is_ended)
            .where(runs.workflow_uuid.not_like(f"{END}%"))
        )
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def status_if_left(self, id: str) -> str:
        """See to it that nobody goes on with a run that waits, and return its status then."""
        runs = self._runs.c
        waits = sa.update(self._runs).where(runs.workflow_uuid == id, runs.status == WAITING)
        status = sa.select(runs.status).where(runs.workflow_uuid == id)
        with self._engine.begin() as connection:
            connection.execute(waits.values(status=CANCELLED, deduplication_id=None))
            return str(connection.execute(status).scalar())

    async def has_room(self, id: str, *, target: str, most: int) -> None:
        """Return once a run is one of the `most` of its target, those that were begun first."""
        let_in = partial(self.let_in, id, target=target, most=most)
        while not await patiently(let_in):  # noqa: ASYNC110  # other processes end runs too
            await asyncio.sleep(_ROOM_POLL_S)

    def let_in(self, id: str, *, target: str, most: int) -> bool:
        """Let a run be one of the `most` of its target, and tell whether it is."""
        runs, slots = self._runs.c, slots_of(target)
        first = (
            sa.select(runs.workflow_uuid)
            .where(runs.status == RUNNING)
            .where(sa.func.substr(runs.deduplication_id, 1, len(slots)) == slots)
            .order_by(runs.rate_limited.desc(), runs.started_at_epoch_ms, runs.workflow_uuid)
            .limit(most)
        )
        me = sa.update(self._runs).where(runs.workflow_uuid == id, runs.status == RUNNING)
        with self._engine.connect() as connection, connection.begin():
            # One at a time: of two that look at once, each would find the other not let in yet.
            if self._schema is None:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.execute(_ALONE, {"name": f"stagecheck room {target}"})
            if id not in connection.execute(first).scalars().all():
                return False
            # Not if it is in the queue again by now: whoever takes it from there asks anew.
            return connection.execute(me.values(rate_limited=True)).rowcount == 1

    def _of(self, executor_id: str) -> sa.ColumnElement[bool]:
        runs = self._runs.c
        ours = (runs.status == RUNNING) & (runs.executor_id == executor_id)
        return ours & runs.queue_name.is_not(None)

    @property
    def _fewer(self) -> dict[str, sa.ColumnElement[int]]:
        lives = self._runs.c.recovery_attempts
        return {"recovery_attempts": sa.case((lives > 0, lives - 1), else_=0)}

    def close(self) -> None:
        self._engine.dispose()

    def _is_there(self) -> bool:
        """Tell whether DBOS has made its tables: not so in a new database."""
        return sa.inspect(self._engine).has_table(RUNS, schema=self._schema)
