"""How a serving process begins and ends: alone, told to stop at any time, at once if told twice."""

import asyncio
import sys
from pathlib import Path

from crashing import ROOT, Moment, bot_of, until, wire
from invariants import broken

from bot.sandbox import MiniSlack, Staging


async def test_a_second_process_on_the_same_file_is_refused_and_the_first_goes_on(
    tmp_path: Path,
) -> None:
    async with (
        Staging() as staging,
        MiniSlack() as slack,
        bot_of(tmp_path, staging, slack) as bot,
    ):
        await bot.start()
        second = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "serve", "--config", str(bot.config)),
            cwd=ROOT,
            stderr=asyncio.subprocess.PIPE,
        )
        _, err = await second.communicate()
        assert second.returncode == 4
        assert f"Another stagecheck (process {bot.pid}) serves from".encode() in err
        assert b"name a PostgreSQL database" in err
        assert await bot.ask()
        await bot.all_told()
        assert await bot.stop() == 0


async def test_told_twice_to_stop_it_ends_at_once_and_the_next_start_goes_on(
    tmp_path: Path,
) -> None:
    async with (
        Staging(["silence"]) as staging,
        MiniSlack() as slack,
        bot_of(tmp_path, staging, slack) as bot,
    ):
        await bot.start()
        assert await bot.ask()
        await until(lambda: staging.received)
        bot.term()
        await until(lambda: '"event": "stopping"' in bot.log)
        bot.term()
        assert await bot.ended() == 143
        assert "ending at once" in bot.log
        staging.faults = ()
        await bot.start()
        await bot.all_told()
        assert await bot.stop() == 0
        assert broken(slack, asked_at=bot.asked_at, runs=1) == []
        assert "Passed: " in slack.transcript("staging")


async def test_told_to_stop_while_it_is_being_opened_it_ends_well(tmp_path: Path) -> None:
    async with (
        Staging() as staging,
        MiniSlack() as slack,
        wire(slack) as line,
        bot_of(tmp_path, staging, slack, api_url=line.url) as bot,
    ):
        line.moment = Moment(when="before", method="auth.test", answered=True)
        line.cut = bot.term
        await bot.begin()
        assert await bot.ended() == 0
        assert "Traceback" not in bot.log


async def test_a_worker_without_a_database_that_can_be_shared_is_refused(tmp_path: Path) -> None:
    async with (
        Staging() as staging,
        MiniSlack() as slack,
        bot_of(tmp_path, staging, slack) as bot,
    ):
        await bot.begin("worker")
        assert await bot.ended() == 2
        assert "SQLite cannot be shared so" in bot.log
