"""What a target echoes of our secrets, in whatever disguise, is not recorded anywhere."""

import json
from collections.abc import Awaitable, Callable

import pytest
from websockets.asyncio.server import ServerConnection, serve

from bot.model import Run
from tests.probing import (
    KEY,
    NO_HEALTH,
    answering,
    everything,
    facts,
    response,
    run,
    serving,
    status_of,
    target_at,
)

TOKEN = "opaque-token-5b1f77d0c2a94e63"
REFRESH = "opaque-refresh-90ac41be7d12"
ISSUED = json.dumps({"access_token": TOKEN, "refresh_token": REFRESH, "user": {"id": "u1"}})


async def test_an_issued_token_is_masked_though_it_has_no_shape_of_one() -> None:
    async with serving(answering(response(ISSUED.encode()))) as port:
        result = await run(target_at(port, health=NO_HEALTH))
    assert status_of(result, "exchange") == "passed"
    assert facts(result)["token.fingerprint"]
    text = everything(result)
    assert TOKEN not in text
    assert REFRESH not in text
    assert text.count("[redacted token") >= 2


@pytest.mark.parametrize(
    "token",
    ["", "short", "a token of many words", "a-token\nof-lines", "x" * 9_000, 7, None, ["t"]],
)
async def test_a_token_that_cannot_be_used_is_none(token: object) -> None:
    body = json.dumps({"access_token": token}).encode()
    async with serving(answering(response(body))) as port:
        result = await run(target_at(port, health=NO_HEALTH))
    assert status_of(result, "exchange") == "failed"
    assert facts(result)["exchange.token_issued"] is False
    assert facts(result)["connect.identity"] == "minted"


async def talking(talk: Callable[[ServerConnection], Awaitable[None]]) -> Run:
    async def handler(socket: ServerConnection) -> None:
        await talk(socket)
        await socket.wait_closed()

    async with serve(handler, "127.0.0.1", 0, compression=None, close_timeout=0.1) as server:
        return await run(target_at(server.sockets[0].getsockname()[1], health=NO_HEALTH))


async def test_an_escape_hides_no_secret() -> None:
    value = KEY.value or ""
    hidden = "".join(f"\\u{ord(letter):04x}" for letter in value[:4]) + value[4:]

    async def echo(socket: ServerConnection) -> None:
        await socket.send(f'{{"type":"error","message":"bad key {hidden}"}}')

    result = await talking(echo)
    assert facts(result)["events.error_message"].startswith("bad key [redacted bypass_key")
    assert value[4:] not in everything(result)


async def test_our_authorization_may_be_echoed_in_a_close_reason() -> None:
    async def echo(socket: ServerConnection) -> None:
        assert socket.request is not None
        token = socket.request.headers["Authorization"].removeprefix("Bearer ")
        signature = token.rpartition(".")[2]
        await socket.close(1008, f"bad signature {signature}")

    result = await talking(echo)
    assert facts(result)["events.close_reason"].startswith("bad signature [redacted token")


async def test_a_json_ping_is_answered_before_the_greeting_comes() -> None:
    heard: list[str | bytes] = []

    async def greet(socket: ServerConnection) -> None:
        await socket.send('{"type":"ping"}')
        heard.append(await socket.recv())
        await socket.send('{"type":"connect"}')
        heard.append(await socket.recv())

    await talking(greet)
    assert heard[0] == '{"type":"pong"}'
    assert json.loads(heard[1])["type"] == "start_agent"


@pytest.mark.parametrize("size", [3, 7, 12])
async def test_a_key_that_comes_in_pieces_frame_by_frame_cannot_be_put_together(size: int) -> None:
    key = KEY.value or ""
    pieces = [key[at : at + size] for at in range(0, len(key), size)]

    async def spell(socket: ServerConnection) -> None:
        await socket.send('{"type": "connection_established"}')
        await socket.recv()
        for piece in pieces:
            await socket.send(json.dumps({"type": "agent_thinking", "payload": {"delta": piece}}))
        await socket.send('{"type": "agent_completed"}')

    result = await talking(spell)
    lines = [line.text for line in result.transcript if '"delta"' in line.text]
    assert len(lines) == len(pieces)
    # The last letters alone, of which there may be one, say nothing.
    assert not [line for line in lines[:-1] if "[redacted" not in line]
    shown = [o.value for o in result.observations if o.path == "events.frame"]
    put_together = "".join(str(one.get("delta", "")) for one in shown)
    assert key[:size] not in put_together or "[redacted" in put_together
