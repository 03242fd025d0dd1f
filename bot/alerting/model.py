"""The nouns of alerting: what happens to a target, what is known of it, and what is told of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.labels import Label
from bot.model import Severity, Status, Trigger


class IncidentState(StrEnum):
    """How far an incident is."""

    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Act(StrEnum):
    """What a person can do to an incident or to a target's alerts."""

    OPEN = "open"
    ACKNOWLEDGE = "acknowledge"
    ASSIGN = "assign"
    RESOLVE = "resolve"
    SEVERITY = "severity"
    NOTE = "note"
    REACTION = "reaction"
    FIXED = "fixed"
    VERIFY_KEY = "verify_key"
    MUTE = "mute"
    UNMUTE = "unmute"


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


# What happens.


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded:
    """A run of the target ended; `key` is its id."""

    key: str
    at: datetime
    """When it ended."""
    check: str
    status: Status
    started_at: datetime
    cause: Label | None = None
    confidence: float = 0.0
    summary: str = ""
    """The answer in one line."""
    trigger: Trigger = Trigger.SCHEDULE
    caller: str = ""
    revision: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """A person did something; `key` is the delivery it came with."""

    key: str
    at: datetime
    act: Act
    by: str
    """The Slack user id, or a login name of a shell."""
    incident: str = ""
    """The incident it is about; empty for the open one, and for mutes."""
    text: str = ""
    """Reason, note, resolution, emoji or title, as the act has it."""
    to: str = ""
    """The assigned user id."""
    until: datetime | None = None
    """When a mute ends."""
    severity: Severity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """Time passed; `key` is empty, because the same tick may be taken in twice."""

    at: datetime
    key: str = ""


Event = RunEnded | Acted | Ticked


# What is known.


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one run said about the target."""

    run_id: str
    at: datetime
    failed: bool


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
    causes: tuple[Label, ...] = ()
    """Every cause it has had, in order."""
    checks: tuple[str, ...] = ()
    """The checks that failed in it."""
    runs: int = 0
    failures: int = 0
    first_run: str = ""
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
    assigned_to: str = ""
    severity_by: str = ""
    verifying_by: str = ""
    """Who says that it is fixed, while runs are made to see whether it is."""
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
    """The last one, for as long as it may be opened again."""
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
    """Plain text; whoever renders it escapes it."""
    run_id: str = ""
    mention: str = ""
    """A user, user group or handle to be pinged by it."""
    by: str = ""
    """Whose act it tells of."""


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


# What is wanted.


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """A daily span in a time zone; `until` before `since` reaches over midnight."""

    since: str
    """``HH:MM``."""
    until: str
    timezone: str = "UTC"
    days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    """Days on which the span begins, Monday is 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A maintenance window that recurs: `hours`, or one span between two times."""

    reason: str
    hours: Hours | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """Who hears of an incident that nobody has acknowledged `after_s` seconds after it was told."""

    after_s: float
    mention: str = ""
    """A user group or user to be mentioned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutePolicy:
    """What policy knows of a route; `key` is stable over restarts."""

    key: str
    quiet: Hours | None = None
    quiet_except: Severity = Severity.CRITICAL
    """From this severity on, quiet hours do not hold anything."""
    escalation: Escalation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How one target's alerts are decided."""

    failure_threshold: int = 2
    failures_of: int = 2
    """How many of the newest runs are looked at for `failure_threshold` failures."""
    success_threshold: int = 2
    reminder_interval_s: float = 3600.0
    ack_timeout_s: float = 14_400.0
    errored_threshold: int = 3
    degraded_fails: bool = False
    flap_changes: int = 6
    """Changes between working and failing within `flap_window` runs that make it flapping."""
    flap_window: int = 20
    flap_stable: int = 5
    """Passes in a row that end an incident which flaps."""
    routes: tuple[RoutePolicy, ...] = ()
    owner_route: str = ""
    """Route key of the bot's owner."""
    windows: tuple[Window, ...] = ()
    owners: Mapping[str, str] = field(default_factory=dict)
    """Cause label -> who is mentioned."""
    severities: Mapping[str, Severity] = field(default_factory=dict)
    """Cause label -> severity, for this target."""
    impact: str = ""
