"""What goes wrong with a database, in a person's words."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import exc

from bot.errors import StoreError

# SQLite's names for its errors -> what happened, what to do.
_SQLITE: Mapping[str, tuple[str, str]] = {
    "SQLITE_BUSY": ("is locked by another process", "Stop the other process, or wait for it."),
    "SQLITE_LOCKED": ("is locked by another process", "Stop the other process, or wait for it."),
    "SQLITE_FULL": ("cannot grow: the disk is full", "Make room; nothing was half written."),
    "SQLITE_READONLY": ("cannot be written to", "Check the rights of the file and its folder."),
    "SQLITE_CORRUPT": ("is damaged", "Restore it from a backup, or move it away to start anew."),
    "SQLITE_NOTADB": ("is not a SQLite database", "Name another file under database."),
    "SQLITE_CANTOPEN": ("cannot be opened", "Check that its folder exists and its rights."),
    "SQLITE_PERM": ("cannot be opened", "Check the rights of the file and its folder."),
    "SQLITE_IOERR": ("cannot be read or written", "Check the disk; it may be full or failing."),
}


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Turn whatever the database `name` or its driver raises into StoreError.

    IntegrityError passes: the one who inserts knows what a duplicate means.
    """
    try:
        yield
    except exc.IntegrityError:
        raise
    except exc.DBAPIError as error:
        raise _of_driver(name, error.orig) from error
    except sqlite3.Error as error:
        raise _of_driver(name, error) from error
    except exc.SQLAlchemyError as error:
        raise StoreError(f"The database {name} cannot be used: {_first_line(error)}") from error


def from_the_future(name: str, revisions: Iterable[str]) -> StoreError:
    """Return the error for a database with a revision that this version does not know."""
    return StoreError(
        f"The database {name} was written by a newer stagecheck"
        f" (revision {', '.join(sorted(revisions))}).",
        hint="Run that version, or name another database.",
    )


def _of_driver(name: str, error: BaseException | None) -> StoreError:
    code = getattr(error, "sqlite_errorname", "") if isinstance(error, sqlite3.Error) else ""
    # Extended codes say more than people need: SQLITE_READONLY_DIRECTORY is SQLITE_READONLY.
    for known, (what, advice) in _SQLITE.items():
        if code and code.startswith(known):
            return StoreError(f"The database {name} {what}.", hint=advice)
    return StoreError(f"The database {name} cannot be used: {_first_line(error)}")


def _first_line(error: BaseException | None) -> str:
    lines = str(error or "").strip().splitlines()
    return f"{lines[0].rstrip('.')}." if lines else "it gave no reason."
