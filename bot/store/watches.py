"""The SQL of watches, incidents, timelines and decisions."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.engine import Connection, RowMapping

from bot.alerting import (
    Act,
    Action,
    Decision,
    Entry,
    Event,
    Incident,
    IncidentState,
    Policy,
    Watch,
    decide,
)
from bot.errors import StoreError
from bot.store.codec import plain
from bot.store.tables import decisions, entries, incidents, notices, ticks, watches

_WATCH = TypeAdapter(Watch)
_INCIDENT = TypeAdapter(Incident)
log = structlog.get_logger(__name__)

_ID = re.compile(r"i([1-9][0-9]{0,8})", re.IGNORECASE)
MOST_ENTRIES = 1_000
"""Of one incident; from then on, what only happens again is not entered."""
_REPEATED = frozenset({str(Action.CONTINUE), str(Action.RECOVERING), str(Act.REACTION)})
_BATCH = 500
# Any number that nothing else of stagecheck locks by.
_NUMBERS = 7_824_326
_DOCUMENT = sa.select(watches.c.document)
_IS_TOLD = (sa.literal("i") + sa.cast(incidents.c.number, sa.Text)).not_in(
    sa.select(notices.c.incident).where(notices.c.state == "pending")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision that was made: what, about which event, and why, and by whom if a person acted.

    Its table is the audit; who wants it reads it there.
    """

    target: str
    key: str
    at: datetime
    action: Action
    reason: str
    incident: str = ""
    by: str = ""


def find(connection: Connection, target: str) -> Watch:
    """Return what is remembered of `target`."""
    return _find(connection, _DOCUMENT, target) or Watch(target=target)


def lock(connection: Connection, target: str) -> Watch:
    """Return what is remembered of `target`, and let nobody else decide until the end of this.

    IntegrityError if another process is just the first to remember something of it.
    """
    held = _find(connection, _DOCUMENT.with_for_update(), target)
    if held is not None:
        return held
    # So that there is a row to hold. It is not looked for again: PostgreSQL shows each statement
    # what was committed since the last one, and nobody would hold what that finds.
    new = Watch(target=target)
    connection.execute(sa.insert(watches), {"target": target, "document": _dump(new)})
    return new


def every(connection: Connection) -> tuple[Watch, ...]:
    """Return what is remembered of every target, by name, as far as it can be read."""
    rows = connection.execute(sa.select(watches).order_by(watches.c.target)).mappings()
    return tuple(_readable(rows))


def _readable(rows: Iterable[RowMapping]) -> Iterator[Watch]:
    for row in rows:
        try:
            yield _WATCH.validate_json(row["document"])
        except ValidationError:  # of one target, written by another version: others are not held up
            log.warning("what is remembered of a target cannot be read", target=row["target"])


def consider(connection: Connection, watch: Watch, event: Event, policy: Policy) -> Decision:
    """Return what `event` comes to; a new incident has the next number."""
    new_id = _next_id(connection)
    decision = decide(watch, event, policy, new_id=new_id)
    if decision.incident is None or decision.incident.id != new_id:
        return decision
    # One at a time: of many targets that fail at once, each would take the same number, and all
    # but one of them would have to be decided again.
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_NUMBERS)))
    return decide(watch, event, policy, new_id=_next_id(connection))


def keep(connection: Connection, decision: Decision, event: Event) -> Decided:
    """Write what `decision` changes, and the decision itself."""
    watch, incident = decision.watch, decision.incident
    _update(connection, watch)
    if incident is not None:
        _save(connection, incident)
        _add(connection, incident, decision.entries)
    decided = Decided(
        target=watch.target,
        key=plain(event.key) or f"tick:{event.at.isoformat()}",
        at=event.at,
        action=decision.action,
        reason=plain(decision.reason),
        incident=incident.id if incident else "",
        by=plain(getattr(event, "by", "")),
    )
    # A tick at which nothing happens is no decision.
    if event.key or decision.action is not Action.HOLD:
        connection.execute(sa.insert(decisions), _row_of(decided))
    return decided


def incident(connection: Connection, id: str) -> Incident | None:
    """Return the incident called `id`, if there is one."""
    query = sa.select(incidents.c.document).where(incidents.c.number == _number(id))
    document = connection.execute(query).scalar()
    return _INCIDENT.validate_json(document) if document is not None else None


def newest(connection: Connection, *, open_only: bool, limit: int) -> tuple[Incident, ...]:
    """Return the newest incidents, newest first."""
    query = sa.select(incidents.c.document).order_by(incidents.c.number.desc()).limit(limit)
    if open_only:
        query = query.where(incidents.c.state != str(IncidentState.RESOLVED))
    return tuple(_INCIDENT.validate_json(each) for each in connection.execute(query).scalars())


def entries_of(connection: Connection, id: str) -> tuple[Entry, ...]:
    """Return the timeline of an incident, oldest first."""
    query = sa.select(entries).where(entries.c.incident == _number(id))
    rows = connection.execute(query.order_by(entries.c.position)).mappings()
    return tuple(
        Entry(at=row["at"], kind=row["kind"], text=row["text"], by=row["by"], run_id=row["run_id"])
        for row in rows
    )


def decided(connection: Connection, key: str, *, target: str | None = None) -> Decided | None:
    """Return what was decided about the event with this key."""
    query = sa.select(decisions).where(decisions.c.key == plain(key))
    if target is not None:
        query = query.where(decisions.c.target == target)
    row = connection.execute(query.order_by(decisions.c.at.desc())).mappings().first()
    return Decided(**{**row, "action": Action(row["action"])}) if row is not None else None


def ticks_of(connection: Connection) -> dict[str, datetime]:
    """Return schedule -> the newest of its times that was acted on."""
    return {row["schedule"]: row["at"] for row in connection.execute(sa.select(ticks)).mappings()}


def tick(connection: Connection, schedule: str, at: datetime) -> None:
    """Keep that a schedule was acted on, unless a later time of it was."""
    same = ticks.c.schedule == schedule
    if connection.execute(sa.select(ticks.c.at).where(same)).first() is None:
        connection.execute(sa.insert(ticks), {"schedule": schedule, "at": at})
    else:
        connection.execute(sa.update(ticks).where(same, ticks.c.at < at).values(at=at))


def prune(connection: Connection, before: datetime) -> int:
    """Remove some decisions and closed incidents from before a moment; return how many."""
    old = sa.select(decisions.c.key).where(decisions.c.at < before).limit(_BATCH)
    aged = sa.and_(decisions.c.at < before, decisions.c.key.in_(old))
    removed = connection.execute(sa.delete(decisions).where(aged)).rowcount
    some = list(_past(connection, before))
    # Looked at once more, now that they are held: somebody may have had something told since.
    past = sa.delete(incidents).where(incidents.c.number.in_(some), _IS_TOLD)
    removed += connection.execute(past).rowcount
    there = sa.select(incidents.c.number)
    lost = sa.delete(entries).where(entries.c.incident.in_(some), entries.c.incident.not_in(there))
    connection.execute(lost)
    return removed


def _next_id(connection: Connection) -> str:
    highest = connection.execute(sa.select(sa.func.max(incidents.c.number))).scalar() or 0
    return f"i{highest + 1}"


def _past(connection: Connection, before: datetime) -> Iterator[int]:
    """Yield the numbers of incidents that ended before a moment, and are told in full.

    The newest stays whatever its age: no number is given twice. What a decision is just being made
    about stays too, and until the end of this nobody decides about the others.
    """
    newest = sa.select(sa.func.max(incidents.c.number)).scalar_subquery()
    query = sa.select(incidents.c.number, incidents.c.document).where(
        incidents.c.state == str(IncidentState.RESOLVED),
        incidents.c.started_at < before,
        incidents.c.number < newest,
        _IS_TOLD,
    )
    held = query.limit(_BATCH).with_for_update(skip_locked=True)
    for number, document in connection.execute(held):
        ended = json.loads(document).get("resolved_at") or ""
        if not ended or datetime.fromisoformat(ended) < before:
            yield number


def _find(connection: Connection, query: sa.Select[tuple[Any]], target: str) -> Watch | None:
    document = connection.execute(query.where(watches.c.target == target)).scalar()
    if document is None:
        return None
    try:
        return _WATCH.validate_json(document)
    except ValidationError as error:
        raise StoreError(
            f"What is remembered of the alerts of {target} cannot be read.",
            hint="Another version of stagecheck wrote it. Run the newer one.",
        ) from error


def _update(connection: Connection, watch: Watch) -> None:
    same = watches.c.target == watch.target
    connection.execute(sa.update(watches).where(same).values(document=_dump(watch)))


def _dump(value: Watch | Incident) -> str:
    adapter: TypeAdapter[Watch] | TypeAdapter[Incident]
    adapter = _WATCH if isinstance(value, Watch) else _INCIDENT
    return plain(adapter.dump_json(value).decode())  # type: ignore[arg-type]


def _save(connection: Connection, incident: Incident) -> None:
    number = _number(incident.id)
    row = {
        "target": incident.target,
        "state": str(incident.state),
        "started_at": incident.started_at,
        "document": _dump(incident),
    }
    # Not by its number alone: another target may just have taken the same, and keeps it. Ours is
    # then inserted, which fails, and is decided again with the next number.
    same = sa.and_(incidents.c.number == number, incidents.c.target == incident.target)
    if connection.execute(sa.update(incidents).where(same).values(row)).rowcount == 0:
        connection.execute(sa.insert(incidents), {"number": number, **row})


def _add(connection: Connection, incident: Incident, new: tuple[Entry, ...]) -> None:
    number = _number(incident.id)
    query = sa.select(sa.func.count()).where(entries.c.incident == number)
    position = connection.execute(query).scalar() or 0
    if position >= MOST_ENTRIES:  # what people do, and the end, is entered however late
        new = tuple(entry for entry in new if entry.kind not in _REPEATED)
    for offset, entry in enumerate(new):
        row = {
            "incident": number,
            "position": position + offset,
            "at": entry.at,
            "kind": entry.kind,
            "text": plain(entry.text),
            "by": plain(entry.by),
            "run_id": plain(entry.run_id),
        }
        connection.execute(sa.insert(entries), row)


def _number(id: str) -> int:
    found = _ID.fullmatch(id.strip())
    return int(found[1]) if found else 0


def _row_of(decided: Decided) -> dict[str, object]:
    return {
        "target": decided.target,
        "key": decided.key,
        "at": decided.at,
        "action": str(decided.action),
        "reason": decided.reason,
        "incident": decided.incident,
        "by": decided.by,
    }
