"""The nouns of alerting: what is known of a target's outages, and what is told of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.labels import Label
from bot.model import Severity, Status


class IncidentState(StrEnum):
    """How far an incident is."""

    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Action(StrEnum):
    """What policy decides about an event."""

    TRIGGER = "trigger"
    CONTINUE = "continue"
    """A later run of the same outage."""
    CHANGE = "change"
    """The outage has another cause now."""
    RECOVERING = "recovering"
    """A pass, not yet enough of them."""
    RESOLVE = "resolve"
    REOPEN = "reopen"
    REMIND = "remind"
    ESCALATE = "escalate"
    UNACKNOWLEDGE = "unacknowledge"
    ANNOUNCE = "announce"
    """An incident that was held is told of now."""
    OWN_TROUBLE = "own_trouble"
    """Runs keep failing on our side: told to the bot's owner, never as the target's."""
    OWN_RECOVERY = "own_recovery"
    ACT = "act"
    """What a person did was taken in."""
    HOLD = "hold"
    """Nothing is told, and the reason says why."""
    REFUSE = "refuse"
    """What a person asked for has no effect any more, and the reason says why."""


class NoticeKind(StrEnum):
    """What a notice says, and how it is told."""

    PARENT = "parent"
    """The incident's one message: posted the first time, edited afterwards."""
    LINE = "line"
    """One line in the incident's thread."""
    REPORT = "report"
    """The full report of a run, in the incident's thread."""
    REMINDER = "reminder"
    ESCALATION = "escalation"
    """To the second receiver of the route; on Slack also broadcast from the thread."""
    RECOVERY = "recovery"
    """The end of the outage, broadcast from the thread."""
    OWN = "own"
    """Our own trouble, or its end, to the bot's owner."""


# What is known.


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one run said about the target."""

    run_id: str
    at: datetime
    """When the run ended."""
    failed: bool
    started_at: datetime | None = None
    settled: bool = False
    """Whether an incident that is over accounts for it; it counts for no other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """A target about which nothing new is told until a time."""

    until: datetime
    by: str
    since: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTrouble:
    """Runs in a row that failed on our side."""

    count: int = 0
    since: datetime | None = None
    told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one route has heard of an incident."""

    announced_at: datetime
    reminded_at: datetime | None = None
    escalated_at: datetime | None = None
    causes: tuple[Label, ...] = ()
    """The causes it was told, the current one last."""
    reopened: int = 0
    """How many reopenings it was told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One outage of one target, from its first failing run to its last word."""

    id: str
    """``i`` and a number."""
    target: str
    state: IncidentState
    severity: Severity
    started_at: datetime
    """When the first failing run began, or a person opened it."""
    triggered_at: datetime
    title: str = ""
    """Given by the person who opened it; empty for what policy opened."""
    cause: Label | None = None
    confidence: float = 0.0
    summary: str = ""
    cause_check: str = ""
    """The check whose run gave the cause."""
    causes: tuple[Label, ...] = ()
    """Every cause it has had, in order."""
    checks: tuple[str, ...] = ()
    """The checks that failed in it."""
    runs: int = 0
    failures: int = 0
    first_run: str = ""
    last_failure: str = ""
    """The newest run that failed, or was taken for a failure."""
    last_run: str = ""
    last_status: Status | None = None
    last_run_at: datetime | None = None
    passes: int = 0
    """Passes in a row since the last failure: not 0 while it recovers."""
    working_since: datetime | None = None
    """When the first of those passes ended."""
    opened_by: str = ""
    acknowledged_by: str = ""
    acknowledged_at: datetime | None = None
    waiting_since: datetime | None = None
    """Since when it waits for somebody to acknowledge it; None while somebody has."""
    assigned_to: str = ""
    severity_by: str = ""
    verifying_by: str = ""
    """Who says that it is fixed, while runs are made to see whether it is."""
    verifying_since: datetime | None = None
    flapping: bool = False
    reopened: int = 0
    resolved_at: datetime | None = None
    ended_at: datetime | None = None
    """The end of the outage: the first pass of the row that closed it, or a person's word."""
    resolved_by: str = ""
    """Empty when passing runs resolved it."""
    resolution: str = ""
    impact: str = ""
    mentioned: tuple[str, ...] = ()
    """Owners who were mentioned, each once."""
    told: Mapping[str, Told] = field(default_factory=dict)
    """Route key -> what it has heard; a route that is not in it was never told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What policy remembers of a target between events."""

    target: str
    outcomes: Mapping[str, tuple[Outcome, ...]] = field(default_factory=dict)
    """Check -> its newest outcomes, newest last."""
    incident: Incident | None = None
    """The open one."""
    closed: Incident | None = None
    """The last one that was open."""
    reopens: bool = False
    """Whether the next failure opens `closed` again: a person resolved it, and no passes did."""
    mute: Mute | None = None
    own: OwnTrouble = OwnTrouble()
    held: str = ""
    """Why nothing is told at the moment; empty when nothing is held."""


# What is told.


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something to be told on one route; told in order within an incident and route."""

    route: str
    kind: NoticeKind
    text: str = ""
    """Plain text, with people as ``<@U123>`` and no other markup; whoever renders it escapes it."""
    run_id: str = ""
    mention: str = ""
    """A user, user group or handle to be pinged by it."""
    by: str = ""
    """Whose act it tells of."""
    quiet: bool = False
    """Only an edit of what is there: whoever would have to be told anew is not told."""
    over: bool = False
    """Of our own trouble: that it has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of an incident's timeline."""

    at: datetime
    kind: str
    """An Action or an Act."""
    text: str
    by: str = ""
    run_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What an event comes to: what is known then, what is told, and why."""

    watch: Watch
    action: Action
    reason: str
    notices: tuple[Notice, ...] = ()
    entries: tuple[Entry, ...] = ()
    incident: Incident | None = None
    """The incident that the event was about, as it is then; None if there is none."""
