"""What is used of DBOS beyond its public face: all of it is here, and nowhere else.

An upgrade may change any of it without a word; `tests/test_durable_private.py` says what it did.
"""

import threading
from functools import partial
from typing import Any

import sqlalchemy as sa
from dbos import _serialization
from dbos._dbos import _get_dbos_instance
from dbos._serialization import DefaultSerializer

from bot.durable.appetite import Appetite

__all__ = [
    "COLUMNS",
    "INPUTS",
    "RUNS",
    "SCHEMA",
    "DefaultSerializer",
    "asked",
    "connections",
    "is_served",
    "replace_pickle",
    "restrain",
]

SCHEMA, RUNS, INPUTS = "dbos", "workflow_status", "workflow_input"
"""The tables of runs and of what they were asked, and where PostgreSQL keeps them."""
COLUMNS = (
    "workflow_uuid",
    "status",
    "executor_id",
    "owner_xid",
    "application_version",
    "deduplication_id",
    "queue_name",
    "started_at_epoch_ms",
    "created_at",
    "recovery_attempts",
    # DBOS takes it back whenever a run is begun, and means something by it only in queues
    # with a rate, which ours is not: here it says that the run was let in to its target.
    "rate_limited",
    "serialization",
)


def connections() -> sa.Engine:
    """Return the connections of DBOS, once it is launched."""
    return _get_dbos_instance()._sys_db.engine


def asked(inputs: str, serialization: str) -> Any:
    """Return the one argument that a run was started with."""
    serializer = _get_dbos_instance()._serializer
    return _serialization.deserialize_args(inputs, serialization, serializer)["args"][0]


def restrain(queue: str, appetite: Appetite) -> None:
    """Have a queue take no more runs than there is appetite for.

    By itself it takes as many as are configured, at once, and keeps them from other processes.
    """
    database = _get_dbos_instance()._sys_db
    claim = partial(_claim, database.start_queued_workflows, queue, appetite)
    database.start_queued_workflows = claim  # type: ignore[method-assign]


def _claim(
    claim: Any, name: str, appetite: Appetite, queue: Any, executor: str, version: str, key: Any,
    running: int = 0, *rest: Any, **options: Any,
) -> Any:  # fmt: skip
    """Do what DBOS does by `claim`: return the ids that were taken, and what limited them."""
    if queue.name != name:
        return claim(queue, executor, version, key, running, *rest, **options)
    room = min(appetite.room(), queue._worker_concurrency - running)
    if room <= 0:
        return [], "worker_concurrency"
    running = queue._worker_concurrency - room
    found = claim(queue, executor, version, key, running, *rest, **options)
    if found[0]:
        appetite.begun()
    return found


def is_served(queue: str) -> bool:
    """Tell whether the thread that takes runs from a queue is there."""
    return any(thread.name == f"queue-worker-{queue}" for thread in threading.enumerate())


def replace_pickle(serializer: DefaultSerializer) -> None:
    """Put another serializer where DBOS keeps the one that pickles."""
    _serialization.DBOSDefaultSerializer = serializer
