"""Starting a run, or finding the one that answers in its stead."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, SetEnqueueOptions, SetWorkflowID

from bot.durable.private import INPUTS, RUNS, SCHEMA, asked, connections
from bot.durable.rows import priority_of, request_of, request_row
from bot.durable.wiring import QUEUE
from bot.errors import StoreError
from bot.model import CheckRequest, Json

Entry = Callable[[dict[str, Json]], Coroutine[Any, Any, None]]
"""A workflow as DBOS knows it: what it is asked is a row."""


async def enqueue(entry: Entry, request: CheckRequest, *, id: str, slot: str) -> CheckRequest:
    """Put `entry` into the queue and return `request`, or what the run that answers was asked.

    That is the one that was started by the same `id`, or the one that has the `slot`.
    """
    if found := await asyncio.to_thread(_answering, id, slot):
        return found
    options = SetEnqueueOptions(
        deduplication_id=slot,
        duplication_policy="return-existing",
        priority=priority_of(request),
    )
    # A queue, and no direct start: a start that nobody waits for any more would never run.
    with SetWorkflowID(id), options:
        try:
            handle = await DBOS.enqueue_workflow_async(QUEUE, entry, request_row(request))
            if handle.workflow_id == id:
                return request
            row = await handle.get_status()  # another was first, since we looked
        except sa.exc.SQLAlchemyError as error:
            raise StoreError("The run cannot be kept, so it was not started.") from error
    assert row.input is not None
    return request_of(row.input["args"][0])


def _answering(id: str, slot: str) -> CheckRequest | None:
    """Return what the run that answers was asked, if there is one.

    In one statement: DBOS needs five to find that somebody was there first.
    """
    engine = connections()
    schema = f"{SCHEMA}." if engine.dialect.name == "postgresql" else ""
    query = sa.text(
        f"SELECT input.inputs, run.serialization FROM {schema}{RUNS} AS run"  # noqa: S608  # ours
        f" JOIN {schema}{INPUTS} AS input ON input.workflow_uuid = run.workflow_uuid"
        " WHERE run.workflow_uuid = :id OR (queue_name = :queue AND deduplication_id = :slot)"
        " ORDER BY run.workflow_uuid = :id DESC LIMIT 1"
    )
    try:
        with engine.connect() as connection:
            row = connection.execute(query, {"id": id, "queue": QUEUE, "slot": slot}).first()
    except sa.exc.SQLAlchemyError:
        return None  # who enqueues waits for a database that is away, and is told the same then
    return request_of(asked(*row)) if row is not None else None
