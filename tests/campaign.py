"""A campaign of kills: lives of the bot that end at random, then one in which all comes to rest."""

import asyncio
import random
import re
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psycopg

from bot.sandbox import MiniSlack, Staging
from tests.crashing import Bot, Moment, Wire, bot_of, wire
from tests.forks import Forks
from tests.invariants import (
    Asked,
    Promise,
    Wrong,
    parents_of,
    repeats_said,
    wrongs_answered,
    wrongs_told,
)
from tests.postgres import Postgres

CHANNELS = ("staging", "backend", "frontend", "releases", "payments", "search")
TARGETS = ("one", "two", "three", "four", "five")
USERS = ("ada", "grace", "alan", "edsger")
READY_S = 30.0
LONGEST_S = 2.5
"""How long a life goes on once it can be asked, when the moment of its end does not come."""
REST_S = 120.0
TROUBLES = ("429", "500", "disconnect", "accept_then_500", "accept_then_disconnect")
# Costs the ten seconds that the bot waits for an answer.
SLOW_TROUBLES = ("timeout", "accept_then_timeout")
METHODS = ("chat.postMessage", "chat.update", "conversations.history", "conversations.replies")
OUTAGE_S = 1.0
_EVERY_S = 0.003


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a campaign does; the same `seed` makes the same choices, at about the same moments."""

    seed: int
    kills: int
    troubled: float = 0.4
    """The share of lives in which Slack has trouble."""
    slowly: float = 0.1
    """The share of these troubles that are slow."""
    restarts: int = 0
    """How often the database is restarted in the middle of a life; PostgreSQL only."""


@dataclass(slots=True, kw_only=True)
class Account:
    """What became of it all."""

    plan: Plan
    kills: int = 0
    endings: Counter[str] = field(default_factory=Counter)
    asked: list[Asked] = field(default_factory=list)
    wrongs: list[Wrong] = field(default_factory=list)
    runs: int = 0
    given_up: int = 0
    repeats: int = 0
    complaints: Counter[str] = field(default_factory=Counter)
    """The last line of each traceback in the logs, and how often it is there."""
    took_s: float = 0.0
    history: list[str] = field(default_factory=list)
    transcript: str = ""

    @property
    def acknowledged(self) -> int:
        return sum(one.acknowledged for one in self.asked)

    def count(self, promise: Promise) -> int:
        return sum(wrong.promise is promise for wrong in self.wrongs)

    def told(self) -> str:
        """Say what is needed to look into it."""
        wrongs = "\n".join(f"  {wrong.promise}: {wrong.text}" for wrong in self.wrongs)
        history = "\n".join(f"  {line}" for line in self.history)
        complaints = "\n".join(f"  {times} × {line}" for line, times in self.complaints.items())
        return (
            f"{self.plan}\nbroken:\n{wrongs}\ncomplaints:\n{complaints}\nwhat was done:\n{history}"
        )


@dataclass(slots=True, kw_only=True)
class Campaign:
    """One campaign against a bot, or against a bot and a worker over one database."""

    plan: Plan
    account: Account
    slack: MiniSlack
    staging: Staging
    line: Wire
    bots: tuple[Bot, ...]
    """The first is `serve`, the others are workers."""
    count: Callable[[], Counter[str]]
    """Counts the rows of the engine by their status."""
    server: Postgres | None = None
    dice: random.Random

    async def run(self) -> Account:
        """Kill as often as planned, let all come to rest, and judge."""
        began = time.monotonic()
        restarts = set(self.dice.sample(range(self.plan.kills), self.plan.restarts))
        while self.account.kills < self.plan.kills:
            await self._life(restart=self.account.kills in restarts)
        await self._rest()
        self.account.took_s = time.monotonic() - began
        self._judge()
        return self.account

    async def _life(self, *, restart: bool) -> None:
        """Begin what does not run, ask and cause trouble, and kill at a moment."""
        victims = self._victims()
        ending, kind = self._ending(victims)
        if self.dice.random() < self.plan.troubled:
            self._trouble()
        for bot in self.bots:
            if not bot.is_alive:
                await self._begin(bot)
        ready = asyncio.create_task(self._ready(), name="ready")
        asking = asyncio.create_task(self._ask_some(ready), name="asking")
        shaking = asyncio.create_task(self._restart(ready), name="restart") if restart else None
        with suppress(TimeoutError):
            async with asyncio.timeout(READY_S):
                await ending(ready)
        self.line.moment = None
        self.account.endings[kind] += 1
        self._note(f"kill {'+'.join(bot.command for bot in victims)} {kind}")
        for bot in victims:
            bot.kill()
            self.account.kills += await bot.ended() == -signal.SIGKILL
            self._read_log(bot)
        if shaking:
            await shaking
        ready.cancel()
        await asking

    def _victims(self) -> tuple[Bot, ...]:
        if len(self.bots) == 1 or self.dice.random() < 0.3:
            return self.bots
        return (self.dice.choice(self.bots),)

    async def _begin(self, bot: Bot) -> None:
        if bot is self.bots[0]:
            self.slack.request_url = ""
        await bot.begin(bot.command)

    async def _ready(self) -> None:
        """Return once commands can be asked; a bot that ended by itself is begun again."""
        serve = self.bots[0]
        while not serve.address:
            if not serve.is_alive:
                self._note(f"serve ended by itself: {serve.log[-200:]!r}")
                self._read_log(serve)
                await self._begin(serve)
            await asyncio.sleep(_EVERY_S)
        self.slack.request_url = f"{serve.address}/slack/events"

    async def _ask_some(self, ready: asyncio.Task[None]) -> None:
        """Type a few commands once somebody listens, as several people."""
        count = self.dice.randint(1, 4)
        gaps = [self.dice.choice((0.0, 0.0, 0.05, 0.3)) for _ in range(count)]
        await asyncio.wait([ready])
        if ready.cancelled():
            return
        asking = []
        for gap in gaps:
            await asyncio.sleep(gap)
            asking.append(asyncio.create_task(self._ask(), name="ask"))
        await asyncio.gather(*asking)

    async def _ask(self) -> None:
        user, channel = self.dice.choice(USERS), self.dice.choice(CHANNELS)
        target, at = self.dice.choice(TARGETS), time.time()
        delivery = await self.slack.command(f"/stagecheck {target}", user=user, channel=channel)
        asked = Asked(at=at, user=user, channel=channel, target=target, acknowledged=delivery.ok)
        self.account.asked.append(asked)
        self._note(f"{asked}")

    def _trouble(self) -> None:
        slow = self.dice.random() < self.plan.slowly
        how = self.dice.choice(SLOW_TROUBLES if slow else TROUBLES)
        method = self.dice.choice(METHODS)
        self._note(f"slack: {method} {how}")
        self.slack.fail(method, how=how, retry_after=1)

    def _ending(
        self, victims: tuple[Bot, ...]
    ) -> tuple[Callable[[asyncio.Task[None]], Awaitable[None]], str]:
        """Choose when the life ends; return what waits for that, and what it is called."""
        dice, number = self.dice, self.dice.randint(0, 9)

        async def at_once(ready: asyncio.Task[None]) -> None:
            await asyncio.sleep(moment_s)

        async def later(ready: asyncio.Task[None]) -> None:
            await asyncio.wait([ready])
            await asyncio.sleep(moment_s)

        async def at_request(ready: asyncio.Task[None]) -> None:
            self.staging.received.clear()
            await self._until(ready, lambda: len(self.staging.received) > number)

        async def at_call(ready: asyncio.Task[None]) -> None:
            self.line.reached.clear()
            self.line.cut = lambda: [bot.kill() for bot in victims]
            self.line.moment = moment
            await self._until(ready, self.line.reached.is_set)

        async def at_ack(ready: asyncio.Task[None]) -> None:
            count = len(self.account.asked)
            await self._until(ready, lambda: len(self.account.asked) > count)

        method = dice.choice(("*", "*", *METHODS[:2]))
        when, answered = dice.choice((("before", False), ("after", False), ("after", True)))
        moment = Moment(when=when, method=method, skip=number, answered=answered)
        moment_s = dice.uniform(0.0, 0.8)
        return dice.choice(
            (
                (at_once, "while starting, or a moment later"),
                (later, "at a random moment"),
                (at_request, "at a request to the target"),
                (at_call, f"{when} a call of Slack{', answered' if answered else ''}"),
                (at_call, f"{when} a call of Slack{', answered' if answered else ''}"),
                (at_ack, "at an acknowledgement"),
            )
        )

    async def _until(self, ready: asyncio.Task[None], reached: Callable[[], bool]) -> None:
        """Wait for a moment from the life's first on; and not for ever."""
        waiting = asyncio.create_task(self._poll(reached), name="moment")
        await asyncio.wait([ready, waiting], return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait([waiting], timeout=LONGEST_S)
        waiting.cancel()

    async def _poll(self, reached: Callable[[], bool]) -> None:
        while not reached():
            await asyncio.sleep(_EVERY_S)

    async def _restart(self, ready: asyncio.Task[None]) -> None:
        """Restart the database as a crash would, in the middle of what goes on."""
        assert self.server is not None
        await asyncio.wait([ready])
        await asyncio.sleep(self.dice.uniform(0.0, 0.5))
        self._note("the database is restarted")
        await asyncio.to_thread(self.server.stop, abruptly=True)
        await asyncio.sleep(OUTAGE_S)
        await asyncio.to_thread(self.server.start)

    async def _rest(self) -> None:
        """Let the bot live until nothing is under way, and stop it as it is stopped for good."""
        for bot in self.bots:
            if not bot.is_alive:
                await self._begin(bot)
        await self._ready()
        self._note("to rest")
        ends_at = time.monotonic() + REST_S
        while time.monotonic() < ends_at:
            rows = await asyncio.to_thread(self.count)
            if not rows["ENQUEUED"] + rows["PENDING"]:
                break
            await asyncio.sleep(0.1)
        else:
            text = f"runs are still under way after {REST_S:.0f} s: {rows}"
            self.account.wrongs.append(Wrong(promise=Promise.NOTHING_LOST, text=text))
        self._note(f"rows of the engine: {rows}")
        await self.slack.settled(quiet_s=0.3)
        for bot in self.bots:
            code = await bot.stop()
            self._note(f"{bot.command} stopped with {code}")
            self._read_log(bot)
            assert code == 0, bot.log

    def _judge(self) -> None:
        account = self.account
        for channel in CHANNELS:
            account.wrongs += wrongs_told(self.slack, channel)
        account.wrongs += wrongs_answered(self.slack, account.asked)
        parents = [parent for name in CHANNELS for parent in parents_of(self.slack.messages(name))]
        account.runs = len(parents)
        account.given_up = sum("given up" in str(each.blocks) for each in parents)
        account.repeats = repeats_said(self.slack)
        account.transcript = "\n".join(map(self.slack.transcript, CHANNELS))

    def _read_log(self, bot: Bot) -> None:
        for trace in re.findall(r'"exception": "((?:[^"\\]|\\.)*)"', bot.log):
            last = [line for line in trace.split("\\n") if line][-1]
            self.account.complaints[last[:160]] += 1
        for trace in re.findall(r"^Traceback.*?^(\w.*?)$", bot.log, re.DOTALL | re.MULTILINE):
            self.account.complaints[trace[:160]] += 1

    def _note(self, line: str) -> None:
        self.account.history.append(f"{time.time():.3f} {line}")


@asynccontextmanager
async def campaign(
    plan: Plan, folder: Path, forks: Forks, server: Postgres | None = None
) -> AsyncIterator[Campaign]:
    """Yield a campaign against `serve` on SQLite; with `server`, `serve` and `worker` over it."""
    async with AsyncExitStack() as stack:
        staging = await stack.enter_async_context(Staging(["seed"]))
        slack = await stack.enter_async_context(MiniSlack(channels=CHANNELS, users=USERS))
        line = await stack.enter_async_context(wire(slack))
        url = server.new_database() if server else ""
        bots = []
        for command in ("serve", "worker") if server else ("serve",):
            place = folder / command
            place.mkdir()
            bot = await stack.enter_async_context(
                bot_of(
                    place,
                    staging,
                    slack,
                    api_url=line.url,
                    targets=TARGETS,
                    database=url,
                    forks=forks,
                )
            )
            bot.command = command
            bots.append(bot)
        yield Campaign(
            plan=plan,
            account=Account(plan=plan),
            slack=slack,
            staging=staging,
            line=line,
            bots=tuple(bots),
            count=partial(_rows_in_postgres, url) if server else partial(_rows_in_sqlite, folder),
            server=server,
            dice=random.Random(plan.seed),
        )


_COUNT = "SELECT status, count(*) FROM {} GROUP BY status"


def _rows_in_sqlite(folder: Path) -> Counter[str]:
    path = folder / "serve" / "stagecheck.db"
    with closing(sqlite3.connect(path, timeout=30.0)) as connection:
        return Counter(dict(connection.execute(_COUNT.format("workflow_status")).fetchall()))


def _rows_in_postgres(url: str) -> Counter[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute(_COUNT.format("dbos.workflow_status").encode()).fetchall()
        return Counter(dict(rows))
