"""A run that something of ours cuts short does not stay announced for ever."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from slack_house import House, house, said

from bot.deps import Deps
from bot.metrics import Metrics
from bot.model import Run
from bot.sandbox.slack import Message


async def begun(home: House) -> Message:
    """Ask for a check and return its message once the check is under way."""
    await home.slack.command("/stagecheck staging")
    return await home.slack.until(lambda: next((m for m in home.slack.messages() if m.edits), None))


def outcome(home: House) -> str:
    parent = home.slack.messages()[0]
    return f"{parent.text} {said(parent.blocks)}"


async def test_a_run_that_has_to_stop_with_the_bot_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with house("silence") as home:
        await begun(home)
        await home.engine.close(deadline_s=0.0)
        told = outcome(home)
        assert await home.deps.store.recent() == ()
    assert "Errored: pipeline on staging" in told
    assert "stagecheck was stopped" in told
    assert "workflow interrupted" in capsys.readouterr().out


async def test_a_run_whose_database_fails_says_so() -> None:
    async with house("silence") as home:
        await begun(home)
        path = Path(home.deps.settings.database.removeprefix("sqlite:///"))
        with sqlite3.connect(path) as other:
            other.execute("DROP TABLE contents")
        other.close()
        await home.idle()
        told = outcome(home)
    assert "Errored: pipeline on staging" in told
    assert "no such table: contents" in told


class Miscounting(Metrics):
    """Metrics with a mistake in them."""

    def count(self, run: Run) -> None:
        if run.steps[0].name != "workflow":
            raise KeyError(run.id)
        super().count(run)


async def test_a_mistake_of_ours_ends_the_run_as_errored_and_is_counted() -> None:
    def miscounting(deps: Deps) -> Deps:
        return replace(deps, metrics=Miscounting())

    async with house(changed=miscounting) as home:
        await home.ask("/stagecheck staging")
        told = outcome(home)
        counted = home.deps.metrics.render().decode()
    assert "Errored: pipeline on staging" in told
    assert "KeyError" in told
    where = 'check="pipeline",status="errored",target="staging",trigger="command"'
    assert f"stagecheck_runs_total{{{where}}} 1.0" in counted
