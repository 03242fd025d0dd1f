"""How a target is: its state, since when, why, and its last runs; for a list, a page, a home."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from bot.deps import Deps
from bot.labels import Label
from bot.model import Status
from bot.phrases import count
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
    def judging(self) -> tuple[RunSummary, ...]:
        """The runs that say something about it; where each errored, all of them."""
        return tuple(run for run in self.runs if run.status is not Status.ERRORED) or self.runs

    @property
    def last(self) -> RunSummary | None:
        """The newest run that says something about it."""
        return self.judging[0] if self.runs else None

    @property
    def status(self) -> Status | None:
        """How it is as far as is known, or None if it was never checked."""
        last = self.last
        return last.status if last else None

    @property
    def word(self) -> str:
        status = self.status
        return STATUS_WORDS[status] if status else "Never checked"

    @property
    def since(self) -> datetime | None:
        """When the first of the runs began that ended as the last one did, as far as is known."""
        status = self.status
        same = list(takewhile(lambda run: run.status is status, self.judging))
        return same[-1].started_at if same else None

    @property
    def own_trouble(self) -> str:
        """What is to be said of the newest runs where they failed on our side; else empty."""
        lost = sum(1 for _ in takewhile(lambda run: run.status is Status.ERRORED, self.runs))
        if not lost:
            return ""
        if lost == len(self.runs):
            return "no run got as far as the target"
        return f"{count(lost, 'newer run')} failed on our side"

    @property
    def since_note(self) -> str:
        """What is to be said besides `since`: that it is the first check, or that it is longer."""
        runs = self.judging
        if len(runs) < 2 or any(run.status is not runs[0].status for run in runs):
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
    """Name the targets about which the worst is known: one that fails before one not known."""
    known = tuple(standings)
    worst_first = {
        "Not well": [one for one in known if one.status in (Status.FAILED, Status.DEGRADED)],
        "Our own side failed": [one for one in known if one.own_trouble],
        "Never checked": [one for one in known if one.status is None],
    }
    for words, those in worst_first.items():
        if those:
            return f"{words}: {', '.join(one.target for one in those)}"
    return "All targets passed"
