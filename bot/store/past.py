"""The SQL of what is counted over many runs: from narrow rows, whose documents stay unread."""

import json
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.labels import Label
from bot.model import PastRun, Status
from bot.store import codec
from bot.store.tables import runs


def past(
    connection: Connection, target: str, check: str, since: datetime, most: int
) -> tuple[PastRun, ...]:
    """Return the newest `most` runs of a check that began since a moment, oldest first."""
    query = (
        sa.select(
            runs.c.id,
            runs.c.started_at,
            runs.c.status,
            runs.c.duration_s,
            runs.c.cause,
            runs.c.durations,
        )
        .where(
            runs.c.target == codec.plain(target),
            runs.c.check == codec.plain(check),
            runs.c.executed.is_(True),
            runs.c.started_at >= since,
        )
        .order_by(runs.c.started_at.desc(), runs.c.id.desc())
        .limit(most)
    )
    rows = connection.execute(query).mappings().all()
    return tuple(
        PastRun(
            id=row["id"],
            started_at=row["started_at"],
            status=Status(row["status"]),
            duration_s=row["duration_s"],
            cause=Label(row["cause"]) if row["cause"] else None,
            steps=json.loads(str(row["durations"])),
        )
        for row in reversed(rows)
    )
