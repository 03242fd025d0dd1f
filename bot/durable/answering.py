"""Which run answers a request: the one that it asked for before, or the one that has its slot."""

import sqlalchemy as sa

from bot.durable.private import INPUTS, RUNS, SCHEMA, asked, connections
from bot.durable.rows import request_of
from bot.model import CheckRequest


def answering(queue: str, *, id: str, slot: str) -> CheckRequest | None:
    """Return what the run of this id was asked, or else the one in the slot, if there is either.

    One statement; for threads. DBOS needs five to find that somebody was there first. Raises what
    SQLAlchemy raises.
    """
    engine = connections()
    schema = f"{SCHEMA}." if engine.dialect.name == "postgresql" else ""
    query = sa.text(
        f"SELECT input.inputs, run.serialization FROM {schema}{RUNS} AS run"  # noqa: S608  # names of ours
        f" JOIN {schema}{INPUTS} AS input ON input.workflow_uuid = run.workflow_uuid"
        " WHERE run.workflow_uuid = :id OR (queue_name = :queue AND deduplication_id = :slot)"
        " ORDER BY run.workflow_uuid = :id DESC LIMIT 1"
    )
    with engine.connect() as connection:
        row = connection.execute(query, {"id": id, "queue": queue, "slot": slot}).first()
    return request_of(asked(*row)) if row is not None else None
