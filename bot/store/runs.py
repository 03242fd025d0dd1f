"""The SQL of runs: saving, finding, listing."""

import json
import math
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from statistics import median

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import NotFound
from bot.labels import Label
from bot.model import Caller, Diagnosis, Run, Status, Trigger, Usual
from bot.store import codec
from bot.store.tables import contents, observations, reports, runs

MIN_PREFIX = 6
"""The fewest characters that may stand for a whole run id."""
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """A run in one line, for lists."""

    id: str
    target: str
    check: str
    status: Status
    started_at: datetime
    duration_s: float
    cause: Label | None
    confidence: float
    trigger: Trigger
    caller: Caller


def save(connection: Connection, rows: codec.RunRows) -> None:
    """Insert a run and its diagnosis; IntegrityError if its id is taken."""
    connection.execute(sa.insert(runs), rows.run)
    connection.execute(sa.insert(contents), rows.contents)


def exists(connection: Connection, id: str) -> bool:
    """Tell whether there is a run with exactly this id."""
    found = connection.execute(sa.select(runs.c.id).where(runs.c.id == codec.plain(id)))
    return found.first() is not None


def find(connection: Connection, id: str) -> Run | None:
    """Return the run with exactly this id, if there is one."""
    kept = sa.select(contents.c.run).where(contents.c.run_id == codec.plain(id))
    if (packed := connection.execute(kept).scalar()) is not None:
        return codec.run_from(packed)
    row = connection.execute(sa.select(runs).where(runs.c.id == codec.plain(id))).mappings().first()
    if row is None:
        return None
    seen = connection.execute(
        sa.select(observations)
        .where(observations.c.run_id == row["id"])
        .order_by(observations.c.position)
    )
    return codec.run_from_before(dict(row), [dict(each) for each in seen.mappings()])


def resolve(connection: Connection, name: str) -> str:
    """Return the id that `name` is, or is the beginning of; NotFound names the nearest."""
    name = codec.plain(name.strip())
    if exists(connection, name):
        return name
    if len(name) >= MIN_PREFIX:
        # As a range, which the index of the key answers; the last character is beyond any in an id.
        begins = sa.and_(runs.c.id >= name, runs.c.id <= f"{name}{_LAST}")
        newest = sa.select(runs.c.id).where(begins).order_by(runs.c.started_at.desc()).limit(4)
        found = [str(each) for each in connection.execute(newest).scalars()]
        if len(found) == 1:
            return found[0]
        if found:
            raise NotFound(f"{name} begins more than one run.", hint=f"Such as {', '.join(found)}.")
    if len(name) < MIN_PREFIX:
        hint = f"The beginning of an id takes {MIN_PREFIX} characters or more."
        told = f"There is no run {name}." if name else "A run is named by its id."
        raise NotFound(told, hint=hint)
    raise NotFound(f"There is no run {name}.", hint=_nearest(connection, name))


def diagnosis(connection: Connection, name: str) -> Diagnosis:
    """Return what the run was found to mean when it was saved."""
    run_id = resolve(connection, name)
    kept = sa.select(contents.c.diagnosis).where(contents.c.run_id == run_id)
    if (packed := connection.execute(kept).scalar()) is not None:
        return codec.diagnosis_from(packed)
    before = sa.select(reports.c.diagnosis).where(reports.c.run_id == run_id)
    return codec.diagnosis_from_before(connection.execute(before).scalar_one())


def recent(
    connection: Connection, target: str | None, check: str | None, limit: int
) -> tuple[RunSummary, ...]:
    """Return the newest `limit` runs, of one target or check or of all; no pasted logs."""
    columns = [runs.c[name] for name in _SUMMARY]
    query = (
        sa.select(*columns)
        .where(runs.c.executed.is_(True))  # a pasted log is of no target, and of any time
        .order_by(runs.c.started_at.desc(), runs.c.id.desc())
        .limit(limit)
    )
    if target is not None:
        query = query.where(runs.c.target == codec.plain(target))
    if check is not None:
        query = query.where(runs.c.check == codec.plain(check))
    return tuple(_summary(dict(row)) for row in connection.execute(query).mappings())


def between(
    connection: Connection, target: str, since: datetime, until: datetime, limit: int
) -> tuple[RunSummary, ...]:
    """Return the newest `limit` runs of a target that began in a span, its ends included."""
    query = (
        sa.select(*(runs.c[name] for name in _SUMMARY))
        .where(runs.c.executed.is_(True))
        .where(runs.c.target == codec.plain(target))
        .where(runs.c.started_at >= since)
        .where(runs.c.started_at <= until)
        .order_by(runs.c.started_at.desc(), runs.c.id.desc())
        .limit(limit)
    )
    return tuple(_summary(dict(row)) for row in connection.execute(query).mappings())


def last_passed(connection: Connection, target: str, check: str, before: datetime) -> Run | None:
    """Return the newest run of a target and check that passed and began before a moment."""
    query = _passed(sa.select(runs.c.id), target, check, before).limit(1)
    found = connection.execute(query).scalar()
    return find(connection, str(found)) if found is not None else None


def usual(
    connection: Connection, target: str, check: str, before: datetime, most: int
) -> dict[str, Usual]:
    """Return step -> how long it took in the last `most` runs that passed before a moment."""
    query = _passed(sa.select(runs.c.durations), target, check, before).limit(most)
    took: dict[str, list[float]] = {}
    for document in connection.execute(query).scalars():
        for step, duration_s in json.loads(str(document)).items():
            took.setdefault(step, []).append(duration_s)
    return {step: _usual(sorted(durations)) for step, durations in took.items()}


def _usual(durations: list[float]) -> Usual:
    # The nearest rank: of fewer than twenty the longest.
    rank = math.ceil(len(durations) * 0.95)
    return Usual(count=len(durations), median_s=median(durations), p95_s=durations[rank - 1])


def _passed(
    query: sa.Select[tuple[str]], target: str, check: str, before: datetime
) -> sa.Select[tuple[str]]:
    """Narrow `query` to the runs of a check that passed and began before, newest first."""
    return query.where(
        runs.c.target == codec.plain(target),
        runs.c.check == codec.plain(check),
        runs.c.status == str(Status.PASSED),
        runs.c.executed.is_(True),
        runs.c.started_at < before,
    ).order_by(runs.c.started_at.desc(), runs.c.id.desc())


_SUMMARY = (
    "id",
    "target",
    "check",
    "status",
    "started_at",
    "duration_s",
    "cause",
    "confidence",
    "trigger",
    "caller",
    "team",
)


def _summary(row: codec.Row) -> RunSummary:
    return RunSummary(
        id=row["id"],
        target=row["target"],
        check=row["check"],
        status=Status(row["status"]),
        started_at=row["started_at"],
        duration_s=row["duration_s"],
        cause=Label(row["cause"]) if row["cause"] else None,
        confidence=row["confidence"],
        trigger=Trigger(row["trigger"]),
        caller=Caller(id=row["caller"], team=row["team"]),
    )


def _nearest(connection: Connection, name: str) -> str:
    newest = sa.select(runs.c.id).order_by(runs.c.started_at.desc()).limit(200)
    ids = [str(found) for found in connection.execute(newest).scalars()]
    close = get_close_matches(name, ids, n=3, cutoff=0.6)
    if close:
        return f"Did you mean {' or '.join(close)}?"
    return f"The newest is {ids[0]}." if ids else "No run has been saved yet."
