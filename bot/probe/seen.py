"""What a short look at a socket showed, and whether that is what the run met."""

import re
from dataclasses import dataclass, replace
from typing import Any

from bot.probe.contract import Meaning, Vocabulary, judge
from bot.probe.frames import Frame, deepest_error
from bot.probe.listening import drain, listen
from bot.probe.session import Session
from bot.probe.socket import Door, Opening
from bot.probe.steps.connect import open_door
from bot.probe.steps.request import greeted
from bot.probe.stream import Ending, Stream
from bot.target import Timeouts

# A server that accepts and greets does so within a second (PROTOCOL 4).
_PATIENCE_S = 1.5
# After an error frame the close follows.
_AFTER_ERROR_S = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How far a handshake came, and the words with which it ended.

    `outcome`: ``accepted`` (open, and nothing said), ``greeted``, ``refused`` (by HTTP status),
    ``error_frame``, ``closed``, ``error`` (no answer to the upgrade); after something was said
    also ``events``, ``terminal``, ``ack`` and ``no_answer``.
    """

    outcome: str
    url: str = ""
    status: int | None = None
    error: str = ""
    error_code: str = ""
    error_message: str = ""
    error_detail: str = ""
    close_code: int | None = None
    close_reason: str = ""
    welcome_user_id: str = ""
    names: tuple[str, ...] = ()

    def facts(self) -> dict[str, Any]:
        """Return everything by name."""
        return {name: getattr(self, name) for name in self.__slots__}

    def summary(self) -> str:
        """Return one line for a person."""
        is_late = (self.outcome, self.error) == ("error", "timeout")
        said = [
            "no answer in time" if is_late else self.outcome.replace("_", " "),
            str(self.status) if self.outcome == "refused" else "",
            "" if is_late else self.error,
            self.error_code,
            self.error_detail or self.error_message,
            f"closed with {self.close_code} {self.close_reason}" if self.close_code else "",
        ]
        return ": ".join(part.strip() for part in said if part)[:300]

    def is_like(self, other: "Seen") -> bool:
        """Tell whether the same thing happened; numbers inside the words do not count."""
        return self._words() == other._words()

    def _words(self) -> tuple[object, ...]:
        match self.outcome:
            case "refused":
                return (self.outcome, self.status)
            case "error":
                return (self.outcome, self.error)
            case "error_frame":
                words = f"{self.error_code} {self.error_message} {self.error_detail}"
                return (self.outcome, re.sub(r"\d+", "0", words))
            case "closed":
                return (self.outcome, self.close_code, re.sub(r"\d+", "0", self.close_reason))
            case _:
                return (self.outcome,)


def of_the_run(session: Session) -> Seen:
    """Return what the run itself met at the same place."""
    opening, stream = session.opening, session.stream
    if stream is not None:
        return _so_far(stream, Vocabulary(session.target.events))
    return Seen(outcome="error") if opening is None else _unopened(opening)


async def look(
    session: Session, door: Door, *, say: str = "", patience_s: float = _PATIENCE_S
) -> Seen:
    """Open `door`, `say` something if asked to, and return what happens within the patience."""
    opening = await open_door(session, door)
    if opening.connection is None:
        return replace(_unopened(opening), url=door.url)
    stream = Stream(opening.connection, on_frame=session.take)
    try:
        seen = await _watch(session, stream, say, patience_s)
    finally:
        await stream.close()
    return replace(seen, url=door.url)


async def _watch(session: Session, stream: Stream, say: str, patience_s: float) -> Seen:
    vocabulary = Vocabulary(session.target.events)
    refusal = await greeted(stream, vocabulary, session.clock() + patience_s)
    if refusal is not None:
        await drain(stream, _AFTER_ERROR_S)
    elif stream.ending is None and say:
        return await _answered(session, stream, say, patience_s)
    return _so_far(stream, vocabulary)


async def _answered(session: Session, stream: Stream, say: str, patience_s: float) -> Seen:
    """Say something, and return what came of it."""
    session.sent(say)
    asked_at_s = stream.age_s()
    await stream.send(say, session.clock() + patience_s)
    vocabulary = Vocabulary(session.target.events)
    timeouts = Timeouts(gap_s=patience_s, total_s=patience_s)
    listening = await listen(stream, vocabulary, timeouts, asked_at_s=asked_at_s)
    names = judge(stream.frames, session.target.events, asked_at_s=asked_at_s).names
    answers = [frame for frame in stream.frames if frame.at_s >= asked_at_s]
    outcome = "no_answer"
    if listening.terminal is not None:
        outcome = "terminal"
    elif names:
        outcome = "events"
    elif any(frame.type == "pong" for frame in answers):
        outcome = "accepted"
    elif any(vocabulary.meaning(frame) is Meaning.ACK for frame in answers):
        outcome = "ack"
    seen = Seen(outcome=outcome, status=101, names=names)
    if listening.error is not None:
        seen = _with_error(seen, listening.error)
    return seen if stream.ending is None else _with_close(seen, stream.ending)


def _so_far(stream: Stream, vocabulary: Vocabulary) -> Seen:
    """Return what a stream showed: an error before a close, a close before a greeting."""
    seen = Seen(outcome="accepted", status=101)
    for frame in stream.frames:
        match vocabulary.meaning(frame):
            case Meaning.GREETING if seen.outcome == "accepted":
                user_id = frame.text_of("user_id")
                seen = replace(seen, outcome="greeted", welcome_user_id=user_id)
            case Meaning.ERROR:
                seen = _with_error(seen, frame)
                break
            case _:
                pass
    return seen if stream.ending is None else _with_close(seen, stream.ending)


def _unopened(opening: Opening) -> Seen:
    if opening.trouble is not None:
        return Seen(outcome="error", status=opening.status, error=opening.trouble.kind.value)
    return Seen(outcome="refused", status=opening.status)


def _with_error(seen: Seen, frame: Frame) -> Seen:
    return replace(
        seen,
        outcome="error_frame",
        error_code=frame.code,
        error_message=frame.message,
        error_detail=deepest_error(frame.details),
    )


def _with_close(seen: Seen, ending: Ending) -> Seen:
    is_all = seen.outcome in ("accepted", "greeted", "no_answer", "ack")
    return replace(
        seen,
        outcome="closed" if is_all else seen.outcome,
        close_code=ending.code,
        close_reason=ending.reason,
    )
