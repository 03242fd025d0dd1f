"""What a database's address says: where it is, what it is called, and how it is connected to."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.pool import StaticPool

from bot.errors import StoreError
from bot.store.sqlite import BUSY_TIMEOUT_S, is_memory
from bot.store.writers import OneByOne

# psycopg alone looks for the libpq of the system, which a slim image does not have.
_PACKAGES = {"psycopg": "'psycopg[binary]'"}
# Either end may vanish without a word: a pulled cable, a dead machine. What of the server's is not
# said here takes hours by itself, and so long would a machine that is no more keep its locks.
_HERE = {
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "2",
    "tcp_user_timeout": "20000",  # milliseconds
    "fallback_application_name": "stagecheck",
}
_THERE = {
    "tcp_keepalives_idle": "2s",
    "tcp_keepalives_interval": "1s",
    "tcp_keepalives_count": "4",
    "tcp_user_timeout": "6s",
    "idle_in_transaction_session_timeout": "60s",  # of a process that hangs
}


def read_address(url: str) -> URL:
    """Return the address that `url` is; StoreError if it is none."""
    try:
        address = make_url(url)
    except (sa.exc.ArgumentError, ValueError) as error:
        # The address is not repeated: it may hold a password.
        raise StoreError("The address of the database cannot be read.") from error
    if address.drivername == "postgresql":
        return address.set(drivername="postgresql+psycopg")
    return address


def name_of(address: URL) -> str:
    """Return what people call the database: its file, or its address without the password."""
    if is_memory(address):
        return "in memory"
    return address.database or "" if address.get_backend_name() == "sqlite" else repr(address)


def engine_of(address: URL, *, connections: int) -> Engine:
    """Return a pool of up to `connections`; none is made yet."""
    options: dict[str, Any] = {"pool_size": connections, "max_overflow": 0}
    create: Callable[..., Engine] = sa.create_engine
    if is_memory(address):
        options = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
    elif address.get_backend_name() == "postgresql":
        # The server may have been restarted since the connection was made.
        options["pool_pre_ping"] = True
        create = postgresql_engine
    elif address.get_backend_name() == "sqlite":
        options["connect_args"] = {"factory": OneByOne}
        if "timeout" not in address.query:
            options["connect_args"]["timeout"] = BUSY_TIMEOUT_S
    try:
        return create(address, **options)
    except ImportError as error:
        driver = address.get_driver_name()
        missing = isinstance(error, ModuleNotFoundError)
        raise StoreError(
            f"The database driver {driver} "
            + ("is not installed." if missing else f"cannot be loaded: {error}."),
            hint=f"Try: pip install {_PACKAGES.get(driver, driver)}",
        ) from error
    except (ValueError, TypeError) as error:
        raise StoreError("The address of the database has an option it cannot have.") from error


def postgresql_engine(address: URL, **options: Any) -> Engine:
    """Return connections to a server, with SQLAlchemy's `options`; none is made yet.

    Each end notices within seconds that the other is no more.
    """
    given = {name: value for name, value in _HERE.items() if name not in address.query}
    engine = sa.create_engine(address, connect_args=given, **options)
    sa.event.listen(engine, "connect", _tell_server)
    return engine


def _tell_server(connection: Any, _record: object) -> None:
    # Not while connecting: what shares connections between sessions refuses to pass that on.
    connection.execute(";".join(f"SET {name} = '{value}'" for name, value in _THERE.items()))
    connection.commit()
