"""What two processes do to the runs of the engine at once comes to one after the other.

As in `tests/test_interleavings.py`, with the table of runs, which is DBOS's.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

import psycopg
import pytest
import sqlalchemy as sa
from dbos import DBOS

from bot.durable.database import address_of
from bot.durable.status import StatusTable
from bot.store import postgresql_engine
from tests.interleaving import OURS, THEIRS, Operation, Pair, address_for, compared
from tests.postgres import Postgres

TABLES = {
    "dbos.workflow_status": """workflow_uuid, status, executor_id, application_version,
        deduplication_id, recovery_attempts, rate_limited, started_at_epoch_ms"""
}
ASKED = """INSERT INTO dbos.workflow_status (workflow_uuid, status, name, queue_name,
    deduplication_id, application_version, recovery_attempts, created_at, updated_at)
    VALUES (:id, 'ENQUEUED', 'check', 'checks', :slot, :version, 0, 1, 1)"""
# What DBOS does to a run that is taken from the queue, and to one that ends.
BEGUN = """UPDATE dbos.workflow_status SET status = 'PENDING', executor_id = :executor,
    started_at_epoch_ms = 1, rate_limited = FALSE, recovery_attempts = recovery_attempts + 1
    WHERE status = 'ENQUEUED' AND application_version = 'new' AND workflow_uuid IN (
        SELECT workflow_uuid FROM dbos.workflow_status
        WHERE status = 'ENQUEUED' AND application_version = 'new' FOR UPDATE SKIP LOCKED)"""
ENDED = """UPDATE dbos.workflow_status SET status = 'SUCCESS', deduplication_id = NULL
    WHERE workflow_uuid = :id AND status = 'PENDING'"""


@dataclass(frozen=True)
class Process:
    """What one process has of the engine's database."""

    table: StatusTable
    engine: sa.Engine

    def do(self, statement: str, **values: str) -> None:
        with self.engine.begin() as connection:
            connection.execute(sa.text(statement), values)


Does: TypeAlias = Operation[Process]


def asked(id: str, *, version: str = "new") -> Does:
    values = {"id": id, "slot": f"staging/{id}", "version": version}
    return lambda process: asyncio.to_thread(process.do, ASKED, **values)


def begun(executor: str) -> Does:
    return lambda process: asyncio.to_thread(process.do, BEGUN, executor=executor)


def ended(id: str) -> Does:
    return lambda process: asyncio.to_thread(process.do, ENDED, id=id)


def let_in(id: str) -> Does:
    return lambda process: asyncio.to_thread(process.table.let_in, id, target="staging", most=1)


async def take_over(process: Process) -> None:
    """Have somebody go on with the runs of `a`, which is held to be no more."""
    await asyncio.to_thread(process.table.take_from, "a")


async def hand_over(process: Process) -> None:
    """Leave the runs of `a` to others, as it does when it ends."""
    credited = await asyncio.to_thread(process.table.credit, "a")
    await asyncio.to_thread(process.table.hand_over, "a", credited=credited)


def leave(id: str) -> Does:
    return lambda process: asyncio.to_thread(process.table.status_if_left, id)


@dataclass(frozen=True)
class Scene:
    """What may be done at once, and what was done before."""

    does: Mapping[str, Does]
    before: tuple[Does, ...] = ()


SCENES = {
    "runs under way": Scene(
        does={
            "let one in": let_in("r1"),
            "let other in": let_in("r2"),
            "hand over": hand_over,
            "take over": take_over,
        },
        before=(asked("r1"), asked("r2"), begun("a")),
    ),
    "a run that has the room": Scene(
        does={"let other in": let_in("r2"), "let third in": let_in("r3"), "end": ended("r1")},
        before=(asked("r1"), asked("r2"), asked("r3"), begun("a"), let_in("r1")),
    ),
    "runs that wait": Scene(
        does={
            "adopt": lambda process: asyncio.to_thread(process.table.adopt, ["old"], into="new"),
            "begin": begun("a"),
            "leave old": leave("r1"),
            "leave new": leave("r2"),
        },
        before=(asked("r1", version="old"), asked("r2")),
    ),
}


@pytest.fixture(scope="module")
def url(postgres: Postgres) -> str:
    """The address of a database in which DBOS has made its tables."""
    url = postgres.new_database()
    DBOS.migrate(address_of(url).render_as_string(hide_password=False))
    return url


@asynccontextmanager
async def pair_of(url: str) -> AsyncIterator[Pair[Process]]:
    addresses = [address_of(address_for(url, name)) for name in (OURS, THEIRS)]
    ours, theirs = (Process(StatusTable(each), postgresql_engine(each)) for each in addresses)
    try:
        with psycopg.connect(url, autocommit=True) as watching:
            yield Pair(watching, ours, theirs, tables=TABLES)
    finally:
        for each in (ours, theirs):
            each.table.close()
            each.engine.dispose()


@pytest.mark.parametrize("scene", SCENES)
async def test_what_is_done_at_once_comes_to_one_after_the_other(url: str, scene: str) -> None:
    does = SCENES[scene].does
    async with pair_of(url) as pair:
        await pair.begin(SCENES[scene].before)
        for ours, theirs in product(does, does):
            right = await pair.one_after_the_other(does[ours], does[theirs])
            async for statement, end in pair.at_once(does[ours], does[theirs]):
                if end not in right:
                    pytest.fail(f"{theirs} in {ours} {statement}:\n{compared(end, right)}")
