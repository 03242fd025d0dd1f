"""Lives of `stagecheck` that begin quickly: a process imports all of it once, and forks.

Most of a start is importing, and nothing is kept by then. What is forked runs the command line as
it is, and is a process of its own, which can be killed.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

from bot.cli import main as command_line

ROOT = Path(__file__).parent.parent
START_S = 300.0
MODULES = ("bot.cli.serve", "bot.cli.worker", "psycopg", "sqlalchemy.dialects.sqlite")


class Life:
    """One process that was forked; has what an asyncio subprocess has."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = asyncio.Event()

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            # It may have ended a moment ago, and the word of that be on its way.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def wait(self) -> int:
        await self._ended.wait()
        assert self.returncode is not None
        return self.returncode

    def end(self, code: int) -> None:
        self.returncode = code
        self._ended.set()


class Forks:
    """Begins lives."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._lives: dict[int, Life] = {}
        self._begun: asyncio.Queue[Life] = asyncio.Queue()

    async def begin(self, arguments: Sequence[str], *, log: Path) -> Life:
        """Begin `stagecheck ARGUMENTS`, with its stderr in `log`."""
        assert self._process.stdin is not None
        order = {"arguments": list(arguments), "log": str(log)}
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        async with asyncio.timeout(START_S):
            return await self._begun.get()

    async def listen(self) -> None:
        """Hear of lives that begin and end."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            match json.loads(line):
                case {"begun": pid}:
                    # Handed over itself: it may have ended before anybody asks for it.
                    self._lives[pid] = Life(pid)
                    self._begun.put_nowait(self._lives[pid])
                case {"ended": pid, "code": code}:
                    self._lives.pop(pid).end(code)


@asynccontextmanager
async def forks() -> AsyncIterator[Forks]:
    """Yield what begins lives; none outlives it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.forks"),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    forks = Forks(process)
    listening = asyncio.create_task(forks.listen(), name="forks")
    try:
        yield forks
    finally:
        for life in tuple(forks._lives.values()):
            life.kill()
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        await listening


def main() -> None:
    """Import everything, then fork a life for each line of stdin."""
    for name in MODULES:
        import_module(name)
    # From now on, or a life that ends at once would go unseen.
    signal.signal(signal.SIGCHLD, _reap)
    for line in sys.stdin:
        order = json.loads(line)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        if (pid := os.fork()) == 0:
            _become(order["log"])
            sys.argv = ["stagecheck", *order["arguments"]]
            sys.exit(command_line())
        _tell({"begun": pid})
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})


def _become(log: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    nothing = os.open(os.devnull, os.O_RDWR)
    written = os.open(log, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    for source, number in ((nothing, 0), (nothing, 1), (written, 2)):
        os.dup2(source, number)


def _reap(_number: int, _frame: object) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        _tell({"ended": pid, "code": os.waitstatus_to_exitcode(status)})


def _tell(news: dict[str, int]) -> None:
    # Not through Python's buffers: a signal may come in the middle of that.
    os.write(1, json.dumps(news).encode() + b"\n")


if __name__ == "__main__":
    main()
