"""Parts of the product put together against the small Slack, for the tests of its Slack side."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.config import SlackCredentials
from bot.masking import Masker
from bot.report import Message
from bot.sandbox import MiniSlack
from bot.slack import Outbox, Pace, Rate, close_client, open_client

UNLIMITED = Rate(burst=10_000, per_minute=600_000)
FAST = Pace(
    methods={},
    unlisted=UNLIMITED,
    channel=UNLIMITED,
    edit_gap_s=0.0,
    spared=0,
    request_s=0.3,
    backoff_s=0.01,
    longest_backoff_s=0.02,
    patience_s=10.0,
)


def credentials(slack: MiniSlack, *, socket_mode: bool = False) -> SlackCredentials:
    return SlackCredentials(
        bot_token=slack.bot_token,
        signing_secret=slack.signing_secret,
        app_token=slack.app_token if socket_mode else "",
        api_url=slack.api_url,
    )


@asynccontextmanager
async def client_of(slack: MiniSlack) -> AsyncIterator[AsyncWebClient]:
    client = open_client(credentials(slack))
    try:
        yield client
    finally:
        await close_client(client)


@asynccontextmanager
async def outbox_of(
    slack: MiniSlack, *, pace: Pace = FAST, masker: Masker | None = None
) -> AsyncIterator[Outbox]:
    async with client_of(slack) as client:
        outbox = Outbox(client, masker=masker or Masker(pepper=b"pepper"), pace=pace)
        try:
            yield outbox
        finally:
            await outbox.close(deadline_s=5.0)


def channel_id(slack: MiniSlack, name: str = "staging") -> str:
    return slack.workspace.channel(name).id


def plain(text: str) -> Message:
    section = {"type": "section", "text": {"type": "plain_text", "text": text}}
    return Message(text=text, blocks=(section,))


def said(blocks: Any) -> str:
    """Everything a person can read in blocks, as one string."""
    if isinstance(blocks, dict):
        here = [value for key, value in blocks.items() if key in ("text", "title")]
        texts = [value for value in here if isinstance(value, str)]
        inner = [said(value) for value in blocks.values() if not isinstance(value, str)]
        return " ".join([*texts, *inner])
    if isinstance(blocks, list | tuple):
        return " ".join(said(block) for block in blocks)
    return ""
