"""A schedule fires once over all processes of one PostgreSQL, and incidents are decided once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from slack_house import House, house

from bot.alerting import Policy, RoutePolicy, RunEnded, Watch
from bot.config import Schedule
from bot.durable import DurableEngine
from bot.labels import Label
from bot.model import CheckRequest, Status
from bot.scheduler import Scheduler, due, name_of
from bot.store import Store
from tests.postgres import Postgres

EACH_MINUTE = Schedule(target="staging", cron="* * * * *")
BEGAN = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
LATE = {name_of(EACH_MINUTE): BEGAN}


@pytest.fixture
def url(postgres: Postgres) -> str:
    """The address of a new database."""
    return postgres.new_database()


async def test_a_tick_starts_one_run_in_whichever_process(url: str) -> None:
    now, begun = BEGAN, []

    async def workflow(request: CheckRequest) -> None:
        begun.append(request.run_id)

    async def give_up(request: CheckRequest, reason: str) -> None:
        raise AssertionError(reason)

    @asynccontextmanager
    async def process(home: House) -> AsyncIterator[tuple[Scheduler, DurableEngine]]:
        # One after the other: there is one engine in a process.
        engine = DurableEngine(url, give_up_after_s=60.0)
        engine.register({"check": workflow}, give_up=give_up)
        store = await Store.open(url)
        settings = home.deps.settings.model_copy(update={"schedules": (EACH_MINUTE,)})
        parts = {"engine": engine, "store": store, "settings": settings, "clock": lambda: now}
        await engine.launch()
        try:
            yield Scheduler(replace(home.deps, **parts)), engine
        finally:
            await engine.close(deadline_s=5.0)
            await store.close()

    async with house() as home:
        async with process(home) as (scheduler, engine):
            await scheduler.round()
            for _ in range(3):
                now += timedelta(minutes=1)
                await scheduler.round()
                await scheduler.round()
                await engine.idle()
        async with process(home) as (scheduler, engine):
            await scheduler.round()
            # As if the first had ended between starting the run and saying so.
            [again] = due(scheduler._deps.live, Watch(target="staging"), LATE, now)
            await scheduler._start(again)
            await engine.idle()
            assert len(begun) == len(set(begun)) == 3
            now += timedelta(minutes=1)
            await scheduler.round()
            await engine.idle()
            assert len(begun) == 4


POLICY = Policy(failure_threshold=1, failures_of=1, routes=(RoutePolicy(key="slack:C1"),))


def ended(number: int) -> RunEnded:
    at = BEGAN + timedelta(seconds=number)
    return RunEnded(
        key=f"r{number}",
        at=at,
        check="pipeline",
        status=Status.FAILED,
        started_at=at,
        cause=Label.BACKEND_5XX,
        confidence=0.9,
    )


async def test_what_many_processes_hear_at_once_opens_one_incident(url: str) -> None:
    stores = [await Store.open(url) for _ in range(3)]
    try:
        applied = await asyncio.gather(
            *(
                store.alerts.apply("staging", ended(number), POLICY)
                for number in range(10)
                for store in stores
            )
        )
        [incident] = await stores[0].alerts.incidents()
        told = [
            one.notice.kind
            for lane in await stores[0].alerts.lanes(BEGAN + timedelta(1))
            for one in await stores[0].alerts.pending(lane)
        ]
    finally:
        for store in stores:
            await store.close()
    assert sum(each.fresh for each in applied) == 10
    assert (incident.id, incident.failures) == ("i1", 10)
    assert told.count("report") == 1


async def test_many_targets_that_fail_at_once_have_an_incident_each(url: str) -> None:
    stores = [await Store.open(url) for _ in range(3)]
    try:
        applied = await asyncio.gather(
            *(stores[n % 3].alerts.apply(f"t{n}", ended(n), POLICY) for n in range(40))
        )
    finally:
        for store in stores:
            await store.close()
    assert len({each.incident.id for each in applied if each.incident}) == 40
