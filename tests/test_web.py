"""The web server lets in what Slack signed just now, and tells operators how it is."""

import ast
import asyncio
import io
import logging
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_address
from pathlib import Path
from types import MappingProxyType

import aiohttp
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.config import Server
from bot.errors import ConfigError, StoreError
from bot.gate import Gate
from bot.metrics import Metrics
from bot.web import MOST_BODY_BYTES, Check, Deliver, WebServer, build_web, signed

SECRET = "s3cret"


async def fine() -> None:
    """A part that can serve."""


async def echo(request: web.Request, body: str) -> web.StreamResponse:
    return web.Response(text=f"got {body[:20]}")


@asynccontextmanager
async def serving(
    *,
    deliver: Deliver | None = echo,
    checks: Mapping[str, Check] | None = None,
    gate: Gate | None = None,
) -> AsyncIterator[str]:
    app = build_web(
        checks=checks or {"store": fine},
        metrics=Metrics(),
        deliver=deliver,
        signing_secret=SECRET,
        gate=gate,
    )
    server = WebServer(app, host="127.0.0.1", port=0)
    url = await server.start()
    try:
        yield url
    finally:
        await server.stop()


def headers(body: bytes, *, timestamp: str = "", secret: str = SECRET) -> dict[str, str]:
    timestamp = timestamp or str(int(time.time()))
    return {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signed(secret.encode(), timestamp, body).decode(),
        "Content-Type": "application/json",
    }


async def posted(
    url: str, body: bytes, sent: Mapping[str, str], path: str = "/slack/events"
) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(url + path, data=io.BytesIO(body), headers=sent) as response,
    ):
        return response.status, await response.text()


async def asked(
    url: str, path: str, sent: Mapping[str, str] = MappingProxyType({})
) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(url + path, headers=sent) as response,
    ):
        return response.status, await response.text()


async def test_what_slack_signed_is_delivered() -> None:
    async with serving() as url:
        assert await posted(url, b"{}", headers(b"{}")) == (200, "got {}")


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in headers(b"{}").items() if key != name}


def at(timestamp: object) -> dict[str, str]:
    return headers(b"{}", timestamp=str(timestamp))


FORGED: Mapping[str, Callable[[], dict[str, str]]] = {
    "no headers": dict,
    "no signature": lambda: without("X-Slack-Signature"),
    "no timestamp": lambda: without("X-Slack-Request-Timestamp"),
    "empty signature": lambda: headers(b"{}") | {"X-Slack-Signature": ""},
    "wrong signature": lambda: headers(b"{}") | {"X-Slack-Signature": "v0=" + "0" * 64},
    "signature not ASCII": lambda: headers(b"{}") | {"X-Slack-Signature": "v0=ü"},
    "another body": lambda: headers(b"[]"),
    "another secret": lambda: headers(b"{}", secret="another"),
    "too old": lambda: at(int(time.time()) - 400),
    "from the future": lambda: at(int(time.time()) + 400),
    "a word": lambda: at("now"),
    "negative": lambda: at(-1),
    "a float": lambda: at("1e9"),
    "very long": lambda: at("9" * 400),
    "not a number": lambda: at("nan"),
}


@pytest.mark.parametrize("kind", FORGED)
async def test_what_slack_did_not_sign_just_now_is_refused(kind: str) -> None:
    async with serving() as url:
        status, text = await posted(url, b"{}", FORGED[kind]())
    assert (status, text) == (401, "Slack did not sign this.")


async def test_a_timestamp_in_other_digits_is_refused() -> None:
    arabic = "".join(chr(0x660 + int(digit)) for digit in str(int(time.time())))
    async with serving() as url:
        assert (await posted(url, b"{}", headers(b"{}", timestamp=arabic)))[0] == 401


async def test_a_body_that_is_too_big_is_refused() -> None:
    body = b"x" * (MOST_BODY_BYTES + 1)
    async with serving() as url:
        assert (await posted(url, body, headers(body)))[0] == 413
        assert (await posted(url, body[:-2], headers(body[:-2])))[0] == 200


@pytest.mark.parametrize(
    "sent",
    [b"", b"POST /slack/events HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"GET /healthz HTTP/1.1\r\n\r"],
)
async def test_who_does_not_say_what_they_want_is_cut_off(sent: bytes) -> None:
    app = build_web(checks={}, metrics=Metrics(), deliver=echo, signing_secret=SECRET)
    server = WebServer(app, host="127.0.0.1", port=0, head_s=0.2)
    url = await server.start()
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(sent)
    async with asyncio.timeout(10):
        with suppress(ConnectionResetError):
            assert await reader.read() == b""
    writer.close()
    # Who says it in time is answered, however late that is.
    assert await asked(url, "/healthz") == (200, "alive\n")
    await server.stop()


async def test_a_body_that_is_not_text_is_refused() -> None:
    async with serving() as url:
        assert (await posted(url, b"\xff", headers(b"\xff")))[0] == 400


async def test_a_packed_body_is_refused_before_it_is_unpacked() -> None:
    body = b"\x1f\x8b\x08garbage"
    async with serving() as url:
        status, _ = await posted(url, body, {**headers(body), "Content-Encoding": "gzip"})
    assert status == 400


async def test_over_socket_mode_there_is_no_door_for_deliveries() -> None:
    async with serving(deliver=None) as url:
        assert (await posted(url, b"{}", headers(b"{}")))[0] == 404


def test_without_a_signing_secret_deliveries_are_not_taken_at_all() -> None:
    with pytest.raises(ConfigError, match="signing secret is missing"):
        build_web(checks={}, metrics=Metrics(), deliver=echo)


async def test_operators_are_told_how_it_is() -> None:
    async with serving() as url:
        assert await asked(url, "/healthz") == (200, "alive\n")
        assert await asked(url, "/readyz") == (200, '{"store": "ok"}')
        status, text = await asked(url, "/metrics")
    assert status == 200
    assert "# TYPE stagecheck_runs_total counter" in text


async def test_a_part_that_cannot_serve_is_named_and_makes_it_not_ready() -> None:
    async def broken() -> None:
        raise StoreError("The database was removed.")

    async with serving(checks={"store": broken, "slack": fine}) as url:
        status, text = await asked(url, "/readyz")
        assert await asked(url, "/healthz") == (200, "alive\n")
    assert (status, text) == (503, '{"store": "The database was removed.", "slack": "ok"}')


TOKEN = "correct-horse-battery"
SHOWN = {"Authorization": f"Bearer {TOKEN}"}


async def test_strangers_read_neither_the_metrics_nor_what_is_wrong() -> None:
    async def broken() -> None:
        raise StoreError("The database /srv/stagecheck.db was removed.")

    async with serving(checks={"store": broken}, gate=Gate(TOKEN)) as url:
        assert await asked(url, "/healthz") == (200, "alive\n")
        assert await asked(url, "/readyz") == (503, '{"store": "not ready"}')
        status, text = await asked(url, "/metrics")
        assert (status, "stagecheck_runs_total" in text) == (403, False)
        assert "/srv/stagecheck.db" in (await asked(url, "/readyz", SHOWN))[1]
        assert (await asked(url, "/metrics", SHOWN))[0] == 200


async def test_what_a_proxy_passes_on_is_no_neighbours() -> None:
    async with serving() as url:
        assert (await asked(url, "/metrics", {"X-Forwarded-For": "203.0.113.9"}))[0] == 403
        assert (await asked(url, "/metrics"))[0] == 200


async def test_what_is_being_answered_at_shutdown_is_answered() -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(request: web.Request, body: str) -> web.StreamResponse:
        begun.set()
        await go_on.wait()
        return web.Response(text="done")

    app = build_web(checks={}, metrics=Metrics(), deliver=slow, signing_secret=SECRET)
    server = WebServer(app, host="127.0.0.1", port=0)
    url = await server.start()
    answer = asyncio.create_task(posted(url, b"{}", headers(b"{}")))
    await begun.wait()
    stopping = asyncio.create_task(server.stop())
    go_on.set()
    assert await answer == (200, "done")
    await stopping


async def test_a_port_that_is_taken_is_an_error_that_names_it() -> None:
    async with serving() as url:
        port = int(url.rsplit(":", 1)[1])
        second = WebServer(build_web(checks={}, metrics=Metrics()), host="127.0.0.1", port=port)
        with pytest.raises(ConfigError, match=f"Cannot listen on 127.0.0.1:{port}"):
            await second.start()


async def test_the_access_log_has_no_query_strings() -> None:
    logging.getLogger("bot.listening").setLevel(logging.INFO)
    with capture_logs() as logs:
        async with serving() as url:
            await asked(url, "/healthz?token=hush")
    [line] = [entry for entry in logs if entry["event"] == "request"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/healthz", 200)
    assert "hush" not in str(logs)


NOT_HTTP = (
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\nBad Header : x\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\n\r\n",
)


@pytest.mark.parametrize("sent", NOT_HTTP, ids=range(len(NOT_HTTP)))
async def test_what_strangers_send_that_is_no_http_is_refused_and_no_error_of_ours(
    sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving() as url:
        host, port = url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(sent)
        async with asyncio.timeout(10):
            answer = await reader.read()
        writer.close()
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    assert b"Server: stagecheck\r\n" in answer
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_no_answer_tells_what_we_are_made_of() -> None:
    async def broken(request: web.Request, body: str) -> web.StreamResponse:
        raise RuntimeError(body)

    async with serving(deliver=broken) as url, aiohttp.ClientSession() as session:
        answers = [
            await session.get(f"{url}{path}") for path in ("/healthz", "/metrics", "/no-such-page")
        ]
        answers.append(await session.post(f"{url}/slack/events", data=b"{}", headers=headers(b"")))
        answers.append(await session.post(f"{url}/slack/events", data=b"x", headers=headers(b"x")))
        answers.append(await session.put(f"{url}/healthz"))
    assert [answer.status for answer in answers] == [200, 200, 404, 401, 500, 405]
    assert {answer.headers["Server"] for answer in answers} == {"stagecheck"}


@pytest.mark.parametrize("name", ["gate.py", "hooks.py", "web.py", "slack/install.py"])
def test_what_proves_who_somebody_is_is_compared_in_constant_time(name: str) -> None:
    """How long == takes tells how much of a guess is right."""
    text = (Path(__file__).parent.parent / "bot" / name).read_text()
    compared = [
        ast.unparse(node)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Compare)
        and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops)
        and re.search(r"sig|secret|token|key|cookie|digest", ast.unparse(node))
    ]
    assert compared == []
    assert "hmac.compare_digest(" in text


def test_by_default_nothing_listens_beyond_this_machine() -> None:
    assert ip_address(Server().host).is_loopback
