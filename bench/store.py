"""How does the store answer when it holds very many runs?

    uv run python -m bench.store [--runs 1000000] [--folder DIR]

Two runs that a simulator gave, one that passed and one that failed, are kept again and again under
ids of their own, in SQLite and in a PostgreSQL that is started for this (as it comes, with fsync).
Then each question that people and runs ask of the store is asked, one after the other, and last
with writers and forgetting beside it. Times are milliseconds of the caller: thread, SQL, unpacking.
"""

import argparse
import asyncio
import random
import secrets
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.simulator import simulated_target
from bot.diagnosis import diagnose
from bot.engine import new_run_id
from bot.errors import NotFound
from bot.masking import Masker
from bot.model import Caller, CheckRequest, Diagnosis, Run, Status, Trigger
from bot.probe import Network, run_check
from bot.store import Store, codec
from bot.store.address import read_address
from bot.store.tables import contents, runs
from tests.postgres import running_server

TARGETS = 20
EVERY = timedelta(seconds=15)  # twenty targets, each checked every five minutes
AT_ONCE = 5_000
FAILED_OF_100 = 8
NOW = datetime.now(UTC)

Kept = tuple[Run, Diagnosis]
Ask = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A database with many runs."""

    url: str
    size: int
    ids: tuple[str, ...]
    """Of some of the runs, from all times."""


async def sample(*faults: str) -> Kept:
    """Return a run of the check against a simulator, and its diagnosis."""
    with simulated_target(*faults) as (target, _):
        async with Network() as network:
            request = CheckRequest(
                run_id=new_run_id(),
                target=target.name,
                check="pipeline",
                trigger=Trigger.SCHEDULE,
                caller=Caller(id="bench"),
            )
            masker = Masker(target.secrets, pepper=b"bench")
            run = await run_check(target, request, network=network, masker=masker)
    return run, diagnose(run)


def fill(url: str, count: int, kept: Mapping[Status, Kept]) -> tuple[str, ...]:
    """Insert `count` runs up to now, a few thousand in one statement; return some of the ids."""
    rows = {status: codec.rows_of(*each, saved_at=NOW) for status, each in kept.items()}
    engine = sa.create_engine(read_address(url))
    some: list[str] = []
    for start in range(0, count, AT_ONCE):
        narrow, wide = [], []
        for number in range(start, min(start + AT_ONCE, count)):
            failed = random.randrange(100) < FAILED_OF_100
            row = rows[Status.FAILED if failed else Status.PASSED]
            moment = NOW - EVERY * (count - number)
            # Longer than ours: among a million of those, two would be the same.
            facts: dict[str, Any] = {
                "id": f"r{secrets.token_hex(8)}",
                "target": f"target-{number % TARGETS}",
            }
            narrow.append({**row.run, **facts, "started_at": moment, "saved_at": moment})
            wide.append({**row.contents, "run_id": facts["id"]})
        with engine.begin() as connection:
            connection.execute(sa.insert(runs), narrow)
            connection.execute(sa.insert(contents), wide)
        some.append(narrow[0]["id"])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("VACUUM ANALYZE"))  # what its own daemon does in time
    engine.dispose()
    return tuple(some)


def size_of(url: str) -> int:
    """Return the bytes on disk of a database."""
    engine = sa.create_engine(read_address(url))
    with closing(engine.connect()) as connection:
        if engine.dialect.name == "postgresql":
            query = "SELECT pg_database_size(current_database())"
        else:
            query = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
        found = int(connection.execute(sa.text(query)).scalar_one())
    engine.dispose()
    return found


async def times(ask: Ask, repeat: int) -> list[float]:
    """Return how many milliseconds each of `repeat` calls took, one after the other."""
    took = []
    for _ in range(repeat):
        start = time.perf_counter()
        await ask()
        took.append((time.perf_counter() - start) * 1000)
    return took


def questions(store: Store, filled: Filled, kept: Mapping[Status, Kept]) -> dict[str, Ask]:
    """Return what is asked of the store: by whom -> the question."""

    def target() -> str:
        return f"target-{random.randrange(TARGETS)}"

    def past() -> datetime:
        return NOW - EVERY * random.randrange(len(filled.ids) * AT_ONCE // 2)

    async def unknown() -> None:
        try:
            await store.run(secrets.token_hex(6))
        except NotFound:
            return

    def saved() -> Awaitable[None]:
        run, diagnosis = kept[Status.PASSED]
        new = replace(run, id=new_run_id(), target=target(), started_at=datetime.now(UTC))
        return store.save_run(new, diagnosis)

    return {
        "status: recent of a check, 100": lambda: store.recent(
            target(), check="pipeline", limit=100
        ),
        "history: recent of a target": lambda: store.recent(target()),
        "history: recent of all": lambda: store.recent(),
        "show: run by id": lambda: store.run(random.choice(filled.ids)),
        "show: run by nine characters": lambda: store.run(random.choice(filled.ids)[:9]),
        "show: no such run": unknown,
        "last_passed before any moment": lambda: store.last_passed(
            target(), "pipeline", before=past()
        ),
        "usual before any moment": lambda: store.usual(target(), "pipeline", before=past()),
        "save_run": saved,
        "check (/readyz)": store.check,
    }


async def measure(filled: Filled, kept: Mapping[Status, Kept]) -> dict[str, list[float]]:
    """Return question -> milliseconds of each answer."""
    answers: dict[str, list[float]] = {}
    opened = []
    for _ in range(20):
        start = time.perf_counter()
        store = await Store.open(filled.url)
        opened.append((time.perf_counter() - start) * 1000)
        await store.close()
    answers["open"] = opened
    store = await Store.open(filled.url)
    asked = questions(store, filled, kept)
    for name, ask in asked.items():
        answers[name] = await times(ask, 500)
    save = asked["save_run"]
    many = await asyncio.gather(*(times(save, 20) for _ in range(50)))
    answers["save_run, 50 at once"] = [each for row in many for each in row]
    async with forgetting(store, filled) as laps:
        answers["save_run while forgetting"] = await times(save, 300)
        answers["status while forgetting"] = await times(
            asked["status: recent of a check, 100"], 300
        )
    answers["the loop's longest pauses then"] = laps
    await store.close()
    return answers


@asynccontextmanager
async def forgetting(store: Store, filled: Filled) -> AsyncIterator[list[float]]:
    """Let the store forget half of its runs meanwhile; yield how late the loop is, each 5 ms."""
    half = NOW - EVERY * (len(filled.ids) * AT_ONCE // 2)
    laps: list[float] = []

    async def watch() -> None:
        while True:
            start = time.perf_counter()
            await asyncio.sleep(0.005)
            laps.append((time.perf_counter() - start - 0.005) * 1000)

    tasks = [
        asyncio.create_task(watch()),
        asyncio.create_task(store.prune(half, runs_per_target=10_000_000)),
    ]
    try:
        yield laps
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def percentile(took: list[float], share: float) -> float:
    """Return the nearest rank."""
    return sorted(took)[min(len(took) - 1, int(len(took) * share))]


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, str]]:
    """Yield the addresses of an empty database of each kind."""
    with running_server(options=("shared_buffers=256MB", "max_wal_size=2GB")) as postgres:
        yield {
            "SQLite": f"sqlite:///{folder}/stagecheck.db",
            "PostgreSQL": postgres.new_database(),
        }


async def compare(count: int, folder: Path) -> None:
    """Fill both databases, measure both, and print the table."""
    kept = {Status.PASSED: await sample(), Status.FAILED: await sample("seed")}
    tables: dict[str, dict[str, list[float]]] = {}
    with databases(folder) as urls:
        for name, url in urls.items():
            store = await Store.open(url)
            await store.close()
            start, empty = time.perf_counter(), size_of(url)
            ids = fill(url, count, kept)
            size = size_of(url)
            filled = Filled(url=url, size=size, ids=ids)
            print(
                f"{name}: {count:,} runs filled in {time.perf_counter() - start:.0f} s, "
                f"{(size - empty) / count:,.0f} bytes a run, {size / 1e9:.2f} GB"
            )
            tables[name] = await measure(filled, kept)
    print(f"\n| milliseconds, p50 / p99 | {' | '.join(tables)} |\n|---|{'---:|' * len(tables)}")
    for question in tables["SQLite"]:
        cells = [
            f"{percentile(table[question], 0.5):.1f} / {percentile(table[question], 0.99):.1f}"
            for table in tables.values()
        ]
        print(f"| {question} | {' | '.join(cells)} |")


def main() -> None:
    """Read the arguments and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="where SQLite's file is made for a while")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-store-", dir=arguments.folder))
    try:
        asyncio.run(compare(arguments.runs, folder))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
