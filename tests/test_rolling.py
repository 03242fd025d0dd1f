"""Two versions at once over one PostgreSQL: the older one ends while the newer one begins."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from crashing import Bot, bot_of, until
from invariants import broken

from bot.durable import VERSION
from bot.sandbox import MiniSlack, Staging
from tests.hurrying import begun, in_a_hurry
from tests.next_version import NEXT
from tests.postgres import Postgres

BEFORE, AFTER = 5, 2
TARGETS = [f"t{number}" for number in range(BEFORE + AFTER)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """A bot of each version."""

    slack: MiniSlack
    url: str
    older: Bot
    newer: Bot

    async def ask(self, bot: Bot, first: int, count: int) -> None:
        """Ask a bot for checks of `count` targets."""
        self.slack.request_url = f"{bot.address}/slack/events"
        for target in TARGETS[first : first + count]:
            assert await bot.ask(f"/stagecheck {target}")

    def taken_by(self) -> dict[str, int]:
        """Return version -> how many runs it began last."""
        query = (
            "SELECT application_version, count(*) FROM dbos.workflow_status "
            "WHERE status <> 'ENQUEUED' GROUP BY 1"
        )
        with psycopg.connect(self.url) as connection:
            return dict(connection.execute(query).fetchall())


@asynccontextmanager
async def fleet(folder: Path, url: str) -> AsyncIterator[Fleet]:
    """Yield a bot of each version over one database, both ready."""
    async with AsyncExitStack() as stack:
        staging = await stack.enter_async_context(Staging(["silence"]))
        slack = await stack.enter_async_context(MiniSlack())
        bots = {}
        for name, module in (("older", "bot"), ("newer", "tests.next_version")):
            (folder / name).mkdir()
            bot = await stack.enter_async_context(
                bot_of(folder / name, staging, slack, targets=TARGETS, database=url)
            )
            in_a_hurry(bot)
            bot.module = module
            await bot.start()
            bots[name] = bot
        yield Fleet(slack=slack, url=url, **bots)


@pytest.mark.parametrize("end", ["drained", "at once", "killed"])
async def test_runs_of_two_versions_are_all_told_once_however_the_older_one_ends(
    tmp_path: Path, postgres: Postgres, end: str
) -> None:
    async with fleet(tmp_path, postgres.new_database()) as bots:
        older, newer = bots.older, bots.newer
        # Slack still delivers to the older one, for a moment.
        await bots.ask(older, 0, BEFORE)
        await until(lambda: begun(older) > 1)
        older.kill() if end == "killed" else older.term()
        if end == "at once":
            await until(lambda: '"event": "stopping"' in older.log)
            older.term()
        await bots.ask(newer, BEFORE, AFTER)
        code = await older.ended()
        await newer.all_told(len(TARGETS))
        asked_at = older.asked_at + newer.asked_at
        assert broken(bots.slack, asked_at=asked_at, runs=len(TARGETS)) == []
        assert "runs of another version" not in newer.log
        if end == "drained":
            # What it had begun it saw through; what waited it left to the newer one.
            assert code == 0
            by = {VERSION.name: begun(older), NEXT.name: len(TARGETS) - begun(older)}
            assert bots.taken_by() == by
        else:
            assert "taking over the runs of a process that has ended" in newer.log
            assert bots.taken_by()[NEXT.name] >= AFTER
        assert await newer.stop() == 0
