"""The runs that have not ended, of all processes, as the database tells of them."""

import time

import sqlalchemy as sa
from dbos import DBOS, WorkflowStatus

from bot.engine import Backlog
from bot.errors import StoreError

_WAITING = "ENQUEUED"
_RUNNING = "PENDING"
_ABANDONED = "MAX_RECOVERY_ATTEMPTS_EXCEEDED"


async def unfinished() -> list[WorkflowStatus]:
    """Return the row of every run that has not ended, without what it was asked."""
    return await DBOS.list_workflows_async(
        status=[_WAITING, _RUNNING], load_input=False, load_output=False
    )


async def abandoned(versions: list[str]) -> list[WorkflowStatus]:
    """Return the row of every run that ended the process even when it was given up."""
    return await DBOS.list_workflows_async(
        status=_ABANDONED, app_version=versions, load_output=False
    )


async def backlog() -> Backlog:
    """Count them; StoreError if the database cannot tell."""
    try:
        rows = await unfinished()
    except sa.exc.SQLAlchemyError as error:
        raise StoreError("The runs under way cannot be counted.") from error
    now = time.time()
    # Never negative: with several machines the other's clock may be ahead.
    ages = [max(0.0, now - row.created_at / 1000) for row in rows if row.created_at is not None]
    waiting = sum(row.status == _WAITING for row in rows)
    return Backlog(waiting=waiting, running=len(rows) - waiting, oldest_s=max(ages, default=0.0))
