"""What is too old or too much is forgotten, and nothing that is still needed."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import psycopg
import sqlalchemy as sa
from structlog.testing import capture_logs

from bot.model import Posting, Status
from bot.store import Store, retaining
from bot.store.address import read_address
from tests.postgres import Postgres
from tests.storing import DIAGNOSIS, NOON, RUN, change, file_url, run_at, store, url

__all__ = ["file_url", "store", "url"]

NOT_YET = datetime.min.replace(tzinfo=NOON.tzinfo)
PASSED, FAILED = Status.PASSED, Status.FAILED


async def saved(store: Store, url: str, *runs: tuple[int, Status]) -> None:
    """Save runs that were, and were kept, at that many minutes after noon."""
    for minute, status in runs:
        await store.save_run(run_at(minute, status=status), DIAGNOSIS)
    change(url, "UPDATE runs SET saved_at = started_at")


async def ids(store: Store) -> list[str]:
    return [each.id for each in await store.recent(limit=1_000)]


async def count(url: str, table: str) -> int:
    engine = sa.create_engine(read_address(url))
    with engine.connect() as connection:
        found = connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one()
    engine.dispose()
    return int(found)


async def test_what_is_too_old_goes_with_all_that_belongs_to_it(store: Store, url: str) -> None:
    await saved(store, url, (1, PASSED), (2, PASSED), (3, PASSED))
    for minute in (1, 3):
        posting = Posting(channel="C1", ts="1.0", thread="1.0")
        await store.save_posting(f"run-{minute:04d}", posting)
    removed = await store.prune(NOON + timedelta(minutes=3), runs_per_target=100)
    assert removed == 2
    assert await ids(store) == ["run-0003"]
    assert [await count(url, table) for table in ("runs", "contents", "postings")] == [1, 1, 1]


async def test_where_old_messages_are_is_forgotten_but_for_what_lasts(
    store: Store, url: str
) -> None:
    await saved(store, url, (1, PASSED))
    old = f"{NOON.timestamp():.6f}"
    names = ("run-0001", "run-0001/2", "notice-9", "incident:i1:slack:C1", "route:slack:C1")
    for name in names:
        await store.save_posting(name, Posting(channel="C1", ts=old, thread=""))
    new = f"{(NOON + timedelta(days=2)).timestamp():.6f}"
    await store.save_posting("notice-10", Posting(channel="C1", ts=new, thread=""))
    await store.prune(NOON + timedelta(days=1), runs_per_target=100)
    kept = [name for name in (*names, "notice-10") if await store.posting(name)]
    assert kept == ["run-0001", "incident:i1:slack:C1", "route:slack:C1", "notice-10"]


async def test_of_too_many_the_oldest_go(store: Store, url: str) -> None:
    await saved(store, url, *((minute, PASSED) for minute in range(60)))
    await store.save_run(run_at(500, target="other"), DIAGNOSIS)
    assert await store.prune(NOT_YET, runs_per_target=3) == 57
    assert await ids(store) == ["run-0500", "run-0059", "run-0058", "run-0057"]


async def test_the_newest_run_and_the_last_pass_of_each_check_stay(store: Store, url: str) -> None:
    await saved(store, url, (1, PASSED), (2, PASSED), (3, FAILED), (4, FAILED))
    await store.save_run(run_at(0, check="key", status=FAILED), DIAGNOSIS)
    change(url, "UPDATE runs SET saved_at = started_at")
    await store.prune(NOON + timedelta(days=9), runs_per_target=100)
    assert await ids(store) == ["run-0004", "run-0002", "run-0000"]


async def test_a_reading_of_an_old_log_is_as_new_as_its_reading(store: Store) -> None:
    of_long_ago = NOON - timedelta(days=9_999)
    for name in ("pasted-1", "pasted-2"):
        run = replace(RUN, id=name, executed=False, started_at=of_long_ago)
        await store.save_run(run, DIAGNOSIS)
    assert await store.prune(NOON, runs_per_target=100) == 0
    assert await store.find_run("pasted-1")


async def test_runs_from_before_are_dated_and_then_forgotten(store: Store, url: str) -> None:
    await saved(store, url, *((minute, PASSED) for minute in range(60)))
    change(url, "UPDATE runs SET saved_at = NULL")
    assert await store.prune(NOON + timedelta(minutes=59), runs_per_target=100) == 59
    assert await ids(store) == ["run-0059"]


async def test_expired_claims_go_and_others_stay(store: Store, url: str) -> None:
    await store.claim("lasting", ttl_s=60)
    await store.claim("short", ttl_s=0)
    await store.prune(NOT_YET, runs_per_target=100)
    assert await count(url, "claims") == 1
    assert not await store.claim("lasting", ttl_s=60)


async def test_two_processes_that_forget_at_once_do_not_hinder_each_other(
    store: Store, url: str
) -> None:
    await saved(store, url, *((minute, PASSED) for minute in range(120)))
    other = await Store.open(url)
    removed = await asyncio.gather(
        *(each.prune(NOON + timedelta(days=1), runs_per_target=100) for each in (store, other))
    )
    await other.close()
    assert sum(removed) == 119


async def test_a_run_that_another_process_is_at_is_left_to_it(postgres: Postgres) -> None:
    url = postgres.new_database()
    store = await Store.open(url)
    await saved(store, url, *((minute, PASSED) for minute in range(5)))
    async with await psycopg.AsyncConnection.connect(url) as other:
        await other.execute("SELECT id FROM runs WHERE id = 'run-0001' FOR UPDATE")
        async with asyncio.timeout(10):
            removed = await store.prune(NOON + timedelta(days=1), runs_per_target=100)
    assert removed == 3
    assert await ids(store) == ["run-0004", "run-0001"]
    await store.close()


async def test_runs_are_saved_and_found_while_others_are_forgotten(store: Store, url: str) -> None:
    await saved(store, url, *((minute, PASSED) for minute in range(70)))
    pruning = asyncio.create_task(store.prune(NOON + timedelta(days=1), runs_per_target=100))
    for minute in range(2_000, 2_020):
        await store.save_run(run_at(minute), DIAGNOSIS)
        assert await store.find_run(f"run-{minute:04d}")
    assert await pruning == 69
    assert len(await ids(store)) == 21


async def test_it_is_done_at_once_and_again_and_ends_with_its_owner(store: Store, url: str) -> None:
    await saved(store, url, (1, PASSED), (2, PASSED))
    told: list[datetime] = []

    async def prune(before: datetime) -> None:
        told.append(before)

    now = NOON + timedelta(days=90)
    async with retaining([prune], days=90, every_s=0.01, clock=lambda: now):
        while len(told) < 3:
            await asyncio.sleep(0.01)
    told_by_then = len(told)
    await asyncio.sleep(0.05)
    assert told[0] == NOON
    assert len(told) == told_by_then


async def test_a_database_that_is_away_does_not_end_it(store: Store) -> None:
    await store.close()
    healed = await Store.open("sqlite://")
    lives = iter((store, healed))
    done = asyncio.Event()

    async def prune(before: datetime) -> None:
        await next(lives).prune(before, runs_per_target=100)
        done.set()

    async with retaining([prune], days=90, every_s=0.01), asyncio.timeout(10):
        await done.wait()
    await healed.close()


async def test_what_breaks_in_one_is_logged_and_keeps_no_other_from_its_turn() -> None:
    turns = 0

    async def breaks(before: datetime) -> None:
        raise ValueError("nobody expected that")

    async def counts(before: datetime) -> None:
        nonlocal turns
        turns += 1

    with capture_logs() as logs:
        async with retaining([breaks, counts], days=90, every_s=0.01), asyncio.timeout(10):
            while turns < 2:
                await asyncio.sleep(0.01)
    assert "nobody expected that" in str(logs[0]["exc_info"])
