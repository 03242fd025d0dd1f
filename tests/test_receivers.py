"""Receivers outside Slack hear of incidents: signed, with ids that stay, and nothing twice."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from incident_samples import ACKNOWLEDGED, BY_HAND, OPEN, RESOLVED
from slack_house import house

from bot.alerting import Act, Acted, Incident
from bot.config import Owner, Receiver, Route
from bot.config.routes import Apprise, PagerDuty, Webhook
from bot.model import Status
from bot.receivers import receiving
from bot.receivers.webhook import signature
from bot.receivers.words import title
from bot.relay import Relay
from bot.workflows import policy_of, settle
from tests.receiving import (
    KEY,
    NOW,
    Clock,
    outage,
    outside,
    paging,
    routed,
    run,
    secret,
    told,
    webhook,
)


async def test_a_webhook_hears_everything_signed_and_once() -> None:
    async with outside() as there, house(changed=routed(webhook(there), clock=Clock())) as home:
        await outage(home)
        await told(home)
    ids = [headers["webhook-id"] for headers, _ in there.taken]
    assert len(ids) == len(set(ids))
    for headers, body in there.taken:
        wanted = signature(KEY, headers["webhook-id"], headers["webhook-timestamp"], body)
        assert headers["webhook-signature"] == wanted
    first, last = there.said[0], there.said[-1]
    assert (first["type"], first["data"]["incident"]["state"]) == ("incident.parent", "triggered")
    assert first["data"]["incident"]["cause"] == "backend_5xx"
    assert (last["type"], last["data"]["incident"]["state"]) == ("incident.recovery", "resolved")


async def test_what_is_not_taken_is_sent_again_with_the_same_id() -> None:
    clock = Clock()
    async with outside() as there, house(changed=routed(webhook(there), clock=clock)) as home:
        there.refuses = [503, 500]
        await run(home, 1, Status.FAILED)
        await run(home, 2, Status.FAILED)
        for _ in range(4):
            await told(home)
            clock.now += timedelta(minutes=1)
    kinds = [said["type"] for said in there.said]
    assert kinds == ["incident.parent", "incident.report"]


async def test_pagerduty_is_triggered_acknowledged_and_resolved_by_one_key() -> None:
    clock = Clock()
    async with outside() as there, house(changed=routed(paging(there), clock=clock)) as home:
        await run(home, 1, Status.FAILED)
        await run(home, 2, Status.FAILED)
        await told(home)
        acked = Acted(key="d1", at=clock(), act=Act.ACKNOWLEDGE, by="U1", incident="i1")
        await settle(home.deps, "staging", acked)
        await told(home)
        await run(home, 3, Status.PASSED)
        await run(home, 4, Status.PASSED)
        await told(home)
    actions = [said["event_action"] for said in there.said]
    assert [a for n, a in enumerate(actions) if actions[n - 1 : n] != [a]] == [
        "trigger",
        "acknowledge",
        "resolve",
    ]
    assert len({said["dedup_key"] for said in there.said}) == 1
    assert {said["routing_key"] for said in there.said} == {"R0UTING"}
    assert there.said[0]["payload"]["severity"] in ("critical", "error", "warning")


async def test_a_pass_triggers_nothing_that_somebody_ended_in_pagerduty() -> None:
    clock = Clock()
    async with outside() as there, house(changed=routed(paging(there), clock=clock)) as home:
        for number, status in enumerate([Status.FAILED, Status.FAILED, Status.PASSED], start=1):
            await run(home, number, status)
            await told(home)
    assert [said["event_action"] for said in there.said] == ["trigger"]
    assert "passed" not in there.said[0]["payload"]["summary"]


async def test_the_owner_of_a_cause_is_pinged_on_the_target_s_own_route() -> None:
    routes = (Route(target="*", channel="all-hands"), Route(target="staging", channel="staging"))
    async with house() as home:
        settings = home.deps.settings.model_copy(update={"routes": routes})
        policy = policy_of(settings, home.deps.targets["staging"])
    assert [route.key for route in policy.routes] == ["slack:staging", "slack:all-hands"]


async def test_apprise_hears_each_state_once() -> None:
    clock = Clock()
    async with outside() as there:
        address = there.url.replace("http://", "json://")
        held = Apprise().model_copy(update={"url": secret(address)})
        route = Route(target="staging", apprise=Apprise()).model_copy(update={"apprise": held})
        async with house(changed=routed(route, clock=clock)) as home:
            await outage(home)
    titles = [said["title"] for said in there.said]
    assert len(titles) == 2
    assert titles[0].startswith("staging fails: ")
    assert "works again after" in titles[1]


@pytest.mark.parametrize(
    ("incident", "told"),
    [
        (OPEN, "staging fails: Bypass key differs (i3)"),
        (ACKNOWLEDGED, "staging fails: Bypass key differs, acknowledged (i3)"),
        (RESOLVED, "staging works again after 2 h 3 min: Bypass key differs (i3)"),
        (
            BY_HAND,
            "staging still failed in its last run: Bypass key differs, resolved by hand (i3)",
        ),
        (
            replace(BY_HAND, last_status=None, cause=None, title="Odd logins"),
            "no run has shown that staging works again: Odd logins, resolved by hand (i3)",
        ),
        (
            replace(OPEN, cause=None, title="Odd logins", failures=0, opened_by="U1"),
            "something is wrong with staging: Odd logins (i3)",
        ),
    ],
)
def test_a_title_says_no_more_than_is_known(incident: Incident, told: str) -> None:
    assert title(incident) == told


BREAKS = """CREATE TRIGGER breaks BEFORE INSERT ON notices WHEN NEW.kind = 'own'
            BEGIN SELECT RAISE(ABORT, 'broken'); END"""


async def test_the_owner_hears_once_that_a_route_takes_nothing() -> None:
    clock = Clock()
    async with outside() as there, outside() as owners:
        owner = Owner(webhook=Webhook(url=owners.url)).model_copy(
            update={"webhook": webhook(owners).webhook, "name": "owner"}
        )
        async with house(changed=routed(webhook(there), clock=clock, owner=owner)) as home:
            there.refuses = [404] * 50
            await outage(home)
            await told(home)
            dead = await home.deps.store.alerts.dead(since=NOW)
    assert there.taken == []
    [said] = owners.said
    assert "do not reach webhook:127.0.0.1" in said["data"]["text"]
    assert "404" in said["data"]["text"]
    assert dead


async def test_the_owner_hears_of_it_although_that_could_not_be_kept_at_first() -> None:
    clock = Clock()
    async with outside() as there, outside() as owners:
        owner = Owner(webhook=webhook(owners).webhook, name="owner")
        async with house(changed=routed(webhook(there), clock=clock, owner=owner)) as home:
            there.refuses = [404] * 50
            write = home.deps.store.alerts._database.write
            await write(lambda connection: connection.execute(sa.text(BREAKS)))
            await outage(home)
            await told(home)
            assert owners.taken == []
            await write(lambda connection: connection.execute(sa.text("DROP TRIGGER breaks")))
            clock.now += timedelta(minutes=6)
            await told(home)
    [said] = owners.said
    assert "do not reach webhook:127.0.0.1" in said["data"]["text"]


async def test_a_route_that_was_put_right_and_breaks_again_is_told_to_the_owner_again() -> None:
    clock = Clock()
    async with outside() as there, outside() as owners:
        owner = Owner(webhook=Webhook(url=owners.url)).model_copy(
            update={"webhook": webhook(owners).webhook, "name": "owner"}
        )
        async with house(changed=routed(webhook(there), clock=clock, owner=owner)) as home:
            for number, (refused, heard) in enumerate([(404, 1), (200, 1), (404, 1), (404, 2)]):
                there.refuses = [refused] * 50
                await outage(home, after=10 * number)
                await told(home)
                assert len(owners.said) == heard
                if number == 2:  # a day passes
                    await home.deps.store.shorten("broken-route:", ttl_s=0)


async def test_a_recovery_waits_for_a_route_that_is_put_right() -> None:
    clock = Clock()
    async with outside() as there, house(changed=routed(webhook(there), clock=clock)) as home:
        await run(home, 1, Status.FAILED)
        await run(home, 2, Status.FAILED)
        await told(home)
        before = len(there.taken)
        there.refuses = [403] * 3
        await run(home, 3, Status.PASSED)
        await run(home, 4, Status.PASSED)
        for _ in range(8):
            await told(home)
            clock.now += timedelta(minutes=6)
    assert [said["type"] for said in there.said[before:]][-1] == "incident.recovery"


async def test_two_processes_tell_nothing_twice() -> None:
    clock = Clock()
    async with outside() as there, house(changed=routed(webhook(there), clock=clock)) as home:
        await run(home, 1, Status.FAILED)
        await run(home, 2, Status.FAILED)
        await run(home, 3, Status.FAILED)
        async with receiving(home.deps.store) as receivers:
            both = [Relay(home.deps, receivers) for _ in range(2)]
            await asyncio.gather(*(relay.idle() for relay in both))
            await both[0].idle()
    ids = [headers["webhook-id"] for headers, _ in there.taken]
    assert len(ids) == len(set(ids)) > 2


@pytest.mark.parametrize("kind", ["webhook", "pagerduty", "apprise"])
async def test_a_receiver_without_its_secret_is_told_to_the_log_and_not_tried_for_ever(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given: dict[str, Any] = {
        "webhook": {"webhook": Webhook(url="http://127.0.0.1:9/in")},
        "pagerduty": {"pagerduty": PagerDuty()},
        "apprise": {"apprise": Apprise()},
    }[kind]
    route = Route(target="staging", **given)
    assert isinstance(route, Receiver)
    async with house(changed=routed(route, clock=Clock())) as home:
        await run(home, 1, Status.FAILED)
        await run(home, 2, Status.FAILED)
        await told(home)
        assert await home.deps.store.alerts.dead(since=NOW)
    assert "an alert was not delivered" in capsys.readouterr().out
