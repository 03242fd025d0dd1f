"""The nouns: what a run is, what was observed in it, and what that means."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from bot.labels import Label
from bot.target import Setting

Json: TypeAlias = Any
"""A JSON value: None, bool, int, float, str, or lists and dicts of them."""


class Status(StrEnum):
    """How a step or a run ended."""

    PASSED = "passed"
    DEGRADED = "degraded"
    """It worked, but not by the proper way, such as only with the fallback token."""
    FAILED = "failed"
    """The target's doing."""
    ERRORED = "errored"
    """Our own doing: our DNS, clock, network, Slack or database. Never blames the target."""
    SKIPPED = "skipped"

    @property
    def works(self) -> bool:
        return self in (Status.PASSED, Status.DEGRADED)


class Role(StrEnum):
    """What a cause has to do with the run's status, by counterfactual."""

    SUFFICIENT = "sufficient"
    """Fixing only this makes the run pass, or at least work (degraded) where it failed."""
    CONTRIBUTING = "contributing"
    """It would fail the run by itself, but fixing only this is not enough."""
    INCIDENTAL = "incidental"
    """Real, but not why the run ended as it did."""


class WhyKind(StrEnum):
    """How an answer is known."""

    OBSERVED = "observed"
    INFERRED = "inferred"
    UNKNOWN = "unknown"


class Severity(StrEnum):
    """How much a finding matters."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One recorded fact; `id` is unique in its run (``o1``, ``o2``, …) and can be cited."""

    id: str
    at: datetime
    step: str
    key: str
    value: Json

    @property
    def path(self) -> str:
        return f"{self.step}.{self.key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """How one step, or one experiment, ended; `detail` is one line for a person."""

    name: str
    title: str
    status: Status
    duration_s: float
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """How long a step took in the last `count` runs of its check that passed."""

    count: int
    median_s: float
    p95_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRun:
    """A run as it is counted among many; `steps` holds the seconds of those that worked."""

    id: str
    started_at: datetime
    status: Status
    duration_s: float
    cause: Label | None
    steps: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptLine:
    """One thing that crossed the wire, redacted.

    `direction` is ``>`` sent, ``<`` received, ``·`` a note of ours (a connection, a time-out).
    """

    at: datetime
    step: str
    direction: str
    text: str


class Trigger(StrEnum):
    """What made a run happen."""

    SHELL = "shell"
    COMMAND = "command"
    BUTTON = "button"
    SCHEDULE = "schedule"
    DEPLOY = "deploy"
    PASTE = "paste"
    MENTION = "mention"
    STEP = "step"
    """A step of somebody's workflow in Slack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks: a Slack user id, a login name, or the name of a schedule."""

    id: str
    team: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the answer belongs: a channel, and a thread in it if `thread` is given."""

    channel: str = ""
    thread: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """A message that was sent: its own `ts`, and the `thread` (root ts) its replies belong to."""

    channel: str
    ts: str
    thread: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequest:
    """What the check workflow is started with: names and ids, never a secret."""

    run_id: str
    target: str
    check: str
    trigger: Trigger
    caller: Caller
    place: Place = Place()
    revision: str = ""
    """What was deployed, and is waited for before it is checked; empty if nobody said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run is: every step of the check in order, those to come included.

    `status` of a step is None while it waits; the step being worked on is `current`.
    """

    run_id: str
    target: str
    check: str
    started_at: datetime
    steps: tuple["StepProgress", ...]
    current: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepProgress:
    """One step in a progress card."""

    name: str
    title: str
    status: Status | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution of a check against a target: what was done and what was observed."""

    id: str
    target: str
    check: str
    status: Status
    executed: bool
    """False for a diagnosis of pasted text, where nothing was run."""
    started_at: datetime
    duration_s: float
    trigger: Trigger
    caller: Caller
    steps: tuple[StepResult, ...]
    experiments: tuple[StepResult, ...] = ()
    observations: tuple[Observation, ...] = ()
    transcript: tuple[TranscriptLine, ...] = ()
    provenance: tuple[Setting, ...] = ()
    impact: str = ""
    owners: Mapping[str, str] | None = None
    revision: str = ""
    """What the target says it runs; empty when it does not say."""
    not_checked: tuple[str, ...] = ()
    """What this run did not look at, each as a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A labelled cause, `confidence` between 0 and 1, with the observations that carry it."""

    label: Label
    role: Role
    confidence: float
    evidence: tuple[str, ...]
    summary: str = ""
    counterfactual: str = ""
    """What would happen if only this were fixed, as far as the evidence goes."""
    is_role_open: bool = False
    """Whether the evidence leaves open what the run would do if only this were fixed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """One link of the chain from symptom to cause."""

    question: str
    answer: str
    kind: WhyKind
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuledOut:
    """A cause that looked possible, and the observations that speak against it."""

    label: Label
    evidence: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """What the evidence does not tell, and the experiment that would."""

    question: str
    experiment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that needs a person: where it is, what is wrong, what it does."""

    title: str
    location: str
    issue: str
    impact: str
    severity: Severity
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """Something to do; `command` is a line of the command grammar, or empty if it is by hand."""

    title: str
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What a run means: `causes[0]` is the answer."""

    causes: tuple[Cause, ...]
    whys: tuple[Why, ...]
    ruled_out: tuple[RuledOut, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    findings: tuple[Finding, ...] = ()
    next_steps: tuple[NextStep, ...] = ()
