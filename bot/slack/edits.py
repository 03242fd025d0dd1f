"""Progress edits of messages: the latest wins, each message at most once in a few seconds."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from bot.report import Message
from bot.slack.answers import Accepted, Answer, Limited, Lost, Refused
from bot.slack.pace import Pace, Turns
from bot.slack.tasks import Tasks

log = structlog.get_logger(__name__)

Send = Callable[[str, str, Message], Awaitable[Answer]]
"""Edit the message at channel and ts, once."""

_ENDED_KEPT = 1_000
_LIVE_KEPT = 1_000
_TRIES = 5


@dataclass(slots=True)
class _Edited:
    latest: Message | None = None
    at: float = 0.0
    failures: int = 0
    sending: asyncio.Lock = field(default_factory=asyncio.Lock)
    task: asyncio.Task[None] | None = None

    def take(self) -> Message | None:
        message, self.latest = self.latest, None
        return message


class Edits:
    """Shows progress in messages until each one's end state takes over."""

    def __init__(self, send: Send, *, turns: Turns, pace: Pace, tasks: Tasks) -> None:
        self._send = send
        self._turns = turns
        self._pace = pace
        self._tasks = tasks
        self._live: dict[tuple[str, str], _Edited] = {}
        self._ended: dict[tuple[str, str], None] = {}

    def show(self, channel: str, ts: str, message: Message) -> None:
        """Edit the message soon, unless a newer `show` or its end comes first."""
        key = (channel, ts)
        if key in self._ended:
            return
        edited = self._live.setdefault(key, _Edited(at=_now()))
        edited.latest = message
        if len(self._live) > _LIVE_KEPT:  # of runs that broke, and so never end
            del self._live[next(iter(self._live))]
        if edited.task is None or edited.task.done():
            edited.task = self._tasks.start(self._follow(key, edited), name=f"edit {ts}")

    async def end(self, channel: str, ts: str) -> None:
        """Return when no progress edit of the message is on its way; none is sent any more."""
        key = (channel, ts)
        self._ended[key] = None
        if len(self._ended) > _ENDED_KEPT:
            del self._ended[next(iter(self._ended))]
        if edited := self._live.pop(key, None):
            edited.latest = None
            # An edit that was begun is let through: cut off, it could arrive after the end state.
            async with edited.sending:
                if edited.task is not None:
                    edited.task.cancel()

    async def _follow(self, key: tuple[str, str], edited: _Edited) -> None:
        """Send what is latest until nothing newer has come."""
        while edited.latest is not None:
            await asyncio.sleep(max(0.0, edited.at + self._pace.edit_gap_s - _now()))
            await self._turns.wait_for_spare("chat.update")
            async with edited.sending:
                message = edited.take()
                if message is None:  # its end came while we waited
                    return
                edited.at = _now()
                answer = await self._send(*key, message)
            self._note(key, edited, message, answer)

    def _note(
        self, key: tuple[str, str], edited: _Edited, message: Message, answer: Answer
    ) -> None:
        match answer:
            case Accepted():
                edited.failures = 0
                return
            case Limited(retry_after_s=retry_after_s):
                self._turns.hold("chat.update", retry_after_s)
            case Lost(reason=reason):
                log.info("progress edit lost", channel=key[0], ts=key[1], reason=reason)
            case Refused(error=error):
                log.warning("progress edit refused", channel=key[0], ts=key[1], error=str(error))
                return
        edited.failures += 1
        if edited.latest is None and edited.failures < _TRIES and key in self._live:
            edited.latest = message


def _now() -> float:
    return asyncio.get_running_loop().time()
