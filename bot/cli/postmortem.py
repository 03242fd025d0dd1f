"""`stagecheck postmortem`: all of a stored incident as Markdown."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import typer

from bot.cli.printing import show
from bot.config import load
from bot.errors import UsageError
from bot.store import Store
from bot.workflows import postmortem_of


def postmortem(incident: str, *, output: Path | None, config: Path | None) -> int:
    """Print the post-mortem of `incident`, or write it to `output`; return the exit code."""
    settings = load(config, env=os.environ)
    text = asyncio.run(_written(settings.database, incident))
    if output is None:
        show(text.rstrip("\n"))
        return 0
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"The post-mortem cannot be written to {output}: {error.strerror}.",
            hint="Give --output a file in a folder that exists and may be written to.",
        ) from error
    typer.echo(f"The post-mortem is in {output}", err=True)
    return 0


async def _written(database: str, incident: str) -> str:
    store = await Store.open(database)
    try:
        found = await store.alerts.incident(incident)
        return await postmortem_of(store, found, now=datetime.now(UTC))
    finally:
        await store.close()
