"""A run that something of ours cuts short does not stay announced for ever."""

import asyncio
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from slack_house import FAST, House, channel_id, house, said

from bot.deps import Deps, Persistence
from bot.engine import LocalEngine
from bot.metrics import Metrics
from bot.model import Caller, Place, Run, Status, Trigger
from bot.sandbox.slack import Message
from bot.workflows import start_run
from tests.samples import PASSED_DIAGNOSIS, PASSED_RUN


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
        [kept] = await home.deps.store.recent()
    assert "Errored: pipeline on staging" in told
    assert "stagecheck was stopped" in told
    assert kept.status is Status.ERRORED
    assert "workflow interrupted" in capsys.readouterr().out


async def test_slack_down_for_long_costs_a_durable_run_nothing_but_delay() -> None:
    async with house(changed=durable, pace=IMPATIENT) as home:
        for method in ("chat.postMessage", "chat.update"):
            # Far more than the seven attempts after which one delivery is given up.
            home.slack.fail(method, how="503", times=40)
        await home.ask("/stagecheck staging")
        parent, *parts = home.slack.messages()
        [kept] = await home.deps.store.recent()
    assert kept.status is Status.PASSED
    assert parent.text.startswith("Passed: ")
    assert parts
    assert all(part.thread_ts == parent.ts for part in parts)
    assert [part.ts for part in parts] == sorted(part.ts for part in parts)


async def test_what_slack_refuses_for_good_is_not_tried_for_days() -> None:
    async with house(changed=durable, pace=IMPATIENT) as home:
        home.slack.fail("chat.postMessage", how="is_archived", times=100)
        await home.ask("/stagecheck staging")
        calls = [call.method for call in home.slack.calls].count("chat.postMessage")
    assert calls == 1


async def test_a_run_counts_although_its_channel_was_archived_meanwhile() -> None:
    async with house("silence", changed=durable, pace=IMPATIENT) as home:
        await begun(home)
        for method in ("chat.postMessage", "chat.update"):
            home.slack.fail(method, how="is_archived", times=100)
        await home.idle()
        [run] = await home.deps.store.recent()
        decided = await home.deps.store.alerts.decided(run.id)
    assert run.status is Status.FAILED
    assert decided
    assert "1 of 2 failures of pipeline" in decided.reason


async def test_a_run_that_nobody_waits_for_any_more_is_not_done_but_told_of() -> None:
    def late(deps: Deps) -> Deps:
        times = iter(range(10**6))
        began = datetime.now(UTC)
        # The clock goes on by two hours between any two looks.
        return replace(durable(deps), clock=lambda: began + next(times) * timedelta(hours=2))

    async with house(changed=late, pace=IMPATIENT) as home:
        await home.ask("/stagecheck staging")
        told = outcome(home)
        asked = list(home.staging.received)
    assert "Slack took no message for 120 minutes" in told
    assert asked == []


class Persistent(LocalEngine):
    """The engine in this process, of which its runs may believe that they are gone on with."""

    durable = True


IMPATIENT = replace(FAST, attempts=2)


def durable(deps: Deps) -> Deps:
    at_once = Persistence(first_s=0.0, longest_s=0.0)
    return replace(deps, engine=Persistent(), persistence=at_once)


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


async def test_who_lost_a_run_does_not_leave_its_progress_in_the_place_of_the_outcome() -> None:
    async with house("silence", changed=durable) as home:
        parent = await begun(home)
        kept = replace(PASSED_RUN, id=parent.metadata["event_payload"]["run_id"])
        await home.deps.store.save_run(kept, PASSED_DIAGNOSIS)  # by who goes on with it
        [task] = home.engine._tasks
        task.cancel()
        await asyncio.wait({task})
        await home.idle()
        told = outcome(home)
    assert told.startswith("Passed: ")


async def test_a_run_of_a_target_that_this_process_does_not_know_is_told_of() -> None:
    async with house(changed=durable) as home:
        _ = await start_run(
            home.engine,
            key="k",
            target="gone",
            check="pipeline",
            trigger=Trigger.COMMAND,
            caller=Caller(id="U1"),
            place=Place(channel=channel_id(home.slack)),
        )
        await home.idle()
        told = outcome(home)
        [kept] = await home.deps.store.recent()
    assert "Errored: pipeline on gone" in told
    assert "has no such target in its configuration" in told
    assert kept.status is Status.ERRORED


def move(path: Path, there: Path) -> None:
    path.rename(there)


async def test_a_durable_run_outlasts_a_database_that_takes_nothing_for_a_while(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with house("silence", changed=durable) as home:
        await begun(home)
        path = Path(home.deps.settings.database.removeprefix("sqlite:///"))
        move(path, away := path.with_suffix(".away"))
        async with asyncio.timeout(30.0):
            while "a run waits for the database" not in capsys.readouterr().out:
                await asyncio.sleep(0.05)
        move(away, path)
        await home.idle()
        told = outcome(home)
    assert "Failed: pipeline on staging" in told
    assert len(home.slack.messages()) > 1


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
