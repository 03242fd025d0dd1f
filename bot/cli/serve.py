"""`stagecheck serve`: the bot, until it is told to stop."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import structlog

from bot import journal
from bot.app import open_bot
from bot.cli.garbage import settle
from bot.cli.stopping import stopping
from bot.config import Settings, load
from bot.durable import run
from bot.errors import DeliveryError

log = structlog.get_logger(__name__)


def serve(config: Path | None, *, env: Mapping[str, str]) -> int:
    """Run the bot; return the exit code."""
    settings = load(config, env=env)
    return run(_serve(settings))


async def _serve(settings: Settings) -> int:
    # From the first: a signal while the bot is being opened must not leave it half open.
    with stopping() as stop:
        async with open_bot(settings) as bot:
            journal.log_uncaught()
            settle()
            log.info("ready", url=bot.url, targets=sorted(settings.targets))
            stopped = asyncio.create_task(stop.wait())
            lost = asyncio.create_task(bot.lost.wait())
            await asyncio.wait((stopped, lost), return_when=asyncio.FIRST_COMPLETED)
            for task in (stopped, lost):
                task.cancel()
            log.info("stopping", slack_lost=bot.lost.is_set())
    # Whoever runs the process starts it again; a bot that cannot hear Slack is of no use.
    return DeliveryError.exit_code if bot.lost.is_set() else 0
