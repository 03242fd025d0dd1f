"""One process per SQLite file: two would each do what the other has under way."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from bot.errors import ConfigError, StoreError, Unavailable


@contextmanager
def alone(url: str) -> Iterator[None]:
    """Hold the lock of a SQLite database, so that no second process serves from it.

    The kernel lets go of it when the process ends, however that comes about. Another kind of
    database has no such lock here. Unavailable names the process that holds it; ConfigError for a
    database in memory, in which nothing survives.
    """
    address = sa.make_url(url)
    if address.get_backend_name() != "sqlite":
        yield
        return
    if address.database in (None, "", ":memory:"):
        raise ConfigError(
            "A database in memory keeps no runs.", hint="Name a file: database: sqlite:///PATH."
        )
    lock = _open(Path(f"{address.database}.lock"))
    try:
        _take(lock, address.database or "")
        yield
    finally:
        os.close(lock)


def _open(path: Path) -> int:
    try:
        # Never removed: between its removal and the next start, two could each hold a lock.
        return os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(
            f"The lock {path} of the database cannot be opened: {error.strerror}.",
            hint="Check that its folder exists and may be written to.",
        ) from error


def _take(lock: int, database: str) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(lock, 20, 0).decode(errors="replace").strip()
        raise Unavailable(
            f"Another stagecheck{f' (process {holder})' if holder else ''} serves from {database}.",
            hint="Stop it first; for several processes, name a PostgreSQL database.",
        ) from error
    except OSError as error:
        raise StoreError(
            f"The database {database} cannot be locked: {error.strerror}.",
            hint="Put it on a file system of this machine.",
        ) from error
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
