"""A log explained in Slack: typed, pasted, attached, or picked from what is there already."""

import asyncio
import json
import threading
from dataclasses import replace
from typing import Any

import pytest
from explaining import FOUNDING, PAYLOAD
from slack_house import FAST, House, channel_id, house, said

from bot.deps import Deps
from bot.masking import Masker, Secret
from bot.model import Status
from bot.sandbox import MiniSlack
from bot.sandbox.slack import Message
from bot.sandbox.slack.files import EXTERNAL, FOREIGN, SNIPPET
from bot.slack import SHORTCUT

LOG = FOUNDING + PAYLOAD
SECRET = "s3cr3t-of-staging-0815"
MODES = pytest.mark.parametrize("socket_mode", [False, True], ids=["http", "socket mode"])


async def form(home: House, *, channel: str = "staging") -> None:
    """Open the form."""
    await home.ask("/stagecheck explain", channel=channel)
    assert home.slack.modal() is not None


async def submit(home: House, **values: Any) -> None:
    """Fill in and submit the open form; wait for all that comes of it."""
    delivery = await home.slack.submit(values)
    assert delivery.ok, delivery.error
    await home.idle()


async def pick(home: House, message: Message, *, user: str = "ada") -> None:
    """Use the shortcut on a message; wait for all that comes of it."""
    delivery = await home.slack.shortcut(SHORTCUT, message_ts=message.ts, user=user)
    assert delivery.ok, delivery.error
    await home.idle()


def report_of(home: House, *, channel: str = "staging") -> tuple[Message, list[Message]]:
    """Return the one answer in a channel, and what stands below it."""
    parent, *thread = [m for m in home.slack.messages(channel) if m.by_app]
    return parent, thread


def whispered(home: House, *, channel: str = "staging") -> str:
    """Return what was told to the caller alone."""
    return " ".join(said(told.blocks) for told in home.slack.ephemerals(channel))


def run_id(message: Message) -> str:
    """Return the run that an answer names."""
    [words] = [said(block) for block in message.blocks if block["type"] == "context"]
    return words.split("run ")[1].split()[0]


@MODES
async def test_a_pasted_log_is_explained_in_the_channel_and_never_taken_for_a_live_run(
    socket_mode: bool,
) -> None:
    async with house(socket_mode=socket_mode) as home:
        await form(home)
        await submit(home, log=LOG, origin="nightly build 4711")
        parent, thread = report_of(home)
        await home.ask(f"/stagecheck show {run_id(parent)}")
        shown = home.slack.messages()[-1]
        kept = await home.deps.store.run(run_id(parent))
    report = " ".join(said(message.blocks) for message in (parent, *thread))
    assert not parent.is_reply
    assert {message.thread_ts for message in thread} == {parent.ts}
    assert "Failed: pasted log" in parent.text
    assert "Read, not executed" in report
    assert "nothing was executed" in report
    assert "nightly build 4711" in report
    assert "Re-run" not in report
    assert (kept.executed, kept.caller.id) == (False, home.slack.workspace.user("ada").id)
    assert "Failed: pasted log" in said(shown.blocks)
    assert home.staging.received == []
    assert home.slack.modal() is None
