"""The bypass keys that targets accepted, known by their fingerprints, and when they last did."""

from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from bot.store.codec import plain
from bot.store.database import Database
from bot.store.tables import accepted_keys
from bot.target import AcceptedKey

_TABLE = accepted_keys.c


class AcceptedKeys:
    """Remembers per target and fingerprint the newest run in which the key was accepted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def remember(self, target: str, key: AcceptedKey) -> None:
        """Keep that `target` accepted `key`; an older time than the one known changes nothing."""
        row = {
            "source": plain(key.source),
            "run_id": plain(key.run_id),
            "at": key.at,
        }
        save = partial(_save, plain(target), plain(key.fingerprint), row)
        try:
            await self._database.write(save)
        except IntegrityError:
            # Another process inserted between our two statements; now there is a row to update.
            await self._database.write(save)

    async def last(self, target: str) -> AcceptedKey | None:
        """Return the key that `target` was last seen to accept."""
        query = (
            sa.select(_TABLE.fingerprint, _TABLE.source, _TABLE.run_id, _TABLE.at)
            .where(_TABLE.target == plain(target))
            .order_by(_TABLE.at.desc())
            .limit(1)
        )

        def find(connection: Connection) -> AcceptedKey | None:
            found = connection.execute(query).mappings().first()
            return AcceptedKey(**found) if found is not None else None

        return await self._database.read(find)


def _save(target: str, fingerprint: str, row: dict[str, Any], connection: Connection) -> None:
    same = sa.and_(_TABLE.target == target, _TABLE.fingerprint == fingerprint)
    known = connection.execute(sa.select(_TABLE.at).where(same)).scalar()
    if known is None:
        key = {"target": target, "fingerprint": fingerprint}
        connection.execute(sa.insert(accepted_keys), {**key, **row})
    else:
        # Compared once more: another process may have kept a newer time since we looked.
        older = sa.update(accepted_keys).where(same, _TABLE.at < row["at"])
        connection.execute(older.values(row))
