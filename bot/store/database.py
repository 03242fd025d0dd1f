"""The database: opened with care, migrated, and used only from threads of its own."""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, Transaction

from bot.errors import StoreError, Unavailable
from bot.store.address import engine_of, name_of, read_address
from bot.store.sqlite import FileIdentity, check_file, is_memory, make_safe, sqlite_path
from bot.store.tables import install
from bot.store.trouble import (
    found_no_room,
    from_the_future,
    is_damage,
    is_passing,
    outlives_its_cause,
    translated,
)

T = TypeVar("T")
Observe = Callable[[str, float, bool], None]
"""Told of every ``read`` and ``write``: the seconds it took in all, and whether it failed."""

THREADS = 4
MAX_WAIT_S = 60.0
"""Longer than SQLite waits for a lock; what takes more will not come back."""
PATIENCE_S = 15.0
"""How long a server that is away is waited for: a restart or a failover takes some seconds."""
RETRY_EVERY_S = 0.25
_VERSIONS = Path(__file__).parent / "migrations" / "versions"
REVISIONS = tuple(sorted(path.stem.split("_")[0] for path in _VERSIONS.glob("[0-9]*_*.py")))
"""The revisions this version knows, oldest first: the numbers in the names of their files."""
# Any number, as long as every version of stagecheck takes the same one while it migrates.
_MIGRATION_LOCK = 7_824_325
_TOUCH = "touch-"
_ROOM_BYTES = 1_048_576
"""What has to find room after something did not: far more than a run takes."""


def unobserved(_operation: str, _duration_s: float, _failed: bool) -> None:
    """Tell nobody of a transaction."""


class Threads:
    """The threads that may wait for a database."""

    def __init__(self, address: URL) -> None:
        """Make them as the database can use them."""
        sqlite = address.get_backend_name() == "sqlite"
        # SQLite has one writer at a time. Several of ours would wait for each other in sleeps
        # that grow; in one thread they take turns, and leave the others to those who read.
        # In memory it is one connection, which only one thread may use at a time.
        self.writing = ThreadPoolExecutor(1 if sqlite else THREADS, thread_name_prefix="store")
        self.reading = self.writing
        if sqlite and not is_memory(address):
            self.reading = ThreadPoolExecutor(THREADS - 1, thread_name_prefix="store")

    def shutdown(self) -> None:
        """Let them end; idle ones end at once."""
        for each in (self.writing, self.reading):
            each.shutdown(wait=False)


class Database:
    """One SQLAlchemy engine and the threads that may wait for it."""

    def __init__(
        self, engine: Engine, threads: Threads, file: FileIdentity | None, observe: Observe
    ) -> None:
        self._engine = engine
        self._threads = threads
        self._file = file
        self._observe = observe
        self._busy: set[asyncio.Future[Any]] = set()
        self._checking: asyncio.Future[None] | None = None
        self._damage: StoreError | None = None
        self._found_no_room = False
        self._looks_for_room = False
        self._closed = False
        self.name = name_of(engine.url)

    @classmethod
    async def open(cls, url: str, *, observe: Observe = unobserved) -> "Database":
        """Open and migrate; StoreError if it cannot be used, and then nothing was written."""
        address = read_address(url)
        threads = Threads(address)
        with ExitStack() as undo:
            undo.callback(threads.shutdown)
            loop = asyncio.get_running_loop()
            engine, file = await loop.run_in_executor(threads.writing, _open, address)
            undo.pop_all()
        return cls(engine, threads, file, observe)

    @property
    def is_shared(self) -> bool:
        """Whether several processes may use it at once."""
        return self._engine.dialect.name == "postgresql"

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction that only reads."""
        return await self._see_through(lambda: work, writes=False)

    async def write(self, work: Callable[[Connection], T], *, repeatable: bool = True) -> T:
        """Run `work` in a transaction that writes: all of it happens, or nothing.

        A connection that is lost while it commits leaves open whether it did. Then it is done
        again if it is `repeatable`, which means that doing it twice is as good as once.
        """
        return await self._see_through(lambda: work, writes=True, repeatable=repeatable)

    async def write_prepared(self, prepare: Callable[[], Callable[[Connection], T]]) -> T:
        """Like `write`, for what `prepare` returns: that is called before anything is locked."""
        return await self._see_through(prepare, writes=True)

    async def check(self) -> None:
        """Raise StoreError unless the database can be written to right now."""
        if self._damage is not None:
            raise StoreError(self._damage.message, hint=self._damage.hint)
        # One at a time, however many ask: where it hangs they would take all threads.
        if self._checking is None or self._checking.done():
            work = _find_room if self._found_no_room else _touch
            self._checking = self._submit(lambda: work, writes=True)
            self._looks_for_room = self._found_no_room
        await asyncio.shield(self._checking)
        if self._looks_for_room:
            self._found_no_room = False

    async def close(self) -> None:
        """Let what is under way finish, then close every connection."""
        if self._closed:
            return
        self._closed = True
        if self._busy:
            await asyncio.wait(self._busy)
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._threads.writing, self._engine.dispose)
        self._threads.shutdown()

    async def _see_through(
        self,
        prepare: Callable[[], Callable[[Connection], T]],
        *,
        writes: bool,
        repeatable: bool = True,
    ) -> T:
        began, failed = perf_counter(), False
        try:
            return await self._patiently(prepare, writes, repeatable)
        except StoreError:
            failed = True
            raise
        finally:
            self._observe("write" if writes else "read", perf_counter() - began, failed)

    async def _patiently(
        self, prepare: Callable[[], Callable[[Connection], T]], writes: bool, repeatable: bool
    ) -> T:
        ends_at = asyncio.get_running_loop().time() + PATIENCE_S
        try:
            async with asyncio.timeout(MAX_WAIT_S):
                while True:
                    try:
                        # Shielded: a thread cannot be cancelled, and close() has to wait for it.
                        return await asyncio.shield(self._submit(prepare, writes, repeatable))
                    except StoreError as error:
                        now = asyncio.get_running_loop().time()
                        if now >= ends_at or not is_passing(error):
                            raise
                    await asyncio.sleep(RETRY_EVERY_S)
        except TimeoutError as error:
            raise StoreError(
                f"The database {self.name} did not answer within {MAX_WAIT_S:.0f} s.",
                hint="Look at what holds it up: its disk, its server, or another process.",
            ) from error

    def _submit(
        self,
        prepare: Callable[[], Callable[[Connection], T]],
        writes: bool,
        repeatable: bool = True,
    ) -> asyncio.Future[T]:
        if self._closed:
            raise Unavailable("The store is closed.", hint="stagecheck is shutting down.")
        threads = self._threads.writing if writes else self._threads.reading
        loop = asyncio.get_running_loop()
        done = loop.run_in_executor(threads, self._transact, prepare, writes, repeatable)
        self._busy.add(done)
        done.add_done_callback(self._busy.discard)
        return done

    def _transact(
        self,
        prepare: Callable[[], Callable[[Connection], T]],
        writes: bool,
        repeatable: bool,
    ) -> T:
        work = prepare()
        try:
            with translated(self.name), self._engine.connect() as connection:
                connection = connection.execution_options(writes=writes)
                try:
                    with connection.begin() as transaction:
                        result = work(connection)
                        if writes:
                            self._commit(transaction, repeatable)
                        return result
                except sa.exc.DBAPIError as error:
                    if outlives_its_cause(error):
                        connection.invalidate(error)
                    raise
        except StoreError as error:
            if is_damage(error):
                self._damage = error
            self._found_no_room |= found_no_room(error)
            raise

    def _commit(self, transaction: Transaction, repeatable: bool) -> None:
        if self._file is not None:
            # Into a file that nobody can find any more, it would be lost.
            self._file.check()
        try:
            transaction.commit()
        except sa.exc.DBAPIError as error:
            if repeatable or not error.connection_invalidated:
                raise
            # Without its cause, by which it would be seen as one to try again.
            raise StoreError(
                f"The connection to {self.name} was lost at the last moment, so it is not known"
                " whether that was kept.",
                hint="Look, and ask again if it was not.",
            ) from None


def _touch(connection: Connection) -> None:
    """Write something, and take it away again."""
    name = f"{_TOUCH}{secrets.token_hex(8)}"
    connection.execute(sa.insert(install), {"name": name, "value": b""})
    connection.execute(sa.delete(install).where(install.c.name.startswith(_TOUCH)))


def _find_room(connection: Connection) -> None:
    """Write much, and leave it to the next `_touch`: what is not kept takes no room."""
    name = f"{_TOUCH}{secrets.token_hex(8)}"
    row = {"name": name, "value": secrets.token_bytes(_ROOM_BYTES)}
    connection.execute(sa.insert(install), row)


def _open(address: URL) -> tuple[Engine, FileIdentity | None]:
    name, path = name_of(address), sqlite_path(address)
    with translated(name), ExitStack() as undo:
        file = check_file(path, frozenset(REVISIONS)) if path else None
        engine = engine_of(address, connections=THREADS)
        undo.callback(engine.dispose)
        if engine.dialect.name == "sqlite":
            make_safe(engine)
        _migrate(engine, name)
        undo.pop_all()
    return engine, file


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
