"""`stagecheck serve` as a process of its own explains what is pasted into a mini Slack."""

from pathlib import Path

from explaining import FOUNDING
from slack_house import said

from bot.sandbox import MiniSlack, Staging
from bot.slack import SHORTCUT
from tests.serving import served


async def test_serve_explains_what_is_attached_in_a_form(tmp_path: Path) -> None:
    async with (
        Staging() as staging,
        MiniSlack() as slack,
        served(tmp_path, staging, slack) as url,
    ):
        slack.request_url = f"{url}/slack/events"
        assert (await slack.command("/stagecheck explain")).ok
        await slack.until(slack.modal)
        log = slack.attach("tests.log", FOUNDING.encode())
        assert (await slack.submit({"file": [log], "origin": "build 4711"})).ok
        parent = await slack.until(lambda: next(iter(slack.messages()), None))
        await slack.until(lambda: slack.thread("staging", parent.ts))
    assert "build 4711" in said(parent.blocks)
    assert staging.received == []


async def test_serve_explains_a_message_over_socket_mode(tmp_path: Path) -> None:
    async with (
        Staging() as staging,
        MiniSlack() as slack,
        served(tmp_path, staging, slack, socket_mode=True),
    ):
        message = slack.say(FOUNDING)
        assert (await slack.shortcut(SHORTCUT, message_ts=message.ts)).ok
        answer = await slack.until(lambda: next(iter(slack.thread("staging", message.ts)), 0))
    assert "Not executed: " in said(answer.blocks)
    assert staging.received == []
