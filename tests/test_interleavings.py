"""What two processes do at once comes to what it would one after the other, at every statement.

On PostgreSQL each statement sees what was committed since the last one, and between any two of
them another process may have come and gone.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any, TypeAlias

import psycopg
import pytest

from bot.alerting import Act, Acted, Event, Policy, RoutePolicy, RunEnded
from bot.labels import Label
from bot.model import Posting, Status
from bot.store import Installed, Store
from bot.target import AcceptedKey
from tests.interleaving import (
    EACH_S,
    OURS,
    TABLES,
    THEIRS,
    Operation,
    Pair,
    address_for,
    compared,
)
from tests.postgres import Postgres
from tests.storing import DIAGNOSIS, RUN

Does: TypeAlias = Operation[Store]

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
POLICY = Policy(failure_threshold=1, failures_of=1, routes=(RoutePolicy(key="slack:C1"),))


def failed(number: int, **changes: Any) -> RunEnded:
    at = NOON + timedelta(seconds=number)
    ended = RunEnded(
        key=f"r{number}",
        at=at,
        check="pipeline",
        status=Status.FAILED,
        started_at=at,
        cause=Label.BACKEND_5XX,
        confidence=0.9,
    )
    return replace(ended, **changes)


def passed(number: int) -> RunEnded:
    return failed(number, status=Status.PASSED, cause=None)


def acted(act: Act, number: int, **changes: Any) -> Acted:
    return Acted(key=f"d{number}", at=NOON + timedelta(seconds=number), act=act, by="U1", **changes)


def apply(event: Event, target: str = "staging") -> Does:
    return lambda store: store.alerts.apply(target, event, POLICY)


async def tell_all(store: Store) -> None:
    for lane in await store.alerts.lanes(NOON + timedelta(days=1)):
        pending = await store.alerts.pending(lane)
        await store.alerts.told(tuple(one.id for one in pending), at=NOON)


def ticked(minute: int) -> Does:
    return lambda store: store.alerts.ticked("s", NOON + timedelta(minutes=minute))


def accepted(second: int) -> Does:
    at = NOON + timedelta(seconds=second)
    key = AcceptedKey(fingerprint="f", source="env", run_id=f"r{second}", at=at)
    return lambda store: store.keys.remember("staging", key)


def save(id: str, *, minute: int = 0) -> Does:
    run = replace(RUN, id=id, started_at=NOON + timedelta(minutes=minute))
    return lambda store: store.save_run(run, DIAGNOSIS)


def post(ts: str) -> Does:
    return lambda store: store.save_posting("r1", Posting(channel="C1", ts=ts, thread=ts))


def prune(*, runs_per_target: int = 100) -> Does:
    return lambda store: store.prune(NOON, runs_per_target=runs_per_target)


def claim(key: str, holder: str = "", *, ttl_s: float = 60.0) -> Does:
    return lambda store: store.claim(key, ttl_s=ttl_s, holder=holder)


def release(key: str, holder: str = "") -> Does:
    return lambda store: store.release(key, holder=holder)


def installed(generation: int) -> Installed:
    return Installed(
        key="T1",
        team="T1",
        enterprise="",
        name="Team",
        bot="B1",
        bot_user="U0",
        scopes="chat",
        sealed=b"%d" % generation,
        generation=generation,
    )


def install(generation: int) -> Does:
    return lambda store: store.installations.save(installed(generation))


def waits(run_id: str) -> Does:
    return lambda store: store.installations.add_execution("x", run_id=run_id, key="T1")


async def take(store: Store) -> bool:
    return await store.take_turn("m", burst=1, each_s=EACH_S) > 0


async def pepper(store: Store) -> bool:
    return await store.pepper() == await store.pepper()


def forget(second: int) -> Does:
    return lambda store: store.alerts.prune(NOON + timedelta(seconds=second))


@dataclass(frozen=True)
class Scene:
    """What may be done at once, and what was done before."""

    does: Mapping[str, Does]
    before: tuple[Does, ...] = ()
    stopped: tuple[str, ...] = ()
    """Which of it is stopped for the others; each, if none is named."""


OPENED = apply(failed(1))
MOVED_ON = (tell_all, apply(failed(4), "beta"), tell_all)
WORKSPACES = {
    "install": install(1000),
    "install again": install(2000),
    "renew": lambda store: store.installations.renew(installed(11)),
    "remove": lambda store: store.installations.remove("T1", generation=10),
}
KEYS = {"newer": accepted(2), "newest": accepted(3)}
TICKS = {"tick": ticked(1), "later tick": ticked(2)}
MESSAGES = {"post": post("1872366400.1"), "post anew": post("1872366400.2"), "prune": prune()}
TURNS: dict[str, Does] = {"take": take, "hold": lambda store: store.hold_turns("m", 1000.0)}
CLAIMS = {
    "claim": claim("k"),
    "claim by a": claim("k", "a"),
    "claim by b": claim("k", "b"),
    "release": release("k"),
    "release by a": release("k", "a"),
}

SCENES = {
    "a target's first": Scene(
        does={
            "failed": apply(failed(1)),
            "failed again": apply(failed(2)),
            "other target": apply(failed(3), "beta"),
        },
        stopped=("failed",),
    ),
    "an incident": Scene(
        does={
            "failed": apply(failed(2)),
            "resolve": apply(acted(Act.RESOLVE, 6)),
            "told": lambda store: store.alerts.told((1, 2), at=NOON),
            "bury": lambda store: store.alerts.bury((1,), at=NOON, error="e"),
            "put off": lambda store: store.alerts.put_off(1, until=NOON, error="e"),
        },
        before=(OPENED,),
        stopped=("resolve", "told", "bury", "put off"),
    ),
    "an incident that passed": Scene(
        does={
            "note": apply(acted(Act.NOTE, 5, incident="i1", text="seen")),
            "forget": forget(4),
        },
        before=(OPENED, apply(passed(2)), apply(passed(3)), *MOVED_ON),
    ),
    "an incident that was resolved": Scene(
        does={"failed": apply(failed(6)), "forget": forget(4)},
        before=(OPENED, apply(acted(Act.RESOLVE, 2)), *MOVED_ON),
    ),
    "first ticks": Scene(does=TICKS),
    "ticks": Scene(does=TICKS, before=(ticked(0),)),
    "first keys": Scene(does=KEYS),
    "keys": Scene(does=KEYS, before=(accepted(1),)),
    "first messages": Scene(does=MESSAGES),
    "messages": Scene(does=MESSAGES, before=(post("1672366400.1"),)),
    "first runs": Scene(does={"save": save("r1"), "save other": save("r2")}),
    "runs": Scene(
        does={"post": post("1"), "prune": prune(runs_per_target=1)},
        before=(save("r1"), save("r2", minute=1)),
    ),
    "first claims": Scene(does=CLAIMS),
    "claims": Scene(does=CLAIMS, before=(claim("k", "a"),)),
    "claims that ran out": Scene(
        does={"claim": claim("k"), "claim by a": claim("k", "a"), "prune": prune()},
        before=(claim("k", "a", ttl_s=0.0), claim("l", ttl_s=0.0)),
    ),
    "first workspaces": Scene(does=WORKSPACES),
    "workspaces": Scene(does=WORKSPACES, before=(install(10),)),
    "places": Scene(
        does={
            "here": lambda store: store.installations.note("C1", "T1"),
            "there": lambda store: store.installations.note("C1", "T2"),
        }
    ),
    "steps": Scene(
        does={
            "wait": waits("r1"),
            "wait for other": waits("r2"),
            "end": lambda store: store.installations.end_execution("x"),
        }
    ),
    "first turns": Scene(does=TURNS),
    "turns": Scene(does=TURNS, before=(take,)),
    "pepper": Scene(does={"pepper": pepper}),
}


@pytest.fixture(scope="module")
def url(postgres: Postgres) -> str:
    return postgres.new_database()


@asynccontextmanager
async def pair_of(url: str) -> AsyncIterator[Pair[Store]]:
    ours = await Store.open(address_for(url, OURS))
    theirs = await Store.open(address_for(url, THEIRS))
    try:
        with psycopg.connect(url, autocommit=True) as watching:
            watching.execute("ALTER SEQUENCE notices_id_seq RESTART")
            yield Pair(watching, ours, theirs, tables=TABLES)
    finally:
        await ours.close()
        await theirs.close()


@pytest.mark.parametrize("scene", SCENES)
async def test_what_is_done_at_once_comes_to_one_after_the_other(url: str, scene: str) -> None:
    does = SCENES[scene].does
    async with pair_of(url) as pair:
        await pair.begin(SCENES[scene].before)
        for ours, theirs in product(SCENES[scene].stopped or does, does):
            right = await pair.one_after_the_other(does[ours], does[theirs])
            async for statement, end in pair.at_once(does[ours], does[theirs]):
                if end not in right:
                    pytest.fail(f"{theirs} in {ours} {statement}:\n{compared(end, right)}")
