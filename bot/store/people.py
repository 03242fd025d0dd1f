"""What Slack calls people, as it told when they asked: for what Slack does not show itself."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from bot.store.codec import plain
from bot.store.database import Database
from bot.store.retention import BATCH, until_done
from bot.store.tables import people

MOST_NAME = 80
MOST_IDS = 500
"""Names that are looked up at once: more people are in no incident."""
_AGAIN = timedelta(days=1)
_MOST_KNOWN = 10_000

_TABLE = people.c


class People:
    """Remembers names by id and workspace. Every method may raise StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # So that whoever asks often is written down once a day.
        self._known: dict[tuple[str, str], tuple[str, datetime]] = {}

    async def remember(self, id: str, name: str, *, team: str, at: datetime) -> None:
        """Keep that `id` was called `name` at a moment; an empty name changes nothing."""
        name = plain(name.strip())[:MOST_NAME]
        known, since = self._known.get((id, team), ("", at))
        if not id or not name or (known == name and at - since < _AGAIN):
            return
        row = {"name": name, "seen_at": at}
        save = partial(_save, plain(id), plain(team), row)
        try:
            await self._database.write(save)
        except IntegrityError:  # another process inserted in between
            await self._database.write(save)
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[id, team] = (name, at)

    async def names(self, ids: Iterable[str]) -> Mapping[str, str]:
        """Return id -> name, of those that are known, by one name only.

        Of two that are called the same, each name has its id beside it.
        """
        wanted = tuple(map(plain, filter(None, dict.fromkeys(ids))))[:MOST_IDS]
        if not wanted:
            return {}
        query = sa.select(_TABLE.id, _TABLE.name).where(_TABLE.id.in_(wanted)).distinct()
        found = await self._database.read(lambda connection: connection.execute(query).all())
        of_id, of_name = Counter(row.id for row in found), Counter(row.name for row in found)
        return {
            row.id: row.name if of_name[row.name] == 1 else f"{row.name} ({row.id})"
            for row in found
            if of_id[row.id] == 1
        }

    async def prune(self, before: datetime) -> None:
        """Forget those who have not asked since a moment."""
        await until_done(self._database, partial(_forget, before=before))


def _save(id: str, team: str, row: Mapping[str, object], connection: Connection) -> None:
    same = sa.and_(_TABLE.id == id, _TABLE.team == team)
    if connection.execute(sa.update(people).where(same).values(**row)).rowcount == 0:
        connection.execute(sa.insert(people), {"id": id, "team": team, **row})


def _forget(connection: Connection, *, before: datetime) -> int:
    old = sa.select(_TABLE.id, _TABLE.team).where(_TABLE.seen_at < before).limit(BATCH)
    gone = [
        sa.and_(_TABLE.id == row.id, _TABLE.team == row.team)
        for row in connection.execute(old).all()
    ]
    return connection.execute(sa.delete(people).where(sa.or_(*gone))).rowcount if gone else 0
