"""Claims: what several processes may ask for and one of them gets, in one statement each."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from bot.store.codec import plain
from bot.store.tables import claims

_Insert = Callable[[sa.Table], postgresql.Insert | sqlite.Insert]
_INSERTS: Mapping[str, _Insert] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def take(connection: Connection, key: str, *, ttl_s: float, holder: str) -> bool:
    """Claim `key` if nobody has it any more, or if `holder` is named and has it."""
    now = datetime.now(UTC)
    insert = _INSERTS[connection.dialect.name](claims).values(
        key=plain(key), holder=plain(holder), expires_at=now + timedelta(seconds=ttl_s)
    )
    new = insert.excluded
    is_ours = (claims.c.holder == new.holder) & (new.holder != "")
    taken = insert.on_conflict_do_update(
        index_elements=[claims.c.key],
        set_={"holder": new.holder, "expires_at": new.expires_at},
        where=is_ours | (claims.c.expires_at <= now),
    )
    # By the count, and not by RETURNING, which older versions of SQLite do not know.
    counted = taken.execution_options(preserve_rowcount=True)
    return connection.execute(counted).rowcount == 1


def release(connection: Connection, key: str, *, holder: str) -> None:
    """Give up `key`; not if somebody else has claimed it since."""
    ours = (claims.c.key == plain(key)) & (claims.c.holder == plain(holder))
    connection.execute(sa.delete(claims).where(ours))


def shorten(connection: Connection, beginning: str, *, ttl_s: float) -> None:
    """Have every claim with this beginning run out in `ttl_s` seconds at the latest."""
    ends_at = datetime.now(UTC) + timedelta(seconds=ttl_s)
    known = claims.c.key.startswith(plain(beginning), autoescape=True)
    later = known & (claims.c.expires_at > ends_at)
    connection.execute(sa.update(claims).where(later).values(expires_at=ends_at))
