"""Turns at Slack that all processes of one database share: one statement each."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

_SOON_S = 0.001
# A bucket that holds `burst` turns and fills again by one in every `each` seconds; it is full again
# at `full_until`. A turn is taken if there is one and nobody holds the bucket; otherwise the second
# half says how long to wait. By the clock of the database: those of the machines may differ.
_TAKE = sa.text(
    """
    WITH clock AS (SELECT extract(epoch FROM clock_timestamp())::float AS now),
    taken AS (
        INSERT INTO turns AS turn (name, full_until, held_until)
        SELECT :name, now + :each, 0 FROM clock
        ON CONFLICT (name) DO UPDATE
        SET full_until = greatest(turn.full_until, excluded.full_until - :each) + :each
        WHERE greatest(turn.full_until, excluded.full_until - :each) + :each
                <= excluded.full_until - :each + :room
            AND turn.held_until <= excluded.full_until - :each
        RETURNING name
    )
    SELECT 0 FROM taken
    UNION ALL
    SELECT greatest(turn.full_until + :each - now - :room, turn.held_until - now, :soon)
    FROM turns AS turn, clock
    WHERE turn.name = :name AND NOT EXISTS (SELECT FROM taken)
    """
)
_HOLD = sa.text(
    """
    INSERT INTO turns AS turn (name, full_until, held_until)
    VALUES (:name, 0, extract(epoch FROM clock_timestamp()) + :seconds)
    ON CONFLICT (name) DO UPDATE SET held_until = greatest(turn.held_until, excluded.held_until)
    """
)


def take(connection: Connection, name: str, *, burst: int, each_s: float) -> float:
    """Take a turn and return 0; or, if there is none, return the seconds until there may be one."""
    asked: dict[str, Any] = {"name": name, "each": each_s, "room": burst * each_s, "soon": _SOON_S}
    wait_s = connection.execute(_TAKE, asked).scalar()
    # Neither taken nor seen: another process has just made the bucket, and left no turn in it.
    return _SOON_S if wait_s is None else float(wait_s)


def hold(connection: Connection, name: str, seconds: float) -> None:
    """Let nobody take a turn for so long."""
    connection.execute(_HOLD, {"name": name, "seconds": seconds})
