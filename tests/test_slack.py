"""A check asked in Slack, end to end: real staging, small Slack, over HTTP and Socket Mode."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from slack_house import House, channel_id, house, said

from bot.model import Caller, CheckRequest, Place, Progress, Status, Trigger
from bot.probe import plan
from bot.report import thread_messages
from bot.sandbox import MiniSlack
from bot.slack import ResponseUrls, SlackNotifier
from bot.workflows import report_of


def kinds(blocks: object) -> set[str]:
    assert isinstance(blocks, tuple)
    return {block["type"] for block in blocks}


@pytest.mark.parametrize("socket_mode", [False, True], ids=["http", "socket mode"])
async def test_a_command_becomes_a_plan_then_an_outcome_with_the_report_below(
    socket_mode: bool,
) -> None:
    async with house("seed", socket_mode=socket_mode) as home:
        await home.ask("/stagecheck staging")
        parent, *thread = home.slack.messages()
    first, last = parent.versions[0], parent.versions[-1]
    assert "Checking staging" in first.text
    assert "plan" in kinds(first.blocks)
    assert "Failed: pipeline on staging" in last.text
    assert "Re-run Check" in said(last.blocks)
    assert {message.thread_ts for message in thread} == {parent.ts}
    report = " ".join(said(message.blocks) for message in thread)
    assert "ws_server_code_error" in report
    assert "What was not checked" in report
    assert home.slack.ephemerals() == []


async def test_the_plan_moves_while_the_check_runs_and_ends_as_the_outcome() -> None:
    async with house() as home:
        await home.ask("/stagecheck")
        parent = home.slack.messages()[0]
    texts = [version.text for version in parent.versions]
    assert len(texts) > 2
    assert all("Checking staging" in text for text in texts[:-1])
    assert "Passed" in texts[-1]


async def test_the_key_is_verified_by_a_check_of_its_own() -> None:
    async with house("bypass-key-mismatch") as home:
        await home.ask("/stagecheck verify-key")
        parent, *thread = home.slack.messages()
        [summary] = await home.deps.store.recent()
    assert "Failed: key on staging" in parent.text
    assert thread
    assert (summary.check, summary.status) == ("key", Status.FAILED)


async def test_who_asks_while_a_check_runs_is_told_of_it_and_starts_no_other() -> None:
    async with house("silence") as home:
        await home.slack.command("/stagecheck staging")
        await home.slack.until(lambda: any(message.edits for message in home.slack.messages()))
        await home.slack.command("/stagecheck run staging", user="grace")
        await home.idle()
        [told] = home.slack.ephemerals(user="grace")
        [summary] = await home.deps.store.recent()
    assert "staging is already being checked" in said(told.blocks)
    assert f"Run  {summary.id}  has been under way for" in said(told.blocks)
    assert "its answer comes here" in said(told.blocks)


async def test_of_a_command_that_its_ack_answers_nothing_more_is_kept(tmp_path: Path) -> None:
    def kept() -> int:
        with closing(sqlite3.connect(tmp_path / "kept.db")) as connection:
            (claims,) = connection.execute("SELECT count(*) FROM claims").fetchone()
            return int(claims)

    async with house("silence", database=f"sqlite:///{tmp_path / 'kept.db'}") as home:
        await home.slack.command("/stagecheck staging")
        await home.slack.until(lambda: any(message.edits for message in home.slack.messages()))
        before = kept()
        await home.slack.command("/stagecheck run staging", user="grace")
        await home.listeners.idle()
        assert kept() == before
        assert home.slack.ephemerals(user="grace")
        await home.idle()


async def test_two_checks_of_different_targets_run_side_by_side() -> None:
    async with house(targets=("staging", "other")) as home:
        await home.slack.command("/stagecheck staging")
        await home.slack.command("/stagecheck other")
        await home.idle()
        outcomes = [message.text for message in home.slack.messages() if not message.is_reply]
    assert sorted(text.split(",")[0].split(".")[0] for text in outcomes) == [
        "Passed: pipeline on other",
        "Passed: pipeline on staging",
    ]


@pytest.mark.parametrize(
    ("text", "label", "outcome"),
    [
        ("/stagecheck", "Check other", "Passed: pipeline on other"),
        ("/stagecheck --check key", "Check other", "Passed: key on other"),
        ("/stagecheck verify-key", "Verify Key of other", "Passed: key on other"),
    ],
)
async def test_with_several_targets_the_caller_is_asked_which(
    text: str, label: str, outcome: str
) -> None:
    async with house(targets=("staging", "other")) as home:
        await home.ask(text)
        [asked_which] = home.slack.ephemerals()
        assert home.slack.messages() == []
        await home.press(asked_which.ts, label)
        parent = home.slack.messages()[0]
    assert "Which target?" in said(asked_which.blocks)
    assert outcome in parent.text


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("/stagecheck stagin", "Did you mean  staging"),
        ("/stagecheck histroy", "Did you mean  history"),
        ("/stagecheck run --check moon", "Known: key, pipeline"),
        ("/stagecheck show r12", "There is no run r12"),
        ("/stagecheck \N{LEFT DOUBLE QUOTATION MARK}", "A quote is opened"),
        ("/stagecheck " + "x" * 3000, "There is no command or target"),
    ],
)
async def test_what_is_not_understood_is_answered_to_the_caller_alone(
    text: str, answer: str
) -> None:
    async with house() as home:
        await home.ask(text)
        [told] = home.slack.ephemerals()
    assert answer in said(told.blocks)
    assert "/stagecheck help" in said(told.blocks) or "There is no run" in said(told.blocks)
    assert home.slack.messages() == []


async def test_where_the_bot_is_no_member_the_caller_is_told_how_to_invite_it() -> None:
    slack = MiniSlack()
    slack.workspace.add_channel("elsewhere", bot_is_member=False)
    async with house(slack=slack) as home:
        await home.ask("/stagecheck staging", channel="elsewhere")
        [told] = home.slack.ephemerals("elsewhere")
    assert "I am not a member of that channel" in said(told.blocks)
    assert "/invite @stagecheck" in said(told.blocks)
    assert home.staging.received == []


async def test_trouble_on_every_side_neither_loses_nor_doubles_a_message() -> None:
    async with house() as home:
        for how in ("429", "503", "accept_then_timeout", "disconnect", "accept_then_500"):
            home.slack.fail("chat.postMessage", how=how, retry_after=0)
            home.slack.fail("chat.update", how=how, retry_after=0)
        await home.ask("/stagecheck staging")
        parent, *thread = home.slack.messages()
        [summary] = await home.deps.store.recent()
        report = thread_messages(await report_of(home.deps, summary.id))
    assert "Passed" in parent.text
    assert [message.text for message in thread] == [message.text for message in report]


async def test_no_secret_and_no_response_url_is_kept_or_said() -> None:
    async with house("seed") as home:
        delivery = await home.slack.command("/stagecheck staging")
        await home.idle()
        database = home.deps.settings.database.removeprefix("sqlite:///")
        kept = b"".join(path.read_bytes() for path in _files(database))
        said_in_slack = str(home.slack.calls)
        secrets = home.staging.secrets
    assert all(value not in said_in_slack for value in secrets.values())
    assert all(value.encode() not in kept for value in secrets.values())
    url = str(delivery.payload["response_url"])
    assert url.rsplit("/", 1)[1].encode() not in kept
    assert home.slack.bot_token.encode() not in kept


def asked(home: House, run_id: str) -> tuple[CheckRequest, Progress]:
    request = CheckRequest(
        run_id=run_id,
        target="staging",
        check="pipeline",
        trigger=Trigger.COMMAND,
        caller=Caller(id="U1"),
        place=Place(channel=channel_id(home.slack)),
    )
    target = home.deps.targets["staging"]
    return request, plan(target, "pipeline", run_id=run_id, started_at=home.deps.clock())


class TestAfterARestart:
    """A second life of the process has our store, and what Slack remembers."""

    def second_life(self, home: House) -> SlackNotifier:
        return SlackNotifier(home.outbox, store=home.deps.store, urls=ResponseUrls())

    async def test_an_announcement_is_not_made_twice(self) -> None:
        async with house() as home:
            first = await home.deps.notifier.announce(*asked(home, "r0123456789"))
            again = await self.second_life(home).announce(*asked(home, "r0123456789"))
        assert again == first
        assert len(home.slack.messages()) == 1

    async def test_an_announcement_cut_short_by_the_end_of_the_process_is_found(self) -> None:
        async with house() as home:
            home.slack.fail("chat.postMessage", how="accept_then_timeout")
            dying = asyncio.create_task(home.deps.notifier.announce(*asked(home, "r0123456789")))
            message = await home.slack.until(lambda: next(iter(home.slack.messages()), None))
            dying.cancel()
            found = await self.second_life(home).announce(*asked(home, "r0123456789"))
        assert found.ts == message.ts
        assert len(home.slack.messages()) == 1

    @pytest.mark.parametrize(
        "workspace",
        [MiniSlack, partial(MiniSlack, scopes=("commands", "chat:write"))],
        ids=["may look", "may not look"],
    )
    async def test_a_report_is_not_posted_twice(self, workspace: Callable[[], MiniSlack]) -> None:
        async with house(slack=workspace()) as home:
            await home.ask("/stagecheck staging")
            before = len(home.slack.messages())
            [summary] = await home.deps.store.recent()
            posting = await home.deps.store.posting(summary.id)
            assert posting is not None
            report = await report_of(home.deps, summary.id)
            await self.second_life(home).report(posting, report)
        assert len(home.slack.messages()) == before


async def test_an_outcome_whose_message_was_deleted_is_posted_anew() -> None:
    async with house("silence") as home:
        await home.slack.command("/stagecheck staging")
        parent = await home.slack.until(lambda: next(iter(home.slack.messages()), None))
        home.slack.workspace.remove(parent)
        await home.idle()
        [outcome] = home.slack.messages()
    assert outcome.ts != parent.ts
    assert "Failed" in outcome.text


def _files(database: str) -> Iterator[Path]:
    yield from Path(database).parent.glob("*.db*")
