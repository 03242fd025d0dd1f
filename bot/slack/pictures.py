"""Charts that Slack refuses as blocks are shown as pictures, below the words that say the same."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.charts import can_draw, render_png
from bot.errors import DeliveryError
from bot.report import Card, Chart, card_message
from bot.slack.outbox import Outbox, Sent
from bot.slack.uploads import Upload

log = structlog.get_logger(__name__)

Share = Callable[[Upload, str, str], Awaitable[None]]
"""Show an upload in a channel, in a thread."""


async def post_charts(
    outbox: Outbox, share: Share, card: Card, *, channel: str, thread: str
) -> Sent:
    """Post `card`; where Slack takes no charts, the pictures follow in its thread.

    DeliveryError if the card cannot be posted; that a picture cannot be is only logged, since
    the words are there.
    """
    sent = await outbox.post(channel, card_message(card), thread=thread)
    if not sent.is_plain or not card.charts:
        return sent
    if not can_draw():
        log.warning("a chart was refused, and no picture is drawn", package="stagecheck[charts]")
        return sent
    for chart in card.charts:
        try:
            # In a thread: it takes some tenths of a second.
            picture = await asyncio.to_thread(render_png, chart)
            await share(_upload(chart, picture), sent.channel, thread or sent.ts)
        except DeliveryError as error:
            log.warning("a picture was not delivered", channel=channel, error=str(error))
    return sent


def _upload(chart: Chart, picture: bytes) -> Upload:
    name = "-".join(chart.title.lower().split()) or "chart"
    return Upload(name=f"{name}.png", title=chart.title, content=picture, alt=chart.summary)
