"""What do several workers do together, what does the engine cost, and what does a kill cost?

    uv run python -m bench.scale [--runs 200] [--no-write]

Everything is real: `stagecheck serve` and its workers are processes, PostgreSQL a server of its
own; Slack and the targets are simulated in one process. The tables go to docs/performance.md.
"""

import argparse
import asyncio
import os
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import yaml

from bench.document import write_section
from bot.durable import DurableEngine
from bot.durable import run as run_durable
from bot.engine import Engine, LocalEngine
from bot.model import Caller, CheckRequest, Trigger
from bot.sandbox import MiniSlack, Staging
from tests.postgres import running_server

ROOT = Path(__file__).parent.parent
AT_ONCE = 5
ACTIVITIES = 5
PATIENCE_S = 300.0
_OUTCOME = re.compile(r"(Passed|Degraded|Failed|Errored|Skipped): ")


@dataclass(slots=True)
class Fleet:
    """A bot and its workers over one database, and all that they talk to."""

    slack: MiniSlack
    url: str
    processes: list[asyncio.subprocess.Process]

    async def ask(self, runs: int) -> int:
        """Ask for a check of each target, some at a time; return how many acks came too late."""
        room = asyncio.Semaphore(AT_ONCE)

        async def one(number: int) -> bool:
            async with room:
                return (await self.slack.command(f"/stagecheck t{number}")).ok

        # One that was not acknowledged in three seconds is started all the same.
        return runs - sum(await asyncio.gather(*(one(number) for number in range(runs))))

    def ended(self) -> int:
        """Return how many runs have their outcome."""
        parents = [one for one in self.slack.messages() if not one.thread_ts]
        return sum(bool(_OUTCOME.match(parent.text)) for parent in parents)

    async def until_ended(self, runs: int) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while self.ended() < runs:  # noqa: ASYNC110  # they are told of by other processes
                await asyncio.sleep(0.05)

    def doubled(self, runs: int) -> int:
        """Return how many messages are there twice, or belong to no run that was asked for."""
        tags = [str(one.metadata["event_payload"]) for one in self.slack.messages() if one.metadata]
        parents = sum(not one.thread_ts for one in self.slack.messages())
        return len(tags) - len(set(tags)) + parents - runs

    async def lag(self) -> tuple[float, float]:
        """Return the shares of pauses after which the loop was at most 10 and 25 ms late."""
        shown = {"Authorization": f"Bearer {self.slack.signing_secret}"}
        async with (
            aiohttp.ClientSession(headers=shown) as session,
            session.get(f"{self.url}/metrics") as answer,
        ):
            text = await answer.text()
        name = "stagecheck_event_loop_lag_seconds_bucket"
        found = dict(re.findall(rf'{name}{{le="([^"]+)"}} (\S+)', text))
        total = float(found["+Inf"]) or 1.0
        under = {float(le): float(count) / total for le, count in found.items() if le != "+Inf"}
        return tuple(max(s for le, s in under.items() if le <= most) for most in (0.011, 0.026))


@asynccontextmanager
async def fleet(*, workers: int, runs: int, database: str = "") -> AsyncIterator[Fleet]:
    """Yield `serve` and workers beside it, `workers` processes in all, ready."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        staging = await stack.enter_async_context(Staging(["seed"]))
        slack = await stack.enter_async_context(MiniSlack())
        config = _config(folder, staging, slack, runs, database)
        processes: list[asyncio.subprocess.Process] = []
        stack.push_async_callback(_stop, processes)
        url = ""
        for command in ("serve", *["worker"] * (workers - 1)):
            path = folder / f"{len(processes)}.log"
            with path.open("wb") as log:
                argv = (sys.executable, "-m", "bot", command, "--config", str(config))
                process = await asyncio.create_subprocess_exec(*argv, cwd=ROOT, stderr=log)
            processes.append(process)
            while not (ready := re.search(r'"url": "([^"]*)".*"ready"', path.read_text())):
                assert process.returncode is None, path.read_text()
                await asyncio.sleep(0.05)
            url = url or ready[1]
        slack.request_url = f"{url}/slack/events"
        yield Fleet(slack=slack, url=url, processes=processes)


def _config(folder: Path, staging: Staging, slack: MiniSlack, runs: int, database: str) -> Path:
    path = folder / "stagecheck.yaml"
    staging.write_config(path)
    document = yaml.safe_load(path.read_text())
    document["slack"] = {"api_url": slack.api_url, "rates": 1000}
    for name, value in (("bot_token", slack.bot_token), ("signing_secret", slack.signing_secret)):
        (folder / name).write_text(value)
        (folder / name).chmod(0o600)
        document["slack"][name] = f"${{file:{folder / name}}}"
    # Whoever knows the one may know the other here.
    document["server"] = {"port": 0, "token": document["slack"]["signing_secret"]}
    target = document["targets"]["staging"] | {"experiments": {"enabled": False}}
    document["targets"] = {f"t{number}": target for number in range(runs)}
    document["database"] = database or f"sqlite:///{folder}/stagecheck.db"
    path.write_text(yaml.safe_dump(document))
    return path


async def _stop(processes: list[asyncio.subprocess.Process]) -> None:
    for process in processes:
        if process.returncode is None:
            process.terminate()
    await asyncio.gather(*(process.wait() for process in processes))


async def throughput(workers: int, runs: int, database: str = "") -> str:
    """Return a row: how fast `runs` checks that were asked for at once are told to their end."""
    async with fleet(workers=workers, runs=runs, database=database) as ships:
        began = time.monotonic()
        late = await ships.ask(runs)
        asked_s = time.monotonic() - began
        await ships.until_ended(runs)
        took_s = time.monotonic() - began
        ten, twenty_five = await ships.lag()
    kind = "PostgreSQL" if database else "SQLite"
    return (
        f"| {kind} | {workers} | {runs / took_s:.1f} | {took_s:.1f} | {asked_s:.1f} | {late} "
        f"| {ten:.1%} | {twenty_five:.1%} |"
    )


async def killed(runs: int, database: str) -> str:
    """Return a row: how long after a kill in the middle all `runs` are told to their end."""
    async with fleet(workers=3, runs=runs, database=database) as ships:
        asking = asyncio.create_task(ships.ask(runs))
        while ships.ended() < runs // 4:  # noqa: ASYNC110  # as above
            await asyncio.sleep(0.02)
        ships.processes[1].kill()
        at, left = time.monotonic(), runs - ships.ended()
        _ = await asking
        await ships.until_ended(runs)
        took_s = time.monotonic() - at
        return f"| {runs} | {left} | {took_s:.1f} | {ships.ended()} | {ships.doubled(runs)} |"


async def overhead(engine: Engine, runs: int) -> float:
    """Return the CPU ms of one run with five activities that do nothing."""

    async def nothing() -> None:
        pass

    async def workflow(_: CheckRequest) -> None:
        for number in range(ACTIVITIES):
            await engine.activity(f"activity {number}", nothing)

    async def give_up(_: CheckRequest, reason: str) -> None:
        raise AssertionError(reason)

    engine.register({"check": workflow}, give_up=give_up)
    if isinstance(engine, DurableEngine):
        await engine.launch()
    asked = CheckRequest(
        run_id="", target="t", check="c", trigger=Trigger.SHELL, caller=Caller(id="bench")
    )
    cpu = time.process_time()
    for number in range(runs):
        request = replace(asked, run_id=f"r{number}")
        await engine.start("check", request, id=f"r{number}", slot=f"t/{number}")
    await engine.idle()
    cost = time.process_time() - cpu
    await engine.close(deadline_s=10.0)
    return 1000 * cost / runs


def tables(runs: int) -> str:
    """Measure everything and return the tables."""
    with running_server() as server, tempfile.TemporaryDirectory() as folder:
        fleets = [(1, ""), *((workers, server.new_database()) for workers in (1, 2, 4))]
        rows = [asyncio.run(throughput(workers, runs, database)) for workers, database in fleets]
        kill = asyncio.run(killed(runs, server.new_database()))

        async def engines() -> list[float]:
            local = await overhead(LocalEngine(), runs)
            urls = (f"sqlite:///{folder}/engine.db", server.new_database())
            # One after the other: there is one durable engine in a process at a time.
            return [local, *[await overhead(_durable(url), runs) for url in urls]]

        local, sqlite, postgresql = run_durable(engines())
    return _laid_out(runs, rows, kill, (local, sqlite, postgresql))


def _laid_out(runs: int, rows: list[str], kill: str, costs: tuple[float, ...]) -> str:
    local, sqlite, postgresql = costs
    when, cores, load = datetime.now(UTC), os.cpu_count(), os.getloadavg()[0]
    return f"""`python -m bench.scale --runs {runs}`, {when:%Y-%m-%d}, {cores} shared cores.

The simulated Slack and targets and PostgreSQL take their part of the same cores, and other work
does too (load average {load:.1f} at the end). {runs} checks of as many targets are asked for by
slash commands over HTTP, {AT_ONCE} at a time; the first process is `serve`, the others are workers.
How late the loop of `serve` was while they were in flight is told by its own metric.

| database | processes | runs/s | all told, s | asked, s | late acks | ≤ 10 ms late | ≤ 25 ms |
|---|---:|---:|---:|---:|---:|---:|---:|
{chr(10).join(rows)}

`serve` and two workers over PostgreSQL; one worker is killed when a quarter of the runs has ended:

| runs | open at the kill | all told after, s | told | messages doubled |
|---:|---:|---:|---:|---:|
{kill}

What the engine itself costs: CPU of the process per run with {ACTIVITIES} activities that do
nothing, its polling included.

| engine | CPU ms per run |
|---|---:|
| in the process, nothing kept | {local:.2f} |
| durable, SQLite | {sqlite:.1f} |
| durable, PostgreSQL | {postgresql:.1f} |
"""


def _durable(url: str) -> DurableEngine:
    return DurableEngine(url, give_up_after_s=3600.0)


def main() -> None:
    """Print the tables and write them down."""
    parser = argparse.ArgumentParser(description="Several processes, and a kill.")
    parser.add_argument("--runs", type=int, default=200, help="checks per measurement")
    parser.add_argument("--no-write", action="store_true", help="leave docs/performance.md alone")
    options = parser.parse_args()
    found = tables(options.runs)
    print(found)
    if not options.no_write:
        write_section("scale", found)


if __name__ == "__main__":
    main()
