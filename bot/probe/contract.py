"""Judging a stream of frames against the event contract of its target; no I/O, no clock."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from bot.probe.frames import Frame, find_key
from bot.target import Events


class Meaning(StrEnum):
    """What a frame is for."""

    GREETING = "greeting"
    NOISE = "noise"
    ACK = "ack"
    EVENT = "event"
    COMPLETED = "completed"
    FAILED = "failed"
    ERROR = "error"
    UNKNOWN = "unknown"
    GARBAGE = "garbage"

    @property
    def is_terminal(self) -> bool:
        return self in (Meaning.COMPLETED, Meaning.FAILED)

    @property
    def is_of_the_run(self) -> bool:
        """Whether it reports on the agent's run, as opposed to the connection."""
        return self in (Meaning.EVENT, Meaning.COMPLETED, Meaning.FAILED)


# An error that goes by a name the contract does not list is still an error.
_ERROR_NAME = re.compile(r"error|unauthori[sz]ed|forbidden|denied|auth\w*_fail", re.IGNORECASE)
# Events that tell how far a run is may interleave anywhere (PROTOCOL 5.4).
_FREE_OF_ORDER = re.compile(r"progress|update|chunk|partial", re.IGNORECASE)
# Mock handlers sleep the same time between events; a real agent never does so five times over.
# Spacing within these bounds supports other marks of a mock, and is no mark by itself.
_STEADY_WITHIN = 0.15
_STEADY_EVENTS = 5
_PREVIEW = 8
_FAILED_STATES = {"error", "errored", "failed", "failure", "aborted", "cancelled", "canceled"}
_FAILED_STATES |= {"crashed", "rejected", "timeout", "timed_out"}
_SHORTEST = 4


class Vocabulary:
    """What the names in a target's frames mean."""

    def __init__(self, events: Events) -> None:
        self._events = events
        meanings: dict[str, Meaning] = {}
        for names, meaning in (
            (events.noise, Meaning.NOISE),
            (events.welcome, Meaning.GREETING),
            (events.optional, Meaning.EVENT),
            (events.required, Meaning.EVENT),
            ((*events.pairs, *events.pairs.values(), events.started), Meaning.EVENT),
            (events.errors, Meaning.ERROR),
            (events.failed, Meaning.FAILED),
            ((events.completed,), Meaning.COMPLETED),
        ):
            meanings.update(dict.fromkeys(names, meaning))
        self._meanings = meanings

    def name(self, frame: Frame) -> tuple[str, str]:
        """Return the contract's name of `frame` and the name it went by on the wire.

        The first of its names that the contract knows; its outer type when none is known.
        """
        for wire in (*frame.called, *frame.names):
            name = self._events.aliases.get(wire, wire)
            if name in self._meanings:
                return name, wire
        wire = frame.type or next(iter(frame.names), "")
        return self._events.aliases.get(wire, wire), wire

    def meaning(self, frame: Frame) -> Meaning:
        """Return what `frame` is for."""
        if frame.body is None:
            return Meaning.GARBAGE
        name, _ = self.name(frame)
        known = self._meanings.get(name)
        if known in (None, Meaning.GREETING) and acknowledges(frame):
            return Meaning.ACK
        if known is Meaning.COMPLETED and says_it_failed(frame):
            return Meaning.FAILED
        if known is not None:
            return known
        is_error = bool(frame.text_of("error_code")) or bool(_ERROR_NAME.search(name))
        return Meaning.ERROR if is_error else Meaning.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a stream amounts to, beside the contract."""

    names: tuple[str, ...] = ()
    """Contract names of the run's events, in order."""
    missing: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Name on the wire -> name in the contract, where they differ."""
    unknown_types: tuple[str, ...] = ()
    terminal: str = ""
    terminal_count: int = 0
    violations: tuple[str, ...] = ()
    canned: tuple[str, ...] = ()
    """What shows that a mock answered and no agent ran."""
    longest_gap_s: float = 0.0
    """Longest time without a telling frame between the request and the last frame."""


def acknowledges(frame: Frame) -> bool:
    """Tell whether `frame` only says that something was received."""
    if frame.type == "ack" or frame.find("received_type") is not None:
        return True
    return frame.text_of("status") == "acknowledged" or (
        frame.text_of("content", "message").lower().startswith("message received")
    )


def says_it_failed(frame: Frame) -> bool:
    """Tell whether an event that ends a run says, whatever its name, that the run failed."""
    if frame.find("success") is False or frame.find("ok") is False:
        return True
    return frame.text_of("status", "outcome", "state").lower() in _FAILED_STATES


def judge(frames: Sequence[Frame], events: Events, *, asked_at_s: float) -> Judgement:
    """Judge what came after the request was sent `asked_at_s` seconds into the connection."""
    vocabulary = Vocabulary(events)
    answers = [frame for frame in frames if frame.at_s >= asked_at_s]
    meanings = [vocabulary.meaning(frame) for frame in answers]
    named = [vocabulary.name(frame) for frame in answers]
    run = [
        (frame, name)
        for frame, (name, _), meaning in zip(answers, named, meanings, strict=True)
        if meaning.is_of_the_run
    ]
    names = tuple(name for _, name in run)
    ends = _ends(run, events)
    return Judgement(
        names=names,
        missing=tuple(name for name in events.required if name not in names),
        renamed={wire: name for name, wire in named if wire != name},
        unknown_types=tuple(
            dict.fromkeys(
                wire
                for (_, wire), meaning in zip(named, meanings, strict=True)
                if meaning is Meaning.UNKNOWN
            )
        ),
        terminal=ends[0] if ends else "",
        terminal_count=len(ends),
        violations=(*_violations(run, events, ends), *_garbage(meanings)),
        canned=_canned(answers, run, events),
        longest_gap_s=_longest_gap(answers, meanings, asked_at_s),
    )


def same_user(shown: str, user_id: str) -> bool:
    """Tell whether `shown` names `user_id`; servers shorten, as in ``staging-...``."""
    # Identifiers such as UUIDs and e-mail addresses come back in the other case.
    shown, user_id = shown.casefold(), user_id.casefold()
    if shown == user_id:
        return True
    start = shown.rstrip(".…*")
    # Without dots only the first eight characters are a known way of shortening (PROTOCOL 4):
    # the id of one user may well begin with the whole id of another.
    is_short = len(shown) == _PREVIEW if start == shown else len(start) >= _SHORTEST
    return is_short and user_id.startswith(start)


def _ends(run: Sequence[tuple[Frame, str]], events: Events) -> list[str]:
    """Return the terminal events; one sent again by a server's retry is still one."""
    ends: list[str] = []
    for frame, name in run:
        if name != events.completed and name not in events.failed:
            continue
        attempt = frame.find("attempt")
        is_again = isinstance(attempt, int) and attempt > 1 and name in ends
        if not is_again:
            ends.append(name)
    return ends


def _violations(
    run: Sequence[tuple[Frame, str]], events: Events, ends: Sequence[str]
) -> Iterable[str]:
    names = [name for _, name in run]
    if events.started in names:
        early = names[: names.index(events.started)]
        for name in dict.fromkeys(early):
            if not _FREE_OF_ORDER.search(name):
                yield f"{name} came before {events.started}"
    if ends:
        late = names[names.index(ends[0]) + 1 :]
        for name in dict.fromkeys(late):
            if name not in ends and not _FREE_OF_ORDER.search(name):
                yield f"{name} came after {ends[0]}"
    if len(ends) > 1:
        yield f"{len(ends)} terminal events: {', '.join(ends)}"
    yield from _unpaired(run, events, is_over=bool(ends) and ends[0] == events.completed)


def _garbage(meanings: Sequence[Meaning]) -> Iterable[str]:
    if count := meanings.count(Meaning.GARBAGE):
        yield f"{count} frame{'s are' if count > 1 else ' is'} no JSON object"


def _unpaired(run: Sequence[tuple[Frame, str]], events: Events, *, is_over: bool) -> Iterable[str]:
    """Yield what was closed without being opened, and, if it is over, what stayed open."""
    for opening, closing in events.pairs.items():
        still_open: Counter[str] = Counter()
        for frame, name in run:
            if name == opening:
                still_open[frame.tool] += 1
            elif name == closing:
                # A closing event that does not say whose it is closes whatever is open.
                tool = frame.tool if still_open[frame.tool] > 0 else ""
                tool = tool or next((key for key, n in still_open.items() if n > 0), "")
                if still_open[tool] <= 0 or (frame.tool and tool not in ("", frame.tool)):
                    yield f"{closing} of {frame.tool or 'a tool'} without {opening}"
                    continue
                still_open[tool] -= 1
        if is_over:
            for tool in (+still_open).elements():
                yield f"{opening} of {tool or 'a tool'} without {closing}"


def _canned(
    answers: Sequence[Frame], run: Sequence[tuple[Frame, str]], events: Events
) -> tuple[str, ...]:
    marks = [mark for mark in events.canned_agents if any(_bears(f, mark) for f in answers)]
    if any(find_key(frame.body, "real_llm_used") is False for frame, _ in run):
        marks.append("real_llm_used: false")
    times = [frame.at_s for frame, _ in run]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    if marks and len(times) >= _STEADY_EVENTS:
        mean = sum(gaps) / len(gaps)
        if all(abs(gap - mean) <= _STEADY_WITHIN * mean for gap in gaps):
            marks.append(f"constant spacing of {mean:.2f} s")
    return tuple(marks)


def _bears(frame: Frame, mark: str) -> bool:
    # A name must be the whole of a value: `analysis_tool` is not in `data_analysis_tool`.
    return (mark if re.search(r"\W", mark) else f'"{mark}"') in frame.text


def _longest_gap(answers: Sequence[Frame], meanings: Sequence[Meaning], asked_at_s: float) -> float:
    telling = [
        frame.at_s
        for frame, meaning in zip(answers, meanings, strict=True)
        if meaning is not Meaning.NOISE
    ]
    times = [asked_at_s, *telling]
    return max((b - a for a, b in pairwise(times)), default=0.0)
