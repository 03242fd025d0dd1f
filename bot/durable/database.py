"""The database of the engine: the same one as the store's, so that one backup holds both."""

import sqlite3
import time
from typing import Any

import sqlalchemy as sa

from bot.store import OneByOne, postgresql_engine

CONNECTIONS = 4
# SQLite's own `unixepoch('subsec')`, which DBOS needs, came with this version.
_WITH_UNIXEPOCH = (3, 42)


def address_of(url: str) -> sa.URL:
    """Return the address of a database, with the driver that comes with DBOS."""
    address = sa.make_url(url)
    if address.drivername == "postgresql":
        return address.set(drivername="postgresql+psycopg")
    return address


def engine_of(address: sa.URL) -> sa.Engine:
    """Return the connections of DBOS; those it makes by itself wait too long for the other end."""
    if address.get_backend_name() == "sqlite":
        return sqlite_engine(address)
    # As many as it takes by itself, looked at before use: the server may have been restarted.
    return postgresql_engine(address, pool_size=20, max_overflow=0, pool_pre_ping=True)


def sqlite_engine(address: sa.URL | str) -> sa.Engine:
    """Return connections to a SQLite file as DBOS relies on them; it makes worse ones by itself."""
    # The store writes to the same file.
    turns = {"factory": OneByOne}
    engine = sa.create_engine(address, pool_size=CONNECTIONS, max_overflow=0, connect_args=turns)
    sa.event.listen(engine, "connect", prepare)
    return engine


def prepare(connection: Any, _record: object) -> None:
    """Make one connection safe: a writer locks at once and waits, and what is kept stays kept."""
    connection.isolation_level = "IMMEDIATE"
    if sqlite3.sqlite_version_info < _WITH_UNIXEPOCH:
        connection.create_function("unixepoch", 1, lambda _modifier: time.time())
    for pragma in (
        "busy_timeout = 30000",
        "foreign_keys = ON",
        "journal_mode = WAL",
        # FULL: a command that was acknowledged survives a power cut, at about 10 % of the speed.
        "synchronous = FULL",
    ):
        connection.execute(f"PRAGMA {pragma}")
