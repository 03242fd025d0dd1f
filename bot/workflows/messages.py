"""The messages of a run: the announcement, which becomes the outcome, and the report below it."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

import structlog

from bot.deps import Deps
from bot.errors import DeliveryError, NotFound
from bot.model import CheckRequest, Posting, Trigger
from bot.probe import plan
from bot.report import Report
from bot.workflows.stored import report_of

T = TypeVar("T")

log = structlog.get_logger(__name__)

_UNASKED = frozenset({Trigger.SCHEDULE, Trigger.DEPLOY})


def is_silent(request: CheckRequest) -> bool:
    """Tell whether nobody waits for the answer of a run in a place of its own."""
    return request.trigger in _UNASKED and not request.place.channel


async def announce(deps: Deps, request: CheckRequest) -> float:
    """Post the run's first message, and return how many seconds that took.

    A run that has one keeps it.
    """
    if await deps.store.posting(request.run_id):
        return 0.0
    target = deps.targets[request.target]
    progress = plan(target, request.check, run_id=request.run_id, started_at=deps.clock())
    posting = await _persist(deps, partial(deps.notifier.announce, request, progress))
    await deps.store.save_posting(request.run_id, posting)
    return (deps.clock() - progress.started_at).total_seconds()


async def send_report(deps: Deps, request: CheckRequest) -> None:
    """Deliver the report into the run's thread."""
    report = await report_of(deps, request.run_id)
    posting = await posting_of(deps, request)
    await _persist(deps, partial(deps.notifier.report, posting, report))


async def conclude(deps: Deps, request: CheckRequest) -> None:
    """Turn the run's first message into its outcome."""
    await conclude_with(deps, request, await report_of(deps, request.run_id))


async def conclude_with(deps: Deps, request: CheckRequest, report: Report) -> None:
    """Turn the run's first message into the outcome that `report` tells, kept or not."""
    posting = await posting_of(deps, request)
    await _persist(deps, partial(deps.notifier.conclude, posting, report))


async def posting_of(deps: Deps, request: CheckRequest) -> Posting:
    """Return the run's first message; NotFound before it was announced."""
    posting = await deps.store.posting(request.run_id)
    if posting is None:
        raise NotFound(f"Run {request.run_id} has no message.")
    return posting


async def _persist(deps: Deps, deliver: Callable[[], Awaitable[T]]) -> T:
    """Deliver, and try again for as long as it may pass: what a run says is never dropped.

    Whoever waits here is started again after a restart. Only without a durable engine, where
    whoever asked waits too, one try has to do.
    """
    patience, now = deps.persistence, asyncio.get_running_loop().time
    ends_at, wait_s = now() + patience.in_all_s, patience.first_s
    while True:
        try:
            return await deliver()
        except DeliveryError as error:
            if error.permanent or not deps.engine.durable or now() > ends_at:
                raise
            log.warning("a message was not delivered", error=error.message, again_in_s=wait_s)
        await asyncio.sleep(wait_s)
        wait_s = min(2 * wait_s, patience.longest_s)
