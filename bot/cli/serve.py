"""`stagecheck serve`: the bot, until it is told to stop."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import structlog

from bot.app import configure_logging, open_bot
from bot.cli.stopping import until_stopped
from bot.config import Settings, load

log = structlog.get_logger(__name__)


def serve(config: Path | None, *, env: Mapping[str, str]) -> int:
    """Run the bot; return the exit code."""
    settings = load(config, env=env)
    settings.slack_credentials()  # says at once which variable is missing
    configure_logging()
    return asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> int:
    async with open_bot(settings) as bot:
        log.info("ready", url=bot.url, targets=sorted(settings.targets))
        await until_stopped()
        log.info("stopping")
    return 0
