"""How long does Slack wait for the ack of a command, beside a Bolt app that does nothing else?

    uv run python -m bench.ack [--seconds 5] [--database sqlite|postgresql]

Signed slash commands over HTTP, sent at a steady rate whether the ones before are answered or not,
to `stagecheck serve` and to a bare Bolt app, in turn. Every process is one of its own: whoever
sends, the bare app, ours, and what ours talks to. A row begins with an empty database. At its end
ours is killed (SIGKILL), and each start that was acknowledged is looked for in the database. The
table goes to docs/performance.md.
"""

import argparse
import asyncio
import json
import os
import re
import secrets
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import psycopg
import yaml

from bench.document import write_section
from bot.sandbox.slack.delivery import signed
from tests.postgres import Postgres, running_server

RATES = (1, 20, 100)
IN_FLIGHT = 200
TURNS = 2
LEAST = 20
"""Commands of a row and side, at least: at 1 a second a row takes its time."""
HOLD_S = 300.0
ACK_MS = 3_000.0
START_S = 180.0
DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table: what is sent, how often, and what is under way meanwhile."""

    what: str
    """``start``: each command starts a run; ``attach``: each is about a run that is under way."""
    rate: int
    in_flight: int


@dataclass(slots=True, kw_only=True)
class Took:
    """Milliseconds of each ack."""

    bare: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)
    started: int = 0
    kept: int = 0
    late: int = 0
    """Acks after more than three seconds, for which Slack does not wait."""


@dataclass(slots=True, kw_only=True)
class Sender:
    """Sends commands as Slack does."""

    session: aiohttp.ClientSession
    secret: str
    channels: Sequence[str]
    _numbers: count = field(default_factory=count)

    async def send(self, url: str, target: str) -> tuple[float, bool]:
        """Send a command; return how many milliseconds its ack took, and if it was without words.

        An ack without words says that a run was started.
        """
        number = next(self._numbers)
        body = urlencode(
            {
                "command": "/stagecheck",
                "text": target,
                "user_id": f"U{number:09}",
                "team_id": "T0MINISLACK",
                "channel_id": self.channels[number % len(self.channels)],
                "response_url": "http://127.0.0.1:9/commands/T/1/x",
                "trigger_id": f"{number}.{secrets.token_hex(16)}",
            }
        ).encode()
        headers = signed(body, self.secret) | {"Content-Type": "application/x-www-form-urlencoded"}
        begun = time.perf_counter()
        async with self.session.post(url, data=body, headers=headers) as answer:
            said = await answer.read()
            assert answer.status == 200, (answer.status, said)
        return (time.perf_counter() - begun) * 1000, not said

    async def stream(self, url: str, targets: Sequence[str], rate: int) -> list[tuple[float, bool]]:
        """Send one command for each of `targets`, `rate` a second."""
        loop, sending = asyncio.get_running_loop(), []
        begun = loop.time()
        for number, target in enumerate(targets):
            await asyncio.sleep(max(0.0, begun + number / rate - loop.time()))
            sending.append(asyncio.create_task(self.send(url, target)))
        return await asyncio.gather(*sending)


@asynccontextmanager
async def child(*arguments: str, log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Yield a process of ours; it is killed at the end."""
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *arguments, stdout=asyncio.subprocess.PIPE, stderr=errors
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def line_of(process: asyncio.subprocess.Process) -> str:
    """Return the next line that a process prints."""
    assert process.stdout is not None
    async with asyncio.timeout(START_S):
        return (await process.stdout.readline()).decode().strip()


async def address_of(log: Path) -> str:
    """Return where `serve` listens, once its log tells."""
    for _ in range(round(START_S / 0.05)):
        if found := re.search(r'"url": "(http://[^"]+)"', log.read_text()):
            return found[1]
        await asyncio.sleep(0.05)
    raise SystemExit(f"stagecheck serve did not start: {log.read_text()}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`stagecheck serve`, what it talks to, and whoever sends commands to it."""

    folder: Path
    database: str
    process: asyncio.subprocess.Process
    world: asyncio.subprocess.Process
    url: str
    """Where it takes commands."""
    secret: str
    sender: Sender


@asynccontextmanager
async def standing(fresh: int, server: Postgres | None) -> AsyncIterator[Standing]:
    """Yield `serve` with an empty database, ready, and `fresh` targets that are well."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-ack-")))
        world = await stack.enter_async_context(
            child(*("bench.ack_world", str(folder), str(IN_FLIGHT), str(fresh)), log=folder / "w")
        )
        told = json.loads(await line_of(world))
        database = server.new_database() if server else ""
        config = folder / "stagecheck.yaml"
        if database:
            document = yaml.safe_load(config.read_text()) | {"database": database}
            config.write_text(yaml.safe_dump(document))
        log = folder / "log"
        serve = ("bot", "serve", "--config", str(config))
        process = await stack.enter_async_context(child(*serve, log=log))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield Standing(
            folder=folder,
            database=database,
            process=process,
            world=world,
            url=f"{await address_of(log)}/slack/events",
            secret=told["secret"],
            sender=Sender(session=session, secret=told["secret"], channels=told["channels"]),
        )


async def measure(row: Row, seconds: float, server: Postgres | None) -> Took:
    """Measure one row: the bare app and ours in turn."""
    each = max(LEAST, round(row.rate * seconds)) // TURNS
    fresh = each * TURNS + 20 if row.what == "start" else 20
    async with (
        standing(fresh, server) as ours,
        child("bench.bare_bolt", ours.secret, log=ours.folder / "b") as bare,
    ):
        if row.in_flight:
            await hold(ours)
        urls = {"bare": f"{await line_of(bare)}/slack/events", "ours": ours.url}
        took = await timed(row, ours.sender, urls, each)
        ours.process.kill()
        await ours.process.wait()
        took.kept = kept(ours.database, ours.folder) - row.in_flight
        return took


async def hold(ours: Standing) -> None:
    """Have checks under way that do not end soon; return when all of them listen."""
    targets = [f"held-{number}" for number in range(IN_FLIGHT)]
    acks = await ours.sender.stream(ours.url, targets, 20)
    assert all(started for _, started in acks)
    async with asyncio.timeout(HOLD_S):
        while json.loads(await line_of(ours.world))["held"] < IN_FLIGHT:
            pass


async def timed(row: Row, sender: Sender, urls: dict[str, str], each: int) -> Took:
    """Send the commands of a row to both sides, in turns."""
    names = (f"fresh-{number}" for number in count())
    for url in urls.values():  # the first commands find nothing ready, on either side
        _ = await sender.stream(url, [next(names) for _ in range(5)], 5)
    await asyncio.sleep(2.0)
    took, warm = Took(), 5
    for _ in range(TURNS):
        if row.what == "start":
            targets = [next(names) for _ in range(each)]
        else:
            targets = [f"held-{number % IN_FLIGHT}" for number in range(each)]
        bare = await sender.stream(urls["bare"], targets, row.rate)
        took.bare += [ms for ms, _ in bare]
        ours = await sender.stream(urls["ours"], targets, row.rate)
        took.ours += [ms for ms, _ in ours]
        took.started += sum(started and ms < ACK_MS for ms, started in ours)
        took.late += sum(ms >= ACK_MS for ms, _ in ours)
    took.started += warm
    return took


def kept(url: str, folder: Path) -> int:
    """Return how many runs are in the database."""
    if url:
        with psycopg.connect(url) as connection:
            found = connection.execute("SELECT count(*) FROM dbos.workflow_status").fetchone()
    else:
        with closing(sqlite3.connect(folder / "stagecheck.db")) as connection:
            found = connection.execute("SELECT count(*) FROM workflow_status").fetchone()
    assert found is not None
    return int(found[0])


def percentile(took: list[float], share: float) -> float:
    """Return the nearest rank."""
    return sorted(took)[min(len(took) - 1, int(len(took) * share))]


def line(row: Row, took: Took) -> str:
    """Return a line of the table."""
    bare, ours = percentile(took.bare, 0.99), percentile(took.ours, 0.99)
    return (
        f"| {row.what} | {row.in_flight} | {row.rate} | {len(took.ours)} "
        f"| {percentile(took.bare, 0.5):.1f} / {bare:.1f} "
        f"| {percentile(took.ours, 0.5):.1f} / {ours:.1f} "
        f"| {ours / bare:.1f} | {took.late} | {took.kept} of {took.started} |"
    )


def main() -> None:
    """Measure every row, print the table and write it down."""
    parser = argparse.ArgumentParser(description="How long an ack takes.")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each row and side, or so")
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--rate", type=int, action="append", help="only this many a second")
    parser.add_argument("--no-write", action="store_true", help="leave docs/performance.md alone")
    options = parser.parse_args()
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d}, {DATABASES[options.database]}, {os.cpu_count()} cores.",
        "",
        "| commands | checks under way | a second | acks | bare Bolt, ms p50 / p99 "
        "| stagecheck, ms p50 / p99 | p99, × bare | later than 3 s | starts kept after a kill |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    rows = [
        Row(what=what, rate=rate, in_flight=in_flight)
        for what, in_flight in (("start", 0), ("start", IN_FLIGHT), ("attach", IN_FLIGHT))
        for rate in options.rate or RATES
    ]
    print("\n".join(lines), flush=True)
    with running_server() if options.database == "postgresql" else nullcontext() as server:
        for row in rows:
            lines.append(line(row, asyncio.run(measure(row, options.seconds, server))))
            print(lines[-1], flush=True)
    if not options.no_write:
        write_section(f"ack {options.database}", "\n".join(lines))


if __name__ == "__main__":
    main()
