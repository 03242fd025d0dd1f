"""Charts that Slack refuses as blocks are shown as pictures, below the words that say the same."""

import asyncio

import structlog

from bot.charts import can_draw, render_png
from bot.errors import DeliveryError
from bot.report import Card, Chart, card_message
from bot.slack.outbox import Outbox
from bot.slack.uploads import Upload

log = structlog.get_logger(__name__)


async def post_charts(outbox: Outbox, card: Card, *, channel: str, thread: str) -> bool:
    """Post `card`; where Slack takes no charts, the pictures follow in its thread.

    Return whether it could be posted there at all. That a picture could not be is only logged,
    since the words are there. DeliveryError for what may pass.
    """
    try:
        sent = await outbox.post(channel, card_message(card), thread=thread)
    except DeliveryError as error:
        if not error.permanent:
            raise
        return False
    if not sent.is_plain:
        return True
    if not can_draw():
        log.warning("a chart was refused, and no picture is drawn", package="stagecheck[charts]")
        return True
    for chart in card.charts:
        try:
            # In a thread: it takes some tenths of a second.
            picture = await asyncio.to_thread(render_png, chart)
            await outbox.share(_upload(chart, picture), sent.channel, thread or sent.ts)
        except DeliveryError as error:
            log.warning("a picture was not delivered", channel=channel, error=str(error))
    return True


def _upload(chart: Chart, picture: bytes) -> Upload:
    name = "-".join(chart.title.lower().split()) or "chart"
    return Upload(name=f"{name}.png", title=chart.title, content=picture, alt=chart.summary)
