"""Tasks with an owner: what is started here is awaited here, and what breaks is logged."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

log = structlog.get_logger(__name__)

Regret = Callable[[BaseException], Coroutine[Any, Any, None]]
"""What to do about a task that broke, such as telling the person who asked."""


class Tasks:
    """The tasks of one part of the product, until they have ended."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def start(
        self, work: Coroutine[Any, Any, None], *, name: str, regret: Regret | None = None
    ) -> asyncio.Task[None]:
        """Run `work` beside the caller; if it breaks, log it and run `regret`."""
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(lambda ended: self._ended(ended, regret))
        return task

    async def idle(self) -> None:
        """Return once nothing is running."""
        while self._running:
            await asyncio.wait(self._running)

    async def close(self, *, deadline_s: float) -> None:
        """Let what runs finish for up to `deadline_s` seconds, then cancel it."""
        try:
            async with asyncio.timeout(deadline_s):
                await self.idle()
        except TimeoutError:
            late = tuple(self._running)
            log.warning("tasks cancelled", names=sorted(task.get_name() for task in late))
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None], regret: Regret | None) -> None:
        self._running.discard(task)
        if task.cancelled():
            return
        if broken := task.exception():
            log.error("task broke", name=task.get_name(), exc_info=broken)
            if regret is not None:
                _ = self.start(regret(broken), name=f"{task.get_name()} regret")
