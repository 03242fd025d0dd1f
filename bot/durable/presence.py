"""Who is alive, over PostgreSQL: each process holds an advisory lock on its own name.

The server lets go of it when the connection ends, however the process ended, and within seconds
when its machine is gone. A lock that can be had belongs to a process that is no more, and its runs
may be taken over.
"""

import asyncio
import hashlib
import secrets
import socket
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from time import monotonic

import sqlalchemy as sa
import structlog

from bot.store import postgresql_engine

log = structlog.get_logger(__name__)

WATCH_S = 2.0
GRACE_S = 5.0
"""After the server was away, all locks are free: so long those who live have to take theirs."""

_PING = sa.text("SELECT 1")
_UP_S = sa.text("SELECT extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())::float")
_LOCK = sa.text("SELECT pg_advisory_lock(:key)")
_TRY = sa.text("SELECT pg_try_advisory_lock(:key)")
_UNLOCK = sa.text("SELECT pg_advisory_unlock(:key)")


class Presence:
    """The name of this process, and a connection of its own that holds the lock of that name.

    Not through a proxy that shares connections between transactions: the lock is the connection's.
    """

    def __init__(self, address: sa.URL) -> None:
        self.name = f"{socket.gethostname()}-{secrets.token_hex(6)}"
        self._engine = postgresql_engine(
            address, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT"
        )
        self._connection: sa.Connection | None = None
        self._was_away = False
        self._judges_from = 0.0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="presence")
        self._watching: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Be seen as alive from now on."""
        await self._in_thread(self._hold)

    def watch(self, busy: Callable[[], Iterable[str]], take_over: Callable[[str], None]) -> None:
        """Look every two seconds whether a process in `busy` has ended, and `take_over` its runs.

        Both are called in a thread.
        """
        self._watching = asyncio.create_task(self._watch(busy, take_over), name="presence")

    async def end(self) -> None:
        """Stop watching; to be seen as alive ends with `leave`."""
        if self._watching is not None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching

    async def leave(self) -> None:
        """Be seen as ended."""
        await self._in_thread(self._disconnect)
        self._thread.shutdown(wait=False)

    async def _watch(
        self, busy: Callable[[], Iterable[str]], take_over: Callable[[str], None]
    ) -> None:
        while True:
            await asyncio.sleep(WATCH_S)
            try:
                await self._in_thread(partial(self._look, busy, take_over))
            except sa.exc.SQLAlchemyError as error:
                log.warning("cannot tell which processes are alive", error=type(error).__name__)
                await self._in_thread(self._disconnect)

    def _look(self, busy: Callable[[], Iterable[str]], take_over: Callable[[str], None]) -> None:
        connection = self._hold()
        if monotonic() < self._judges_from:
            return
        for name in busy():
            if name == self.name or not connection.execute(_TRY, {"key": _key(name)}).scalar():
                continue
            try:
                log.warning("taking over the runs of a process that has ended", process=name)
                take_over(name)
            finally:
                connection.execute(_UNLOCK, {"key": _key(name)})

    def _hold(self) -> sa.Connection:
        """Return the connection, with the lock on it; anew if the server was away."""
        if self._connection is not None:
            try:
                self._connection.execute(_PING)
            except sa.exc.SQLAlchemyError:
                self._disconnect()
        if self._connection is None:
            connection = self._engine.connect()
            connection.execute(_LOCK, {"key": _key(self.name)})
            self._connection = connection
            if self._was_away or connection.execute(_UP_S).scalar_one() < GRACE_S:
                self._judges_from = monotonic() + GRACE_S
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
            self._was_away = True

    async def _in_thread(self, work: Callable[[], object]) -> None:
        # Shielded: a thread cannot be cancelled, and the next must not begin beside it.
        loop = asyncio.get_running_loop()
        await asyncio.shield(loop.run_in_executor(self._thread, work))


def _key(name: str) -> int:
    digest = hashlib.blake2b(f"stagecheck:{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
