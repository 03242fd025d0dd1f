"""What every command and workflow may use, in one frozen value; and the Notifier protocol."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from bot.alerting import Incident
from bot.config import Owner, Route, Settings
from bot.engine import Engine
from bot.errors import StagecheckError, Unavailable
from bot.masking import Masker
from bot.metrics import Metrics
from bot.model import CheckRequest, Place, Posting, Progress
from bot.probe import Network, OwnCheck
from bot.report import Report
from bot.store import Pending, Store
from bot.target import Target
from bot.tracing import Trace, untraced


class Notifier(Protocol):
    """Tells people about a run: in Slack, or on the terminal.

    Everything but `progress` is seen through: it returns once delivered, or raises
    `DeliveryError` when it cannot be. Each is idempotent by run id.
    """

    async def announce(self, request: CheckRequest, progress: Progress) -> Posting:
        """Say that the run begins, with every step still to come."""
        ...

    def progress(self, posting: Posting, progress: Progress) -> None:
        """Show how far the run is; may be dropped when a newer one follows soon."""
        ...

    async def hush(self, posting: Posting) -> None:
        """Show no progress any more; return when none is on its way."""
        ...

    async def report(self, posting: Posting, report: Report) -> None:
        """Deliver the full report, as replies to the announcement."""
        ...

    async def conclude(self, posting: Posting, report: Report) -> None:
        """Turn the announcement into the outcome."""
        ...

    async def answer(self, place: Place, report: Report) -> Posting:
        """Deliver a report that nothing announced: the outcome, the full report below it.

        If it cannot be said in `place`, its caller gets it alone; then that is returned.
        """
        ...


class Receiver(Protocol):
    """Takes what is told of incidents, and of our own trouble, outside or inside Slack."""

    async def deliver(
        self, route: Route | Owner, pending: Pending, incident: Incident | None
    ) -> None:
        """Deliver one notice, exactly once however often it is called with the same id.

        `incident` is as it is now, which may be later than the notice. DeliveryError if it was not
        taken; `permanent` if it never will be.
        """
        ...


# A pasted log may be of 10 MB, and takes some times that while it is read.
MOST_EXPLAINED_AT_ONCE = 2


def told(check: Callable[[], Awaitable[object]]) -> OwnCheck:
    """Return `check` as one that says what is wrong, in one line, instead of raising it."""

    async def say() -> str:
        try:
            await check()
        except StagecheckError as error:
            return error.message
        return ""

    return say


@dataclass(frozen=True, slots=True, kw_only=True)
class Persistence:
    """How long what a run says is tried again, when those who deliver it give up; in seconds."""

    first_s: float = 5.0
    """Before it is tried again, doubling from there up to `longest_s`."""
    longest_s: float = 60.0
    in_all_s: float = 7 * 86_400.0


PageOf = Callable[[str], str]
"""Run id -> the address of its page, for whoever gets the link; empty where there is none."""


def no_page(_run_id: str) -> str:
    """Link to nothing: nobody said where people reach this server."""
    return ""


def unchanged(target: Target) -> Target:
    """Take a target as it was read at the start."""
    return target


def _now() -> datetime:
    return datetime.now(UTC)


async def nobody_tells(group: str) -> frozenset[str]:
    """Say that nobody here knows who is in a user group."""
    raise Unavailable(f"Nobody tells me who is in the user group {group}.")


def _room() -> asyncio.Semaphore:
    return asyncio.Semaphore(MOST_EXPLAINED_AT_ONCE)


@dataclass(slots=True)
class Reloaded:
    """What became of the configuration file since the start."""

    settings: Settings | None = None
    """With its newest valid content in what changes without a restart; None while unchanged."""
    problem: str = ""
    """Why its newest content is not used; empty if it is."""
    waiting: tuple[str, ...] = ()
    """Sections that have changed, and are taken up by a restart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deps:
    """The parts of the running product, put together in `bot.app`."""

    settings: Settings
    targets: Mapping[str, Target]
    store: Store
    network: Network
    masker: Masker
    engine: Engine
    notifier: Notifier
    metrics: Metrics
    clock: Callable[[], datetime] = _now
    own_checks: Mapping[str, OwnCheck] = field(default_factory=dict)
    """Looks at parts of ours, beside a run that fails."""
    trace: Trace = untraced
    """Sends a run that has ended to whoever collects traces."""
    page_of: PageOf = no_page
    reread: Callable[[Target], Target] = unchanged
    """Reads a target's secrets again; it may block, and is called in a thread."""
    persistence: Persistence = field(default_factory=Persistence)
    reloaded: Reloaded = field(default_factory=Reloaded)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when there is something to be told of an incident."""
    members: Callable[[str], Awaitable[frozenset[str]]] = nobody_tells
    """Who is in a user group of Slack, by its id; StagecheckError if that cannot be told."""
    explaining: asyncio.Semaphore = field(default_factory=_room)
    """Held while a pasted log is in memory."""

    @property
    def live(self) -> Settings:
        """The settings as they are now, in the sections that change without a restart."""
        return self.reloaded.settings or self.settings
