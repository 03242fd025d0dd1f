"""The report as a value: everything any renderer shows, decided before any layout."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.diagnosis import Change
from bot.model import (
    Caller,
    Cause,
    Finding,
    Json,
    NextStep,
    Observation,
    RuledOut,
    Status,
    StepResult,
    TranscriptLine,
    Trigger,
    Unknown,
    Why,
)
from bot.target import Setting


class ProofLevel(StrEnum):
    """How far a report proves that something was really executed."""

    PROVEN = "proven"
    """Values came back that only the target could have made for this run."""
    PARTLY_PROVEN = "partly_proven"
    """Bytes came back, but nothing in them is tied to this run."""
    NOT_PROVEN = "not_proven"
    """Nothing came back."""
    NOT_EXECUTED = "not_executed"
    """Nothing was run: pasted text was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A sentence, and the ids of the observations it rests on."""

    text: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What proves that the check was executed, and what would have to be there and is not."""

    level: ProofLevel
    statement: str
    proven: tuple[Claim, ...] = ()
    missing: tuple[Claim, ...] = ()
    facts: Mapping[str, Json]
    """The `proof` observations by key, as they were recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The last run of the same check that passed; `claims` is what its token was like."""

    run_id: str
    started_at: datetime
    claims: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLine:
    """One of the at most five lines that answer before anything else is said."""

    label: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a run means, for people and for machines."""

    headline: str
    """Status first, such as ``Failed: pipeline on staging, at “Event stream”``."""
    answer: tuple[AnswerLine, ...]
    """Verdict, cause, what else is wrong, what changed, what to do next."""
    run_id: str
    target: str
    check: str
    status: Status
    executed: bool
    started_at: datetime
    duration_s: float
    trigger: Trigger
    caller: Caller
    asker: str = ""
    """What Slack calls the caller; empty where it is not known, or not needed."""
    revision: str
    identity: str
    """Who the run really was on the wire, as a sentence; empty when nobody was presented."""
    failing_step: StepResult | None
    """The step at which the run stopped working; None when it worked."""
    steps: tuple[StepResult, ...]
    experiments: tuple[StepResult, ...]
    observations: tuple[Observation, ...]
    transcript: tuple[TranscriptLine, ...]
    proof: Proof
    key_issues: tuple[Claim, ...]
    causes: tuple[Cause, ...]
    whys: tuple[Why, ...]
    ruled_out: tuple[RuledOut, ...]
    unknowns: tuple[Unknown, ...]
    findings: tuple[Finding, ...]
    changes: tuple[Change, ...]
    """What differs from the last run that passed, the most telling first."""
    last_pass: Baseline | None
    next_steps: tuple[NextStep, ...]
    provenance: tuple[Setting, ...]
    provenance_problems: tuple[str, ...]
    """Conflicts, duplicates and unreadable values, as sentences."""
    impact: str
    owners: Mapping[str, str]
    """Cause label -> who can fix it."""
    not_checked: tuple[str, ...]

    @property
    def changed_since_last_pass(self) -> tuple[str, ...]:
        """The changes as sentences."""
        return tuple(change.sentence for change in self.changes)

    @property
    def is_dated(self) -> bool:
        """Whether `started_at` is known: a text without a time stamp is dated to the epoch."""
        return self.executed or self.started_at.timestamp() > 0
