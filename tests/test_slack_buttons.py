"""Buttons: a press is a typed line, done once, answered where it was pressed, and then spent."""

import asyncio
import json
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import aiohttp
from slack_house import House, channel_id, house, said

from bot.deps import Deps
from bot.report import Button, Card, card_message
from bot.sandbox.slack import Message
from bot.target import Target
from bot.web import signed


def parents(home: House) -> list[Message]:
    return [message for message in home.slack.messages() if not message.is_reply]


def actions_of(message: Message) -> list[str]:
    return [
        element["text"]["text"]
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]
    ]


def contexts_of(message: Message) -> list[str]:
    return [said(block) for block in message.blocks if block["type"] == "context"]


def a_minute_passes(home: House) -> None:
    """Forget which buttons were pressed just now, as the store does after a minute."""
    path = home.deps.settings.database.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as other, other:
        assert other.execute("DELETE FROM claims WHERE key LIKE 'press:%'").rowcount


async def delivered(home: House, payload: Mapping[str, Any]) -> int:
    """Deliver an interaction that Slack signed, made by hand."""
    body = urlencode({"payload": json.dumps(payload)}).encode()
    timestamp = str(int(time.time()))
    headers = {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signed(home.slack.signing_secret.encode(), timestamp, body).decode(),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    url = f"{home.url}/slack/events"
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=body, headers=headers) as response,
    ):
        return response.status


async def test_a_press_runs_the_check_in_the_thread_of_its_message_and_spends_the_button() -> None:
    async with house() as home:
        await home.ask("/stagecheck staging")
        [parent] = parents(home)
        before = len(home.slack.messages())
        await home.press(parent.ts, "Re-run Check", user="grace")
        [parent] = parents(home)
        again = home.slack.messages()[before]
        grace = home.slack.workspace.user("grace").id
    assert "Re-run Check" not in actions_of(parent)
    assert "plan" in {block["type"] for block in parent.blocks}
    assert any(f"Re-run Check · asked by <@{grace}> · <!date^" in c for c in contexts_of(parent))
    assert (again.thread_ts, "Passed" in again.text) == (parent.ts, True)
    assert home.slack.ephemerals(user="grace") == []


async def test_impatient_clicks_run_the_check_once() -> None:
    async with house() as home:
        await home.ask("/stagecheck staging")
        [parent] = parents(home)
        await home.press(parent.ts, "Re-run Check", repeat=4)
        runs = await home.deps.store.recent()
    assert len(runs) == 2


async def test_when_two_people_press_at_once_the_check_runs_once_and_the_second_is_told() -> None:
    async with house() as home:
        await home.ask("/stagecheck staging")
        [parent] = parents(home)
        first = await home.slack.press(parent.ts, "Re-run Check", user="ada")
        # What grace's screen still showed when she pressed.
        late = dict(first.payload) | {
            "trigger_id": "1.2.3",
            "user": {"id": home.slack.workspace.user("grace").id},
            "response_url": (await home.slack.command("/stagecheck help", user="grace")).payload[
                "response_url"
            ],
        }
        assert await delivered(home, late) == 200
        await home.idle()
        runs = await home.deps.store.recent()
        told = home.slack.ephemerals(user="grace")[-1]
    assert len(runs) == 2
    assert "This button was used already" in said(told.blocks)


async def test_a_press_on_a_screen_that_is_out_of_date_starts_nothing() -> None:
    async with house() as home:
        await home.ask("/stagecheck staging")
        [parent] = parents(home)
        pressed = await home.slack.press(parent.ts, "Re-run Check")
        await home.idle()
        before = len(home.slack.messages())
        [button] = pressed.payload["actions"]
        gone = button | {"action_id": "do:verify-key-staging", "value": "verify-key staging"}
        stale = dict(pressed.payload) | {"trigger_id": "1.2.3", "actions": [gone]}
        assert await delivered(home, stale) == 200
        await home.idle()
        told = home.slack.ephemerals()[-1]
    assert "This button was used already" in said(told.blocks)
    assert len(home.slack.messages()) == before


async def test_two_buttons_pressed_at_once_are_both_spent() -> None:
    async with house("bypass-key-mismatch") as home:
        await home.ask("/stagecheck staging")
        [parent] = parents(home)
        assert {"Re-run Check", "Verify Bypass Key"} <= set(actions_of(parent))
        await asyncio.gather(
            home.slack.press(parent.ts, "Re-run Check"),
            home.slack.press(parent.ts, "Verify Bypass Key", user="grace"),
        )
        await home.idle()
        [parent] = parents(home)
        checks = sorted(run.check for run in await home.deps.store.recent())
    assert not {"Re-run Check", "Verify Bypass Key"} & set(actions_of(parent))
    assert sum("asked by" in context and "·" in context for context in contexts_of(parent)) >= 2
    assert checks == ["key", "pipeline", "pipeline"]


async def test_a_row_of_buttons_that_lost_one_is_a_new_row_to_slack() -> None:
    async with house("bypass-key-mismatch") as home:
        await home.ask("/stagecheck staging")
        [before] = [block for block in parents(home)[0].blocks if block["type"] == "actions"]
        await home.press(parents(home)[0].ts, "Re-run Check")
        [after] = [block for block in parents(home)[0].blocks if block["type"] == "actions"]
    assert after["block_id"] != before["block_id"]
    assert [element["action_id"] for element in after["elements"]] == [
        element["action_id"] for element in before["elements"] if "run" not in element["action_id"]
    ]


async def test_a_press_while_the_check_runs_attaches_and_leaves_the_button() -> None:
    async with house("silence") as home:
        await home.ask("/stagecheck staging")
        [parent] = parents(home)
        before = len(home.slack.messages())
        await home.slack.command("/stagecheck staging", user="grace")
        await home.slack.until(lambda: any(m.edits for m in home.slack.messages()[before:]))
        await home.slack.press(parent.ts, "Re-run Check")
        await home.idle()
        parent = parents(home)[0]
        told = home.slack.ephemerals()[-1]
    assert "Re-run Check" in actions_of(parent)
    assert "already being checked" in said(told.blocks)


async def test_a_press_in_what_only_one_person_sees_runs_in_the_channel() -> None:
    async with house() as home:
        await home.ask("/stagecheck status")
        [status] = home.slack.ephemerals()
        await home.press(status.ts, "Check staging")
        [parent] = parents(home)
    assert "Passed" in parent.text


async def test_a_button_that_stays_starts_a_new_run_a_minute_later() -> None:
    async with house() as home:
        await home.ask("/stagecheck status")
        [status] = home.slack.ephemerals()
        await home.press(status.ts, "Check staging")
        a_minute_passes(home)
        await home.press(status.ts, "Check staging")
        runs = await home.deps.store.recent()
    assert len(runs) == 2
    assert len(parents(home)) == 2


async def test_a_button_that_only_reads_stays_and_answers_everybody_who_presses_it() -> None:
    card = Card(title="Hello", buttons=(Button(label="Show History", command="history"),))
    async with house() as home:
        sent = await home.outbox.post(channel_id(home.slack), card_message(card))
        for user in ("ada", "grace"):
            await home.press(sent.ts, "Show History", user=user, repeat=2)
        answers = {user: home.slack.ephemerals(user=user) for user in ("ada", "grace")}
        [message] = home.slack.messages()
    assert actions_of(message) == ["Show History"]
    assert [len(told) for told in answers.values()] == [1, 1]
    assert "No runs yet" in said(answers["grace"][0].blocks)


async def test_an_answer_to_a_press_in_a_thread_is_seen_in_that_thread() -> None:
    card = Card(title="Hello", buttons=(Button(label="Show History", command="history"),))
    async with house() as home:
        channel = channel_id(home.slack)
        parent = await home.outbox.post(channel, card_message(Card(title="Parent")))
        sent = await home.outbox.post(channel, card_message(card), thread=parent.ts)
        await home.press(sent.ts, "Show History")
        [told] = home.slack.ephemerals()
    assert told.thread_ts == parent.ts


async def test_a_stored_run_is_shown_to_everybody_and_can_be_run_again_from_there() -> None:
    async with house() as home:
        await home.ask("/stagecheck staging")
        [summary] = await home.deps.store.recent()
        await home.ask(f"/stagecheck show {summary.id[:6]}", user="grace")
        shown = home.slack.messages()[-1]
        await home.press(shown.ts, "Re-run Check")
        runs = await home.deps.store.recent()
    assert not shown.is_reply
    assert "Passed: pipeline on staging" in said(shown.blocks)
    assert len(runs) == 2


async def test_a_button_stays_when_what_it_asks_for_cannot_be_started() -> None:
    async with house() as home:
        await home.ask("/stagecheck staging")
        [parent] = parents(home)
        await home.engine.close(deadline_s=1.0)
        await home.press(parent.ts, "Re-run Check")
        [parent] = parents(home)
        [told] = home.slack.ephemerals()
    assert "Re-run Check" in actions_of(parent)
    assert "stagecheck is shutting down" in said(told.blocks)


async def test_a_button_that_started_nothing_may_be_pressed_again_at_once() -> None:
    async with house() as home:
        await home.ask("/stagecheck staging")
        [parent] = parents(home)
        await home.engine.close(deadline_s=1.0)
        for _ in range(2):
            await home.press(parent.ts, "Re-run Check")
        answers = [said(told.blocks) for told in home.slack.ephemerals()]
    assert len(answers) == 2
    assert all("stagecheck is shutting down" in answer for answer in answers)


class Unreadable(dict[str, Target]):
    """Targets that break whoever lists them."""

    def __iter__(self) -> Iterator[str]:
        raise RuntimeError("no list today")


async def test_when_a_part_of_ours_breaks_the_caller_is_told_and_slack_hears_an_ack() -> None:
    def break_targets(deps: Deps) -> Deps:
        return replace(deps, targets=Unreadable())

    async with house(changed=break_targets) as home:
        await home.ask("/stagecheck staging")
        [told] = home.slack.ephemerals()
    assert "A part of stagecheck broke" in said(told.blocks)
    assert "our own doing" in said(told.blocks)
    assert "no list today" not in said(told.blocks)
