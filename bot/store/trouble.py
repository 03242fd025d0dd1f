"""What goes wrong with a database, in a person's words."""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import exc

from bot.errors import StoreError

_RIGHTS = "Check the rights of the file and its folder."
_DAMAGED = "Restore it from a backup, or move it away to start anew."
# SQLite's names for its errors -> what happened, what to do.
_SQLITE: Mapping[str, tuple[str, str]] = {
    "SQLITE_BUSY": ("is locked by another process", "Stop the other process, or wait for it."),
    "SQLITE_LOCKED": ("is locked by another process", "Stop the other process, or wait for it."),
    "SQLITE_FULL": ("cannot grow: the disk is full", "Make room; nothing was half written."),
    "SQLITE_READONLY": ("cannot be written to", _RIGHTS),
    "SQLITE_CORRUPT": ("is damaged", _DAMAGED),
    "SQLITE_NOTADB": ("is not a SQLite database", "Name another file under database."),
    "SQLITE_CANTOPEN": ("cannot be opened", "Check that its folder exists and its rights."),
    "SQLITE_PERM": ("cannot be opened", _RIGHTS),
    "SQLITE_IOERR": ("cannot be read or written", "Check the disk; it may be full or failing."),
}
_AWAY = "Check that PostgreSQL runs; stagecheck connects again by itself."
_GRANTS = "Grant stagecheck's user the right to create and change its tables."
# The beginnings of PostgreSQL's codes -> what happened, what to do
# (postgresql.org/docs/current/errcodes-appendix.html).
_POSTGRESQL: Mapping[str, tuple[str, str]] = {
    "53100": ("cannot grow: the server's disk is full", "Make room; nothing was half written."),
    "53300": ("takes no more connections", "Raise max_connections, or close what holds them."),
    "25006": ("only lets itself be read", "Name the primary server, not a standby of it."),
    "42501": ("does not allow that to stagecheck's user", _GRANTS),
    "57P": ("is restarting or shutting down", _AWAY),
    "08": ("lost the connection", _AWAY),
    "XX001": ("is damaged", "Restore it from a backup."),
    "XX002": ("is damaged", "Restore it from a backup, or rebuild its indexes."),
}
# A connection that was refused comes without a code: words of libpq -> what happened, what to do.
_LIBPQ: Mapping[str, tuple[str, str]] = {
    r"password authentication failed|no password supplied|no pg_hba\.conf entry|role .* does not": (
        "does not let stagecheck in",
        "Check user and password in the address under database.",
    ),
    r"database .* does not exist": ("does not exist", "Create it, or name another one."),
    r"translate host name|resolve host": (
        "cannot be found: its host has no address",
        "Check the host in the address under database.",
    ),
    r"refused|No such file|timeout|timed out|starting up|shutting down|closed|unreachable|reset": (
        "cannot be reached",
        _AWAY,
    ),
}


_PASSING_SQLITE = tuple(
    f"SQLITE_{word}" for word in ("BUSY", "CANTOPEN", "FULL", "IOERR", "LOCKED", "READONLY")
)
# No room, locked, and a standby that becomes the primary server.
_PASSING_POSTGRESQL = ("53", "55P", "25006")


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


def is_passing(error: StoreError) -> bool:
    """Tell whether trying again at once is right: the server is away, or wants it tried again.

    Not so for SQLite, which has waited for its lock already.
    """
    cause = error.__cause__
    if not isinstance(cause, exc.DBAPIError) or isinstance(cause.orig, sqlite3.Error):
        return False
    code = getattr(cause.orig, "sqlstate", None)
    if code is None:
        # No answer, or no connection.
        return cause.connection_invalidated or isinstance(cause, exc.OperationalError)
    # 40: two waited for each other, and the server had this one give way.
    return cause.connection_invalidated or code.startswith(("57P", "08", "53300", "40"))


def may_pass(error: StoreError) -> bool:
    """Tell whether what is in the way may go while we live, whether anybody helps or not."""
    cause = error.__cause__
    if not isinstance(cause, exc.SQLAlchemyError | sqlite3.Error):
        return True  # it took too long, the file is not there, or nobody knows what was kept
    if code := _sqlite_code(getattr(cause, "orig", cause)):
        return code.startswith(_PASSING_SQLITE)
    code = getattr(getattr(cause, "orig", None), "sqlstate", None) or ""
    return is_passing(error) or code.startswith(_PASSING_POSTGRESQL)


def is_damage(error: StoreError) -> bool:
    """Tell whether the file itself is broken, which does not pass."""
    code = _sqlite_code(getattr(error.__cause__, "orig", None))
    return code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def found_no_room(error: StoreError) -> bool:
    """Tell whether a disk may be full; a small thing may still be written to it."""
    orig = getattr(error.__cause__, "orig", None)
    full = _sqlite_code(orig).startswith(("SQLITE_FULL", "SQLITE_IOERR"))
    return full or getattr(orig, "sqlstate", None) == "53100"


def outlives_its_cause(error: exc.DBAPIError) -> bool:
    """Tell whether a SQLite connection has to be made anew to be free of what it met.

    One that was opened while the file was read-only stays read-only when the file no longer is.
    """
    return _sqlite_code(error.orig).startswith(
        ("SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_CORRUPT", "SQLITE_NOTADB")
    )


def from_the_future(name: str, revisions: Iterable[str]) -> StoreError:
    """Return the error for a database with a revision that this version does not know."""
    return StoreError(
        f"The database {name} was written by a newer stagecheck"
        f" (revision {', '.join(sorted(revisions))}).",
        hint="Run that version, or name another database.",
    )


def _of_driver(name: str, error: BaseException | None) -> StoreError:
    found = _known(error)
    if found is None:
        return StoreError(f"The database {name} cannot be used: {_first_line(error)}")
    what, advice = found
    return StoreError(f"The database {name} {what}.", hint=advice)


def _known(error: BaseException | None) -> tuple[str, str] | None:
    # Extended codes say more than people need: SQLITE_READONLY_DIRECTORY is SQLITE_READONLY.
    if isinstance(error, sqlite3.Error):
        return _by_beginning(_SQLITE, _sqlite_code(error))
    if code := getattr(error, "sqlstate", None):
        return _by_beginning(_POSTGRESQL, code)
    if not hasattr(error, "sqlstate"):
        return None
    return next((said for words, said in _LIBPQ.items() if re.search(words, str(error))), None)


def _by_beginning(known: Mapping[str, tuple[str, str]], code: str) -> tuple[str, str] | None:
    return next((said for begins, said in known.items() if code.startswith(begins)), None)


def _sqlite_code(error: BaseException | None) -> str:
    return getattr(error, "sqlite_errorname", "") if isinstance(error, sqlite3.Error) else ""


def _first_line(error: BaseException | None) -> str:
    lines = str(error or "").strip().splitlines()
    return f"{lines[0].rstrip('.')}." if lines else "it gave no reason."
