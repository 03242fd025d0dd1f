"""Several processes over one PostgreSQL share the work, and together keep what Slack allows."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from crashing import Bot, bot_of, until
from invariants import broken, part_of
from slack_house import FAST, channel_id, client_of, plain

from bot.masking import Masker
from bot.metrics import Metrics
from bot.sandbox import MiniSlack, Staging
from bot.slack import Outbox, Pace, Rate
from bot.store import Store
from tests.postgres import Postgres

RUNS = 10


@pytest.fixture
def url(postgres: Postgres) -> str:
    """The address of a new database."""
    return postgres.new_database()


@asynccontextmanager
async def outbox_over(url: str, slack: MiniSlack, pace: Pace) -> AsyncIterator[Outbox]:
    """Yield an outbox as a process of its own has it: with its own store and connections."""
    async with client_of(slack) as client:
        store = await Store.open(url)
        outbox = Outbox(
            client, masker=Masker(pepper=b"p"), metrics=Metrics(), pace=pace, shared=store
        )
        try:
            yield outbox
        finally:
            await outbox.close(deadline_s=5.0)
            await store.close()


async def test_two_processes_together_stay_within_what_slack_allows_in_a_channel(url: str) -> None:
    pace = replace(FAST, channel=Rate(burst=4, per_minute=58))
    async with (
        MiniSlack(limits=True) as slack,
        outbox_over(url, slack, pace) as one,
        outbox_over(url, slack, pace) as other,
    ):
        channel = channel_id(slack)
        posts = [box.post(channel, plain(str(n))) for n in range(3) for box in (one, other)]
        await asyncio.gather(*posts)
        assert [call.status for call in slack.calls] == [200] * 6


async def test_a_burst_is_what_all_processes_have_together(url: str) -> None:
    store, other = await Store.open(url), await Store.open(url)
    taken = [await each.take_turn("m", burst=3, each_s=60.0) for each in (store, other) * 3]
    assert taken[:3] == [0.0, 0.0, 0.0]
    assert all(50.0 < wait_s <= 60.0 for wait_s in taken[3:])
    assert await other.take_turn("another", burst=1, each_s=60.0) == 0.0
    for each in (store, other):
        await each.close()


async def test_when_slack_asks_one_process_to_wait_all_of_them_do(url: str) -> None:
    store, other = await Store.open(url), await Store.open(url)
    await store.hold_turns("m", 30.0)
    await store.hold_turns("m", 5.0)
    assert 25.0 < await other.take_turn("m", burst=3, each_s=1.0) <= 30.0
    for each in (store, other):
        await each.close()


async def test_a_database_that_is_away_does_not_keep_messages_back(url: str) -> None:
    async with MiniSlack() as slack, client_of(slack) as client:
        store = await Store.open(url)
        await store.close()
        outbox = Outbox(
            client, masker=Masker(pepper=b"p"), metrics=Metrics(), pace=FAST, shared=store
        )
        await outbox.post(channel_id(slack), plain("hello"))
        await outbox.close(deadline_s=5.0)
        assert [message.text for message in slack.messages()] == ["hello"]


def in_a_hurry(bot: Bot) -> None:
    """Let the bot write to the small Slack as fast as it likes."""
    document = yaml.safe_load(bot.config.read_text())
    document["slack"]["rates"] = 1000
    bot.config.write_text(yaml.safe_dump(document))


async def test_workers_share_runs_and_what_a_killed_one_had_is_told_once(
    tmp_path: Path, url: str
) -> None:
    targets = [f"t{number}" for number in range(RUNS)]
    async with AsyncExitStack() as stack:
        staging = await stack.enter_async_context(Staging(["silence"]))
        slack = await stack.enter_async_context(MiniSlack())
        bots = []
        for name in ("serve", "one", "two"):
            (tmp_path / name).mkdir()
            bot = await stack.enter_async_context(
                bot_of(tmp_path / name, staging, slack, targets=targets, database=url)
            )
            in_a_hurry(bot)
            bots.append(bot)
        serve, one, two = bots
        await serve.start()
        await one.begin("worker")
        await two.begin("worker")
        await until(lambda: all('"event": "ready"' in each.log for each in (one, two)))
        killed, other = two, one
        for number, target in enumerate(targets, start=1):
            assert await serve.ask(f"/stagecheck {target}")
            # One after the other: who looks first takes all that wait.
            await until(lambda: sum(map(begun, bots)) >= number)  # noqa: B023  # awaited here
            if not begun(killed):
                killed, other = other, killed
            if begun(killed):
                killed.kill()
        await killed.ended()
        await serve.all_told(RUNS)
        assert broken(slack, asked_at=serve.asked_at, runs=RUNS) == []
        assert len([each for each in slack.messages() if part_of(each) == "announcement"]) == RUNS
        for bot in (serve, other):
            assert await bot.stop() == 0
        taken_over = "taking over the runs of a process that has ended"
        assert taken_over in serve.log + other.log


def begun(bot: Bot) -> int:
    return bot.log.count('"event": "run begins"')
