"""What goes wrong while the store is in use is said, costs nothing that was kept, and heals."""

import asyncio
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path

import aiohttp
import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import StoreError
from bot.metrics import Metrics
from bot.store import Store
from bot.store.database import Database
from bot.store.tables import install
from bot.web import WebServer, build_web
from tests.postgres import Postgres, away
from tests.storing import DIAGNOSIS, ROOT, RUN, change, file_url, open_folder, run_at, url

__all__ = ["file_url", "open_folder", "url"]


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    store = await Store.open(url)
    try:
        yield store
    finally:
        await store.close()


def file_in(folder: Path) -> Path:
    return folder / "stagecheck.db"


async def lines_of(script: str, path: Path) -> list[str]:
    """Run a script in a process of its own, with `path`, and return what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-B", "-c", script, path), cwd=ROOT, stdout=subprocess.PIPE
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0
    return printed.decode().splitlines()


# -- SQLite


async def test_a_run_is_saved_once_another_process_lets_go_of_the_file(tmp_path: Path) -> None:
    path = file_in(tmp_path)
    async with opened(f"sqlite:///{path}") as store:
        with closing(sqlite3.connect(path, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            saving = asyncio.create_task(store.save_run(RUN, DIAGNOSIS))
            done, _ = await asyncio.wait([saving], timeout=0.3)
            assert not done
            assert await store.recent() == ()  # who reads does not wait
            holder.execute("COMMIT")
            await saving
        assert await store.find_run(RUN.id) == RUN


@pytest.mark.parametrize("replaced", [False, True])
async def test_nothing_is_saved_into_a_file_that_nobody_finds(
    tmp_path: Path, replaced: bool
) -> None:
    path, aside = file_in(tmp_path), tmp_path / "aside.db"
    async with opened(f"sqlite:///{path}") as store:
        await store.save_run(run_at(1), DIAGNOSIS)
        path.rename(aside)
        if replaced:
            path.write_bytes(aside.read_bytes())
        words = "was replaced while in use" if replaced else "was removed while in use"
        for refused in (store.check(), store.save_run(run_at(2), DIAGNOSIS)):
            with pytest.raises(StoreError, match=words):
                await refused
        aside.rename(path)
        await store.check()
        await store.save_run(run_at(3), DIAGNOSIS)
    async with opened(f"sqlite:///{path}") as store:
        assert [run.id for run in await store.recent()] == ["run-0003", "run-0001"]


async def test_damage_that_was_met_is_told_from_then_on(tmp_path: Path) -> None:
    path = file_in(tmp_path)
    async with opened(f"sqlite:///{path}") as store:
        for minute in range(30):
            await store.save_run(run_at(minute), DIAGNOSIS)
    async with opened(f"sqlite:///{path}") as store:
        await store.check()
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xa5" * (path.stat().st_size - 4096))
        with pytest.raises(StoreError, match="is damaged"):
            await asyncio.gather(*(store.run(f"run-{minute:04d}") for minute in range(30)))
        with pytest.raises(StoreError, match=r"is damaged.*Restore it from a backup"):
            await store.check()


FULL = """
import asyncio, resource, secrets, sys
from dataclasses import replace
from pathlib import Path
from bot.errors import StoreError
from bot.store import Store
from bot.store.database import Database
from bot.store.tables import install
from tests.storing import DIAGNOSIS, RUN

async def main() -> None:
    store = await Store.open(f"sqlite:///{sys.argv[1]}")
    kept, failed = [], 0
    most = Path(sys.argv[1] + "-wal").stat().st_size + 200_000
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
    for number in range(40):
        if number == 30:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        run = replace(RUN, id=f"run-{number}", impact=secrets.token_hex(20_000))
        try:
            await store.save_run(run, DIAGNOSIS)
            kept.append(run.id)
        except StoreError as error:
            failed += 1
            words = str(error)
        if number == 29:
            try:
                await store.check()
            except StoreError as error:
                print(error)
    await store.check()
    await store.check()
    await store.close()
    print(words)
    again = await Store.open(f"sqlite:///{sys.argv[1]}")
    print(sorted(kept) == sorted(run.id for run in await again.recent(limit=99)))
    print(0 < failed < 30, len(kept) + failed == 40, "run-39" in kept)
    await again.close()

asyncio.run(main())
"""


async def test_a_disk_that_was_full_for_a_while_costs_nothing_that_was_saved(
    tmp_path: Path,
) -> None:
    of_check, of_saving, *facts = await lines_of(FULL, file_in(tmp_path))
    assert "Check the disk; it may be full" in of_check
    assert "Check the disk; it may be full" in of_saving
    assert facts == ["True", "True True True"]


SAVING = """
import asyncio, sys
from bot.store import Store
from bot.store.database import Database
from bot.store.tables import install
from tests.storing import DIAGNOSIS, run_at

async def main() -> None:
    store = await Store.open(sys.argv[1])
    for minute in range(100_000):
        await store.save_run(run_at(minute), DIAGNOSIS)
        print(f"run-{minute:04d}", flush=True)

asyncio.run(main())
"""


async def test_what_was_saved_outlives_a_killed_process(url: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-B", "-c", SAVING, url), cwd=ROOT, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    saved = [(await process.stdout.readline()).decode().strip() for _ in range(30)]
    process.kill()
    saved += (await process.stdout.read()).decode().split()
    await process.wait()
    async with opened(url) as store:
        for name in saved:
            assert (await store.run(name)).observations == RUN.observations
        assert len(await store.recent(limit=100_000)) - len(saved) in (0, 1)


READ_ONLY = """
import asyncio, os, sys
from pathlib import Path
from bot.errors import StoreError
from bot.store import Store
from bot.store.database import Database
from bot.store.tables import install
from tests.storing import DIAGNOSIS, run_at

async def main() -> None:
    path = Path(sys.argv[1])
    await (await Store.open("sqlite://")).close()  # imports, before rights are given up
    if os.geteuid() == 0:
        os.setgid(65_534)
        os.setuid(65_534)
    store = await Store.open(f"sqlite:///{path}")
    path.chmod(0o444)
    # More at once than there are connections yet: new ones can only read.
    await asyncio.gather(*(store.recent() for _ in range(20)))
    words = set()
    for number in range(10):
        try:
            await store.save_run(run_at(number), DIAGNOSIS)
        except StoreError as error:
            words.add(str(error))
    print(words)
    path.chmod(0o600)
    for number in range(10, 30):
        await store.save_run(run_at(number), DIAGNOSIS)
    await store.check()
    print(len(await store.recent(limit=99)) >= 20)
    await store.close()

asyncio.run(main())
"""


async def test_a_file_that_could_only_be_read_for_a_while_is_written_to_again(
    open_folder: Path,
) -> None:
    words, saved = await lines_of(READ_ONLY, file_in(open_folder))
    assert "cannot be written to. Check the rights of the file and its folder." in words
    assert saved == "True"


# -- PostgreSQL


async def test_a_restart_of_the_server_is_waited_for(postgres: Postgres) -> None:
    async with opened(postgres.new_database()) as store:
        await store.save_run(run_at(1), DIAGNOSIS)
        async with away(postgres):
            waiting = asyncio.gather(
                store.save_run(run_at(2), DIAGNOSIS), store.find_run("run-0001")
            )
            with pytest.raises(StoreError, match=r"cannot be reached.*connects again by itself"):
                await store.check()
            assert not waiting.done()
        _, found = await waiting
        assert found == run_at(1)
        await store.check()
        assert [run.id for run in await store.recent()] == ["run-0002", "run-0001"]


async def test_a_server_that_is_not_there_is_said_not_to_be(postgres: Postgres) -> None:
    url = postgres.new_database()
    async with away(postgres):
        with pytest.raises(StoreError, match="cannot be reached"):
            await Store.open(url)


async def test_what_a_server_refuses_is_said(postgres: Postgres) -> None:
    with pytest.raises(StoreError, match=r"does not exist\. Create it"):
        await Store.open(postgres.address("absent"))
    with pytest.raises(StoreError, match="does not let stagecheck in"):
        await Store.open(postgres.address("postgres", user="stranger"))


async def test_a_server_that_only_lets_itself_be_read_is_said_to(postgres: Postgres) -> None:
    url = postgres.new_database()
    async with opened(url):
        pass
    change(url, "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database()"
                " || ' SET default_transaction_read_only = on'; END $$")  # fmt: skip
    async with opened(url) as store:
        for refused in (store.check(), store.save_run(RUN, DIAGNOSIS)):
            with pytest.raises(StoreError, match="only lets itself be read"):
                await refused


class Cut:
    """Stands between a client and a server, and cuts the line once, right after a COMMIT."""

    def __init__(self, server: Path) -> None:
        self._server = server
        self.cuts = 0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back_reader, back_writer = await asyncio.open_unix_connection(self._server)
        back = asyncio.create_task(self._copy(back_reader, writer))
        while data := await reader.read(65_536):
            back_writer.write(data)
            await back_writer.drain()
            if b"COMMIT" in data and self.cuts == 1:
                self.cuts = 2
                back.cancel()
                break
        back_writer.close()
        writer.close()
        await asyncio.gather(back, return_exceptions=True)

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()


@asynccontextmanager
async def cut_line(postgres: Postgres, folder: Path) -> AsyncIterator[tuple[str, Cut]]:
    """Yield an address whose line is cut at the next COMMIT once `cuts` is set to 1."""
    url, cut = postgres.new_database(), Cut(postgres.folder / ".s.PGSQL.5432")
    server = await asyncio.start_unix_server(cut.carry, folder / ".s.PGSQL.5432")
    async with server:
        yield url.replace(str(postgres.folder), str(folder)), cut


async def test_a_line_cut_at_the_last_moment_saves_a_run_once(
    postgres: Postgres, open_folder: Path
) -> None:
    async with cut_line(postgres, open_folder) as (url, cut), opened(url) as store:
        cut.cuts = 1
        await store.save_run(RUN, DIAGNOSIS)
        assert cut.cuts == 2
        assert await store.find_run(RUN.id) == RUN


async def test_a_line_cut_at_the_last_moment_leaves_a_claim_unanswered(
    postgres: Postgres, open_folder: Path
) -> None:
    async with cut_line(postgres, open_folder) as (url, cut), opened(url) as store:
        cut.cuts = 1
        with pytest.raises(StoreError, match="it is not known whether that was kept"):
            await store.claim("Ev1", ttl_s=60)
        assert cut.cuts == 2


async def test_those_who_look_whether_it_is_well_leave_room_for_others(
    postgres: Postgres,
) -> None:
    url = postgres.new_database()
    async with opened(url) as store:
        async with locked(url):
            checks = [asyncio.create_task(store.check()) for _ in range(10)]
            await asyncio.sleep(0)  # now all of them have begun
            async with asyncio.timeout(10):
                assert await store.recent() == ()
            assert not any(check.done() for check in checks)
        await asyncio.gather(*checks)


@asynccontextmanager
async def locked(url: str) -> AsyncIterator[None]:
    """Hold a lock on the table that a check writes to."""
    connection = await psycopg.AsyncConnection.connect(url)
    async with connection:
        await connection.execute("LOCK TABLE install")
        yield


async def test_of_two_that_wait_for_each_other_one_begins_again(postgres: Postgres) -> None:
    database = await Database.open(postgres.new_database())
    both_hold_one = threading.Barrier(2, timeout=30.0)
    begun: list[str] = []

    def add(names: str, connection: Connection) -> str:
        for name in names:
            change = sa.update(install).where(install.c.name == name)
            connection.execute(change.values(value=install.c.value.concat(names.encode())))
            if name == names[0]:
                begun.append(names)
                if len(begun) <= 2:  # who begins again meets nobody
                    both_hold_one.wait()
        return names

    try:
        rows = [{"name": name, "value": b""} for name in "ab"]
        await database.write(lambda connection: connection.execute(sa.insert(install), rows))
        orders = (database.write(partial(add, names)) for names in ("ab", "ba"))
        assert await asyncio.gather(*orders) == ["ab", "ba"]
        kept = await database.read(lambda c: c.execute(sa.select(install.c.value)).scalars().all())
    finally:
        await database.close()
    assert len(begun) == 3
    assert {len(value) for value in kept} == {4}


# -- both


async def test_readiness_tells_of_trouble_and_of_its_end(tmp_path: Path) -> None:
    path, aside = file_in(tmp_path), tmp_path / "aside.db"
    async with opened(f"sqlite:///{path}") as store:
        app = build_web(checks={"store": store.check}, metrics=Metrics())
        server = WebServer(app, host="127.0.0.1", port=0)
        url = await server.start()
        async with aiohttp.ClientSession() as session:
            statuses = [(await session.get(f"{url}/readyz")).status]
            path.rename(aside)
            statuses.append((await session.get(f"{url}/readyz")).status)
            aside.rename(path)
            statuses.append((await session.get(f"{url}/readyz")).status)
        await server.stop()
        assert statuses == [200, 503, 200]
