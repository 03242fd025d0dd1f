"""A deploy asks for a check of what was deployed: signed, once, and of the new revision."""

import asyncio
import json
import time
from typing import Any

import aiohttp
import pytest
from slack_house import House, house

from bot.hooks import PATH, SIGNATURE, TIMESTAMP, hooks, signed
from bot.model import Status, Trigger
from bot.web import WebServer, build_web
from tests.deploying import SECRET, hooked


async def post(
    home: House,
    body: Any,
    *,
    at: float | None = None,
    late_s: float = 0.0,
    secret: str = SECRET,
    headers: dict[str, str] | None = None,
) -> tuple[int, Any]:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    timestamp = str(int((time.time() if at is None else at) - late_s))
    told = {TIMESTAMP: timestamp, SIGNATURE: signed(secret.encode(), timestamp, sent)}
    app = build_web(checks={}, metrics=home.deps.metrics, hooks=hooks(home.deps))
    server = WebServer(app, host="127.0.0.1", port=0)
    url = await server.start()
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.post(url + PATH, data=sent, headers=told | (headers or {})) as answer,
        ):
            return answer.status, await answer.json(content_type=None)
    finally:
        await server.stop()


DEPLOY = {"target": "staging", "revision": "3f9c2ab", "actor": "ada"}


async def test_a_deploy_is_checked_and_tied_to_its_revision_and_actor() -> None:
    async with house(changed=hooked()) as home:
        status, answer = await post(home, DEPLOY)
        await home.engine.idle()
        run = await home.deps.store.run(answer["run_id"])
        assert home.slack.messages() == []  # it passed: nobody has to hear
    assert status == 202
    assert (run.trigger, run.caller.id, run.status) == (Trigger.DEPLOY, "ada", Status.PASSED)
    assert any("3f9c2ab" in told for told in run.not_checked)


async def test_what_was_deployed_is_waited_for() -> None:
    deployed = "2025.11.3+g1f0c2d"
    async with house(changed=hooked(wait_s=600)) as home:
        status, answer = await post(home, DEPLOY | {"revision": deployed})
        home.staging.nuisances = ("other-service-names",)  # which name that version, from now on
        await home.engine.idle()
        run = await home.deps.store.run(answer["run_id"])
    assert (status, run.revision) == (202, deployed)
    assert not any(deployed in told for told in run.not_checked)


async def test_the_same_request_starts_nothing_twice() -> None:
    async with house(changed=hooked()) as home:
        at = time.time()
        first, second = await post(home, DEPLOY, at=at), await post(home, DEPLOY, at=at)
        await home.engine.idle()
        assert len(await home.deps.store.recent("staging")) == 1
    assert first == second


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ({"secret": "another-secret"}, 401),
        ({"late_s": 900}, 401),
        ({"late_s": -900}, 401),
        ({"headers": {TIMESTAMP: "١٢٣"}}, 401),
        ({"headers": {TIMESTAMP: "9" * 30}}, 401),
        ({"headers": {SIGNATURE: ""}}, 401),
        ({"headers": {SIGNATURE: "v1=é"}}, 401),
    ],
)
async def test_what_is_not_signed_now_starts_nothing(how: dict[str, Any], status: int) -> None:
    async with house(changed=hooked()) as home:
        answer = await post(home, DEPLOY, **how)
        await home.engine.idle()
        assert await home.deps.store.recent("staging") == ()
    assert answer[0] == status


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (b"not json", 400, "not JSON"),
        (b"[]", 400, "must be an object"),
        ({"target": "staging"}, 400, "revision is needed"),
        (DEPLOY | {"target": "stagin"}, 404, "Did you mean staging"),
        (DEPLOY | {"check": "nothing"}, 404, "There is no check"),
        (DEPLOY | {"what": "x"}, 400, "what is not known"),
        (DEPLOY | {"actor": 7}, 400, "actor must be a text"),
        (DEPLOY | {"actor": "x" * 300}, 400, "actor must be a text"),
        (b"[" * 9_000, 400, "not JSON"),
        (b" " * 20_000, 413, "16384"),
    ],
)
async def test_what_cannot_be_understood_is_told(body: Any, status: int, told: str) -> None:
    async with house(changed=hooked()) as home:
        answer = await post(home, body)
    assert answer[0] == status
    assert told in answer[1]["error"]


@pytest.mark.parametrize(
    ("head", "sent", "status"),
    [
        ("Content-Length: 20000", b"", 413),  # by what it says of itself, before it comes
        ("Transfer-Encoding: chunked", b"4e20\r\n" + b" " * 20_000 + b"\r\n0\r\n\r\n", 413),
        ("Content-Length: 20", b"{", 408),
    ],
    ids=["said to be long", "is long", "does not come"],
)
async def test_a_body_is_bounded_in_size_and_time(head: str, sent: bytes, status: int) -> None:
    async with house(changed=hooked()) as home:
        app = build_web(checks={}, metrics=home.deps.metrics, hooks=hooks(home.deps, body_s=0.3))
        server = WebServer(app, host="127.0.0.1", port=0)
        url = await server.start()
        try:
            host, port = url.removeprefix("http://").split(":")
            reader, writer = await asyncio.open_connection(host, int(port))
            about = f"{TIMESTAMP}: {int(time.time())}\r\n{SIGNATURE}: v1=00"
            request = f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\n{head}\r\n{about}\r\n\r\n"
            writer.write(request.encode() + sent)
            async with asyncio.timeout(10):
                answer = await reader.readline()
            writer.close()
        finally:
            await server.stop()
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())


async def test_a_secret_in_what_a_deploy_says_of_itself_goes_no_further() -> None:
    async with house(changed=hooked()) as home:
        secret = next(iter(home.staging.secrets.values())).strip()
        said = {"revision": f"1.2 {secret}", "actor": f"ci {secret}"}
        status, answer = await post(home, DEPLOY | said)
        await home.engine.idle()
        run = await home.deps.store.run(answer["run_id"])
    assert status == 202
    assert secret not in json.dumps(answer)
    assert answer["revision"].startswith("1.2 [redacted")
    assert secret not in repr(run)
    assert run.caller.id.startswith("ci [redacted")


async def test_without_a_secret_there_is_no_hook() -> None:
    async with house() as home:
        assert hooks(home.deps) == {}


async def test_a_person_who_asks_meanwhile_is_answered_at_once() -> None:
    async with house(changed=hooked(wait_s=60)) as home:
        await post(home, DEPLOY | {"revision": "never-comes"})
        await home.slack.command("/stagecheck staging")
        await home.listeners.idle()
        assert await home.slack.until(
            lambda: next((m for m in home.slack.messages() if m.text.startswith("Passed")), None)
        )
        await home.engine.close(deadline_s=0.0)


async def test_a_signature_that_is_no_text_is_refused_like_any_other() -> None:
    async with house(changed=hooked()) as home:
        app = build_web(checks={}, metrics=home.deps.metrics, hooks=hooks(home.deps))
        server = WebServer(app, host="127.0.0.1", port=0)
        url = await server.start()
        try:
            host, port = url.removeprefix("http://").split(":")
            reader, writer = await asyncio.open_connection(host, int(port))
            head = (
                f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\n"
                f"Connection: close\r\n{TIMESTAMP}: {int(time.time())}\r\n{SIGNATURE}: v1="
            )
            writer.write(head.encode() + b"\xff\xfe\r\n\r\n{}")
            answer = await reader.read()
            writer.close()
        finally:
            await server.stop()
    assert answer.startswith(b"HTTP/1.1 401 ")
