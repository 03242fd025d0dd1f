"""Events: the stream is listened to until it ends, and judged against the event contract."""

from bot.model import Status
from bot.probe.contract import Judgement, Vocabulary, judge, says_it_failed
from bot.probe.listening import AFTER_ERROR_S, Listening, listen
from bot.probe.session import Session
from bot.probe.step import Verdict, failed, passed, skipped, step
from bot.probe.steps.event_facts import EVENT_KEYS, record
from bot.probe.stream import Stream
from bot.target import Target


def _limit(target: Target) -> float:
    return target.timeouts.total_s + AFTER_ERROR_S


@step("events", title="Event stream", observes=EVENT_KEYS, limit_s=_limit)
async def events(session: Session) -> Verdict:
    """Listen to the end, record everything, and judge."""
    stream, target = session.stream, session.target
    if stream is None:
        return skipped("The socket is not open.")
    asked_at_s = session.asked_at_s or 0.0
    vocabulary = Vocabulary(target.events)
    listening = await listen(stream, vocabulary, target.timeouts, asked_at_s=asked_at_s)
    judgement = judge(stream.frames, target.events, asked_at_s=asked_at_s)
    record(session, stream, judgement, listening)
    problem = _interrupted(stream, listening) or _not_proper(session, judgement, listening)
    if problem:
        return failed(f"{problem}; so far {', '.join(judgement.names) or 'no event of the run'}")
    assert listening.terminal is not None  # without one it was interrupted
    detail = f"{judgement.terminal} after {listening.terminal.at_s:.2f} s"
    if target.request.nonce_echoed and not session.nonce_echoed:
        return Verdict(status=Status.DEGRADED, detail=f"{detail}, but without our nonce")
    return passed(f"{detail}, {len(stream.frames)} frames")


def _interrupted(stream: Stream, listening: Listening) -> str:
    """Say what came instead of a terminal event; empty if one came."""
    if error := listening.error:
        return f"error frame: {error.code} {error.message[:200]}".rstrip()
    if listening.terminal is not None:
        return ""
    if listening.by_window:
        return f"silence until the window of {listening.window_s:g} s ended"
    ending = stream.ending
    if ending is None:
        return "no terminal event"
    if ending.problem:
        return f"listening ended: {ending.problem[:200]}"
    reason = f' "{ending.reason}"' if ending.reason else ""
    return f"closed with {ending.code}{reason} before the end"


def _not_proper(session: Session, judgement: Judgement, listening: Listening) -> str:
    """Say why a run that came to its end proves nothing or broke the contract; else empty."""
    has_failed = listening.terminal is not None and says_it_failed(listening.terminal)
    if judgement.terminal != session.target.events.completed or has_failed:
        said = listening.terminal.message[:200] if listening.terminal else ""
        return f"{judgement.terminal}: {said}"
    if judgement.canned:
        return f"a mock answered and no agent ran ({', '.join(judgement.canned)})"
    if session.fact("events.identity_match") == "other":
        return f"the server took us for {session.fact('events.welcome_user_id')}"
    if foreign := session.fact("events.foreign_ids"):
        return f"the events are about another user ({', '.join(foreign)})"
    if judgement.missing:
        return f"missing {', '.join(judgement.missing)}"
    return "; ".join(judgement.violations)
