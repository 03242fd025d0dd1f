"""The runs that have not ended, of all processes, as the database tells of them."""

import time

import sqlalchemy as sa
from dbos import DBOS, WorkflowStatus

from bot.durable.states import RUNNING, WAITING
from bot.engine import Backlog
from bot.errors import StoreError


async def unfinished() -> list[WorkflowStatus]:
    """Return the row of every run that has not ended, without what it was asked."""
    return await DBOS.list_workflows_async(
        status=[WAITING, RUNNING], load_input=False, load_output=False
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
    waiting = sum(row.status == WAITING for row in rows)
    return Backlog(waiting=waiting, running=len(rows) - waiting, oldest_s=max(ages, default=0.0))
