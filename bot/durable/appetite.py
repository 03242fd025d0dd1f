"""How many runs a process begins: as many as leave its loop free for people.

The loop that answers commands also runs checks, and Slack waits for the answer. What is not begun
waits in the queue, where other processes find it too.
"""

import asyncio
from collections.abc import Callable
from time import monotonic

FEEL_S = 0.05
LATE_S = 0.015
"""A loop that is later than this has enough to do."""
REST_S = 0.3
"""How long a loop that was late is left alone."""
CROWD = 5.0
"""So many commands in about a second are answered first; what they start can wait so long."""
MOST = 3
"""Begun at one look at the queue, of which there are ten a second."""
LEAST_EVERY_S = 0.5
"""However late the loop is and however many ask, one run is begun so often."""


class Appetite:
    """Told in the loop how late it is and that somebody asks; asked in the thread of the queue."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._now = clock
        self._felt_at = self._late_at = self._asked_at = self._begun_at = -REST_S
        self._crowd = 0.0
        self._over = False
        self._feeling: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to feel how late the running loop is."""
        self.felt(0.0)
        self._feeling = asyncio.create_task(self._feel(), name="appetite")

    def lose(self) -> None:
        """Begin no run any more."""
        self._over = True

    def stop(self) -> None:
        """Feel nothing any more."""
        self.lose()
        if self._feeling is not None:
            self._feeling.cancel()

    def asked(self) -> None:
        """Note that somebody waits for an answer just now."""
        self._crowd, self._asked_at = self._crowd_at(now := self._now()) + 1, now

    def room(self) -> int:
        """Return how many runs may be begun now."""
        now = self._now()
        if self._over:
            return 0
        late = now - self._felt_at > FEEL_S + LATE_S or now - self._late_at < REST_S
        if late or self._crowd_at(now) >= CROWD:
            return int(now - self._begun_at >= LEAST_EVERY_S)
        return MOST

    def begun(self) -> None:
        """Note that a run was begun just now."""
        self._begun_at = self._now()

    def felt(self, late_s: float) -> None:
        """Note that the loop is alive, and how late it was."""
        self._felt_at = now = self._now()
        if late_s > LATE_S:
            self._late_at = now

    def _crowd_at(self, now: float) -> float:
        return self._crowd * max(0.0, 1.0 - (now - self._asked_at))

    async def _feel(self) -> None:
        while True:
            due = self._now() + FEEL_S
            await asyncio.sleep(FEEL_S)
            self.felt(self._now() - due)
