"""A backup that is taken as the documentation says, while runs are saved, is a whole store."""

import asyncio
import re
import shlex
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from bot.store import Store
from tests.missing import missing
from tests.postgres import Postgres
from tests.storing import DIAGNOSIS, ROOT, RUN


def documented(program: str) -> list[str]:
    """Return the words of the command, documented under Backup, that begins with `program`."""
    text = (ROOT / "docs" / "operations.md").read_text()
    section = text.partition("\n### Backup\n")[2].partition("\n#")[0]
    (line,) = re.findall(rf"^{program} .*$", section, re.MULTILINE)
    return shlex.split(line)


@asynccontextmanager
async def saving(store: Store) -> AsyncIterator[list[str]]:
    """Save one run after the other; yield the ids of those that were saved so far."""
    saved: list[str] = []

    async def save() -> None:
        while True:
            run = replace(RUN, id=f"run-{len(saved):06d}")
            await store.save_run(run, DIAGNOSIS)
            saved.append(run.id)

    task = asyncio.create_task(save())
    while len(saved) < 20:
        await asyncio.sleep(0.01)
    yield saved
    assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def is_whole(url: str, at_least: list[str]) -> None:
    """Assert that a store holds these runs, and every run that it holds whole."""
    store = await Store.open(url)
    held = {run.id for run in await store.recent(limit=100_000)}
    assert set(at_least) <= held
    for name in held:
        assert await store.run(name) == replace(RUN, id=name)
        assert await store.diagnosis(name) == DIAGNOSIS
    await store.check()
    await store.close()


async def backup_of_file(command: list[str], folder: Path) -> None:
    store = await Store.open(f"sqlite:///{folder}/stagecheck.db")
    async with saving(store) as saved:
        before = list(saved)
        process = await asyncio.create_subprocess_exec(*command, cwd=folder)
        assert await process.wait() == 0
    await store.close()
    await is_whole(f"sqlite:///{folder}/backup.db", before)


async def test_a_backup_by_python_is_whole(tmp_path: Path) -> None:
    _, *arguments = documented("python3")
    await backup_of_file([sys.executable, *arguments], tmp_path)


async def test_a_backup_by_the_shell_of_sqlite_is_whole(tmp_path: Path) -> None:
    command = documented("sqlite3")
    if shutil.which(command[0]) is None:
        missing("The shell of SQLite, sqlite3, is not here.")
    await backup_of_file(command, tmp_path)


async def test_a_backup_of_postgresql_is_whole(postgres: Postgres) -> None:
    url, restored = postgres.new_database(), postgres.new_database()
    addresses = {"$DATABASE_URL": url, "$NEW_DATABASE_URL": restored}

    async def run(program: str) -> None:
        words = documented(program)
        for name, address in addresses.items():
            words = [word.replace(name, address) for word in words]
        await asyncio.to_thread(postgres.run, *words)

    store = await Store.open(url)
    async with saving(store) as saved:
        before = list(saved)
        await run("pg_dump")
    await store.close()
    await run("pg_restore")
    await is_whole(restored, before)
