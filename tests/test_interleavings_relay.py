"""What is told while another process tells or decides is told once, in order, and to its end.

As in `tests/test_interleavings.py`, a level higher: the relay of one process is stopped at each of
its statements, and Slack says what people saw.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from slack_house import house

from bot.alerting import RunEnded
from bot.config import Route
from bot.deps import Deps
from bot.labels import Label
from bot.model import Status
from bot.relay import Relay
from bot.sandbox import MiniSlack
from bot.slack import SlackReceiver
from bot.store import Store
from bot.workflows import settle
from tests.interleaving import OURS, TABLES, THEIRS, Operation, Pair, address_for
from tests.postgres import Postgres

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Process:
    """One of two that tell the same people."""

    deps: Deps
    relay: Relay

    async def round(self) -> None:
        await self.relay.start_due()
        await self.relay.close(deadline_s=30.0)


def ended(number: int, status: Status) -> RunEnded:
    at = NOON + timedelta(minutes=number)
    cause = Label.BACKEND_5XX if status is Status.FAILED else Label.HEALTHY
    return RunEnded(
        key=f"r{number}",
        at=at,
        check="pipeline",
        status=status,
        started_at=at,
        cause=cause,
        confidence=0.9,
    )


def settled(*events: RunEnded) -> Operation[Process]:
    async def settle_all(process: Process) -> None:
        for event in events:
            await settle(process.deps, "staging", event)

    return settle_all


def changed(deps: Deps) -> Deps:
    routes = (Route(target="staging", channel="staging"),)
    settings = deps.settings.model_copy(update={"routes": routes})
    return replace(deps, settings=settings, clock=lambda: NOON + timedelta(hours=1))


@asynccontextmanager
async def pair_of(url: str) -> AsyncIterator[tuple[MiniSlack, Pair[Process], Process]]:
    def process(deps: Deps) -> Process:
        return Process(deps, Relay(deps, {"slack": SlackReceiver(deps, home.outbox)}))

    theirs = await Store.open(address_for(url, THEIRS))
    async with house(database=address_for(url, OURS), changed=changed) as home:
        ours = process(home.deps)
        with psycopg.connect(url, autocommit=True) as watching:
            other = process(replace(home.deps, store=theirs))
            yield home.slack, Pair(watching, ours, other, tables=TABLES), ours
    await theirs.close()


BEGUN = "Failing since 2026-03-01 12:01 UTC. Cause: Backend answers with a 5xx. (i1)"
MEANWHILE: dict[str, tuple[Operation[Process], list[str]]] = {
    "another tells it": (lambda process: process.round(), ["Incident i1 triggered", BEGUN]),
    "it is over": (
        settled(ended(3, Status.PASSED), ended(4, Status.PASSED)),
        [
            "Incident i1 resolved",
            BEGUN,
            "Passed: 1 of 2 passes. (i1)",
            "Over: staging works again. It was out for 2 min."
            " Cause: Backend answers with a 5xx. (i1)",
        ],
    ),
}


@pytest.mark.parametrize("meanwhile", MEANWHILE)
async def test_what_happens_while_it_is_told_is_told_once_and_in_order(
    postgres: Postgres, meanwhile: str
) -> None:
    theirs, told = MEANWHILE[meanwhile]
    async with pair_of(postgres.new_database()) as (slack, pair, ours):
        await pair.begin([settled(ended(1, Status.FAILED), ended(2, Status.FAILED))])
        seen = 0
        async for statement, _ in pair.at_once(lambda process: process.round(), theirs):
            await ours.relay.idle()
            texts = [message.text for message in slack.messages()[seen:]]
            seen += len(texts)
            texts[0] = texts[0].partition(":")[0]
            assert texts == told, statement
