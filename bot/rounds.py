"""What is done again and again while the process lives, whatever becomes of one time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog

from bot.errors import StagecheckError

log = structlog.get_logger(__name__)


@asynccontextmanager
async def rounds(
    do: Callable[[], Awaitable[object]], *, every_s: float, name: str
) -> AsyncIterator[None]:
    """While inside, do it every so many seconds; what breaks is logged, and done again."""
    task = asyncio.create_task(_keep_on(do, every_s, name), name=name)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _keep_on(do: Callable[[], Awaitable[object]], every_s: float, name: str) -> None:
    while True:
        await once(do, name=name)
        await asyncio.sleep(every_s)


async def once(do: Callable[[], Awaitable[object]], *, name: str) -> None:
    """Do it once, and log what breaks.

    In a task, whose exception can be looked at: nothing broad is to be caught for it.
    """

    async def act() -> None:
        await do()

    task = asyncio.create_task(act(), name=name)
    try:
        await asyncio.wait({task})
    finally:
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    if task.cancelled():
        return
    match task.exception():
        case None:
            pass
        case StagecheckError() as error:
            log.warning("a round failed, and is made again", name=name, reason=error.message)
        case error:
            log.error("a round broke, and is made again", name=name, exc_info=error)
