"""What the simulated services share: how to behave, what reached them, who is connected."""

from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field

from bot.sandbox.behaviour import Behaviour

_KEPT = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One thing that reached the simulator; of headers only the names, in lower case.

    A socket's message has the method ``MESSAGE`` and its type as the path.
    """

    service: str
    method: str
    path: str
    headers: frozenset[str] = frozenset()


@dataclass(slots=True, kw_only=True)
class World:
    """The state behind the sockets; `behaviour` is replaced while running."""

    behaviour: Behaviour
    received: list[Received] = field(default_factory=list)
    backend_requests: int = 0
    upgrades: int = 0
    connections: Counter[str] = field(default_factory=Counter)
    """User id -> sockets open now."""
    messages: defaultdict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    """User id -> times of the messages of the last minute."""

    def become(self, behaviour: Behaviour) -> None:
        """Behave like this from now on; counters that belong to a fault start again."""
        self.behaviour = behaviour
        self.backend_requests = self.upgrades = 0

    def note(self, received: Received) -> None:
        """Remember what arrived; the oldest is forgotten first."""
        self.received.append(received)
        del self.received[:-_KEPT]
