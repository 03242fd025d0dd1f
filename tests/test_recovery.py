"""A killed bot goes on where it was: what was acknowledged is told to its end, and told once."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from crashing import Bot, Moment, Values, Wire, bot_of, until, wire
from invariants import OUTCOME, broken

from bot.sandbox import MiniSlack, Staging
from bot.sandbox.slack.api import ALL_SCOPES


def posts(part: str, when: str) -> Moment:
    """The post of one part of what a run says: its announcement, or a part of its report."""

    def matches(values: Values) -> bool:
        return values.get("metadata", {}).get("event_payload", {}).get("part") == part

    return Moment(when=when, method="chat.postMessage", matches=matches)


def outcome(when: str) -> Moment:
    """The change of a run's message into its outcome."""
    return Moment(
        when=when, method="chat.update", matches=lambda values: bool(OUTCOME.match(values["text"]))
    )


MOMENTS = {
    "before it is announced": posts("announcement", "before"),
    "when it is announced, but does not know it": posts("announcement", "after"),
    "before its report": posts("report-1", "before"),
    "in the middle of its report": posts("report-1", "after"),
    "at the end of its report": posts("report-2", "after"),
    "before its outcome": outcome("before"),
    "when its outcome is shown, but it does not know it": outcome("after"),
}


async def survive(bot: Bot, line: Wire, moment: Moment) -> None:
    """Ask for a check, kill the bot at `moment`, start it again, and let it come to an end."""
    line.moment, line.cut = moment, bot.kill
    await bot.start()
    assert await bot.ask()
    await line.reached.wait()
    await bot.ended()
    await bot.start()
    await bot.all_told()
    assert await bot.stop() == 0
    assert "Traceback" not in bot.log


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_run_that_is_killed_is_told_to_its_end_once(tmp_path: Path, moment: str) -> None:
    async with (
        Staging(["seed"]) as staging,
        MiniSlack() as slack,
        wire(slack) as line,
        bot_of(tmp_path, staging, slack, api_url=line.url) as bot,
    ):
        await survive(bot, line, MOMENTS[moment])
        assert broken(slack, asked_at=bot.asked_at, runs=1) == []
        assert "may be here twice" not in slack.transcript("staging")


@pytest.mark.parametrize("requests", [1, 7], ids=["at its first request", "further on"])
async def test_a_check_that_is_killed_begins_anew_and_says_so(
    tmp_path: Path, requests: int
) -> None:
    async with (
        Staging() as staging,
        MiniSlack() as slack,
        bot_of(tmp_path, staging, slack) as bot,
    ):
        await bot.start()
        assert await bot.ask()
        await until(lambda: len(staging.received) >= requests)
        bot.kill()
        await bot.ended()
        await bot.start()
        await bot.all_told()
        assert await bot.stop() == 0
        assert broken(slack, asked_at=bot.asked_at, runs=1) == []
        assert "interrupted once by a restart of stagecheck" in slack.transcript("staging")


async def test_what_was_acknowledged_a_moment_ago_is_not_lost(tmp_path: Path) -> None:
    async with (
        Staging() as staging,
        MiniSlack() as slack,
        bot_of(tmp_path, staging, slack) as bot,
    ):
        await bot.start()
        assert await bot.ask()
        bot.kill()
        await bot.ended()
        await bot.start()
        await bot.all_told()
        assert await bot.stop() == 0
        assert broken(slack, asked_at=bot.asked_at, runs=1) == []


async def test_nothing_is_acknowledged_before_it_is_kept_and_what_is_delivered_again_is_done(
    tmp_path: Path,
) -> None:
    async with (
        Staging() as staging,
        MiniSlack() as slack,
        bot_of(tmp_path, staging, slack) as bot,
    ):
        await bot.start()
        with closing(sqlite3.connect(tmp_path / "stagecheck.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            delivery = await slack.command("/stagecheck staging")
            bot.kill()
            await bot.ended()
        assert delivery.error == "operation_timeout"
        await bot.start()
        for attempt in (1, 2):
            assert (await slack.redeliver(delivery, attempt=attempt)).ok
        await bot.all_told()
        assert await bot.stop() == 0
        assert broken(slack, asked_at=bot.asked_at, runs=1) == []
        [told] = slack.ephemerals()
        assert "operation_timeout" in told.text


async def test_a_bot_that_is_killed_again_and_again_ends_what_it_began(tmp_path: Path) -> None:
    async with (
        Staging() as staging,
        MiniSlack() as slack,
        wire(slack) as line,
        bot_of(tmp_path, staging, slack, api_url=line.url) as bot,
    ):
        line.moment, line.cut = posts("announcement", "after"), bot.kill
        await bot.start()
        assert await bot.ask()
        await line.reached.wait()
        await bot.ended()
        line.moment = posts("report-1", "after")
        line.reached.clear()
        await bot.begin()
        await line.reached.wait()
        await bot.ended()
        await bot.start()
        await bot.all_told()
        assert await bot.stop() == 0
        assert broken(slack, asked_at=bot.asked_at, runs=1) == []


TARGETS = ("one", "two", "three", "four")


async def test_runs_that_are_killed_together_are_all_told_to_their_end(tmp_path: Path) -> None:
    async with (
        Staging() as staging,
        MiniSlack() as slack,
        wire(slack) as line,
        bot_of(tmp_path, staging, slack, api_url=line.url, targets=TARGETS) as bot,
    ):
        line.moment, line.cut = posts("report-1", "after"), bot.kill
        await bot.start()
        for target in TARGETS:
            assert await bot.ask(f"/stagecheck {target}")
        await line.reached.wait()
        await bot.ended()
        await bot.start()
        await bot.all_told(len(TARGETS))
        assert await bot.stop() == 0
        assert broken(slack, asked_at=bot.asked_at, runs=len(TARGETS)) == []


async def test_a_command_attaches_to_the_run_that_a_restart_goes_on_with(tmp_path: Path) -> None:
    async with (
        Staging(["silence"]) as staging,
        MiniSlack() as slack,
        bot_of(tmp_path, staging, slack) as bot,
    ):
        await bot.start()
        assert await bot.ask()
        await until(lambda: staging.received)
        bot.kill()
        await bot.ended()
        staging.received.clear()
        await bot.start()
        await until(lambda: staging.received)
        assert await bot.ask()
        await slack.until(lambda: slack.ephemerals(), timeout_s=20.0)
        assert "already being checked" in slack.transcript("staging")
        await bot.all_told()
        assert await bot.stop() == 0
        assert broken(slack, asked_at=bot.asked_at, runs=1) == []


async def test_where_slack_lets_nobody_look_a_repeat_says_that_it_may_be_one(
    tmp_path: Path,
) -> None:
    blind = [scope for scope in ALL_SCOPES if not scope.endswith(":history")]
    async with (
        Staging() as staging,
        MiniSlack(scopes=blind) as slack,
        wire(slack) as line,
        bot_of(tmp_path, staging, slack, api_url=line.url) as bot,
    ):
        line.moment, line.cut = posts("report-1", "after"), bot.kill
        await bot.start()
        assert await bot.ask()
        await line.reached.wait()
        await bot.ended()
        await bot.start()
        await bot.all_told()
        assert await bot.stop() == 0
        assert slack.transcript("staging").count("may be here twice") == 1


HOPELESS = {
    "too often": ("recovery_attempts = 3", "interrupted 3 times"),
    "too long ago": ("created_at = created_at - 7200000", "asked for 120 minutes ago"),
}


@pytest.mark.parametrize("why", HOPELESS)
@pytest.mark.parametrize("stage", ["announcement", "report-1"])
async def test_a_run_that_is_hopeless_says_so_where_it_was_announced(
    tmp_path: Path, why: str, stage: str
) -> None:
    change, reason = HOPELESS[why]
    async with (
        Staging() as staging,
        MiniSlack() as slack,
        wire(slack) as line,
        bot_of(tmp_path, staging, slack, api_url=line.url) as bot,
    ):
        line.moment, line.cut = posts(stage, "before"), bot.kill
        await bot.start()
        assert await bot.ask()
        await line.reached.wait()
        await bot.ended()
        with closing(sqlite3.connect(tmp_path / "stagecheck.db")) as connection, connection:
            connection.execute(f"UPDATE workflow_status SET {change}")
        await bot.start()
        await bot.all_told()
        assert await bot.stop() == 0
        assert broken(slack, asked_at=bot.asked_at, runs=1) == []
        told = slack.transcript("staging")
        # What the check found is worth more than why nobody was told of it in time.
        assert ("Passed: " in told) if stage == "report-1" else (reason in told)


async def test_the_rows_of_the_engine_hold_no_secret(tmp_path: Path) -> None:
    async with (
        Staging() as staging,
        MiniSlack() as slack,
        bot_of(tmp_path, staging, slack) as bot,
    ):
        await bot.start()
        assert await bot.ask()
        await bot.all_told()
        assert await bot.stop() == 0
        held = kept_in(tmp_path)
        assert b"workflow_status" in held
        secrets = (slack.bot_token, slack.signing_secret, *staging.secrets.values())
        for secret in (*secrets, f"127.0.0.1:{slack.port}/commands"):
            assert secret.encode() not in held


def kept_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("stagecheck.db*"))
