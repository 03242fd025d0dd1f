"""How one target's alerts are decided: thresholds, routes, windows, owners."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.model import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """A daily span in a time zone; `until` before `since` reaches over midnight."""

    since: str
    """``HH:MM``."""
    until: str
    """Not part of the span; equal to `since` it is that time on the next day."""
    timezone: str = "UTC"
    days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    """Days on which the span begins, Monday is 0."""

    def __post_init__(self) -> None:
        """Raise ValueError for what is no time of day, no time zone or no day."""
        for text in (self.since, self.until):
            if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
                raise ValueError(f"{text} is not a time of day such as 08:30")
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            hint = "give one such as Europe/Berlin or UTC"
            raise ValueError(f"{self.timezone} is not a time zone; {hint}") from error
        if not self.days or not set(self.days) <= set(range(7)):
            raise ValueError("days are numbers from 0, Monday, to 6, Sunday; name at least one")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A maintenance window: `hours` that recur, one span between two times, or both at once."""

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
    mentions: bool = True
    """Whether a person can be pinged there."""
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
