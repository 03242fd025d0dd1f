"""The database: opened with care, migrated, and used only from threads of its own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.pool import StaticPool

from bot.errors import StoreError, Unavailable
from bot.store.sqlite import BUSY_TIMEOUT_S, check_file, is_memory, prepare, sqlite_path
from bot.store.trouble import from_the_future, translated

T = TypeVar("T")

THREADS = 4
MAX_WAIT_S = 60.0
"""Longer than SQLite waits for a lock; what takes more will not come back."""
_VERSIONS = Path(__file__).parent / "migrations" / "versions"
REVISIONS = tuple(sorted(path.stem.split("_")[0] for path in _VERSIONS.glob("[0-9]*_*.py")))
"""The revisions this version knows, oldest first: the numbers in the names of their files."""
# psycopg alone looks for the libpq of the system, which a slim image does not have.
_PACKAGES = {"psycopg": "'psycopg[binary]'"}
# Any number, as long as every version of stagecheck takes the same one while it migrates.
_MIGRATION_LOCK = 7_824_325


class Database:
    """One SQLAlchemy engine and the threads that may wait for it."""

    def __init__(self, engine: Engine, threads: ThreadPoolExecutor) -> None:
        self._engine = engine
        self._threads = threads
        self._busy: set[asyncio.Future[Any]] = set()
        self._closed = False
        self.name = _name(engine.url)
        self.path = sqlite_path(engine.url)

    @classmethod
    async def open(cls, url: str) -> "Database":
        """Open and migrate; StoreError if it cannot be used, and then nothing was written."""
        address = _address(url)
        # A database in memory is one connection, which only one thread may use at a time.
        workers = 1 if is_memory(address) else THREADS
        threads = ThreadPoolExecutor(workers, thread_name_prefix="store")
        with ExitStack() as undo:
            undo.callback(threads.shutdown, wait=False)
            engine = await asyncio.get_running_loop().run_in_executor(threads, _open, address)
            undo.pop_all()
        return cls(engine, threads)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction that only reads."""
        return await self._in_thread(work, writes=False)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction that writes: all of it happens, or nothing."""
        return await self._in_thread(work, writes=True)

    async def close(self) -> None:
        """Let what is under way finish, then close every connection."""
        if self._closed:
            return
        self._closed = True
        if self._busy:
            await asyncio.wait(self._busy)
        await asyncio.get_running_loop().run_in_executor(self._threads, self._engine.dispose)
        self._threads.shutdown(wait=False)

    async def _in_thread(self, work: Callable[[Connection], T], *, writes: bool) -> T:
        if self._closed:
            raise Unavailable("The store is closed.", hint="stagecheck is shutting down.")
        loop = asyncio.get_running_loop()
        done = loop.run_in_executor(self._threads, self._transact, work, writes)
        self._busy.add(done)
        done.add_done_callback(self._busy.discard)
        try:
            async with asyncio.timeout(MAX_WAIT_S):
                # Shielded: a thread cannot be cancelled, and close() has to wait for it.
                return await asyncio.shield(done)
        except TimeoutError as error:
            raise StoreError(
                f"The database {self.name} did not answer within {MAX_WAIT_S:.0f} s."
            ) from error

    def _transact(self, work: Callable[[Connection], T], writes: bool) -> T:
        with translated(self.name), self._engine.connect() as connection:
            connection = connection.execution_options(writes=writes)
            with connection.begin():
                return work(connection)


def _open(address: URL) -> Engine:
    name, path = _name(address), sqlite_path(address)
    with translated(name), ExitStack() as undo:
        if path:
            check_file(path, frozenset(REVISIONS))
        engine = _engine(address)
        undo.callback(engine.dispose)
        if engine.dialect.name == "sqlite":
            prepare(engine)
        _migrate(engine, name)
        undo.pop_all()
    return engine


def _migrate(engine: Engine, name: str) -> None:
    with engine.connect() as connection, connection.begin():
        # The usual start needs no lock and so waits for nobody.
        if _revisions(connection) == {REVISIONS[-1]}:
            return
    # Imported when it is needed: it would be a third of the time in which a check starts.
    from bot.store.upgrade import upgrade

    with engine.connect() as connection:
        connection = connection.execution_options(writes=True)
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            if unknown := _revisions(connection) - set(REVISIONS):
                raise from_the_future(name, unknown)
            upgrade(connection)


def _revisions(connection: Connection) -> set[str]:
    if not sa.inspect(connection).has_table("alembic_version"):
        return set()
    return set(connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars())


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except (sa.exc.ArgumentError, ValueError) as error:
        # The address is not repeated: it may hold a password.
        raise StoreError("The address of the database cannot be read.") from error
    if address.drivername == "postgresql":
        return address.set(drivername="postgresql+psycopg")
    return address


def _engine(address: URL) -> Engine:
    options: dict[str, Any] = {"pool_size": THREADS, "max_overflow": 0}
    if is_memory(address):
        options = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
    elif address.get_backend_name() != "sqlite":
        # The server may have been restarted since the connection was made, or not be there.
        options |= {"pool_pre_ping": True, "connect_args": {"connect_timeout": 10}}
    elif "timeout" not in address.query:
        options["connect_args"] = {"timeout": BUSY_TIMEOUT_S}
    try:
        return sa.create_engine(address, **options)
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


def _name(address: URL) -> str:
    if is_memory(address):
        return "in memory"
    return address.database or "" if address.get_backend_name() == "sqlite" else repr(address)
