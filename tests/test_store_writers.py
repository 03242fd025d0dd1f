"""Writers of one process to a SQLite file wait for each other, and for nobody's sleep to end."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from bot.store import OneByOne

# SQLite itself waits for nobody here: who comes too early is refused at once.
IMPATIENT = 0.0


def connected(path: Path) -> OneByOne:
    connection = sqlite3.connect(
        path, factory=OneByOne, timeout=IMPATIENT, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE IF NOT EXISTS kept (number INTEGER PRIMARY KEY)")
    return connection


def insert(connection: OneByOne, number: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO kept VALUES (?)", (number,))


def test_who_wants_to_write_waits_for_who_is_writing(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    with closing(connected(path)) as one, closing(connected(path)) as other:
        insert(one, 1)
        begun, done = threading.Event(), threading.Event()

        def write() -> None:
            begun.set()
            insert(other, 2)
            other.commit()
            done.set()

        thread = threading.Thread(target=write)
        thread.start()
        assert begun.wait(10)
        assert not done.is_set()
        one.commit()
        thread.join(10)
        assert one.execute("SELECT number FROM kept").fetchall() == [(1,), (2,)]


def test_who_reads_waits_for_nobody(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    with closing(connected(path)) as one, closing(connected(path)) as other:
        insert(one, 1)
        assert other.execute("SELECT number FROM kept").fetchall() == []
        one.commit()


@pytest.mark.parametrize("end", ["rollback", "close", "refused"])
def test_however_a_writer_ends_the_next_has_its_turn(tmp_path: Path, end: str) -> None:
    path = tmp_path / "some.db"
    one, other = connected(path), connected(path)
    insert(one, 1)
    if end == "rollback":
        one.rollback()
    elif end == "close":
        one.close()
    else:
        one.commit()
        with pytest.raises(sqlite3.IntegrityError):
            one.execute("INSERT INTO kept VALUES (1)")
    insert(other, 2)
    other.commit()
    for each in (one, other):
        each.close()


def test_a_driver_that_begins_by_itself_waits_too(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    with closing(connected(path)) as one, closing(connected(path)) as other:
        one.isolation_level = other.isolation_level = "IMMEDIATE"
        one.execute("INSERT INTO kept VALUES (1)")
        thread = threading.Thread(target=other.execute, args=("INSERT INTO kept VALUES (2)",))
        thread.start()
        one.commit()
        thread.join(10)
        other.commit()
        assert one.execute("SELECT count(*) FROM kept").fetchone() == (2,)
