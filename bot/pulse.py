"""The pulse of a running process: how late its loop is, which parts can serve, what waits."""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress

import structlog

from bot.engine import Backlog
from bot.errors import StagecheckError
from bot.metrics import Metrics

log = structlog.get_logger(__name__)

LAG_EVERY_S = 0.5
LOOK_EVERY_S = 15.0
"""As often as Prometheus usually scrapes."""
BACKLOG_S = 5.0

States = Callable[[], Awaitable[Mapping[str, str]]]
"""Return part -> ``ok``, or what is wrong with it; in bounded time."""

Count = Callable[[], Coroutine[None, None, Backlog]]


@asynccontextmanager
async def measuring(
    metrics: Metrics,
    *,
    states: States,
    backlog: Count,
    look_every_s: float = LOOK_EVERY_S,
    patience_s: float = BACKLOG_S,
) -> AsyncIterator[None]:
    """While inside, keep the gauges of `metrics` up to date."""
    tasks = (
        asyncio.create_task(_feel_lag(metrics), name="loop lag"),
        asyncio.create_task(
            _look(metrics, states, backlog, look_every_s, patience_s), name="pulse"
        ),
    )
    for task in tasks:
        task.add_done_callback(_tell)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _feel_lag(metrics: Metrics) -> None:
    now = asyncio.get_running_loop().time
    while True:
        due = now() + LAG_EVERY_S
        await asyncio.sleep(LAG_EVERY_S)
        metrics.loop_lag(max(0.0, now() - due))


async def _look(
    metrics: Metrics,
    states: States,
    backlog: Count,
    every_s: float,
    patience_s: float,
) -> None:
    asking: asyncio.Task[Backlog] | None = None
    try:
        while True:
            for part, state in (await states()).items():
                metrics.part(part, ready=state == "ok")
            # One at a time: where the database hangs, each would hold a thread of the engine's.
            if asking is None or asking.done():
                asking = asyncio.create_task(backlog(), name="backlog")
            await asyncio.wait((asking,), timeout=patience_s)
            _show(metrics, asking)
            await asyncio.sleep(every_s)
    finally:
        if asking is not None:
            asking.cancel()


def _show(metrics: Metrics, asked: asyncio.Task[Backlog]) -> None:
    waiting = running = oldest_s = math.nan
    # What cannot be told now is asked again at the next look, and shown as not known.
    if asked.done():
        with suppress(StagecheckError):
            found = asked.result()
            waiting, running, oldest_s = found.waiting, found.running, found.oldest_s
    metrics.backlog(waiting=waiting, running=running, oldest_s=oldest_s)


def _tell(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (broken := task.exception()):
        log.error("a measurement ended", name=task.get_name(), exc_info=broken)
