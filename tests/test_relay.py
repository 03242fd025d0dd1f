"""What was decided is told whatever happens in between, and nobody is called to what is over."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from slack_house import house

from bot.alerting import Act, Acted, Policy, Ticked
from bot.config import Owner
from bot.config.routes import Escalation, PagerDuty
from bot.errors import StoreError
from bot.model import Status
from bot.rounds import rounds
from bot.store.watches import MOST_ENTRIES
from bot.workflows import settle, tick
from tests.receiving import (
    NOW,
    Clock,
    ended,
    outage,
    outside,
    pager,
    paging,
    routed,
    run,
    told,
    webhook,
)


async def test_a_route_that_this_process_does_not_know_is_left_to_one_that_does() -> None:
    clock = Clock()
    async with outside() as there, house(changed=routed(webhook(there), clock=clock)) as home:
        await run(home, 1, Status.FAILED)
        await run(home, 2, Status.FAILED)
        knows = home.deps.reloaded.settings
        home.deps.reloaded.settings = home.deps.settings.model_copy(update={"routes": ()})
        await told(home)
        assert there.taken == []
        home.deps.reloaded.settings = knows
        clock.now += timedelta(minutes=1)
        await told(home)
    assert [said["type"] for said in there.said] == ["incident.parent", "incident.report"]


async def test_a_route_that_nobody_knows_for_an_hour_is_given_up() -> None:
    clock = Clock()
    async with outside() as there, house(changed=routed(webhook(there), clock=clock)) as home:
        await run(home, 1, Status.FAILED)
        await run(home, 2, Status.FAILED)
        home.deps.reloaded.settings = home.deps.settings.model_copy(update={"routes": ()})
        for _ in range(20):
            await told(home)
            clock.now += timedelta(minutes=6)
        assert await home.deps.store.alerts.lanes(clock()) == ()
        assert await home.deps.store.alerts.dead(since=NOW)


async def test_nobody_is_called_to_what_is_over_by_then() -> None:
    clock = Clock()
    async with outside() as there:
        route = webhook(there).model_copy(update={"escalation": Escalation(after_s=60)})
        async with house(changed=routed(route, clock=clock)) as home:
            await run(home, 1, Status.FAILED)
            await run(home, 2, Status.FAILED)
            clock.now += timedelta(minutes=3)
            await settle(home.deps, "staging", Ticked(at=clock()))
            kinds = [
                one.notice.kind
                for lane in await home.deps.store.alerts.lanes(clock())
                for one in await home.deps.store.alerts.pending(lane)
            ]
            assert "escalation" in kinds
            await run(home, 3, Status.PASSED)
            await run(home, 4, Status.PASSED)
            await told(home)
    said = [each["type"] for each in there.said]
    assert "incident.escalation" not in said
    assert said[-1] == "incident.recovery"


async def test_an_edit_that_is_held_pages_nobody() -> None:
    clock = Clock()
    async with outside() as there, house(changed=routed(paging(there), clock=clock)) as home:
        await run(home, 1, Status.FAILED)
        await run(home, 2, Status.FAILED)
        await told(home)

        def acted(act: Act, key: str, **more: Any) -> Acted:
            return Acted(key=key, at=clock(), act=act, by="U1", **more)

        await settle(home.deps, "staging", acted(Act.RESOLVE, "d1", incident="i1"))
        until = clock() + timedelta(hours=8)
        await settle(home.deps, "staging", acted(Act.MUTE, "d2", until=until))
        await told(home)
        before = len(there.taken)
        await run(home, 3, Status.FAILED)
        await told(home)
        assert [said["event_action"] for said in there.said[before:]] in ([], ["resolve"])
        clock.now = until + timedelta(seconds=1)
        await tick(home.deps)
        await told(home)
    assert there.said[-1]["event_action"] == "trigger"


async def test_our_own_trouble_is_resolved_at_pagerduty_when_it_is_over() -> None:
    clock = Clock()
    async with outside() as there:
        owner = Owner(pagerduty=PagerDuty()).model_copy(update={"pagerduty": pager(there)})
        async with house(changed=routed(clock=clock, owner=owner)) as home:
            for number in range(1, 4):
                await run(home, number, Status.ERRORED)
            await run(home, 4, Status.PASSED)
            await told(home)
    assert [said["event_action"] for said in there.said] == ["trigger", "resolve"]
    assert len({said["dedup_key"] for said in there.said}) == 1


async def test_no_number_is_given_twice_however_much_is_forgotten() -> None:
    clock = Clock()
    async with outside() as there, house(changed=routed(webhook(there), clock=clock)) as home:
        await outage(home)
        clock.now += timedelta(days=200)
        await home.deps.store.alerts.prune(clock())
        await run(home, 100_000, Status.FAILED)
        await run(home, 100_001, Status.FAILED)
        [newest, *_] = await home.deps.store.alerts.incidents()
    assert newest.id == "i2"


async def test_an_outage_that_lasted_longer_than_things_are_kept_is_told_to_its_end() -> None:
    clock = Clock()
    async with outside() as there, house(changed=routed(webhook(there), clock=clock)) as home:
        await run(home, 1, Status.FAILED)
        await run(home, 2, Status.FAILED)
        await told(home)
        await run(home, 40_000, Status.PASSED)
        await run(home, 40_001, Status.PASSED)
        later = await settle(
            home.deps, "staging", Acted(key="d9", at=clock(), act=Act.OPEN, by="U1", text="another")
        )
        assert later.incident
        await home.deps.store.alerts.prune(clock() - timedelta(days=90))
        await told(home)
        assert (await home.deps.store.alerts.incident("i1")).resolved_at
    assert "incident.recovery" in [said["type"] for said in there.said]


async def test_a_target_that_is_gone_from_the_file_can_be_resolved() -> None:
    clock = Clock()
    async with outside() as there, house(changed=routed(webhook(there), clock=clock)) as home:
        await run(home, 1, Status.FAILED)
        await run(home, 2, Status.FAILED)
        gone = replace(home.deps, targets={})
        done = await settle(
            gone, "staging", Acted(key="d1", at=clock(), act=Act.RESOLVE, by="U1", incident="i1")
        )
    assert done.incident
    assert done.incident.resolved_by == "U1"


async def test_what_breaks_in_a_round_is_logged_and_the_next_is_made() -> None:
    made = 0

    async def breaks() -> None:
        nonlocal made
        made += 1
        raise ValueError("half of it") if made % 2 else StoreError("away")

    async with rounds(breaks, every_s=0.01, name="ticks"):
        while made < 4:
            await asyncio.sleep(0.01)


async def test_what_one_target_left_unreadable_holds_up_no_other() -> None:
    async with house() as home:
        alerts = home.deps.store.alerts
        await run_once(home)
        bad = sa.text("INSERT INTO watches (target, document) VALUES ('other', '{\"target\": 7}')")
        await alerts._database.write(lambda connection: connection.execute(bad))
        assert [watch.target for watch in await alerts.watches()] == ["staging"]
        await tick(home.deps)


async def run_once(home: Any) -> None:
    at = home.deps.clock()
    await settle(home.deps, "staging", Acted(key="d1", at=at, act=Act.MUTE, by="U1", until=at))


async def test_the_end_of_an_outage_that_went_on_for_ever_is_in_its_timeline() -> None:
    async with house() as home:
        policy = Policy(failure_threshold=1, failures_of=1, success_threshold=1)
        alerts = home.deps.store.alerts
        for number in range(MOST_ENTRIES + 20):
            await alerts.apply("staging", ended(number, Status.FAILED), policy)
        await alerts.apply("staging", ended(5_000, Status.PASSED), policy)
        timeline = await alerts.timeline("i1")
    assert len(timeline) == MOST_ENTRIES + 1
    assert timeline[-1].kind == "resolve"


async def test_how_long_telling_takes_is_counted_from_when_it_was_decided() -> None:
    clock = Clock()
    async with outside() as there, house(changed=routed(webhook(there), clock=clock)) as home:
        await run(home, 1, Status.FAILED)
        late = ended(2, Status.FAILED)
        heard_at = late.at + timedelta(minutes=9)
        await settle(home.deps, "staging", replace(late, heard_at=heard_at))
        [lane] = await home.deps.store.alerts.lanes(heard_at)
        waiting = await home.deps.store.alerts.pending(lane)
    assert {one.decided_at for one in waiting} == {heard_at}
