"""When people hear of what was found: thresholds, maintenance, how much a cause matters."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from pydantic import Field

from bot.config.document import Node
from bot.config.limits import TIME_OF_DAY, Day
from bot.config.problems import Problems, nearest
from bot.config.receivers import zone_problem
from bot.config.routes import EVERY_TARGET
from bot.config.section import Section
from bot.labels import Label
from bot.model import Severity

_ONCE = rf"\d{{4}}-\d\d-\d\d {TIME_OF_DAY}"


class Flap(Section):
    """When a target counts as flapping: it works and fails in turns."""

    changes: int = Field(default=6, ge=2, le=500)
    """More changes than this between working and failing are flapping …"""
    window: int = Field(default=20, ge=4, le=1_000)
    """… within so many of the newest runs of a check."""
    stable: int = Field(default=5, ge=1, le=100)
    """Passes in a row that end an incident which flaps."""


class Alerts(Section):
    """When people hear of a run that nobody asked for."""

    failure_threshold: int = Field(default=2, ge=1, le=100)
    """Failures of a check before an alert: in a row, if `failures_of` does not say otherwise."""
    failures_of: int | None = Field(default=None, ge=1, le=500)
    """How many of the newest runs may hold those failures; the same number if left out."""
    success_threshold: int = Field(default=2, ge=1, le=100)
    """Passes in a row before an incident is over."""
    degraded: Literal["pass", "alert"] = "pass"
    """What a run is taken for that worked by its fallback only."""
    reminder_interval_s: int = Field(default=3600, ge=60, le=2_592_000)
    """How long after an alert, or a reminder, people are reminded that nobody acknowledged it."""
    ack_timeout_s: int = Field(default=14_400, ge=60, le=2_592_000)
    """How long an acknowledgement holds while it still fails."""
    errored_threshold: int = Field(default=3, ge=1, le=100)
    """Runs in a row that fail on our side before the bot's owner hears of it."""
    flap: Flap = Flap.unset()


class Maintenance(Section):
    """A time in which nobody hears of anything new about a target; every recovery is told."""

    target: str
    """The name of a target, or ``*`` for every one."""
    reason: str = Field(default="", max_length=200)
    since: str = Field(pattern=rf"^({TIME_OF_DAY}|{_ONCE})$")
    """``02:00`` for every day, or ``2026-12-01 10:00`` for once."""
    until: str = Field(pattern=rf"^({TIME_OF_DAY}|{_ONCE})$")
    """As `since`; a daily one that is not later than it is on the next day."""
    timezone: str = "UTC"
    days: tuple[Day, ...] = ()
    """Days on which a daily one begins; every day if none is named."""

    @property
    def is_daily(self) -> bool:
        return len(self.since) == len("HH:MM")


class SeverityRow(Section):
    """How much a cause matters, for one target or for all."""

    cause: str
    """A cause label."""
    target: str = EVERY_TARGET
    """The name of a target, or ``*``; a row that names the target outweighs one for all."""
    severity: Severity


def check_alerts(root: Node, names: dict[str, Node], problems: Problems) -> None:
    """Note what contradicts itself, or names what does not exist."""
    if alerts := root.items.get("alerts"):
        for node, told in contradictions(alerts):
            problems.add(node.at, told)
    for kind in ("maintenance", "severities"):
        section = root.items.get(kind)
        rows = section.value if section and isinstance(section.value, list) else []
        for number, row in enumerate(rows):
            _check_target(f"{kind}[{number}]", row, names, problems)
            check = _check_window if kind == "maintenance" else _check_cause
            check(f"{kind}[{number}]", row, problems)
    _check_twice(root.items.get("severities"), problems)


def contradictions(alerts: Node) -> Iterator[tuple[Node, str]]:
    """Yield what in `alerts` can never come, with where it stands."""
    wanted, of = _int(alerts, "failure_threshold", 2), alerts.child("failures_of")
    if of and isinstance(of.value, int) and of.value < wanted:
        yield (
            of,
            f"alerts.failures_of is {of.value}, which never holds the {wanted} failures of"
            " failure_threshold.",
        )
    if flap := alerts.child("flap"):
        changes, window = _int(flap, "changes", 6), _int(flap, "window", 20)
        if changes >= window - 1:
            yield (
                flap,
                f"alerts.flap: {window} runs have at most {window - 1} changes, so more than"
                f" {changes} never come. Make window larger or changes smaller.",
            )


def _check_target(where: str, row: Node, names: dict[str, Node], problems: Problems) -> None:
    target = row.child("target")
    if target and isinstance(target.value, str) and target.value not in (*names, EVERY_TARGET):
        problems.add(
            target.at,
            f"{where}.target is {target.value}, which is no target. {nearest(target.value, names)}",
        )


def _check_window(where: str, row: Node, problems: Problems) -> None:
    zone = row.child("timezone")
    if zone and isinstance(zone.value, str) and (problem := zone_problem(zone.value)):
        problems.add(zone.at, f"{where}.timezone: {problem}.")
    since, until = _text(row, "since"), _text(row, "until")
    if (" " in since) is not (" " in until):
        problems.add(row.at, f"{where}: since and until are both a time of day, or both a date.")
        return
    if " " not in since:
        return
    if days := row.child("days"):
        problems.add(days.key_at, f"{where}.days is for a daily time; this one has dates.")
    try:
        begins, ends = datetime.fromisoformat(since), datetime.fromisoformat(until)
    except ValueError:
        problems.add(row.at, f"{where}: since and until must be dates of the calendar.")
        return
    if ends <= begins:
        problems.add(row.at, f"{where}: until is not after since.")


def _check_cause(where: str, row: Node, problems: Problems) -> None:
    cause, labels = row.child("cause"), [str(label) for label in Label]
    if cause and isinstance(cause.value, str) and cause.value not in labels:
        advice = nearest(cause.value, labels)
        problems.add(cause.at, f"{where}.cause is {cause.value}, which is no label. {advice}")


def _check_twice(section: Node | None, problems: Problems) -> None:
    seen: dict[tuple[str, str], int] = {}
    rows = section.value if section and isinstance(section.value, list) else []
    for number, row in enumerate(rows):
        same = (_text(row, "cause"), _text(row, "target") or EVERY_TARGET)
        if all(same) and same in seen:
            first = f"severities[{seen[same]}]"
            problems.add(row.at, f"severities[{number}] says it again of what {first} is about.")
        seen.setdefault(same, number)


def _int(node: Node, name: str, default: int) -> int:
    child = node.child(name)
    return child.value if child and isinstance(child.value, int) else default


def _text(node: Node, name: str) -> str:
    child = node.child(name)
    return child.value if child and isinstance(child.value, str) else ""
