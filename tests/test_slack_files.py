"""The token that reads files goes to Slack and nowhere else, and no more is read than fits."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web
from slack_house import client_of, house
from structlog.testing import capture_logs

from bot.commands import MOST_BYTES
from bot.errors import Unavailable
from bot.metrics import Metrics
from bot.sandbox import MiniSlack
from bot.sandbox.slack.delivery import signed
from bot.slack import Files
from bot.slack.answers import Accepted, Answer
from bot.slack.files import SlackFile, file_from, trouble_with
from bot.slack.hosts import is_slacks, takes_answers

API = "https://slack.com/api/"


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://files.slack.com/files-pri/T1-F1/download/a.log", True),
        ("https://team.enterprise.slack.com/files-pri/T1-F1/a.log", True),
        ("https://slack.com/a", True),
        ("http://files.slack.com/a", False),
        ("https://files.slack.com:8443/a", False),
        ("https://files.slack.com.example.test/a", False),
        ("https://evilslack.com/a", False),
        ("https://slack.com@example.test/a", False),
        ("https://user@files.slack.com/a", False),
        ("https://example.test/files.slack.com", False),
        ("//files.slack.com/a", False),
        ("file:///etc/passwd", False),
        ("https://[broken", False),
        ("", False),
    ],
)
def test_the_token_is_shown_to_slacks_hosts_only(url: str, allowed: bool) -> None:
    assert is_slacks(url, API) is allowed


def test_a_slack_at_an_address_of_its_own_is_shown_the_token_there_only() -> None:
    here = "http://127.0.0.1:8080/api/"
    assert is_slacks("http://127.0.0.1:8080/files-pri/a", here)
    assert not is_slacks("http://127.0.0.1:8081/files-pri/a", here)
    assert not is_slacks("https://127.0.0.1:8080/files-pri/a", here)


@asynccontextmanager
async def elsewhere(
    answer: web.StreamResponse, *, endless: bool = False
) -> AsyncIterator[tuple[str, list[Any]]]:
    """Yield the address of a server that gives `answer`, and what it was asked."""
    asked: list[Any] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        asked.append(dict(request.headers))
        with suppress(ConnectionError):
            while endless:
                await answer.prepare(request)
                await answer.write(b"x" * 65_536)
        return answer

    app = web.Application()
    app.router.add_get("/{path:.*}", handle)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}/a.log", asked
    finally:
        await runner.cleanup()


async def nothing(method: str, payload: Mapping[str, Any]) -> Answer:
    return Accepted(data={})


@pytest.fixture
async def slack() -> AsyncIterator[MiniSlack]:
    async with MiniSlack() as slack:
        yield slack


def shared(slack: MiniSlack, name: str, content: bytes) -> SlackFile:
    """Return a file that somebody attached to a message."""
    message = slack.say("see", files=[slack.attach(name, content)])
    [file] = message.files
    return file_from(file)


async def test_a_file_at_another_address_is_not_asked_for(slack: MiniSlack) -> None:
    async with elsewhere(web.Response(text="log")) as (url, asked), client_of(slack) as client:
        file = file_from({"id": "F1", "name": "a.log", "size": 3, "url_private": url})
        with pytest.raises(Unavailable, match="at no address of Slack's"):
            await Files(client, nothing, metrics=Metrics()).read([file])
    assert asked == []


async def test_a_redirect_is_not_followed(slack: MiniSlack) -> None:
    async with elsewhere(web.Response(text="log")) as (url, asked):
        away = web.Response(status=302, headers={"Location": url})
        async with elsewhere(away) as (slacks, first), client_of(slack) as client:
            client.base_url = slacks
            file = file_from({"id": "F1", "name": "a.log", "size": 3, "url_private": slacks})
            with pytest.raises(Unavailable, match="HTTP 302"):
                await Files(client, nothing, metrics=Metrics()).read([file])
    assert len(first) == 1
    assert asked == []


async def test_no_more_is_read_than_is_explained_whatever_slack_says_of_the_size(
    slack: MiniSlack,
) -> None:
    file = shared(slack, "a.log", b"x" * (MOST_BYTES + 70_000))
    small = file_from({"id": file.id, "name": "a.log", "size": 1, "url_private": file.url})
    async with client_of(slack) as client:
        content = await Files(client, nothing, metrics=Metrics()).read([small, small])
    assert len(content) == MOST_BYTES + 1


async def test_a_file_without_an_end_is_read_as_far_as_it_is_explained(slack: MiniSlack) -> None:
    async with (
        elsewhere(web.StreamResponse(), endless=True) as (url, _),
        client_of(slack) as client,
    ):
        client.base_url = url
        file = file_from({"id": "F1", "name": "a.log", "size": 3, "url_private": url})
        content = await Files(client, nothing, metrics=Metrics()).read([file])
    assert len(content) == MOST_BYTES + 1


async def test_a_file_slack_tells_nothing_more_of_is_not_read(slack: MiniSlack) -> None:
    async with client_of(slack) as client:
        file = file_from({"id": "F1", "file_access": "check_file_info"})
        with pytest.raises(Unavailable, match="Slack does not give me the file"):
            await Files(client, nothing, metrics=Metrics()).read([file])


@pytest.mark.parametrize(
    "mimetype",
    ["text/plain", "application/json", "application/octet-stream", "application/x-yaml", ""],
)
def test_what_may_be_a_log_is_not_judged_by_its_name(mimetype: str) -> None:
    given = {"id": "F1", "name": "a", "size": 3, "mimetype": mimetype, "url_private": "x"}
    assert trouble_with(file_from(given)) == ""


def test_a_very_long_name_does_not_hide_what_is_wrong() -> None:
    given = {"id": "F1", "name": "a" * 500, "size": 0, "url_private": "x"}
    assert trouble_with(file_from(given)).endswith("… is empty.")


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://hooks.slack.com/commands/T1/2/3", True),
        ("https://hooks.slack-gov.com/actions/T1/2/3", True),
        ("https://hooks.slack.com.evil.test/commands", False),
        ("https://evil.test/hooks.slack.com", False),
        ("http://hooks.slack.com/commands", False),
        ("http://169.254.169.254/latest", False),
        ("http://127.0.0.1:8080/commands", False),
        ("https://user@hooks.slack.com/commands", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_an_answer_goes_to_slack_and_nowhere_else(url: str, allowed: bool) -> None:
    assert takes_answers(url, API) is allowed


def test_a_small_slack_on_this_machine_may_be_answered_there() -> None:
    assert takes_answers("http://127.0.0.1:8081/commands", "http://127.0.0.1:8080/api/")


async def test_a_delivery_cannot_have_an_answer_sent_elsewhere() -> None:
    async with house() as home, aiohttp.ClientSession() as session:
        delivery = await home.slack.command("/stagecheck help")
        await home.idle()
        elsewhere = {"response_url": "http://evil.invalid/", "trigger_id": "1.2.other"}
        body = urlencode({**delivery.payload, **elsewhere}).encode()
        headers = {
            **signed(body, home.slack.signing_secret),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        with capture_logs() as logs:
            async with session.post(home.slack.request_url, data=body, headers=headers) as answer:
                assert answer.status == 200
            await home.idle()
        assert any("not_slacks" in str(entry) for entry in logs)
