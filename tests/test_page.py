"""The page's HTTP face: what it gives, and whom it refuses."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from bot.sandbox import MiniSlack

CHANGING = ("/page/do", "/page/files?name=x.log&user=ada")


@asynccontextmanager
async def page() -> AsyncIterator[tuple[MiniSlack, aiohttp.ClientSession]]:
    async with MiniSlack() as slack, aiohttp.ClientSession(slack.workspace.base_url) as session:
        yield slack, session


def own(slack: MiniSlack) -> dict[str, str]:
    return {"Origin": slack.workspace.base_url}


async def do(
    slack: MiniSlack, session: aiohttp.ClientSession, what: str, **more: Any
) -> Mapping[str, Any]:
    body = {"user": "ada", "do": what, **more}
    async with session.post("/page/do", json=body, headers=own(slack)) as answer:
        return dict(await answer.json())


async def news_of(socket: aiohttp.ClientWebSocketResponse) -> Mapping[str, Any]:
    return dict(json.loads(await socket.receive_str(timeout=10)))


async def test_the_page_comes_whole_from_this_server_and_may_ask_no_other() -> None:
    async with page() as (_, session):
        for path in ("/", "/assets/page.js", "/assets/page.css"):
            async with session.get(path) as answer:
                assert answer.status == 200
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "unsafe" not in policy
                assert "//" not in policy
                assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["../hints.py", "%2e%2e/package.json", "nothing.js", "src"])
async def test_no_path_leads_out_of_the_page(name: str) -> None:
    async with page() as (_, session), session.get(f"/assets/{name}") as answer:
        assert answer.status == 404


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost@evil"])
async def test_a_name_that_somebody_points_to_this_machine_is_refused(host: str) -> None:
    async with page() as (slack, session):
        headers = {**own(slack), "Host": host}
        for path in ("/", "/assets/page.js", "/page/live"):
            async with session.get(path, headers=headers) as answer:
                assert answer.status in (400, 403)
        for path in CHANGING:
            async with session.post(path, headers=headers, data=b"{}") as answer:
                assert answer.status in (400, 403)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "http://127.0.0.1:1"])
async def test_a_foreign_page_can_neither_act_nor_listen(origin: str) -> None:
    async with page() as (slack, session):
        headers = {"Origin": origin} if origin else {}
        body = json.dumps({"user": "ada", "do": "say", "channel": "staging", "text": "hi"})
        for path in CHANGING:
            json_type = {"Content-Type": "application/json"}
            async with session.post(path, data=body, headers=headers | json_type) as answer:
                assert answer.status == 403
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect("/page/live", headers=headers)
        assert slack.messages() == []
        assert slack.files.files == {}


async def test_a_gesture_is_json_and_nothing_that_a_plain_form_could_send() -> None:
    async with page() as (slack, session):
        for content_type, status in (("text/plain", 415), ("application/json", 400)):
            headers = {**own(slack), "Content-Type": content_type}
            async with session.post("/page/do", data=b"[1]", headers=headers) as answer:
                assert answer.status == status


@pytest.mark.parametrize(
    "wanted",
    [
        {"do": "fly"},
        {"do": "say", "channel": "nowhere", "text": "hi"},
        {"do": "say", "channel": "staging", "text": 7},
        {"do": "say", "channel": "staging", "text": " "},
        {"do": "press", "ts": "1.2", "action_id": "x"},
        {"do": "submit", "values": {}},
        {"do": "submit", "values": "all"},
        {"do": "react", "ts": "1.2", "name": "eyes"},
        {"do": "change_panel", "faults": []},
        {"do": "say", "channel": "staging", "text": "hi", "user": "nobody"},
        {"do": "say", "channel": "staging", "text": "hi", "files": ["F0"]},
    ],
    ids=lambda wanted: "-".join(map(str, wanted.values())),
)
async def test_what_cannot_be_done_is_said(wanted: Mapping[str, Any]) -> None:
    async with page() as (slack, session):
        what, more = str(wanted["do"]), {key: wanted[key] for key in wanted if key != "do"}
        answer = await do(slack, session, what, **more)
        assert answer["ok"] is False
        assert answer["error"].endswith(".")


async def test_each_person_is_told_what_they_see_and_then_only_what_changed() -> None:
    async with (
        page() as (slack, session),
        session.ws_connect("/page/live?user=grace", headers=own(slack)) as socket,
    ):
        hello = (await news_of(socket))["hello"]
        assert hello["user"] == slack.workspace.user("grace").id
        assert (await news_of(socket))["news"]["channels"][0]["name"] == "staging"
        await do(slack, session, "say", channel="staging", text="for all")
        told = (await news_of(socket))["news"]
        assert [entry["text"] for entry in told["entries"]] == ["for all"]
        assert "channels" not in told
        await slack.command("/nothing", user="ada")
        await do(slack, session, "say", channel="staging", text="again")
        told = (await news_of(socket))["news"]
        assert [entry["text"] for entry in told["entries"]] == ["again"]


async def test_nobody_can_act_on_what_only_somebody_else_sees() -> None:
    async with page() as (slack, session):
        await slack.command("/nothing", user="grace")
        private = slack.ephemerals(user="grace")[0]
        for what in ("dismiss", "react"):
            answer = await do(slack, session, what, ts=private.ts, name="eyes")
            assert answer["ok"] is False
        assert slack.ephemerals(user="grace") == [private]


@pytest.mark.parametrize("name", ["run.html", "run.svg", "run.js", "run.log"])
async def test_a_file_that_could_run_is_saved_and_not_opened(name: str) -> None:
    async with page() as (slack, session):
        where = f"/page/files?user=ada&name={name}"
        async with session.post(where, data=b"<script>alert(1)</script>", headers=own(slack)) as up:
            file_id = (await up.json())["id"]
        async with session.get(f"/page/files/{file_id}") as answer:
            assert answer.headers["Content-Disposition"] == "attachment"
            assert answer.content_type == "application/octet-stream"
            assert await answer.read() == b"<script>alert(1)</script>"


async def test_a_page_that_is_open_does_not_keep_the_workspace_from_stopping() -> None:
    slack = MiniSlack()
    await slack.start()
    async with aiohttp.ClientSession(slack.workspace.base_url) as session:
        socket = await session.ws_connect("/page/live", headers=own(slack))
        await news_of(socket)
        await slack.stop()
        while (await socket.receive(timeout=10)).type is aiohttp.WSMsgType.TEXT:
            pass
        assert socket.closed
