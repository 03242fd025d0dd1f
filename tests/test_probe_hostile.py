"""Whatever a target does to a run, a run comes back that says so, and nothing of ours breaks."""

import asyncio
import gzip
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from bot.model import Run, Status
from bot.target import Socket, Timeouts
from tests.probing import (
    NO_HEALTH,
    PATIENT,
    SHORT,
    Serve,
    answering,
    broke,
    everything,
    facts,
    forever,
    response,
    run,
    serving,
    status_of,
    target_at,
)

HEALTHY = {"status": "healthy"}
DEEP = b"[" * 50_000


async def hang_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await forever()


async def hang_in_the_headers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-le")
    await forever()


async def hang_in_the_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")
    await forever()


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def close_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    await reader.readuntil(b"\r\n\r\n")


async def endless_headers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"x-more: " + b"y" * 8_000 + b"\r\n")
        await writer.drain()


async def endless_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b"z" * 0x10000 + b"\r\n")
        await writer.drain()


BOMB = gzip.compress(b"0" * 30_000_000)
GZIP = "content-encoding: gzip\r\n"
# name -> server, and the kind of trouble that health must record; None where there is a status.
HTTP: dict[str, tuple[Serve, str | None]] = {
    "hangs at once": (hang_at_once, "timeout"),
    "hangs in the headers": (hang_in_the_headers, "timeout"),
    "hangs in the body": (hang_in_the_body, "timeout"),
    "drips": (drip, "timeout"),
    "closes at once": (close_at_once, "reset"),
    "resets": (reset, "reset"),
    "closes without an answer": (answering(b""), "reset"),
    "endless headers": (endless_headers, "protocol"),
    "endless body": (endless_body, "too_large"),
    "garbage": (answering(b"\x00\xff\xfe garbage \r\n\r\n" * 20), "protocol"),
    "absurd status": (answering(b"HTTP/1.1 99999 Nope\r\n\r\n"), "protocol"),
    "body shorter than said": (
        answering(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nshort"),
        "protocol",
    ),
    "redirect": (
        answering(response(b"", status="302 Found", headers="location: http://x.invalid/\r\n")),
        "redirect",
    ),
    "no body": (answering(response(b"", status="500 Oops")), None),
    "not json": (answering(response(b"<html>hello</html>")), None),
    "wrong encoding": (answering(response(b'{"status": "\xe9\xff"}')), None),
    "deep json": (answering(response(b'{"status":' + DEEP)), None),
    "nan": (answering(response(b'{"status": NaN, "checks": {"a": Infinity}}')), None),
    "huge integer": (answering(response(b'{"status": ' + b"9" * 6_000 + b"}")), None),
    "lone surrogate": (answering(response(b'{"status": "\\ud800", "checks": []}')), None),
    "nul": (answering(response(b'{"status": "a\\u0000b"}')), None),
    "gzip bomb": (answering(response(BOMB, headers=GZIP)), None),
    "gzip that is none": (answering(response(b"plain", headers=GZIP)), None),
    "strange dates": (answering(response(b"{}", headers="date: 99 Foo 99999 99:99\r\n")), None),
    "odd shapes": (
        answering(response(b'{"status": ["x"], "checks": {"": {"status": {}}}, "version": {}}')),
        None,
    ),
}


def _patience(kind: str | None) -> Timeouts:
    return SHORT if kind == "timeout" else PATIENT


def assert_told(result: Run, status: Status = Status.FAILED) -> None:
    assert broke(result) == []
    assert result.status is status
    everything(result)


@pytest.mark.parametrize("name", HTTP)
async def test_http_trouble_is_recorded_and_blamed_on_the_target(name: str) -> None:
    server, kind = HTTP[name]
    async with serving(server) as port:
        result = await run(target_at(port, timeouts=_patience(kind)))
    assert_told(result)
    observed = facts(result)
    assert observed.get("health.backend.error") == kind
    assert ("health.backend.status" in observed) == (kind in (None, "redirect", "too_large")) or (
        name in ("hangs in the body", "drips", "body shorter than said")
    )


# How an answer's body reads does not matter to an upgrade.
UPGRADE = [name for name in HTTP if HTTP[name][1]] + ["no body", "not json"]


@pytest.mark.parametrize("name", UPGRADE)
async def test_an_upgrade_can_go_wrong_in_the_same_ways(name: str) -> None:
    server, kind = HTTP[name]
    async with serving(server) as port:
        result = await run(target_at(port, health=NO_HEALTH, timeouts=_patience(kind)))
    assert_told(result)
    assert status_of(result, "connect") is Status.FAILED
    assert status_of(result, "events") is Status.SKIPPED
    observed = facts(result)
    assert observed["connect.identity"] == "minted"
    assert "connect.error" in observed or observed["connect.status"] != 101


async def test_a_port_where_nothing_listens_is_refused() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        result = await run(target_at(closed.getsockname()[1]))
    assert_told(result)
    assert facts(result)["health.backend.error"] == "refused"


def switching(then: bytes) -> Serve:
    """Return a server that agrees to the upgrade with a wrong key, and sends `then`."""
    head = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
    return answering(f"{head}sec-websocket-accept: bm9uc2Vuc2U=\r\n\r\n".encode() + then)


async def test_an_upgrade_without_a_handshake_is_a_protocol_error() -> None:
    async with serving(switching(b"")) as port:
        result = await run(target_at(port, health=NO_HEALTH))
    assert_told(result)
    assert facts(result)["connect.error"] == "protocol"


async def test_a_server_that_agrees_on_no_subprotocol_is_told() -> None:
    """Browsers close such a connection; a client that goes on would hide the fault."""
    offer = Socket(subprotocol="jwt-auth")
    async with serve(lambda socket: socket.wait_closed(), "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        result = await run(target_at(port, health=NO_HEALTH, socket=offer))
    assert_told(result)
    assert facts(result)["connect.status"] == 101
    assert "no subprotocol" in facts(result)["connect.error_text"]


async def raw(socket: ServerConnection, data: bytes) -> None:
    """Send bytes that are no frame of a WebSocket library's making."""
    socket.transport.write(data)
    await socket.wait_closed()


async def cut(socket: ServerConnection) -> None:
    socket.transport.abort()


async def flood(socket: ServerConnection) -> None:
    while True:
        await socket.send('{"type":"progress","n":1}')
        await asyncio.sleep(0)


async def say(socket: ServerConnection, *frames: str | bytes, at_once: bool = False) -> None:
    if not at_once:
        await socket.recv()
    for frame in frames:
        await socket.send(frame)
    await socket.wait_closed()


STARTED = '{"type":"agent_started"}'
ODD = json.dumps({"type": "agent_completed", "data": [1, {"user_id": {"a": [float("nan")]}}]})
# name -> what the server does after the upgrade, and how listening must end.
SOCKET: dict[str, tuple[Callable[[ServerConnection], Awaitable[None]], str]] = {
    "cuts": (cut, "closed"),
    "floods": (flood, "garbage"),
    "silence": (lambda socket: socket.wait_closed(), "gap_timeout"),
    "says no json": (lambda socket: say(socket, "<html>", b"\x00\xff", "[]", "7"), "gap_timeout"),
    "bad utf-8 in text": (lambda socket: raw(socket, b"\x81\x04\xff\xfe\xfd\xfc"), "gap_timeout"),
    "reserved bits": (lambda socket: raw(socket, b"\xf1\x02hi"), "garbage"),
    "unknown opcode": (lambda socket: raw(socket, b"\x83\x02hi"), "garbage"),
    "http status as close code": (lambda socket: raw(socket, b"\x88\x02\x01\x91"), "garbage"),
    "endless empty fragments": (
        lambda socket: raw(socket, b"\x01\x01a" + b"\x00\x00" * 100_000),
        "garbage",
    ),
    "frame of 5 MB": (lambda socket: say(socket, "x" * 5_000_000), "frame_too_big"),
    "ends before it is asked": (
        lambda socket: say(socket, STARTED, '{"type":"agent_completed"}', at_once=True),
        "gap_timeout",
    ),
    "odd fields": (lambda socket: say(socket, STARTED, ODD), "terminal"),
    "deep frame": (lambda socket: say(socket, '{"type":' + "[" * 50_000), "gap_timeout"),
    "surrogates": (
        lambda socket: say(socket, '{"type":"error","message":"\\ud800\\u0000\\u001b"}'),
        "error_frame",
    ),
    "error without words": (lambda socket: say(socket, '{"type":"error"}'), "error_frame"),
}


@pytest.mark.parametrize("name", SOCKET)
async def test_socket_trouble_is_recorded_and_blamed_on_the_target(name: str) -> None:
    behave, end = SOCKET[name]

    async def handler(socket: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            await behave(socket)

    async with serve(handler, "127.0.0.1", 0, compression=None, close_timeout=0.1) as server:
        port = server.sockets[0].getsockname()[1]
        result = await run(target_at(port, health=NO_HEALTH))
    assert broke(result) == []
    assert facts(result)["events.end"] == end
    everything(result)
    if name != "odd fields":
        assert result.status is Status.FAILED
