"""`stagecheck worker`: sees runs through beside `serve`, until it is told to stop."""

from collections.abc import Mapping
from pathlib import Path

import structlog

from bot import journal
from bot.app import open_worker
from bot.cli.garbage import settle
from bot.cli.stopping import stopping
from bot.config import Settings, load
from bot.durable import run
from bot.errors import ConfigError

log = structlog.get_logger(__name__)


def worker(config: Path | None, *, port: int | None, env: Mapping[str, str]) -> int:
    """Run a worker; return the exit code."""
    settings = load(config, env=env)
    if settings.database.startswith("sqlite"):
        raise ConfigError(
            "A worker shares a database with `stagecheck serve`, and SQLite cannot be shared so.",
            hint="Name a PostgreSQL database: database: postgresql://…; or run `serve` alone.",
        )
    return run(_work(settings, port))


async def _work(settings: Settings, port: int | None) -> int:
    with stopping() as stop:
        async with open_worker(settings, port=port) as url:
            journal.log_uncaught()
            settle()
            log.info("ready", url=url, targets=sorted(settings.targets))
            await stop.wait()
            log.info("stopping")
    return 0
