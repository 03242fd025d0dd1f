"""SQLite: how a file is looked at before it is touched, and how connections are set up."""

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine

from bot.errors import StoreError
from bot.store.trouble import from_the_future

# Reading a larger file through at every start would be felt; damage there shows when it is met.
MAX_CHECKED_BYTES = 67_108_864
BUSY_TIMEOUT_S = 10.0


def sqlite_path(url: URL) -> Path | None:
    """Return the file of a SQLite address, None for memory or another database."""
    if url.get_backend_name() != "sqlite" or is_memory(url):
        return None
    return Path(url.database or "")


def is_memory(url: URL) -> bool:
    """Tell whether the address is that of SQLite without a file."""
    return url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:")


def check_file(path: Path, known: frozenset[str]) -> None:
    """Raise StoreError if `path` is not a database of ours, without changing a byte of it.

    A file that is not there yet is made, readable by its owner only: it will hold the pepper.
    """
    try:
        facts = path.stat()
    except FileNotFoundError:
        _create(path)
        return
    except OSError as error:
        raise _unusable(path, error) from error
    if not stat.S_ISREG(facts.st_mode):
        raise StoreError(f"The database {path} is not a file.", hint="Name a file under database.")
    if not os.access(path, os.R_OK | os.W_OK) or not os.access(path.parent, os.W_OK):
        raise StoreError(
            f"The database {path} cannot be written to.",
            hint="Check the rights of the file and its folder.",
        )
    if facts.st_size == 0:
        return
    _look_inside(path, known, thoroughly=facts.st_size <= MAX_CHECKED_BYTES)


def prepare(engine: Engine) -> None:
    """Make every connection of `engine` safe, and every writing transaction lock at its start."""
    sa.event.listen(engine, "connect", _on_connect)
    sa.event.listen(engine, "begin", _on_begin)


def _look_inside(path: Path, known: frozenset[str], *, thoroughly: bool) -> None:
    # Without a log beside it, nobody has the file open, and looking need not even lock it.
    # With one, the log holds the newest pages; reading along with it leaves the file alone too.
    in_use = Path(f"{path}-wal").exists()
    address = f"file:{quote(str(path.absolute()))}?{'mode=ro' if in_use else 'immutable=1'}"
    with closing(sqlite3.connect(address, uri=True, timeout=BUSY_TIMEOUT_S)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if "alembic_version" in tables:
            found = connection.execute("SELECT version_num FROM alembic_version")
            if unknown := {revision for (revision,) in found} - known:
                raise from_the_future(str(path), unknown)
        elif tables:
            raise StoreError(
                f"The database {path} belongs to another program.",
                hint="Name another file under database.",
            )
        if thoroughly:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                raise StoreError(
                    f"The database {path} is damaged.",
                    hint="Restore it from a backup, or move it away to start anew.",
                )


def _create(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise _unusable(path, error) from error


def _unusable(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"The database {path} cannot be opened: {error.strerror}.",
        hint="Check that its folder exists and may be written to.",
    )


def _on_connect(connection: Any, _record: object) -> None:
    # Transactions begin where we say (_on_begin), not where the driver guesses.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    # FULL: a run that was reported as saved survives a power cut, at about 10 % of the speed.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _on_begin(connection: Connection) -> None:
    # A writer that begins by reading may find its lock taken, and then waiting is no help.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
