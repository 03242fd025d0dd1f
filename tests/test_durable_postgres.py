"""Several processes over one PostgreSQL: a run is taken over from a process that is no more."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from crashing import Moment, bot_of, until, wire
from invariants import broken

from bot.durable import DurableEngine
from bot.durable.database import address_of
from bot.durable.presence import WATCH_S, Presence
from bot.model import Caller, CheckRequest, Trigger
from bot.sandbox import MiniSlack, Staging
from bot.store import Store, postgresql_engine
from tests.postgres import Postgres, away


@pytest.fixture
def url(postgres: Postgres) -> str:
    """The address of a new database."""
    return postgres.new_database()


async def test_who_is_alive_keeps_its_runs_and_who_is_not_loses_them(url: str) -> None:
    one, other = Presence(address_of(url)), Presence(address_of(url))
    taken: list[str] = []
    looks = 0

    def busy() -> list[str]:
        nonlocal looks
        looks += 1
        return [one.name, other.name, "somebody-who-never-was"]

    await one.begin()
    await other.begin()
    other.watch(busy, taken.append)
    await until(lambda: looks == 2)
    assert set(taken) == {"somebody-who-never-was"}
    await one.leave()
    await until(lambda: one.name in taken)
    assert other.name not in taken
    await other.end()
    await other.leave()


async def test_who_lost_its_connection_is_seen_again(url: str) -> None:
    one, other = Presence(address_of(url)), Presence(address_of(url))
    looks: list[str] = []
    await one.begin()
    one.watch(lambda: looks.append("look") or [], looks.append)
    engine = sa.create_engine(address_of(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks "
                "WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
            )
        )
    engine.dispose()
    await until(lambda: len(looks) >= 3)
    taken: list[str] = []
    seen = 0

    def busy() -> list[str]:
        nonlocal seen
        seen += 1
        return [one.name]

    await other.begin()
    other.watch(busy, taken.append)
    await until(lambda: seen == 2)
    assert taken == []
    for presence in (one, other):
        await presence.end()
        await presence.leave()


async def test_who_is_not_back_yet_after_a_restart_of_the_server_keeps_its_runs(
    postgres: Postgres,
) -> None:
    url = postgres.new_database()
    one, other = Presence(address_of(url)), Presence(address_of(url))
    taken: list[str] = []
    looks = 0

    def busy() -> list[str]:
        nonlocal looks
        looks += 1
        return [one.name]

    await one.begin()
    await other.begin()
    async with away(postgres):
        pass
    other.watch(busy, taken.append)
    await asyncio.sleep(WATCH_S / 2)
    one.watch(list, taken.append)
    await until(lambda: looks == 2)
    assert taken == []
    for presence in (one, other):
        await presence.end()
        await presence.leave()


async def test_the_server_hears_of_every_connection_that_a_machine_may_be_lost(url: str) -> None:
    async def give_up(request: CheckRequest, reason: str) -> None:
        raise AssertionError(reason)

    store, engine = await Store.open(url), DurableEngine(url, give_up_after_s=3600.0)
    engine.register({}, give_up=give_up)
    await engine.launch()
    told = postgresql_engine(address_of(url))
    with told.connect() as connection:
        # By itself the server keeps the lock of a machine that is no more for two hours.
        changed = "SELECT name FROM pg_settings WHERE source = 'session' AND name LIKE 'tcp_%'"
        assert len(connection.execute(sa.text(changed)).all()) == 4
        ours = "SELECT DISTINCT application_name FROM pg_stat_activity WHERE datname = :name"
        found = connection.execute(sa.text(ours), {"name": told.url.database})
        assert found.scalars().all() == ["stagecheck"]
    told.dispose()
    await engine.close(deadline_s=0.0)
    await store.close()


async def test_a_run_goes_on_in_another_process_than_it_began(url: str) -> None:
    begun, done = [], []
    go_on = asyncio.Event()

    async def workflow(request: CheckRequest) -> None:
        begun.append(request.run_id)
        await go_on.wait()
        done.append(request.run_id)

    async def give_up(request: CheckRequest, reason: str) -> None:
        raise AssertionError(reason)

    asked = CheckRequest(
        run_id="r1", target="t", check="c", trigger=Trigger.SHELL, caller=Caller(id="u")
    )
    for _ in range(2):
        engine = DurableEngine(url, give_up_after_s=3600.0)
        engine.register({"check": workflow}, give_up=give_up)
        await engine.launch()
        assert (await engine.start("check", asked, id="a", slot="t/c")).run_id == "r1"
        if begun:
            go_on.set()
            await until(lambda: done)
        await until(lambda: begun)
        await engine.close(deadline_s=0.0)
    assert (begun, done) == (["r1", "r1"], ["r1"])
    assert WATCH_S < 5


async def test_no_more_runs_of_a_target_are_under_way_than_is_configured(url: str) -> None:
    begun, go_on = [], asyncio.Event()

    async def workflow(request: CheckRequest) -> None:
        begun.append(request.run_id)
        await go_on.wait()

    async def give_up(request: CheckRequest, reason: str) -> None:
        raise AssertionError(reason)

    engine = DurableEngine(url, give_up_after_s=3600.0, per_target=2)
    engine.register({"check": workflow}, give_up=give_up)
    await engine.launch()
    for number in range(4):
        asked = CheckRequest(
            run_id=f"r{number}", target="t", check="c", trigger=Trigger.SHELL, caller=Caller(id="u")
        )
        await engine.start("check", asked, id=f"{number}", slot=f"t/{number}")
    await until(lambda: len(begun) == 2)
    await asyncio.sleep(1.0)  # several looks whether there is room
    assert len(begun) == 2
    go_on.set()
    await engine.idle()
    assert len(begun) == 4
    await engine.close(deadline_s=0.0)


async def test_a_run_waits_for_a_server_that_is_away_and_goes_on(postgres: Postgres) -> None:
    done: list[int] = []
    go_on = asyncio.Event()

    async def work(number: int) -> int:
        done.append(number)
        return number

    async def workflow(_: CheckRequest) -> None:
        await engine.activity("one", work, 1)
        await go_on.wait()
        await engine.activity("two", work, 2)

    async def give_up(_: CheckRequest, reason: str) -> None:
        raise AssertionError(reason)

    url = postgres.new_database()
    engine = DurableEngine(url, give_up_after_s=3600.0)
    engine.register({"check": workflow}, give_up=give_up)
    await engine.launch()
    asked = CheckRequest(
        run_id="r1", target="t", check="c", trigger=Trigger.SHELL, caller=Caller(id="u")
    )
    await engine.start("check", asked, id="a", slot="t/c")
    await until(lambda: done)
    async with away(postgres):
        go_on.set()
        # Long enough for the run to find that nobody answers, at the first try.
        await asyncio.sleep(1.0)
    await until(lambda: done == [1, 2])
    await engine.idle()
    [(status,)] = sa_rows(url, "SELECT status FROM dbos.workflow_status")
    assert status == "SUCCESS"
    await engine.close(deadline_s=0.0)


def sa_rows(url: str, query: str) -> list[Any]:
    engine = sa.create_engine(address_of(url))
    with engine.connect() as connection:
        rows = list(connection.execute(sa.text(query)))
    engine.dispose()
    return rows


REPORT = Moment(
    when="after",
    method="chat.postMessage",
    matches=lambda values: (
        values.get("metadata", {}).get("event_payload", {}).get("part") == "report-1"
    ),
)


async def test_a_worker_takes_over_the_runs_of_a_bot_that_was_killed(
    tmp_path: Path, url: str
) -> None:
    (tmp_path / "worker").mkdir()
    async with (
        Staging(["seed"]) as staging,
        MiniSlack() as slack,
        wire(slack) as line,
        bot_of(tmp_path, staging, slack, api_url=line.url, database=url) as bot,
        bot_of(tmp_path / "worker", staging, slack, api_url=line.url, database=url) as worker,
    ):
        line.moment, line.cut = REPORT, bot.kill
        await bot.start()
        assert await bot.ask()
        await line.reached.wait()
        await bot.ended()
        await worker.begin("worker")
        await bot.all_told()
        await until(lambda: '"event": "ready"' in worker.log)
        assert await worker.stop() == 0
        assert broken(slack, asked_at=bot.asked_at, runs=1) == []
        assert "taking over the runs of a process that has ended" in worker.log
