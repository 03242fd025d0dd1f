"""Listening to a stream until it ends: by an event, an error, a close, or silence."""

from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from bot.probe.contract import Meaning, Vocabulary
from bot.probe.frames import Frame
from bot.probe.stream import Stream
from bot.target import Timeouts

# Right after an error frame the server closes, and code and reason tell more than the frame.
AFTER_ERROR_S = 1.0
# A server that sends a second terminal event sends it at once, or as its next event: so what is
# waited is half as much again as the usual pause between the events of this very run. To close at
# once and read up to the acknowledgement would be faster and see less: most servers acknowledge
# without sending what they still meant to. One that comes later than this is not looked for.
_PAUSES = 1.5
_AFTER_END_S = (0.02, 0.1)
# Once an agent has started, it may be silent longer than the limit before it counts as dead: a
# healthy run was seen with 64 s of silence where the limit was 30 s (PROTOCOL 5.4).
PATIENCE = 3


@dataclass(slots=True, kw_only=True)
class Listening:
    """How listening goes: why it ended, and the frames that ended it."""

    window_s: float
    """The limit that ended it; while none has, the longest it can take."""
    end: str = ""
    """``terminal``, ``error_frame``, ``gap_timeout``, ``total_timeout``, or how the socket ended:
    ``closed``, ``frame_too_big``, ``garbage``."""
    started: bool = False
    error: Frame | None = None
    terminal: Frame | None = None

    @property
    def by_window(self) -> bool:
        return self.end in ("gap_timeout", "total_timeout")


async def listen(
    stream: Stream, vocabulary: Vocabulary, timeouts: Timeouts, *, asked_at_s: float
) -> Listening:
    """Read `stream` to its end; what it sent before the request was `asked_at_s` is no answer."""
    listening = Listening(window_s=timeouts.total_s)
    for frame in stream.frames:
        if frame.at_s >= asked_at_s:
            _note(listening, frame, vocabulary)
    told_at_s = stream.age_s()
    total_until_s = told_at_s + timeouts.total_s
    while not listening.end:
        patience_s = timeouts.gap_s * (PATIENCE if listening.started else 1)
        until_s = min(told_at_s + patience_s, total_until_s)
        frame_or_none = await stream.next(stream.opened_at + until_s)
        if frame_or_none is not None:
            if vocabulary.meaning(frame_or_none) is not Meaning.NOISE:
                told_at_s = stream.age_s()
            _note(listening, frame_or_none, vocabulary)
        elif stream.ending is not None:
            listening.end = stream.ending.kind
        elif until_s == total_until_s:
            listening.end = "total_timeout"
        else:
            listening.end, listening.window_s = "gap_timeout", patience_s
        if not listening.end and stream.age_s() >= total_until_s:
            listening.end = "total_timeout"  # frames without a pause between them
    if listening.error is not None:
        await drain(stream, AFTER_ERROR_S)
    elif listening.terminal is not None:
        await drain(stream, _after_end_s(stream, asked_at_s))
    return listening


async def drain(stream: Stream, seconds: float) -> None:
    """Read what still comes within `seconds`, at most up to the close."""
    until_s = stream.age_s() + seconds
    while await stream.next(stream.opened_at + until_s) is not None:
        if stream.age_s() >= until_s:
            return


def _after_end_s(stream: Stream, asked_at_s: float) -> float:
    times = [frame.at_s for frame in stream.frames if frame.at_s >= asked_at_s]
    pauses = [later - earlier for earlier, later in pairwise(times)]
    least, most = _AFTER_END_S
    return min(most, max(least, _PAUSES * median(pauses))) if pauses else most


def _note(listening: Listening, frame: Frame, vocabulary: Vocabulary) -> None:
    match vocabulary.meaning(frame):
        case Meaning.ERROR:
            listening.error = listening.error or frame
            listening.end = listening.end or "error_frame"
        case Meaning.COMPLETED | Meaning.FAILED:
            listening.terminal = listening.terminal or frame
            listening.end = listening.end or "terminal"
        case Meaning.EVENT:
            listening.started = True
        case _:
            pass
