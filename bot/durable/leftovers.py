"""Runs that nobody goes on with: each is ended by a run of its own, so that its message is too."""

import asyncio
import time
from collections.abc import Callable, Collection
from functools import partial
from typing import Any

import sqlalchemy as sa
import structlog
from dbos import DBOS, SetWorkflowID

from bot.durable.states import ABANDONED, CANCELLED
from bot.durable.status import END, StatusTable, patiently
from bot.durable.unfinished import unfinished
from bot.durable.wiring import QUEUE, Version

LOOK_S = 5.0
WHY = {
    ABANDONED: "interrupted again and again by a restart of stagecheck, so it was given up",
    CANCELLED: "interrupted by an upgrade of stagecheck, which could not go on with it",
}

log = structlog.get_logger(__name__)


async def end_leftovers(
    table: StatusTable, taken: Collection[str], end: Callable[..., Any], *, older_than_s: float
) -> None:
    """Look every few seconds for runs that nobody goes on with, and start `end` for each.

    Such a run ended the process again and again; or it is of a version other than `taken` and has
    waited for longer than `older_than_s`. However many processes look, it is ended once.
    """
    while True:
        try:
            left = await asyncio.to_thread(table.left, taken, before=time.time() - older_than_s)
            for run in left:
                for row in await DBOS.list_workflows_async(workflow_ids=[run], load_output=False):
                    assert row.input is not None
                    with SetWorkflowID(f"{END}{run}"):
                        _ = await DBOS.enqueue_workflow_async(QUEUE, end, *row.input["args"])
        except sa.exc.SQLAlchemyError as error:
            # What is left over is there at the next look too.
            log.warning("cannot tell which runs nobody goes on with", error=type(error).__name__)
        await asyncio.sleep(LOOK_S)


async def tell_of_others(version: Version) -> None:
    """Warn of runs that wait for another version of stagecheck."""
    others = [row for row in await unfinished() if row.app_version not in version.taken]
    if others:
        log.warning(
            "runs of another version of stagecheck wait for that version",
            runs=len(others),
            versions=sorted({str(row.app_version) for row in others}),
            version=version.name,
        )


async def why_left(table: StatusTable, run: str) -> str:
    """Say why nobody goes on with what `run` is to end; nothing if somebody does after all."""
    status = await patiently(partial(table.status_if_left, run.removeprefix(END)))
    return WHY.get(status, "")
