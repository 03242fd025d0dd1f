"""A target's history as policy sees it: events one after another, and what was told of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.alerting import (
    Act,
    Acted,
    Decision,
    Event,
    Incident,
    Notice,
    NoticeKind,
    Policy,
    RoutePolicy,
    RunEnded,
    Ticked,
    Watch,
    decide,
)
from bot.labels import Label
from bot.model import Severity, Status

START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
"""A Monday."""
KEY = Label.BYPASS_KEY_MISMATCH
DATABASE = Label.DEPENDENCY_DB_DOWN
UNKNOWN = Label.INSUFFICIENT_EVIDENCE
CHANNEL = RoutePolicy(key="slack:C1")
PLAIN = Policy(routes=(CHANNEL,), owner_route="slack:OPS")


@dataclass
class Day:
    """What happens to `staging` minute by minute; every decision is kept."""

    policy: Policy = PLAIN
    watch: Watch = field(default_factory=lambda: Watch(target="staging"))
    decisions: list[tuple[Event, Decision]] = field(default_factory=list)
    opened: int = 0

    def apply(self, event: Event) -> Decision:
        """Decide about one event, as the store does."""
        decision = decide(self.watch, event, self.policy, new_id=f"i{self.opened + 1}")
        if decision.incident and decision.incident.id == f"i{self.opened + 1}":
            self.opened += 1
        self.watch = decision.watch
        self.decisions.append((event, decision))
        return decision

    def run(
        self,
        minute: float,
        status: Status,
        cause: Label | None = None,
        *,
        check: str = "pipeline",
        confidence: float = 0.9,
    ) -> Decision:
        """End a run that took a minute."""
        at = START + timedelta(minutes=minute)
        return self.apply(
            RunEnded(
                key=f"r{minute:g}-{check}",
                at=at,
                started_at=at - timedelta(minutes=1),
                check=check,
                status=status,
                cause=cause,
                confidence=confidence,
            )
        )

    def fail(self, minute: float, cause: Label = KEY, **more: str) -> Decision:
        return self.run(minute, Status.FAILED, cause, **more)

    def passes(self, minute: float, **more: str) -> Decision:
        return self.run(minute, Status.PASSED, **more)

    def act(self, minute: float, act: Act, by: str = "U1", **more: object) -> Decision:
        at = START + timedelta(minutes=minute)
        return self.apply(
            Acted(key=f"a{len(self.decisions)}", at=at, act=act, by=by, **more)  # type: ignore[arg-type]
        )

    def mute(self, minute: float, until: float, by: str = "U1") -> Decision:
        ends = START + timedelta(minutes=until)
        return self.act(minute, Act.MUTE, by, until=ends, text="deploy")

    def tick(self, minute: float) -> Decision:
        return self.apply(Ticked(at=START + timedelta(minutes=minute)))

    def trigger(self) -> Incident:
        """Fail twice, at minutes 5 and 10, and return the incident."""
        _ = self.fail(5)
        incident = self.fail(10).incident
        assert incident
        return incident

    @property
    def incident(self) -> Incident:
        assert self.watch.incident
        return self.watch.incident


def told(decision: Decision, route: str = "slack:C1") -> list[NoticeKind]:
    """Return what kinds of notices went to the route."""
    return [notice.kind for notice in decision.notices if notice.route == route]


def texts(decision: Decision, kind: NoticeKind) -> list[str]:
    return [notice.text for notice in decision.notices if notice.kind is kind]


def pinged(notices: Iterable[Notice]) -> list[str]:
    return [notice.mention for notice in notices if notice.mention]


def with_route(route: RoutePolicy, **more: object) -> Policy:
    return replace(PLAIN, routes=(route,), **more)  # type: ignore[arg-type]


CRITICAL = Severity.CRITICAL
