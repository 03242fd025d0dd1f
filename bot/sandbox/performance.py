"""A run of the pipeline played from its script, and the ways in which a socket misbehaves."""

import asyncio
from dataclasses import dataclass

from aiohttp import WSMsgType, web

from bot.sandbox.behaviour import Act, Behaviour, Close, Script, Shape
from bot.sandbox.messages import ping
from bot.sandbox.stream import Agent, collapsed, event

_PING_GAP_S = 0.5
_OVERSIZED_BYTES = 5_000_000
# Mocks pause like this whatever they are asked, which is one way to tell them.
_MOCK_GAP_S = 0.1
_MOCKS = (Shape.FALLBACK_MOCK, Shape.REQUEST_MOCK)


@dataclass(frozen=True, slots=True)
class Gone:
    """The connection ends without a close frame."""


async def perform(
    socket: web.WebSocketResponse,
    script: Script,
    agent: Agent,
    *,
    shape: Shape,
    behaviour: Behaviour,
) -> Close | Gone | None:
    """Send what `script` says; return how it ends the socket, or None if the socket stays."""
    gap_s = _MOCK_GAP_S if shape in _MOCKS else behaviour.event_gap_s
    for item in script:
        match item:
            case Close():
                return item
            case Act.ABORT:
                return Gone()
            case Act():
                await _act(socket, item, agent, shape)
            case str():
                frame = event(shape, item, agent)
                frame = collapsed(frame) if behaviour.collapsed_names else frame
                frame["type"] = f"{frame['type']}{behaviour.name_suffix}"
                await socket.send_json(frame)
        await asyncio.sleep(gap_s)
    return None


async def _act(socket: web.WebSocketResponse, act: Act, agent: Agent, shape: Shape) -> None:
    match act:
        case Act.SILENCE | Act.ABORT:
            await asyncio.Event().wait()
        case Act.PINGS:
            while True:
                await socket.send_json(ping())
                await asyncio.sleep(_PING_GAP_S)
        case Act.ENDLESS:
            while True:
                await socket.send_json(event(shape, "agent_thinking", agent))
                await asyncio.sleep(_PING_GAP_S)
        case Act.TEXT:
            await socket.send_str("data: agent_started\n\n")
            await socket.send_str("<html><body>upstream error</body></html>")
        case Act.BINARY:
            await socket.send_bytes(bytes(range(256)))
        case Act.BAD_UTF8:
            await socket.send_frame(b'{"type":"\xff\xfe"}', WSMsgType.TEXT)
        case Act.OVERSIZED:
            await socket.send_json({"type": "agent_thinking", "data": "x" * _OVERSIZED_BYTES})
