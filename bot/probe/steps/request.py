"""Request: after the greeting, the pipeline is asked to do something."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from bot.probe.contract import Meaning, Vocabulary
from bot.probe.frames import Frame
from bot.probe.session import Session
from bot.probe.step import Verdict, failed, passed, skipped, step
from bot.probe.stream import Stream

REQUEST_KEYS = ("sent", "type", "size_bytes", "nonce", "error", "error_text")


@step("request", title="Pipeline request", observes=REQUEST_KEYS)
async def request(session: Session) -> Verdict:
    """Wait for the greeting, then send the request; no greeting in time is no obstacle."""
    stream, target = session.stream, session.target
    if stream is None:
        return skipped("The socket is not open.")
    until = min(session.deadline, session.clock() + target.timeouts.welcome_s)
    refusal = await greeted(stream, Vocabulary(target.events), until)
    if refusal is not None:
        session.observe("sent", False)
        return skipped(f"Not sent: an error came first ({refusal.code or refusal.type}).")
    if stream.ending is not None:
        session.observe("sent", False)
        return skipped(f"Not sent: the server closed the socket ({stream.ending.code}).")
    text = message(target.request.type, target.request.payload, session.nonce)
    session.observe("type", target.request.type)
    session.observe("size_bytes", len(text.encode()))
    session.observe("nonce", session.nonce)
    asked_at_s = stream.age_s()
    session.sent(text)
    trouble = await stream.send(text, session.deadline)
    session.observe("sent", trouble is None)
    if trouble is not None:
        session.observe("error", trouble.kind.value)
        session.observe("error_text", trouble.text)
        return failed(f"not sent: {trouble.text}")
    session.asked_at_s = asked_at_s
    return passed(f"{target.request.type}, {len(text)} characters")


async def greeted(stream: Stream, vocabulary: Vocabulary, until: float) -> Frame | None:
    """Read up to the greeting, or to `until`; return the error frame if one came instead."""
    while True:
        frame = await stream.next(until)
        if frame is None:
            return None
        match vocabulary.meaning(frame):
            case Meaning.GREETING:
                return None
            case Meaning.ERROR | Meaning.FAILED:
                return frame
            case _:
                # A flood of frames never waits, so the clock is looked at here as well.
                if asyncio.get_running_loop().time() >= until:
                    return None


def message(type: str, payload: Mapping[str, Any], nonce: str) -> str:
    """Return the request as it is sent, with the nonce wherever the payload asks for it."""
    return json.dumps({"type": type, "payload": _filled(dict(payload), nonce)})


def _filled(value: Any, nonce: str) -> Any:
    match value:
        case str():
            return value.replace("{nonce}", nonce)
        case Mapping():
            return {key: _filled(item, nonce) for key, item in value.items()}
        case list() | tuple():
            return [_filled(item, nonce) for item in value]
        case _:
            return value
