"""`stagecheck run` and `stagecheck verify-key`: one check from a shell."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import typer

from bot import journal
from bot.cli.caller import login
from bot.cli.delivery import EXIT_CODES, delivery
from bot.cli.terminal import Terminal
from bot.config import Settings, load, refreshed
from bot.deps import Deps, told
from bot.engine import LocalEngine, new_run_id
from bot.errors import StoreError
from bot.masking import Masker
from bot.metrics import Metrics
from bot.model import Caller, CheckRequest, Trigger
from bot.probe import Network
from bot.store import Store
from bot.target import KEY_CHECK
from bot.workflows import check, spare_the_key


def run(target: str, name: str, *, format: str, output: Path | None, config: Path | None) -> int:
    """Run the check `name` against `target`, print its report, and return the exit code."""
    deliver = delivery(format, output, config=config)
    settings = load(config, env=os.environ)
    with Terminal(deliver) as terminal:
        return asyncio.run(_run(settings, terminal, target, name))


async def _run(settings: Settings, terminal: Terminal, target: str, name: str) -> int:
    settings.target(target)
    async with _open(settings, terminal) as deps:
        if name == KEY_CHECK:
            await spare_the_key(deps, target)
        request = CheckRequest(
            run_id=new_run_id(),
            target=target,
            check=name,
            trigger=Trigger.SHELL,
            caller=Caller(id=login()),
        )
        await check(deps, request)
        done = await deps.store.run(request.run_id)
    return EXIT_CODES[done.status]


@asynccontextmanager
async def _open(settings: Settings, terminal: Terminal) -> AsyncIterator[Deps]:
    """Yield what a check needs; without a usable database it still runs, and is forgotten."""
    async with AsyncExitStack() as stack:
        try:
            store = await Store.open(settings.database)
        except StoreError as error:
            typer.echo(f"stagecheck: this run is not kept: {error}", err=True)
            store = await Store.open("sqlite://")
        stack.push_async_callback(store.close)
        masker = Masker(settings.secrets, pepper=await store.pepper())
        store.mask_with(masker)
        journal.configure(masker, level="warning", format=settings.log.format)
        journal.log_uncaught()
        yield Deps(
            settings=settings,
            targets=settings.targets,
            store=store,
            network=await stack.enter_async_context(Network()),
            masker=masker,
            engine=LocalEngine(),
            notifier=terminal,
            metrics=Metrics(),
            own_checks={"database": told(store.check)},
            reread=partial(refreshed, env=os.environ, folder=settings.path.absolute().parent),
        )
