"""Who writes to a SQLite file, one after the other.

SQLite has one writer at a time. Whoever finds its lock taken sleeps, longer each time, and looks
again; several threads of one process can wait for each other without sleeping.
"""

import os
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

PATIENCE_S = 10.0
"""Then SQLite's own lock has to do: whoever holds ours may be waiting for another process."""
_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "BEGIN IMMEDIATE")

_turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


class OneByOne(sqlite3.Connection):
    """A connection whose writing transactions wait for those of the process's other ones."""

    def __init__(self, database: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(database, *args, **kwargs)
        name = os.fspath(database)
        # In memory, each connection has a database of its own.
        self._turn = threading.Lock() if ":memory:" in name else _turns[os.path.realpath(name)]
        self._has_turn = False

    def cursor(self, factory: Any = None) -> Any:
        """Return a cursor that waits for its turn."""
        return super().cursor(factory or _Cursor)

    def execute(self, sql: str, parameters: Any = (), /) -> Any:
        """Execute a statement with a cursor of its own."""
        # By itself the driver would do so past the cursor's own method.
        return self.cursor().execute(sql, parameters)

    def commit(self) -> None:
        """Commit, and let the next one write."""
        try:
            super().commit()
        finally:
            self.let_go()

    def rollback(self) -> None:
        """Take back, and let the next one write."""
        try:
            super().rollback()
        finally:
            self.let_go()

    def close(self) -> None:
        """Close, and let the next one write."""
        try:
            super().close()
        finally:
            self._end_turn()

    def take_turn(self, statement: str) -> None:
        """Wait until it is this connection's turn, if `statement` begins to write."""
        if not self._has_turn and not self.in_transaction and statement.startswith(_WRITES):
            self._has_turn = self._turn.acquire(timeout=PATIENCE_S)

    def let_go(self) -> None:
        """Let the next one write, unless a transaction is still under way."""
        if not self.in_transaction:
            self._end_turn()

    def _end_turn(self) -> None:
        if self._has_turn:
            self._has_turn = False
            self._turn.release()


class _Cursor(sqlite3.Cursor):
    connection: OneByOne

    def execute(self, sql: str, parameters: Any = (), /) -> "_Cursor":
        self.connection.take_turn(sql)
        try:
            super().execute(sql, parameters)
        finally:
            self.connection.let_go()
        return self

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> "_Cursor":
        self.connection.take_turn(sql)
        try:
            super().executemany(sql, parameters)
        finally:
            self.connection.let_go()
        return self
