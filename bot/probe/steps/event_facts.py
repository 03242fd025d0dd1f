"""What is recorded of a stream: every frame, and what they amount to."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from bot.probe.contract import Judgement, Meaning, Vocabulary, acknowledges, same_user
from bot.probe.frames import (
    Frame,
    class_of_exception,
    deepest_error,
    exception_in,
    find_key,
    longest_words,
)
from bot.probe.listening import Listening
from bot.probe.recordable import cut_middle
from bot.probe.session import Session
from bot.probe.stream import Stream

EVENT_KEYS = (
    *("frame", "frames", "bytes", "names", "missing", "terminal", "terminal_count", "violations"),
    *("renamed", "unknown_types", "welcome_type", "welcome_user_id", "welcome_mode"),
    *("connection_id", "identity_match", "error_type", "error_code", "error_message"),
    *("error_detail", "error_details", "exception", "agent_error", "ack_type", "ack_only"),
    *("acknowledged", "end", "close_code", "close_reason", "closed_by", "closed_after_s"),
    *("duration_s", "window_s", "equals_window", "longest_gap_s", "gap_warning", "canned"),
    *("nonce_echoed", "nonce_due", "run_ids", "thread_ids", "foreign_ids", "authorization_present"),
    "garbage",
)

# Of a longer stream the first and the last frames are recorded, half of them each.
_MOST_FRAMES = 80
_MOST_IDS = 10
_FAILURE_KEYS = ("error_message", "error", "death_cause")


def record(session: Session, stream: Stream, judgement: Judgement, listening: Listening) -> None:
    """Record the frames, the contract's view of them, whom the server took us for, and the end."""
    vocabulary = Vocabulary(session.target.events)
    _record_frames(session, stream, vocabulary)
    _record_contract(session, stream, judgement)
    _record_identity(session, stream, vocabulary)
    _record_acks(session, stream, vocabulary, judgement)
    _record_errors(session, stream, vocabulary, listening)
    _record_end(session, stream, listening)


def _record_frames(session: Session, stream: Stream, vocabulary: Vocabulary) -> None:
    opened_at = session.now() - timedelta(seconds=stream.age_s())
    half = _MOST_FRAMES // 2
    frames = stream.frames
    kept = frames if len(frames) <= _MOST_FRAMES else [*frames[:half], *frames[-half:]]
    for frame in kept:
        facts = {"n": frame.n, "at_s": round(frame.at_s, 3), "size_bytes": frame.size_bytes}
        said: dict[str, Any] = {"text": frame.text}
        if frame.body is not None:
            name, _ = vocabulary.name(frame)
            said = {
                "type": frame.type,
                "name": name,
                "code": frame.code,
                "message": frame.message,
                "details": frame.details,
                "run_id": frame.run_id,
                "tool": frame.tool,
            }
        facts |= {key: value for key, value in said.items() if value}
        session.observe("frame", facts, limit=300, at=opened_at + timedelta(seconds=frame.at_s))
    session.observe("frames", len(frames))
    session.observe("bytes", stream.bytes_received)
    if garbage := [cut_middle(frame.text, 200) for frame in frames if frame.body is None]:
        session.observe("garbage", garbage[:_MOST_IDS])


def _record_contract(session: Session, stream: Stream, judgement: Judgement) -> None:
    gap_s = session.target.timeouts.gap_s
    session.observe("names", judgement.names)
    session.observe("missing", judgement.missing)
    session.observe("terminal_count", judgement.terminal_count)
    session.observe_known(
        terminal=judgement.terminal,
        renamed=judgement.renamed or None,
        unknown_types=judgement.unknown_types or None,
        violations=judgement.violations or None,
        canned=judgement.canned or None,
    )
    if session.asked_at_s is not None:
        session.observe("longest_gap_s", round(judgement.longest_gap_s, 3))
        session.observe("nonce_echoed", session.nonce_echoed)
        session.observe_known(nonce_due=session.target.request.nonce_echoed or None)
        if judgement.terminal and judgement.longest_gap_s > gap_s:
            session.observe("gap_warning", True)
    for key, ids in (
        ("run_ids", [frame.run_id for frame in stream.frames]),
        ("thread_ids", [frame.thread_id for frame in stream.frames]),
    ):
        if known := _distinct(ids):
            session.observe(key, known)


def _record_identity(session: Session, stream: Stream, vocabulary: Vocabulary) -> None:
    """Record whom the server took us for, by its greeting and by the users of its events."""
    subject = session.token.subject if session.token else ""
    known = {subject}
    greetings = [f for f in stream.frames if vocabulary.meaning(f) is Meaning.GREETING]
    telling = [f for f in greetings if f.find("user_id", "connection_id")] or greetings
    if telling:
        user_id = telling[0].text_of("user_id")
        match = "unknown"
        if user_id and subject:
            match = "same" if same_user(user_id, subject) else "other"
        session.observe("identity_match", match)
        known.add(user_id)
        session.observe_known(
            welcome_type=telling[0].type,
            welcome_user_id=user_id,
            welcome_mode=telling[0].text_of("mode"),
            connection_id=telling[0].text_of("connection_id"),
        )
    of_the_run = (f for f in stream.frames if vocabulary.meaning(f).is_of_the_run)
    users = _distinct(frame.text_of("user_id") for frame in of_the_run)
    # Whoever the greeting named is who the server takes us for, and no third person.
    foreign = [user for user in users if not any(_are_one(user, other) for other in known)]
    if foreign and subject:
        session.observe("foreign_ids", foreign)


def _record_acks(
    session: Session, stream: Stream, vocabulary: Vocabulary, judgement: Judgement
) -> None:
    acks = [f for f in stream.frames if vocabulary.meaning(f) is Meaning.ACK]
    if not acks:
        return
    session.observe("acknowledged", any(acknowledges(frame) for frame in acks))
    session.observe("ack_only", not judgement.names)
    session.observe_known(
        ack_type=next(filter(None, (f.text_of("received_type") for f in acks)), "")
    )


def _record_errors(
    session: Session, stream: Stream, vocabulary: Vocabulary, listening: Listening
) -> None:
    """Record what the server said went wrong, down to the deepest text in its details."""
    error, terminal, ending = listening.error, listening.terminal, stream.ending
    said: list[str] = []
    if error is not None:
        detail = deepest_error(error.details)
        said += [detail, _with_its_class(error, detail or error.message), error.message]
        session.observe_known(
            error_type=error.type,
            error_code=error.code,
            error_message=error.message,
            error_detail=detail,
            error_details=error.details or None,
            authorization_present=_flag(error, "authorization_present"),
        )
    has_failed = terminal is not None and vocabulary.meaning(terminal) is Meaning.FAILED
    if terminal is not None and (has_failed or terminal.find(*_FAILURE_KEYS)):
        text = terminal.text_of(*_FAILURE_KEYS, "message", "reason", "detail")
        text = text or longest_words(terminal) or terminal.text_of("status")
        detail = deepest_error(terminal.details)
        said += [detail, _with_its_class(terminal, detail or text), text]
        session.observe_known(agent_error=text)
    if ending is not None:
        said += [ending.reason, ending.problem]
    exceptions = (exception_in(text) for text in said)
    session.observe_known(exception=next(filter(None, exceptions), ""))


def _record_end(session: Session, stream: Stream, listening: Listening) -> None:
    session.observe("end", listening.end)
    ended_at_s = listening.terminal.at_s if listening.terminal else stream.age_s()
    session.observe("duration_s", round(ended_at_s - (session.asked_at_s or 0.0), 3))
    session.observe("window_s", listening.window_s)
    session.observe("equals_window", listening.by_window)
    if stream.ending is not None:
        session.observe("close_code", stream.ending.code)
        session.observe_known(close_reason=stream.ending.reason)
        session.observe("closed_by", stream.ending.by)
        session.observe("closed_after_s", round(stream.ending.at_s, 3))


def _are_one(user: str, other: str) -> bool:
    return bool(other) and (same_user(user, other) or same_user(other, user))


def _with_its_class(frame: Frame, text: str) -> str:
    """Return `text` as the run time would have worded it, where `frame` names the class.

    A message alone can be as bare as ``'user_id'``.
    """
    named = class_of_exception(frame)
    return f"{named}: {text}".removesuffix(": ") if named else ""


def _flag(frame: Frame, key: str) -> bool | None:
    value = find_key(frame.body, key)
    return value if isinstance(value, bool) else None


def _distinct(values: Any) -> list[str]:
    known: Sequence[str] = list(dict.fromkeys(value for value in values if value))
    return list(known[:_MOST_IDS])
