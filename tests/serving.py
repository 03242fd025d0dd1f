"""`stagecheck serve` as a process, from its configuration to its end."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml
from crashing import Bot

from bot.sandbox import MiniSlack, Staging

NOTHING: Mapping[str, Any] = {}


def configure(
    folder: Path,
    staging: Staging,
    slack: MiniSlack,
    *,
    socket_mode: bool,
    also: Mapping[str, Any] = NOTHING,
) -> Path:
    """Write a configuration whose Slack secrets come from the environment."""
    config = folder / "stagecheck.yaml"
    staging.write_config(config)
    document = yaml.safe_load(config.read_text())
    document["slack"] = {
        "bot_token": "${env:STAGECHECK_SLACK_BOT_TOKEN}",
        "signing_secret": "${env:STAGECHECK_SLACK_SIGNING_SECRET}",
        "api_url": slack.api_url,
    }
    if socket_mode:
        document["slack"]["app_token"] = "${env:STAGECHECK_SLACK_APP_TOKEN}"
    document |= {"server": {"port": 0}, **also}
    config.write_text(yaml.safe_dump(document))
    return config


def secrets(slack: MiniSlack) -> dict[str, str]:
    """Return the environment that the configuration refers to."""
    return {
        "STAGECHECK_SLACK_BOT_TOKEN": slack.bot_token,
        "STAGECHECK_SLACK_SIGNING_SECRET": slack.signing_secret,
        "STAGECHECK_SLACK_APP_TOKEN": slack.app_token,
    }


@asynccontextmanager
async def served(
    folder: Path,
    staging: Staging,
    slack: MiniSlack,
    *,
    socket_mode: bool = False,
    also: Mapping[str, Any] = NOTHING,
) -> AsyncIterator[str]:
    """Yield the URL of a running `stagecheck serve`; it must end well when told to stop."""
    bot = Bot(configure(folder, staging, slack, socket_mode=socket_mode, also=also), slack)
    try:
        yield await bot.start(env=secrets(slack))
        assert await bot.stop() == 0
        assert "Traceback" not in bot.log
        for secret in secrets(slack).values():
            assert secret not in bot.log
    finally:
        bot.kill()
        await bot.ended()
