"""DBOS's table of runs, for what DBOS has no call for: handing over, adopting, order by target."""

import asyncio
from collections.abc import Collection
from functools import partial

import sqlalchemy as sa

from bot.durable.database import sqlite_engine

_SCHEMA = "dbos"
_ROOM_POLL_S = 0.25
_RUNNING = "PENDING"
_WAITING = "ENQUEUED"


class StatusTable:
    """The table `workflow_status`. What is no coroutine waits for the database: for threads.

    Raises what SQLAlchemy raises.
    """

    def __init__(self, address: sa.URL) -> None:
        is_sqlite = address.get_backend_name() == "sqlite"
        self._schema = None if is_sqlite else _SCHEMA
        # Few and far between: no connection is kept open for them.
        self._engine = (
            sqlite_engine(address)
            if is_sqlite
            else sa.create_engine(address, poolclass=sa.NullPool)
        )
        columns = (
            "workflow_uuid",
            "status",
            "executor_id",
            "owner_xid",
            "application_version",
            "deduplication_id",
            "queue_name",
            "started_at_epoch_ms",
            "recovery_attempts",
        )
        self._runs = sa.table("workflow_status", *map(sa.column, columns), schema=self._schema)

    def hand_over(self, executor_id: str) -> int:
        """Put what this executor has under way into the queue again, and return how many.

        It ended as it was told to: that does not count as a life of the run.
        """
        runs = self._runs.c
        lives = sa.case((runs.recovery_attempts > 0, runs.recovery_attempts - 1), else_=0)
        change = (
            sa.update(self._runs)
            .where(runs.status == _RUNNING, runs.executor_id == executor_id)
            .where(runs.queue_name.is_not(None))
            .values(
                status=_WAITING, owner_xid=None, started_at_epoch_ms=None, recovery_attempts=lives
            )
        )
        with self._engine.begin() as connection:
            return connection.execute(change).rowcount

    def adopt(self, versions: Collection[str], *, into: str, executor_id: str = "") -> None:
        """Make the runs of older `versions` that wait, or that an executor has, those of `into`."""
        runs = self._runs.c
        theirs = runs.status == _WAITING
        if executor_id:
            theirs |= (runs.status == _RUNNING) & (runs.executor_id == executor_id)
        change = (
            sa.update(self._runs)
            .where(runs.application_version.in_(versions), theirs)
            .values(application_version=into)
        )
        if not versions or not self._is_there():
            return
        with self._engine.begin() as connection:
            connection.execute(change)

    async def has_room(self, id: str, *, target: str, most: int) -> None:
        """Return once a run is one of the `most` of its target that have been begun first."""
        first = partial(self._is_among_first, id, target=target, most=most)
        while not await asyncio.to_thread(first):  # noqa: ASYNC110  # other processes end runs too
            await asyncio.sleep(_ROOM_POLL_S)

    def _is_among_first(self, id: str, *, target: str, most: int) -> bool:
        runs, slots = self._runs.c, f"{target}/"
        query = (
            sa.select(runs.workflow_uuid)
            .where(runs.status == _RUNNING)
            .where(sa.func.substr(runs.deduplication_id, 1, len(slots)) == slots)
            .order_by(runs.started_at_epoch_ms, runs.workflow_uuid)
            .limit(most)
        )
        with self._engine.connect() as connection:
            return id in connection.execute(query).scalars().all()

    def close(self) -> None:
        self._engine.dispose()

    def _is_there(self) -> bool:
        """Tell whether DBOS has made its tables: not so in a new database."""
        return sa.inspect(self._engine).has_table("workflow_status", schema=self._schema)
