"""What can happen to a target: a run ends, a person acts, time passes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.labels import Label
from bot.model import Severity, Status, Trigger


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
    heard_at: datetime | None = None
    """When policy hears of it, if that may be later: its people were told first."""


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
