"""Why a run is not gone on with: it ended the process too often, or nobody waits any more."""

import asyncio
import time
from contextvars import Context

from dbos import DBOS, WorkflowStatus

MOST_LIVES = 4
"""How often one run is begun. From then on it is given up: it may be what ends the process."""


async def hopeless(id: str, *, give_up_after_s: float) -> str:
    """Say why a run cannot be seen through, or return nothing; from inside of its workflow."""
    # Outside of the workflow's context: inside, the answer would be kept and stay the same.
    row = await asyncio.create_task(_status(id), context=Context())
    assert row.created_at is not None
    age_s = time.time() - row.created_at / 1000
    lives = row.recovery_attempts or 1
    if lives >= MOST_LIVES:
        return f"interrupted {lives - 1} times by a restart of stagecheck, so it was given up"
    if age_s > give_up_after_s:
        return (
            f"interrupted: asked for {age_s / 60:.0f} minutes ago, before stagecheck was "
            "restarted, which is too long ago to go on"
        )
    return ""


async def _status(id: str) -> WorkflowStatus:
    row = await DBOS.get_workflow_status_async(id)
    assert row is not None
    return row
