"""SQLite: how a file is looked at before it is touched, and how connections are set up."""

import os
import sqlite3
import stat
from contextlib import closing
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class FileIdentity:
    """Which file a path led to when the database was opened."""

    path: Path
    device: int
    inode: int

    def check(self) -> None:
        """Raise StoreError if the path now leads to another file, or to none."""
        try:
            now = self.path.stat()
        except FileNotFoundError:
            now = None
        except OSError as error:
            raise _unusable(self.path, error) from error
        if now is None or (now.st_dev, now.st_ino) != (self.device, self.inode):
            raise StoreError(
                f"The database {self.path} was {'replaced' if now else 'removed'} while in use.",
                hint="Put the file back as it was, or restart stagecheck with the one to use.",
            )


def check_file(path: Path, known: frozenset[str]) -> FileIdentity:
    """Return which file `path` is; StoreError if it is not a database of ours.

    Not a byte of it is changed. A file that is not there yet is made, readable by its owner only:
    it will hold the pepper.
    """
    try:
        facts = path.stat()
    except FileNotFoundError:
        facts = _create(path)
    except OSError as error:
        raise _unusable(path, error) from error
    if not stat.S_ISREG(facts.st_mode):
        raise StoreError(f"The database {path} is not a file.", hint="Name a file under database.")
    if not os.access(path, os.R_OK | os.W_OK) or not os.access(path.parent, os.W_OK):
        raise StoreError(
            f"The database {path} cannot be written to.",
            hint="Check the rights of the file and its folder.",
        )
    if facts.st_size > 0:
        _look_inside(path, known, thoroughly=facts.st_size <= MAX_CHECKED_BYTES)
    return FileIdentity(path=path, device=facts.st_dev, inode=facts.st_ino)


def make_safe(engine: Engine) -> None:
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


def _create(path: Path) -> os.stat_result:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        return path.stat()
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
