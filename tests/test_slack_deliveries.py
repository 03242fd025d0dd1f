"""Whatever Slack delivers, however often and however slow we are: one ack, one effect."""

import asyncio
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import aiohttp
import pytest
from slack_house import House, house, said

from bot.deps import Deps
from bot.engine import LocalEngine
from bot.model import CheckRequest
from bot.sandbox import MiniSlack
from bot.sandbox.slack import Delivery
from bot.web import signed

INTERACTIONS = (
    {"type": "block_actions", "actions": [{"action_id": "somebody-elses", "type": "button"}]},
    {"type": "block_suggestion", "action_id": "a", "block_id": "b", "value": "x"},
    {"type": "view_submission", "view": {"callback_id": "a", "type": "modal"}},
    {"type": "view_closed", "view": {"callback_id": "a", "type": "modal"}},
    {"type": "shortcut", "callback_id": "a"},
    {"type": "message_action", "callback_id": "a"},
)


@contextmanager
def environment(**values: str) -> Iterator[None]:
    os.environ.update(values)
    try:
        yield
    finally:
        for name in values:
            del os.environ[name]


@contextmanager
def slow_store(home: House) -> Iterator[None]:
    """Another process holds the database, as one that is backing it up does."""
    path = home.deps.settings.database.removeprefix("sqlite:///")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()


@pytest.mark.parametrize("socket_mode", [False, True], ids=["http", "socket mode"])
async def test_a_command_that_is_delivered_again_is_done_once(socket_mode: bool) -> None:
    async with house(socket_mode=socket_mode) as home:
        delivery = await home.slack.command("/stagecheck staging")
        for attempt in (1, 2, 3):
            assert (await home.slack.redeliver(delivery, attempt=attempt)).ok
        await home.idle()
        runs = await home.deps.store.recent()
    assert len(runs) == 1
    assert home.slack.ephemerals() == []


async def test_a_press_that_is_delivered_again_is_done_once_and_in_silence() -> None:
    async with house() as home:
        await home.ask("/stagecheck staging")
        delivery = await home.slack.press(home.slack.messages()[0].ts, "Re-run Check")
        assert (await home.slack.redeliver(delivery)).ok
        await home.idle()
        runs = await home.deps.store.recent()
    assert len(runs) == 2
    assert home.slack.ephemerals() == []


async def test_a_command_that_was_started_but_never_claimed_is_answered_by_its_run() -> None:
    async with house() as home:
        first = await home.slack.command("/stagecheck staging")
        await home.idle()
        # As it is when the process ends between the start and the claim.
        await home.deps.store.release(f"delivery:{first.payload['trigger_id']}")
        assert (await home.slack.redeliver(first)).ok
        await home.idle()
        runs = await home.deps.store.recent()
    assert len(runs) == 1


async def test_a_press_that_an_earlier_life_claimed_but_did_not_start_is_started() -> None:
    async with house() as home:
        await home.ask("/stagecheck staging")
        [parent] = [one for one in home.slack.messages() if not one.thread_ts]
        await home.engine.close(deadline_s=1.0)
        press = await home.slack.press(parent.ts, "Re-run Check")
        await home.idle()
        button = press.payload["actions"][0]["action_id"]
        key = f"press:{parent.channel}:{parent.ts}:{button}"
        delivery = f"delivery:{press.payload['trigger_id']}"
        # As it is when the process ends between the claim and the start.
        await home.deps.store.release(delivery)
        assert await home.deps.store.claim(key, ttl_s=60.0, holder=delivery)
        assert not await home.deps.store.claim(key, ttl_s=60.0, holder="somebody else's")
        assert (await home.slack.redeliver(press)).ok
        await home.idle()
        told = [said(one.blocks) for one in home.slack.ephemerals()]
    # It was tried again: the same refusal twice, and no word of a button that was used.
    assert sum("stagecheck is shutting down" in one for one in told) == 2
    assert not any("already" in one for one in told)


@pytest.mark.parametrize("socket_mode", [False, True], ids=["http", "socket mode"])
async def test_what_nobody_handles_is_acknowledged(socket_mode: bool) -> None:
    slack = MiniSlack(commands=("/stagecheck", "/unheard-of"))
    async with house(slack=slack, socket_mode=socket_mode):
        channel = slack.workspace.channel("staging").id
        for event in (
            {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home"},
            {"type": "message", "channel": channel, "user": "U1", "text": "hi", "ts": "1.2"},
            {"type": "app_mention", "channel": channel, "user": "U1", "text": "hi", "ts": "1.2"},
            {"type": "something_new"},
        ):
            assert (await slack.event(event)).ok, event
        assert (await slack.command("/unheard-of thing")).ok
        for payload in INTERACTIONS:
            done = await slack.redeliver(Delivery(kind="interactive", payload=payload), attempt=0)
            assert done.ok, payload["type"]


class Slow(LocalEngine):
    """An engine that takes longer to start a run than Slack waits for an ack."""

    async def start(self, workflow: str, request: CheckRequest, *, id: str, slot: str) -> str:
        await asyncio.sleep(3.5)
        return await super().start(workflow, request, id=id, slot=slot)


@pytest.mark.parametrize("socket_mode", [False, True], ids=["http", "socket mode"])
async def test_a_start_that_takes_too_long_is_acknowledged_by_nobody_else(
    socket_mode: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    def slow(deps: Deps) -> Deps:
        return replace(deps, engine=Slow())

    async with house(socket_mode=socket_mode, changed=slow) as home:
        assert not (await home.slack.command("/stagecheck staging")).ok
        await home.idle()
    assert "not handled" not in capsys.readouterr().out


async def test_the_ack_comes_in_time_and_the_answer_later_when_the_store_is_slow() -> None:
    async with house() as home:
        with slow_store(home):
            delivery = await home.slack.command("/stagecheck help")
            told_then = home.slack.ephemerals()
        await home.idle()
        told = home.slack.ephemerals()
    assert delivery.ok
    assert told_then == []
    assert "What stagecheck can do" in said(told[0].blocks)


async def test_what_was_acknowledged_is_finished_before_the_listeners_close() -> None:
    async with house() as home:
        with slow_store(home):
            assert (await home.slack.command("/stagecheck help")).ok
        await home.listeners.close(deadline_s=5.0)
        assert len(home.slack.ephemerals()) == 1


async def test_slack_is_asked_once_who_we_are_however_much_it_delivers() -> None:
    async with house() as home:
        for _ in range(4):
            await home.ask("/stagecheck help")
    assert [call.method for call in home.slack.calls].count("auth.test") == 1


async def test_variables_of_other_slack_apps_change_nothing() -> None:
    others = {
        "SLACK_CLIENT_ID": "1.2",
        "SLACK_CLIENT_SECRET": "hush",
        "SLACK_BOT_TOKEN": "xoxb-of-another-app",
        "SLACK_SIGNING_SECRET": "of another app",
        "SLACK_APP_TOKEN": "xapp-of-another-app",
        "HTTPS_PROXY": "http://127.0.0.1:1",
        "HTTP_PROXY": "http://127.0.0.1:1",
    }
    with environment(**others):
        for socket_mode in (False, True):
            async with house(socket_mode=socket_mode) as home:
                await home.ask("/stagecheck staging")
                assert "Passed" in home.slack.messages()[0].text


async def posted(home: House, body: bytes) -> int:
    timestamp = str(int(time.time()))
    headers = {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signed(home.slack.signing_secret.encode(), timestamp, body).decode(),
        "Content-Type": "application/json",
    }
    url = f"{home.url}/slack/events"
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=body, headers=headers) as response,
    ):
        return response.status


async def test_a_signed_request_that_makes_no_sense_is_refused() -> None:
    null_event = b'{"type":"event_callback","event":null}'
    deep = b"[" * 100_000
    async with house() as home:
        for body in (b"{", b"payload={", b"[1]", b"", b'{"type": 3}', b"\xff", null_event, deep):
            assert await posted(home, body) in (400, 404), body
    assert home.slack.messages() == []
