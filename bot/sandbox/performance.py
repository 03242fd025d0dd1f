"""A run of the pipeline played from its script, and the ways in which a socket misbehaves."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from aiohttp import WSMsgType, web

from bot.sandbox.behaviour import Act, Behaviour, Close, Refusal, Script, Shape
from bot.sandbox.dress import say
from bot.sandbox.messages import error_message, ping
from bot.sandbox.stream import Agent, collapsed, event, name_in_data, prefixed

_PING_GAP_S = 0.5
_OVERSIZED_BYTES = 5_000_000
# Mocks pause like this whatever they are asked, which is one way to tell them.
_MOCK_GAP_S = 0.1
_MOCKS = (Shape.FALLBACK_MOCK, Shape.REQUEST_MOCK)
# What ends a run is sent once, however often the other events are tried.
_LAST = ("agent_completed", "agent_failed", "agent_error", "agent_death")


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
            case Refusal():
                in_data = behaviour.errors_in_data
                frame = error_message(item.code, item.message, item.details, in_data=in_data)
                await say(socket, frame, behaviour)
                if item.close is not None:
                    return item.close
            case Act.ABORT:
                return Gone()
            case Act():
                await _act(socket, item, agent, shape)
            case str():
                await asyncio.sleep(behaviour.pause("events"))
                if item in _LAST:
                    await asyncio.sleep(behaviour.pause("silence"))
                for event_frame in _frames(item, agent, shape, behaviour):
                    await say(socket, event_frame, behaviour)
        await asyncio.sleep(gap_s)
    return None


def _frames(
    name: str, agent: Agent, shape: Shape, behaviour: Behaviour
) -> Iterator[Mapping[str, object]]:
    """Yield what one event of the script looks like on the wire."""
    times = {"agent_started": behaviour.starts, "agent_thinking": behaviour.thoughts}
    for at in range(times.get(name, 1)):
        # A nested agent has a run of its own, in the same thread.
        one = replace(agent, run_id=f"{agent.run_id}.{at}") if at and "start" in name else agent
        frame = _laid_out(event(shape, name, one), behaviour)
        if behaviour.attempt and name not in _LAST:
            yield frame
        yield {**frame, "attempt": behaviour.attempt} if behaviour.attempt else frame
    if behaviour.beats_between:
        yield ping()
        yield {"type": "heartbeat", "timestamp": ping()["timestamp"]}


def _laid_out(frame: dict[str, object], behaviour: Behaviour) -> Mapping[str, object]:
    frame = collapsed(frame) if behaviour.collapsed_names else frame
    frame["type"] = f"{frame['type']}{behaviour.name_suffix}"
    if behaviour.prefixed_names:
        frame = prefixed(frame)
    return name_in_data(frame) if behaviour.name_in_data else frame


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
        case Act.LISTS:
            await socket.send_str('["agent_started", {"run_id": "run_1"}]')
            await socket.send_str('"agent_completed"')
        case Act.BINARY:
            await socket.send_bytes(bytes(range(256)))
        case Act.BAD_UTF8:
            await socket.send_frame(b'{"type":"\xff\xfe"}', WSMsgType.TEXT)
        case Act.OVERSIZED:
            await socket.send_json({"type": "agent_thinking", "data": "x" * _OVERSIZED_BYTES})
