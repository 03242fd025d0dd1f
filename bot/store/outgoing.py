"""The SQL of the transactional outbox: notices are written with what decided them."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.engine import Connection

from bot.alerting import Decision, Notice, NoticeKind
from bot.store.codec import plain
from bot.store.tables import notices

_NOTICE = TypeAdapter(Notice)
_BATCH = 500
_PENDING, _TOLD, _DEAD = "pending", "told", "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """Notices that are told one after the other: those of an incident on a route."""

    target: str
    incident: str
    route: str

    @property
    def name(self) -> str:
        return f"{self.route}/{self.incident or self.target}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A notice that is still to be told, or was given up."""

    id: int
    lane: Lane
    notice: Notice
    decided_at: datetime
    due_at: datetime
    attempts: int
    error: str = ""


def add(connection: Connection, decision: Decision, *, at: datetime) -> None:
    """Write what `decision` has to be told."""
    incident = decision.incident.id if decision.incident else ""
    for notice in decision.notices:
        about = "" if notice.kind is NoticeKind.OWN else incident
        _insert(connection, decision.watch.target, about, notice, at)


def tell(connection: Connection, target: str, route: str, text: str, at: datetime) -> None:
    """Write something to be told that is about no incident."""
    notice = Notice(route=route, kind=NoticeKind.OWN, text=text)
    _insert(connection, target, "", notice, at)


def lanes(connection: Connection, now: datetime) -> tuple[Lane, ...]:
    """Return the lanes whose first pending notice is due."""
    first = (
        sa.select(sa.func.min(notices.c.id))
        .where(notices.c.state == _PENDING)
        .group_by(notices.c.route, notices.c.incident, notices.c.target)
    )
    query = sa.select(notices.c.target, notices.c.incident, notices.c.route).where(
        notices.c.id.in_(first), notices.c.due_at <= now
    )
    rows = connection.execute(query.order_by(notices.c.id)).mappings()
    return tuple(Lane(**row) for row in rows)


def pending(connection: Connection, lane: Lane) -> tuple[Pending, ...]:
    """Return what is to be told in `lane`, in order."""
    query = sa.select(notices).where(
        notices.c.state == _PENDING,
        notices.c.route == lane.route,
        notices.c.incident == lane.incident,
        notices.c.target == lane.target,
    )
    return _read(connection, query.order_by(notices.c.id))


def dead(connection: Connection, since: datetime) -> tuple[Pending, ...]:
    """Return the notices that nobody took, newest first."""
    query = sa.select(notices).where(notices.c.state == _DEAD, notices.c.settled_at >= since)
    return _read(connection, query.order_by(notices.c.id.desc()))


def told(connection: Connection, ids: tuple[int, ...], at: datetime) -> None:
    """Keep that these were delivered."""
    _settle(connection, ids, at, _TOLD, "")


def bury(connection: Connection, ids: tuple[int, ...], at: datetime, error: str) -> None:
    """Keep that nobody will ever take these."""
    _settle(connection, ids, at, _DEAD, error)


def put_off(connection: Connection, id: int, until: datetime, error: str) -> None:
    """Keep that this one, and what comes after it, is tried again at `until`."""
    connection.execute(
        sa.update(notices)
        .where(notices.c.id == id, notices.c.state == _PENDING)
        .values(due_at=until, attempts=notices.c.attempts + 1, error=plain(error))
    )


def prune(connection: Connection, before: datetime) -> int:
    """Remove some settled notices from before a moment; return how many."""
    old = sa.select(notices.c.id).where(notices.c.state != _PENDING, notices.c.settled_at < before)
    some = list(connection.execute(old.limit(_BATCH)).scalars())
    return connection.execute(sa.delete(notices).where(notices.c.id.in_(some))).rowcount


def _insert(
    connection: Connection, target: str, incident: str, notice: Notice, at: datetime
) -> None:
    row = {
        "target": plain(target),
        "incident": incident,
        "route": plain(notice.route),
        "document": plain(_NOTICE.dump_json(notice).decode()),
        "kind": str(notice.kind),
        "decided_at": at,
        "due_at": at,
        "attempts": 0,
        "state": _PENDING,
        "error": "",
    }
    connection.execute(sa.insert(notices), row)


def _settle(
    connection: Connection, ids: tuple[int, ...], at: datetime, state: str, error: str
) -> None:
    connection.execute(
        sa.update(notices)
        .where(notices.c.id.in_(ids), notices.c.state == _PENDING)
        .values(state=state, settled_at=at, error=plain(error))
    )


def _read(connection: Connection, query: sa.Select[tuple[object, ...]]) -> tuple[Pending, ...]:
    return tuple(
        Pending(
            id=row["id"],
            lane=Lane(target=row["target"], incident=row["incident"], route=row["route"]),
            notice=_NOTICE.validate_json(row["document"]),
            decided_at=row["decided_at"],
            due_at=row["due_at"],
            attempts=row["attempts"],
            error=row["error"],
        )
        for row in connection.execute(query).mappings()
    )
