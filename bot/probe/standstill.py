"""How long our own process stood still: time that the target had, and that we did not notice.

A machine that is suspended, a container that may not use a processor for a while, or a loop that
is blocked lets every deadline pass at once. Nothing can be told then of who did not answer.
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import replace

from bot.model import Run
from bot.target import Timeouts

EVERY_S = 0.05
LEAST_S = 1.0
"""What is shorter is usual on a busy machine, and leaves a target its time."""
_SHARE = 0.5
"""Of the time that a step has: a target that had less than half of it was given no chance."""
_OUT_OF_TIME = ("gap_timeout", "total_timeout")


class Standstill:
    """Adds up how late the loop is, until it is closed."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._late_s = 0.0
        self._due = self._loop.time() + EVERY_S
        self._next = self._loop.call_at(self._due, self._beat)

    def close(self) -> None:
        self._next.cancel()

    @property
    def so_far_s(self) -> float:
        """Seconds that the loop has been late in all, now included."""
        return self._late_s + max(0.0, self._loop.time() - self._due)

    def _beat(self) -> None:
        self._late_s = self.so_far_s
        self._due = self._loop.time() + EVERY_S
        self._next = self._loop.call_at(self._due, self._beat)


def robbed(
    timeouts: Timeouts, *, timed_out: Collection[str], events_end: str, late_s: Mapping[str, float]
) -> dict[str, float]:
    """Return the steps that ran out of time while we stood still, and for how many seconds."""
    had_s = dict.fromkeys(timed_out, timeouts.step_s)
    if events_end in _OUT_OF_TIME:
        had_s["events"] = timeouts.gap_s if events_end == "gap_timeout" else timeouts.total_s
    return {
        step: late_s[step]
        for step, allowed_s in had_s.items()
        if late_s.get(step, 0.0) >= max(LEAST_S, _SHARE * allowed_s)
    }


def stood_still_s(run: Run) -> float:
    """Return for how many seconds we stood still, if that is why a run failed; else 0."""
    seen = {each.key: each.value for each in run.observations if each.step == "ours"}
    return float(seen["stood_still_s"]) if seen.get("explains") == "standstill" else 0.0


def told_of_standstill(run: Run, late_s: float) -> Run:
    """Say that a run is the second one, and why."""
    told = (
        f"stagecheck itself stood still for {late_s:g} s while it waited for an answer, so the"
        " check was begun again; what it saw before that is not in this report."
    )
    return replace(run, not_checked=(told, *run.not_checked))
