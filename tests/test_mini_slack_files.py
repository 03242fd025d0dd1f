"""Files that people of the small Slack attach: who gets them, how, and with which token."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

from bot.errors import NotFound, UsageError
from bot.sandbox import MiniSlack, blockkit
from bot.sandbox.slack.files import EXTERNAL, FOREIGN, SNIPPET
from tests.bolt_apps import client_of, socket_app


def plain(text: str) -> dict:
    return {"type": "plain_text", "text": text}


def field(name: str, element: dict) -> dict:
    element = {"action_id": name, **element}
    return {
        "type": "input",
        "block_id": name,
        "label": plain(name),
        "optional": True,
        "element": element,
    }


FORM = {
    "type": "modal",
    "callback_id": "logs",
    "title": plain("Logs"),
    "submit": plain("Send"),
    "blocks": [
        field("text", {"type": "plain_text_input", "max_length": 20, "min_length": 2}),
        field("file", {"type": "file_input", "max_files": 2, "filetypes": ["log", "txt"]}),
    ],
}


@pytest.fixture
async def slack() -> AsyncIterator[MiniSlack]:
    async with MiniSlack() as slack:
        yield slack


@pytest.fixture
async def app(slack: MiniSlack) -> AsyncIterator[AsyncApp]:
    async with socket_app(slack) as app:

        @app.command("/stagecheck")
        async def opens(ack, client, command):
            await ack()
            await client.views_open(trigger_id=command["trigger_id"], view=FORM)

        yield app


async def opened(slack: MiniSlack) -> None:
    await slack.command("/stagecheck")
    await slack.until(slack.modal)


async def fetched(url: str, token: str) -> tuple[int, bytes]:
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        aiohttp.ClientSession() as session,
        session.get(url, headers=headers, allow_redirects=False) as answer,
    ):
        return answer.status, await answer.read()


async def test_a_file_given_in_a_form_arrives_whole_and_can_be_fetched(slack, app) -> None:
    seen: list[Any] = []

    @app.view("logs")
    async def logs(ack, view):
        await ack()
        seen.append(view["state"]["values"])

    await opened(slack)
    log = slack.attach("tests.log", b"401\n")
    await slack.submit({"file": [log]})
    assert seen[0]["text"]["text"] == {"type": "plain_text_input", "value": None}
    [file] = seen[0]["file"]["file"]["files"]
    assert (file["id"], file["size"], file["mimetype"]) == (log, 4, "text/plain")
    assert await fetched(file["url_private_download"], slack.bot_token) == (200, b"401\n")
    assert await fetched(file["url_private"], slack.bot_token) == (200, b"401\n")


async def test_a_form_without_a_file_reports_none(slack, app) -> None:
    seen: list[Any] = []

    @app.view("logs")
    async def logs(ack, view):
        await ack()
        seen.append(view["state"]["values"]["file"]["file"])

    await opened(slack)
    await slack.submit({"text": "no file"})
    assert seen == [{"type": "file_input", "files": []}]


async def test_a_field_takes_no_more_than_its_limits(slack, app) -> None:
    await opened(slack)
    logs = [slack.attach(f"{n}.log", b"x") for n in range(3)]
    picture = slack.attach("screen.png", b"x")
    for values, problem in (
        ({"text": "x" * 21}, "at most 20 characters"),
        ({"text": "x"}, "needs 2 characters"),
        ({"file": logs}, "at most 2 files"),
        ({"file": [picture]}, "does not take .png"),
    ):
        with pytest.raises(UsageError, match=problem):
            await slack.submit(values)
    assert slack.modal() is not None


async def test_a_stranger_is_sent_to_log_in(slack) -> None:
    [file] = slack.say("see", files=[slack.attach("tests.log", b"x")]).files
    assert (await fetched(file["url_private_download"], "xoxb-stranger"))[0] == 302
    assert (await fetched(file["url_private_download"], slack.app_token))[0] == 302


async def test_without_the_scope_no_file_is_read_and_no_form_asks_for_one() -> None:
    async with MiniSlack(scopes=("chat:write",)) as slack:
        [file] = slack.say("see", files=[slack.attach("tests.log", b"x")]).files
        assert (await fetched(file["url_private_download"], slack.bot_token))[0] == 302
        trigger = slack.workspace.open_trigger(slack.workspace.user("ada").id)
        for call in (
            client_of(slack).files_info(file=file["id"]),
            client_of(slack).views_open(trigger_id=trigger, view=FORM),
        ):
            with pytest.raises(SlackApiError) as caught:
                await call
            assert caught.value.response["error"] == "missing_scope"
            assert caught.value.response["needed"] == "files:read"


async def test_where_the_app_is_no_member_a_file_is_not_there(slack) -> None:
    slack.workspace.add_channel("elsewhere", bot_is_member=False)
    log = slack.attach("tests.log", b"x")
    [file] = slack.say("see", channel="elsewhere", files=[log]).files
    assert (await fetched(file["url_private_download"], slack.bot_token))[0] == 404
    with pytest.raises(SlackApiError, match="file_not_found"):
        await client_of(slack).files_info(file=log)


async def test_a_file_of_another_workspace_has_to_be_asked_for(slack) -> None:
    [file] = slack.say("see", files=[slack.attach("a.log", b"x", mode=FOREIGN)]).files
    assert file["file_access"] == "check_file_info"
    assert "url_private" not in file
    told = (await client_of(slack).files_info(file=file["id"]))["file"]
    assert await fetched(told["url_private_download"], slack.bot_token) == (200, b"x")


async def test_snippets_and_what_is_kept_elsewhere_say_so(slack) -> None:
    files = [slack.attach("a.txt", b"x", mode=mode) for mode in (SNIPPET, EXTERNAL)]
    snippet, external = slack.say("see", files=files).files
    assert (snippet["mode"], snippet["editable"]) == ("snippet", True)
    assert (external["mode"], external["is_external"]) == ("external", True)
    assert "url_private_download" not in external


async def test_a_shortcut_carries_the_message_with_all_that_belongs_to_it(slack, app) -> None:
    seen: list[Any] = []

    @app.message_shortcut("explain")
    async def explain(ack, payload):
        await ack()
        seen.append(payload)

    log = slack.attach("tests.log", b"x")
    blocks = [{"type": "markdown", "text": "401"}]
    root = slack.say("root")
    message = slack.say(
        "a <b> & @ada",
        thread_ts=root.ts,
        files=[log],
        blocks=blocks,
        attachments=[{"text": "why"}],
    )
    await slack.shortcut("explain", message_ts=message.ts, user="grace")
    [payload] = seen
    picked = payload["message"]
    ada = slack.workspace.user("ada").id
    assert payload["channel"]["id"] == message.channel
    assert payload["user"]["id"] == slack.workspace.user("grace").id
    assert picked["text"] == f"a &lt;b&gt; &amp; <@{ada}>"
    assert (picked["thread_ts"], picked["user"]) == (root.ts, ada)
    assert picked["blocks"][0]["text"] == "401"
    assert picked["attachments"] == [{"text": "why"}]
    assert picked["files"][0]["id"] == log


async def test_what_only_one_person_sees_has_no_shortcuts(slack) -> None:
    await slack.command("/unknown")
    [told] = slack.ephemerals()
    with pytest.raises(NotFound, match="has no menu"):
        await slack.shortcut("explain", message_ts=told.ts)


def test_files_are_asked_for_in_forms_only() -> None:
    found = blockkit.problems([field("file", {"type": "file_input"})])
    assert "file_input cannot stand in a message" in found[0]
    assert blockkit.problems(FORM) == []
    too_many = field("file", {"type": "file_input", "max_files": 11})
    assert blockkit.problems({**FORM, "blocks": [too_many]})
    too_long = field("text", {"type": "plain_text_input", "max_length": 3001})
    assert blockkit.problems({**FORM, "blocks": [too_long]})
