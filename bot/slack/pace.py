"""How fast Slack may be written to: its rates as data, and the buckets that keep them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

import structlog

from bot.errors import StagecheckError

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`burst` calls at once, then `per_minute` of them."""

    burst: int
    per_minute: float

    def times(self, multiple: float) -> "Rate":
        burst = max(1, round(self.burst * multiple))
        return Rate(burst=burst, per_minute=self.per_minute * multiple)


# docs.slack.dev, rate limits: tier 3 is 50 a minute, tier 4 is 100. A burst and a minute of refill
# together stay below, so that no minute holds more than Slack allows.
_TIER_3 = Rate(burst=10, per_minute=38)
_TIER_4 = Rate(burst=20, per_minute=75)
CHANNEL = Rate(burst=4, per_minute=58)
"""New messages in one channel: docs.slack.dev says one a second, short bursts allowed."""
METHODS: Mapping[str, Rate] = MappingProxyType(
    {
        "chat.postMessage": Rate(burst=60, per_minute=240),  # "several hundred a minute"
        "chat.update": _TIER_3,
        "conversations.history": _TIER_3,
        "conversations.replies": _TIER_3,
        "response_url": Rate(burst=60, per_minute=240),  # no method; each URL is good for 5 uses
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Every number of the outbox, in one place; times are in seconds."""

    methods: Mapping[str, Rate] = field(default_factory=lambda: METHODS)
    unlisted: Rate = _TIER_4
    channel: Rate = CHANNEL
    edit_gap_s: float = 3.0
    """Between two progress edits of one message: Slack's own number."""
    spared: int = 4
    """Calls of `chat.update` that progress leaves to outcomes, which cannot wait."""
    request_s: float = 10.0
    attempts: int = 7
    """How often one message is tried when Slack does not answer properly."""
    backoff_s: float = 0.5
    """Before the second attempt, doubling from there up to `longest_backoff_s`."""
    longest_backoff_s: float = 20.0
    patience_s: float = 600.0
    """How long one message may take in all, once its turn has come."""

    @classmethod
    def of(cls, multiple: float) -> "Pace":
        """Return the pace at `multiple` times Slack's published rates."""
        methods = {name: rate.times(multiple) for name, rate in METHODS.items()}
        return cls(
            methods=methods,
            unlisted=_TIER_4.times(multiple),
            channel=CHANNEL.times(multiple),
        )


@dataclass(slots=True)
class _Bucket:
    rate: Rate
    level: float = 0.0
    at: float = 0.0
    queue: asyncio.Lock = field(default_factory=asyncio.Lock)

    def wait_s(self, now: float, *, spared: int = 0) -> float:
        """Seconds until a call fits; 0 if it does now."""
        drained = (now - self.at) * self.rate.per_minute / 60
        over = max(0.0, self.level - drained) + 1 - max(1, self.rate.burst - spared)
        return max(0.0, over * 60 / self.rate.per_minute)

    def take(self, now: float) -> None:
        drained = (now - self.at) * self.rate.per_minute / 60
        self.level, self.at = max(0.0, self.level - drained) + 1, now


class Shared(Protocol):
    """Turns that several processes take from one place: the store."""

    async def take_turn(self, name: str, *, burst: int, each_s: float) -> float:
        """Take a turn and return 0, or return the seconds until there may be one."""
        ...

    async def hold_turns(self, name: str, seconds: float) -> None:
        """Let nobody have a turn for so long."""
        ...


class Turns:
    """Hands out turns to call Slack, in the order in which they were asked for.

    With `shared`, all processes that share it keep the rates together; who was first then counts
    within each. While the database is away, every process keeps them by itself.
    """

    def __init__(self, pace: Pace, shared: Shared | None = None) -> None:
        self._pace = pace
        self._shared = shared
        self._buckets: dict[str, _Bucket] = {}
        self._held: dict[str, float] = {}
        self._holds: set[asyncio.Task[None]] = set()

    async def wait(self, method: str, channel: str = "") -> None:
        """Return when `method` may be called; with `channel`, when it may take a new message."""
        for name, bucket in self._of(method, channel):
            async with bucket.queue:
                await self._until_taken(name, bucket, method)

    async def wait_for_spare(self, method: str) -> None:
        """Return when `method` may be called by who can wait, while others pass."""
        for name, bucket in self._of(method, ""):
            await self._until_taken(name, bucket, method, spared=self._pace.spared)

    async def _until_taken(
        self, name: str, bucket: _Bucket, method: str, *, spared: int = 0
    ) -> None:
        while True:
            wait_s = await self._take(name, bucket, method, spared)
            if wait_s <= 0:
                return
            await asyncio.sleep(wait_s)

    async def _take(self, name: str, bucket: _Bucket, method: str, spared: int) -> float:
        """Take a turn and return 0, or return the seconds until there may be one."""
        wait_s = max(bucket.wait_s(_now(), spared=spared), self._held_s(method))
        if wait_s > 0:
            return wait_s
        if self._shared is not None:
            rate = bucket.rate
            burst, each_s = max(1, rate.burst - spared), 60 / rate.per_minute
            try:
                wait_s = await self._shared.take_turn(name, burst=burst, each_s=each_s)
            except StagecheckError as error:
                log.warning("Slack's rates are kept by this process alone", error=error.message)
        if wait_s <= 0:
            bucket.take(_now())
        return wait_s

    def hold(self, method: str, seconds: float) -> None:
        """Nobody calls `method` for so long: what Slack's 429 with Retry-After asks for."""
        self._held[method] = max(self._held.get(method, 0.0), _now() + seconds)
        if self._shared is not None:
            task = asyncio.create_task(self._tell(self._shared, method, seconds), name="hold")
            self._holds.add(task)
            task.add_done_callback(self._holds.discard)

    async def close(self) -> None:
        """Let what other processes are told of be told."""
        await asyncio.gather(*self._holds)

    async def _tell(self, shared: Shared, method: str, seconds: float) -> None:
        try:
            await shared.hold_turns(method, seconds)
        except StagecheckError as error:
            log.warning("other processes do not know that Slack is to rest", error=error.message)

    def _held_s(self, method: str) -> float:
        return max(0.0, self._held.get(method, 0.0) - _now())

    def _of(self, method: str, channel: str) -> tuple[tuple[str, _Bucket], ...]:
        rate = self._pace.methods.get(method, self._pace.unlisted)
        buckets = [(method, self._buckets.setdefault(method, _Bucket(rate)))]
        if channel:
            # A channel that has been quiet for a minute owes nothing: forget it.
            for name, bucket in tuple(self._buckets.items()):
                if name.startswith("#") and _now() - bucket.at > 60 and not bucket.queue.locked():
                    del self._buckets[name]
            own = self._buckets.setdefault(f"#{channel}", _Bucket(self._pace.channel, at=_now()))
            buckets.insert(0, (f"#{channel}", own))
        return tuple(buckets)


def _now() -> float:
    return asyncio.get_running_loop().time()
