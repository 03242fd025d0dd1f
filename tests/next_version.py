"""`stagecheck serve` and `stagecheck worker` as a later version would be, which goes on with ours.

    python -m tests.next_version serve|worker --config FILE

Only what says which runs it takes is another one: that is what a rolling restart is about.
"""

import sys
from pathlib import Path

import structlog

from bot.app import open_bot, open_worker
from bot.cli.stopping import stopping
from bot.config import load
from bot.durable import VERSION, Version, run

NEXT = Version(name=f"{VERSION.name}-next", goes_on_with=(VERSION.name,))

log = structlog.get_logger(__name__)


async def stay(command: str, config: Path) -> None:
    """Run the bot or a worker until it is told to stop."""
    settings = load(config, env={})
    with stopping() as stop:
        if command == "serve":
            async with open_bot(settings, version=NEXT) as bot:
                log.info("ready", url=bot.url)
                await stop.wait()
        else:
            async with open_worker(settings, version=NEXT):
                log.info("ready", url="")
                await stop.wait()


if __name__ == "__main__":
    run(stay(sys.argv[1], Path(sys.argv[3])))
