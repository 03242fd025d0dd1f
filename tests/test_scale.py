"""Several processes over one PostgreSQL share the work, and together keep what Slack allows."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from crashing import ROOT, Bot, bot_of, until
from invariants import broken, part_of
from slack_house import FAST, channel_id, client_of, plain

from bot.masking import Masker
from bot.metrics import Metrics
from bot.sandbox import MiniSlack, Staging
from bot.slack import Outbox, Pace, Rate
from bot.store import Store
from tests.hurrying import begun, in_a_hurry
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


@asynccontextmanager
async def two_processes(
    folder: Path, url: str, slack: MiniSlack, staging: Staging, targets: Sequence[str], **more: Any
) -> AsyncIterator[tuple[Bot, Bot]]:
    """Yield a bot and a worker over one database, both ready; `more` goes into their settings."""
    async with AsyncExitStack() as stack:
        bots = []
        for name in ("serve", "worker"):
            (folder / name).mkdir()
            bot = await stack.enter_async_context(
                bot_of(folder / name, staging, slack, targets=targets, database=url)
            )
            document = yaml.safe_load(bot.config.read_text()) | more
            bot.config.write_text(yaml.safe_dump(document))
            bots.append(bot)
        serve, worker = bots
        await serve.start()
        await worker.begin("worker")
        await until(lambda: '"event": "ready"' in worker.log)
        yield serve, worker


SENDING = """
import asyncio, sys
from slack_sdk.web.async_client import AsyncWebClient
from bot.masking import Masker
from bot.metrics import Metrics
from bot.report import Message
from bot.slack import Outbox
from bot.store import Store

async def main(url, api_url, token, channel, count):
    store = await Store.open(url)
    client = AsyncWebClient(token=token, base_url=api_url)
    masker, metrics = Masker(pepper=b"p"), Metrics()
    outbox = Outbox(client, masker=masker, metrics=metrics, shared=store)
    print("ready", flush=True)
    sys.stdin.readline()
    posts = (outbox.post(channel, Message(text=str(n), blocks=())) for n in range(int(count)))
    await asyncio.gather(*posts)
    await outbox.close(deadline_s=5.0)
    await store.close()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_two_processes_that_write_at_once_are_not_too_fast_for_slack(url: str) -> None:
    each = 5
    async with MiniSlack(limits=True) as slack:
        settings = (url, slack.api_url, slack.bot_token, channel_id(slack), str(each))
        senders = [
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", SENDING, *settings),
                cwd=ROOT,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            for _ in range(2)
        ]
        for sender in senders:
            assert sender.stdout is not None
            assert await sender.stdout.readline() == b"ready\n"
        codes = await asyncio.gather(*(sender.communicate(b"now\n") for sender in senders))
        assert len(codes) == 2
        assert [call.status for call in slack.calls] == [200] * 2 * each


async def test_two_processes_together_do_no_more_at_once_than_is_configured(
    tmp_path: Path, url: str
) -> None:
    targets, engine = [f"t{number}" for number in range(6)], {"concurrency": 2}
    running = "SELECT count(*) FROM dbos.workflow_status WHERE status = 'PENDING'"
    async with (
        Staging(["silence"]) as staging,
        MiniSlack() as slack,
        two_processes(tmp_path, url, slack, staging, targets, engine=engine) as bots,
        await psycopg.AsyncConnection.connect(url, autocommit=True) as connection,
    ):
        serve, _ = bots
        for target in targets:
            assert await serve.ask(f"/stagecheck {target}")
        seen = set()
        told = asyncio.create_task(serve.all_told(len(targets)))
        while not told.done():
            seen.add((await (await connection.execute(running)).fetchone() or (0,))[0])
            await asyncio.sleep(0.02)
        await told
        assert max(seen) == 2
        assert broken(slack, asked_at=serve.asked_at, runs=len(targets)) == []
        for bot in bots:
            assert await bot.stop() == 0
