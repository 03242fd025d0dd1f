"""What a policy would have told of a history of runs, had it been in force and nobody acted."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from bot.alerting.decide import decide
from bot.alerting.events import Event, RunEnded, Ticked
from bot.alerting.model import Action, Incident, NoticeKind, Watch
from bot.alerting.outage import is_failure
from bot.alerting.policy import Policy
from bot.alerting.ticks import needs_tick
from bot.labels import Label
from bot.model import Status

# How often time is looked at between two runs while an incident is open.
_TICK = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """One incident as it would have been; times are those of the history."""

    id: str
    began_at: datetime
    """When the first failing run began."""
    told_at: datetime | None
    """When the first route would have heard of it; None if no route would."""
    ended_at: datetime | None
    """When it worked again; None if it had not by the end of the history."""
    checks: tuple[str, ...]
    causes: tuple[Label, ...]
    runs: int
    failures: int
    reminders: int
    escalations: int
    thread_posts: int
    """What else would have been posted in its thread: lines and reports."""
    flapped: bool

    @property
    def delay(self) -> timedelta | None:
        """How long it was not known."""
        return self.told_at - self.began_at if self.told_at else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What a policy makes of a history of one target."""

    target: str
    runs: int
    failures: int
    """Runs that count as failures."""
    errored: int
    """Runs that failed on our side."""
    outages: tuple[Outage, ...]
    own_trouble: int
    """How often the bot's owner would have heard of trouble of our own."""
    failures_untold: int
    """Failing runs that would have been told nobody, not even later."""

    @property
    def alerts(self) -> int:
        """How many incidents would have been told."""
        return sum(outage.told_at is not None for outage in self.outages)

    @property
    def recoveries(self) -> int:
        """How many ends would have been told."""
        return sum(bool(outage.told_at and outage.ended_at) for outage in self.outages)

    @property
    def thread_posts(self) -> int:
        return sum(outage.thread_posts for outage in self.outages)

    @property
    def reminders(self) -> int:
        return sum(outage.reminders for outage in self.outages)

    @property
    def escalations(self) -> int:
        return sum(outage.escalations for outage in self.outages)

    @property
    def flaps(self) -> int:
        return sum(outage.flapped for outage in self.outages)

    @property
    def held(self) -> int:
        """How many incidents no route would have heard of."""
        return len(self.outages) - self.alerts

    @property
    def typical_delay(self) -> timedelta | None:
        """The median of how long an outage was not known; None without an alert."""
        delays = self._delays
        return timedelta(seconds=median(delays)) if delays else None

    @property
    def longest_delay(self) -> timedelta | None:
        delays = self._delays
        return timedelta(seconds=max(delays)) if delays else None

    @property
    def _delays(self) -> list[float]:
        return [outage.delay.total_seconds() for outage in self.outages if outage.delay is not None]


def replay(target: str, runs: Iterable[RunEnded], policy: Policy, *, until: datetime) -> Replayed:
    """Fold the runs, in the order in which they ended, through the policy.

    Time passes between them, up to `until`, minute by minute while anything may be due.
    """
    ordered = sorted(runs, key=lambda run: run.at)
    fold = _Fold(policy=policy, watch=Watch(target=target))
    ends = [*(run.at for run in ordered[1:]), until]
    for run, end in zip(ordered, ends, strict=False):  # without a run there is no end either
        fold.apply(run)
        fold.pass_time(run.at, end)
    outages = tuple(_outage(incident, fold) for incident in fold.incidents.values())
    failures = sum(is_failure(run, policy) for run in ordered)
    return Replayed(
        target=target,
        runs=len(ordered),
        failures=failures,
        errored=sum(run.status is Status.ERRORED for run in ordered),
        outages=outages,
        own_trouble=fold.own,
        failures_untold=failures - sum(one.failures for one in outages if one.told_at),
    )


@dataclass(slots=True, kw_only=True)
class _Fold:
    """What was decided so far; `told` counts decisions by incident, or by none, and kind."""

    policy: Policy
    watch: Watch
    incidents: dict[str, Incident] = field(default_factory=dict)
    told: Counter[tuple[str, NoticeKind]] = field(default_factory=Counter)
    flapped: set[str] = field(default_factory=set)
    own: int = 0

    def apply(self, event: Event) -> None:
        decision = decide(self.watch, event, self.policy, new_id=f"#{len(self.incidents) + 1}")
        self.watch = decision.watch
        self.own += decision.action is Action.OWN_TROUBLE
        incident = decision.incident
        if incident is None:
            return
        self.incidents[incident.id] = incident
        if incident.flapping:
            self.flapped.add(incident.id)
        # Several routes hear of one thing: it is one reminder.
        self.told.update((incident.id, kind) for kind in {one.kind for one in decision.notices})

    def pass_time(self, since: datetime, until: datetime) -> None:
        """Let minutes pass for as long as anything may become due."""
        at = since + _TICK
        while at < until and needs_tick(self.watch, self.policy, at):
            self.apply(Ticked(at=at))
            at += _TICK


def _outage(incident: Incident, fold: _Fold) -> Outage:
    told = fold.told
    return Outage(
        id=incident.id,
        began_at=incident.started_at,
        told_at=min((one.announced_at for one in incident.told.values()), default=None),
        ended_at=incident.ended_at,
        checks=incident.checks,
        causes=incident.causes,
        runs=incident.runs,
        failures=incident.failures,
        reminders=told[incident.id, NoticeKind.REMINDER],
        escalations=told[incident.id, NoticeKind.ESCALATION],
        thread_posts=told[incident.id, NoticeKind.LINE] + told[incident.id, NoticeKind.REPORT],
        flapped=incident.id in fold.flapped,
    )
