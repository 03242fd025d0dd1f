"""Kills at random, many and in a row: what was acknowledged is seen through, and told once."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.sandbox import MiniSlack, Staging
from tests.campaign import Plan, campaign
from tests.crashing import bot_of
from tests.forks import forks
from tests.invariants import broken
from tests.postgres import Postgres

SEEDS = (1, 2)


@pytest.mark.parametrize("seed", SEEDS)
async def test_kills_at_random_lose_nothing_and_double_nothing(tmp_path: Path, seed: int) -> None:
    plan = Plan(seed=seed, kills=12)
    async with forks() as begins, campaign(plan, tmp_path, begins) as whole:
        account = await whole.run()
    assert not account.wrongs, account.told()
    assert account.acknowledged


async def test_kills_of_several_processes_and_of_their_database_lose_nothing(
    tmp_path: Path, postgres: Postgres
) -> None:
    plan = Plan(seed=3, kills=8, restarts=1)
    async with forks() as begins, campaign(plan, tmp_path, begins, postgres) as whole:
        account = await whole.run()
    assert not account.wrongs, account.told()
    assert account.acknowledged


async def test_a_run_that_is_killed_while_it_is_given_up_is_still_given_up(tmp_path: Path) -> None:
    async with (
        forks() as begins,
        Staging() as staging,
        MiniSlack() as slack,
        bot_of(tmp_path, staging, slack, forks=begins) as bot,
    ):
        await bot.start()
        assert await bot.ask()
        bot.kill()
        await bot.ended()
        with closing(sqlite3.connect(tmp_path / "stagecheck.db")) as connection, connection:
            connection.execute("UPDATE workflow_status SET recovery_attempts = 6")
        await bot.start()
        await bot.all_told()
        assert await bot.stop() == 0
        assert broken(slack, asked_at=bot.asked_at, runs=1) == []
        assert "so it was given up" in slack.transcript("staging")


async def test_whoever_is_attached_to_a_run_knows_it_once_the_command_is_acknowledged(
    tmp_path: Path,
) -> None:
    async with (
        forks() as begins,
        Staging(["silence"]) as staging,
        MiniSlack() as slack,
        bot_of(tmp_path, staging, slack, forks=begins) as bot,
    ):
        await bot.start()
        assert await bot.ask()
        assert await bot.ask()
        bot.kill()
        await bot.ended()
        assert "already being checked" in slack.transcript("staging")
