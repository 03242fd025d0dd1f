"""How a target is: its state, since when, why, and its last runs; for a list, a page, a home."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from bot.deps import Deps
from bot.labels import Label
from bot.model import Status
from bot.report import STATUS_WORDS, label_words
from bot.store import RunSummary
from bot.target import DEFAULT_CHECK

# How far back the beginning of a state is looked for.
LOOKED_AT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One target by the runs of its own check, newest first."""

    target: str
    runs: tuple[RunSummary, ...]

    @property
    def last(self) -> RunSummary | None:
        return self.runs[0] if self.runs else None

    @property
    def status(self) -> Status | None:
        """How it is, or None if it was never checked."""
        return self.runs[0].status if self.runs else None

    @property
    def word(self) -> str:
        return STATUS_WORDS[self.runs[0].status] if self.runs else "Never checked"

    @property
    def since(self) -> datetime | None:
        """When the first of the runs began that ended as the last one did, as far as is known."""
        same = list(takewhile(lambda run: run.status is self.status, self.runs))
        return same[-1].started_at if same else None

    @property
    def since_note(self) -> str:
        """What is to be said besides `since`: that it is the first check, or that it is longer."""
        if len(self.runs) < 2 or any(run.status is not self.status for run in self.runs):
            return ""
        return " or earlier" if len(self.runs) >= LOOKED_AT else ", the first check"

    @property
    def cause(self) -> str:
        """Why it is not well, in the catalogue's words; empty if it is, or if nobody knows."""
        last = self.last
        if last is None or last.cause is None or last.cause is Label.HEALTHY:
            return ""
        return label_words(last.cause)


async def standing_of(deps: Deps, target: str) -> Standing:
    """Return how `target` is."""
    runs = await deps.store.recent(target, check=DEFAULT_CHECK, limit=LOOKED_AT)
    return Standing(target=target, runs=tuple(runs))


def summed_up(standings: Iterable[Standing]) -> str:
    """Say the worst first; a run that errored says nothing about its target."""
    by_status = {one.target: one.status for one in standings}
    worst_first = {
        "Not well": (Status.FAILED, Status.DEGRADED),
        "Our own side failed": (Status.ERRORED,),
        "Never checked": (None,),
    }
    for words, statuses in worst_first.items():
        if names := [name for name, status in by_status.items() if status in statuses]:
            return f"{words}: {', '.join(names)}"
    return "All targets passed"
