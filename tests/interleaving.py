"""Does two things in two processes in every order in which their statements can come.

Each process has connections of its own to one PostgreSQL. The first thing is stopped at one
statement after the other, and there the second is done as a whole; where that has to wait for what
the first holds, the first goes on. What was returned, and what is kept, has to be as if one had
come after the other: whatever else comes of it is a race.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import count
from typing import Any, Generic, TypeVar

import psycopg
import sqlalchemy as sa

from bot.errors import StagecheckError

P = TypeVar("P")
Operation = Callable[[P], Awaitable[object]]

EACH_S = 1_000_000.0
"""Between two turns: no time passes meanwhile."""

TABLES = {
    "runs": "id",
    "contents": "run_id",
    "postings": "postings",
    "claims": "key, holder, expires_at > now()",
    "turns": f"""name, held_until > extract(epoch FROM now()),
                 round(greatest(0, full_until - extract(epoch FROM now())) / {EACH_S})""",
    "install": "name",
    "watches": "watches",
    "incidents": "incidents",
    "entries": "entries",
    "notices": """rank() OVER (ORDER BY id), target, incident, route, document, due_at, attempts,
                  state, settled_at, error""",
    "decisions": "decisions",
    "installations": "installations",
    "whereabouts": "whereabouts",
    "executions": "executions",
    "ticks": "ticks",
    "accepted_keys": "accepted_keys",
}
"""What is compared of the store's tables: not the numbers of notices, and not the clock."""
OURS, THEIRS = "ours", "theirs"
_PATIENCE_S = 30.0
# A deadlock is found at once; by itself PostgreSQL looks for one after a second.
_OPTIONS = "-c%20deadlock_timeout%3D20ms"
_WAITS = "SELECT 1 FROM pg_stat_activity WHERE application_name = %s AND wait_event_type = 'Lock'"


def address_for(url: str, process: str) -> str:
    """Return the address of a database for a process, by which its connections are told apart."""
    return f"{url}&application_name={process}&options={_OPTIONS}"


@dataclass(frozen=True, slots=True)
class End:
    """What two things came to: what each returned, and what is kept."""

    ours: str
    theirs: str
    kept: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        return (f"ours: {self.ours}", f"theirs: {self.theirs}", *self.kept)


def compared(wrong: End, right: set[End]) -> str:
    """Return in which lines an end differs from each that would be right."""
    told = []
    for each in right:
        told += [f"+ {line[:200]}" for line in wrong.lines if line not in each.lines]
        told += [f"- {line[:200]}" for line in each.lines if line not in wrong.lines]
        told.append("")
    return "\n".join(told)


class Pair(Generic[P]):
    """Two processes, and the database of both."""

    def __init__(
        self,
        watching: psycopg.Connection[Any],
        ours: P,
        theirs: P,
        *,
        tables: Mapping[str, str],
    ) -> None:
        """`tables` says of each table what is compared of its rows; who refers to one comes later.

        `watching` sees what is committed.
        """
        self._watching = watching
        self._ours = ours
        self._theirs = theirs
        self._tables = tables

    async def begin(self, before: Sequence[Operation[P]]) -> None:
        """Do what is done before each try, and remember what is kept then."""
        self._do(*(f"DELETE FROM {table}" for table in reversed(self._tables)))
        for operation in before:
            await operation(self._theirs)
        self._do(*(f"CREATE TEMP TABLE {_copy(table)} AS TABLE {table}" for table in self._tables))

    async def one_after_the_other(self, ours: Operation[P], theirs: Operation[P]) -> set[End]:
        """Return what the two come to, each being first once."""
        self._restore()
        first, second = await _told(ours, self._ours), await _told(theirs, self._theirs)
        end = End(first, second, self._look())
        self._restore()
        first, second = await _told(theirs, self._theirs), await _told(ours, self._ours)
        return {end, End(second, first, self._look())}

    async def at_once(
        self, ours: Operation[P], theirs: Operation[P]
    ) -> AsyncIterator[tuple[str, End]]:
        """Yield the statement of `ours` at which `theirs` was done, and what the two came to."""
        loop = asyncio.get_running_loop()
        for number in count(1):  # at the stop before that, theirs would come first
            self._restore()
            under_way: list[Future[str]] = []

            def meanwhile(under_way: list[Future[str]] = under_way) -> None:
                doing = asyncio.run_coroutine_threadsafe(_told(theirs, self._theirs), loop)
                under_way.append(doing)
                self._wait(doing)

            with _Stops(number, meanwhile) as stops:
                returned = await _told(ours, self._ours)
            if not under_way:
                return
            other = await asyncio.wrap_future(under_way[0])
            yield stops.statement, End(returned, other, self._look())

    def _restore(self) -> None:
        self._do(
            *(f"DELETE FROM {table}" for table in reversed(self._tables)),
            *(f"INSERT INTO {table} TABLE {_copy(table)}" for table in self._tables),
        )

    def _look(self) -> tuple[str, ...]:
        rows = (
            f"SELECT '{table} ' || ({compared})::text FROM {table}"
            for table, compared in self._tables.items()
        )
        found = self._watching.execute(" UNION ALL ".join(rows).encode()).fetchall()
        return tuple(sorted(row[0] for row in found))

    def _wait(self, doing: Future[str]) -> None:
        """Return once theirs is done, or waits for what ours holds."""
        ends_at = time.monotonic() + _PATIENCE_S
        while not doing.done() and not self._watching.execute(_WAITS, (THEIRS,)).fetchone():
            assert time.monotonic() < ends_at, "What is done meanwhile neither ends nor waits."
            time.sleep(0.0005)  # noqa: TID251 - in a thread, for another one

    def _do(self, *statements: str) -> None:
        self._watching.execute("; ".join(statements).encode())


class _Stops:
    """Calls `meanwhile` once, when ours comes to its stop called `number`.

    There is a stop after each statement, and one before each that begins a transaction.
    """

    def __init__(self, number: int, meanwhile: Callable[[], None]) -> None:
        self.statement = ""
        self._number = number
        self._meanwhile = meanwhile
        self._passed = 0
        self._is_begun = False
        self._listeners = {
            "begin": self._begin,
            "before_cursor_execute": self._before,
            "after_cursor_execute": self._after,
        }

    def __enter__(self) -> "_Stops":
        for event, listener in self._listeners.items():
            sa.event.listen(sa.Engine, event, listener)
        return self

    def __exit__(self, *_: object) -> None:
        for event, listener in self._listeners.items():
            sa.event.remove(sa.Engine, event, listener)

    def _begin(self, connection: sa.Connection) -> None:
        self._is_begun |= _is_ours(connection)

    def _before(self, connection: sa.Connection, _cursor: Any, statement: str, *_: object) -> None:
        if _is_ours(connection) and self._is_begun:
            self._is_begun = False
            self._stop(f"before {statement}")

    def _after(self, connection: sa.Connection, _cursor: Any, statement: str, *_: object) -> None:
        if _is_ours(connection):
            self._stop(f"after {statement}")

    def _stop(self, statement: str) -> None:
        if self._passed == self._number:
            self.statement = statement
            self._meanwhile()
        self._passed += 1


def _copy(table: str) -> str:
    return f"before_{table.rpartition('.')[-1]}"


async def _told(operation: Operation[P], process: P) -> str:
    """Return what an operation returned, or what it raised, in words that can be compared."""
    try:
        return repr(await operation(process))
    except StagecheckError as error:
        return f"{type(error).__name__}: {error}"


def _is_ours(connection: sa.Connection) -> bool:
    return connection.engine.url.query.get("application_name") == OURS
