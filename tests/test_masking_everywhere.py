"""Every process has its store mask what it keeps, and knows a secret that was exchanged since."""

import sqlite3
from pathlib import Path

from crashing import Bot

from bot.sandbox import MiniSlack, Staging
from tests.serving import configure, secrets
from tests.shell import stagecheck
from tests.verifying import desk

ROTATED = "Zq8vK3nT7wXp2LmR9sYd4Bq1"


def callers(folder: Path) -> list[str]:
    """Return who asked for the runs that are kept: nobody else masks that."""
    with sqlite3.connect(folder / "stagecheck.db") as connection:
        return [row[0] for row in connection.execute("SELECT caller FROM runs")]


async def test_what_a_shell_keeps_is_masked_at_the_door_of_the_store(tmp_path: Path) -> None:
    config = tmp_path / "stagecheck.yaml"
    async with Staging() as staging:
        staging.write_config(config)
        key = staging.secrets["bypass_key"].strip()
        words = ("run", "staging", "--config", str(config))
        code, out, err = await stagecheck(*words, env={"LOGNAME": key})
    assert code == 0, out + err
    [caller] = callers(tmp_path)
    assert caller.startswith("[redacted bypass_key #")


async def test_what_the_bot_keeps_is_masked_at_the_door_of_the_store(tmp_path: Path) -> None:
    async with Staging() as staging, MiniSlack() as slack:
        bot = Bot(configure(tmp_path, staging, slack, socket_mode=False), slack)
        # Whoever asks is called like a secret.
        (tmp_path / "stagecheck.secrets" / "bypass_key").write_text(slack.workspace.user("ada").id)
        try:
            url = await bot.start(env=secrets(slack))
            slack.request_url = f"{url}/slack/events"
            delivery = await slack.command("/stagecheck staging")
            assert delivery.ok, delivery.error
            assert await bot.stop() == 0
        finally:
            bot.kill()
            await bot.ended()
    [caller] = callers(tmp_path)
    assert caller.startswith("[redacted bypass_key #")


async def test_a_key_that_was_exchanged_since_the_start_is_masked_from_then_on(
    tmp_path: Path,
) -> None:
    async with desk(tmp_path) as at:
        assert at.deps.masker.mask(f"got {ROTATED}") == f"got {ROTATED}"
        at.key_file.write_text(ROTATED)
        _ = await at.ask()
        assert at.deps.masker.mask(f"got {ROTATED}").startswith("got [redacted bypass_key #")
