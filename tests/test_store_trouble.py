"""A database that cannot be used is left as it was found, and the reason is said clearly."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.store import Store
from tests.storing import DIAGNOSIS, ROOT, RUN, open_folder

__all__ = ["open_folder"]


def address(path: Path, options: str = "") -> str:
    return f"sqlite:///{path}{options}"


async def filled(path: Path) -> None:
    store = await Store.open(address(path))
    await store.save_run(RUN, DIAGNOSIS)
    await store.close()


def contents(folder: Path) -> dict[str, bytes | None]:
    return {each.name: each.read_bytes() if each.is_file() else None for each in folder.iterdir()}


async def refusal(path: Path, options: str = "") -> str:
    """Return why `path` was refused, having made sure that nothing about it changed."""
    before = contents(path.parent)
    with pytest.raises(StoreError) as refused:
        await Store.open(address(path, options))
    assert contents(path.parent) == before
    return str(refused.value)


def execute(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


async def test_a_database_from_the_future_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "stagecheck.db"
    await filled(path)
    execute(path, "UPDATE alembic_version SET version_num = '9999'")
    words = await refusal(path)
    assert "was written by a newer stagecheck (revision 9999)." in words
    assert "Run that version" in words


@pytest.mark.parametrize("page", [1, 2, -3, -2])
async def test_a_damaged_database_is_left_alone(tmp_path: Path, page: int) -> None:
    path = tmp_path / "stagecheck.db"
    await filled(path)
    content = path.read_bytes()
    pages = [content[start : start + 4096] for start in range(0, len(content), 4096)]
    pages[page] = b"\xa5" * 4096
    path.write_bytes(b"".join(pages))
    assert "is damaged" in await refusal(path)


async def test_a_database_that_was_cut_off_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "stagecheck.db"
    await filled(path)
    path.write_bytes(path.read_bytes()[:9000])
    assert "is damaged" in await refusal(path)


@pytest.mark.parametrize("lines", [1, 500])
async def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, lines: int) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Dear diary, this is not a database.\n" * lines)
    assert "is not a SQLite database" in await refusal(path)


async def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "photos.db"
    execute(path, "CREATE TABLE photos (id INTEGER)")
    assert "belongs to another program" in await refusal(path)


async def test_a_folder_is_no_database(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    assert "is not a file" in await refusal(folder)


async def test_a_pipe_is_no_database(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "is not a file" in await refusal(tmp_path / "pipe")


async def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"absent/stagecheck\.db cannot be opened: No such file"):
        await Store.open(address(tmp_path / "absent" / "stagecheck.db"))


async def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    path = tmp_path / "stagecheck.db"
    path.touch()
    await filled(path)
    assert path.stat().st_size > 0


async def test_a_new_database_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    await filled(tmp_path / "stagecheck.db")
    assert (tmp_path / "stagecheck.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "The address of the database cannot be read."),
        ("oracle+unknown://db/x", "cannot be used"),
        ("postgresql+pg8000://u:hunter2@db/x", "The database driver pg8000 is not installed."),
        ("sqlite:////nowhere/x.db?timeout=soon", "cannot be opened"),
    ],
)
async def test_a_wrong_address_is_refused_and_not_printed(url: str, words: str) -> None:
    with pytest.raises(StoreError) as refused:
        await Store.open(url)
    assert words in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_a_driver_that_lacks_its_library_is_said_to_lack_it(tmp_path: Path) -> None:
    """As psycopg does without libpq: it is there, and importing it fails all the same."""
    (tmp_path / "pg8000").mkdir()
    (tmp_path / "pg8000" / "__init__.py").write_text("raise ImportError('no library found')")
    script = (
        "import asyncio; from bot.errors import StoreError; from bot.store import Store\n"
        "try: asyncio.run(Store.open('postgresql+pg8000://u:hunter2@db/x'))\n"
        "except StoreError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("The database driver pg8000 cannot be loaded: no library found.")
    assert "pip install pg8000" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr


async def test_an_option_that_cannot_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="has an option it cannot have"):
        await Store.open(address(tmp_path / "stagecheck.db", "?timeout=soon"))


async def test_a_locked_database_is_said_to_be_locked(tmp_path: Path) -> None:
    path = tmp_path / "stagecheck.db"
    store = await Store.open(address(path, "?timeout=0.1"))
    with closing(sqlite3.connect(path)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="is locked by another process"):
            await store.check()
        with pytest.raises(StoreError, match="is locked by another process"):
            await store.save_run(RUN, DIAGNOSIS)
        assert await store.recent() == ()
    await store.save_run(RUN, DIAGNOSIS)
    await store.check()
    await store.close()


async def test_a_database_that_was_removed_is_not_ready(tmp_path: Path) -> None:
    store = await Store.open(address(tmp_path / "stagecheck.db"))
    (tmp_path / "stagecheck.db").unlink()
    with pytest.raises(StoreError, match="was removed while in use"):
        await store.check()
    await store.close()


SAVE = """
import asyncio, os, resource, secrets, sys
from dataclasses import replace
from bot.errors import StoreError
from bot.store import Store
from tests.storing import DIAGNOSIS, RUN

async def main() -> None:
    path, warm_up, largest_file, user = sys.argv[1:]
    # Everything is imported before rights are given up: they may not reach the interpreter.
    await (await Store.open(f"sqlite:///{warm_up}")).close()
    if int(largest_file):
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(largest_file), int(largest_file)))
    if os.geteuid() == 0 and int(user):
        os.setgid(int(user))
        os.setuid(int(user))
    try:
        store = await Store.open(f"sqlite:///{path}")
    except StoreError as error:
        print("not opened:", error)
        return
    try:
        # Nothing that could be packed into less.
        await store.save_run(replace(RUN, impact=secrets.token_hex(500_000)), DIAGNOSIS)
        print("saved")
    except StoreError as error:
        print("not saved:", error)
        print(await store.recent(), flush=True)
    await store.close()

asyncio.run(main())
"""


def saving(path: Path, *, largest_file: int = 0, user: int = 0) -> str:
    """Save a run in a process of its own, with fewer rights or on a disk that is full."""
    arguments = (path, path.parent / "warm-up.db", largest_file, user)
    command = [sys.executable, "-c", SAVE, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout


async def test_a_full_disk_is_said_to_be_full_and_nothing_is_half_saved(tmp_path: Path) -> None:
    path = tmp_path / "stagecheck.db"
    await (await Store.open(address(path))).close()
    words = saving(path, largest_file=path.stat().st_size // 2)
    assert words.startswith("not saved: ")
    assert "Check the disk; it may be full" in words
    assert words.endswith("()\n")


async def test_a_file_without_the_right_to_write_is_left_alone(open_folder: Path) -> None:
    path = open_folder / "stagecheck.db"
    await filled(path)
    path.chmod(0o444)
    before = path.read_bytes()
    words = saving(path, user=65_534)
    assert words.startswith("not opened: ")
    assert "cannot be written to" in words
    assert path.read_bytes() == before
