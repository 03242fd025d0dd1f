"""The App Home tab: what is open, how each target is, how we are ourselves, and what to press."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.alerting.model import Incident, Mute
from bot.model import Json, Status
from bot.phrases import count, listed
from bot.report.blocks import (
    actions,
    context,
    date,
    escaped,
    header,
    line,
    listing,
    mrkdwn,
    offered,
    person,
    rich,
    said,
)
from bot.report.incident import SEVERITY_WORDS, cause_line, look_of
from bot.report.page.waterfall import MARKS
from bot.report.parts import Button
from bot.report.words import STATUS_WORDS

HOME = "home_"
"""Begins the block_id of what may be pressed again and again."""
MOST_INCIDENTS = 10
MOST_TARGETS = 15
MOST_RECENT = 10
_BUTTONS = 4
_CIRCLES = {
    Status.PASSED: ":large_green_circle:",
    Status.DEGRADED: ":large_yellow_circle:",
    Status.FAILED: ":red_circle:",
    Status.ERRORED: ":warning:",
    Status.SKIPPED: ":white_circle:",
    None: ":white_circle:",
}
_EXAMPLES = (
    ("/stagecheck {target}", "check it end to end, and say why it fails"),
    ("/stagecheck explain", "paste a log and have it explained; nothing is run"),
    ("/stagecheck history {target} 7d", "chart a week of runs"),
    ("/stagecheck help", "all that can be asked"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeTarget:
    """One target; `recent` are its last runs, the newest last. `word` says how it is."""

    target: str
    status: Status | None
    word: str
    since: datetime | None
    cause: str
    recent: tuple[Status, ...]
    note: str = ""
    next_run: datetime | None = None
    mute: Mute | None = None
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeIncident:
    """An open incident, and what its viewer may do about it."""

    incident: Incident
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeState:
    """All that one viewer is shown; `troubles` is part of ours -> what is wrong with it."""

    summary: str
    targets: tuple[HomeTarget, ...]
    incidents: tuple[HomeIncident, ...] | None
    """Those that are open; None where that cannot be read now."""
    troubles: Mapping[str, str]
    doing: str
    """What we are at, in words."""
    version: str
    example: str
    """A target to name in examples."""
    limits: str = ""
    """What the viewer may not do here, as a sentence; empty if nothing."""


def home_view(state: HomeState, *, at: datetime) -> Json:
    """Return the view for `views.publish`; `at` is when what it shows was last different."""
    blocks = [
        header(state.summary),
        context(
            f"Changes show within a minute; the last was {date(at)}",
            *([escaped(state.doing)] if state.doing else ()),
        ),
        *_troubles(state.troubles),
        *_incidents(state.incidents),
        *_targets(state.targets),
    ]
    if state.targets and not any(target.recent for target in state.targets):
        blocks += _examples(state.example)
    notes = [f"stagecheck {escaped(state.version, 40)}"]
    if state.limits:
        notes.append(escaped(state.limits))
    return {"type": "home", "blocks": [*blocks, context(*notes)]}


def _troubles(troubles: Mapping[str, str]) -> Iterator[Json]:
    for part, wrong in troubles.items():
        words = said(f" stagecheck itself is not well. {part}: {wrong}")
        yield rich(line({"type": "emoji", "name": "warning"}, words))


def _incidents(incidents: Sequence[HomeIncident] | None) -> Iterator[Json]:
    if incidents is None:
        yield rich(line(said("Whether an incident is open cannot be read now.")))
        return
    if not incidents:
        yield rich(line(said("No incident is open.")))
        return
    yield header("Open incidents")
    for one in incidents[:MOST_INCIDENTS]:
        incident, look = one.incident, look_of(one.incident)
        elements = [
            {"type": "emoji", "name": look.mark},
            said(f" {look.word}: ", style="bold"),
            said(look.sentence),
        ]
        if cause := cause_line(incident):
            elements += [said("\nCause: ", style="bold"), said(cause)]
        yield rich(line(*elements))
        has_it = incident.assigned_to or incident.acknowledged_by
        yield context(
            f"Incident {escaped(incident.id, 40)}",
            f"since {date(incident.started_at)}",
            f"severity {SEVERITY_WORDS[incident.severity].lower()}",
            f"{person(has_it)} has it" if has_it else "nobody has it yet",
        )
        yield from _pressable(f"{HOME}incident_{incident.id}", one.buttons)
    if (left := len(incidents) - MOST_INCIDENTS) > 0:
        yield context(f"{count(left, 'incident')} more: `/stagecheck incident list`")


def _targets(targets: Sequence[HomeTarget]) -> Iterator[Json]:
    if targets:
        yield header("Targets")
    for number, one in enumerate(targets[:MOST_TARGETS]):
        words = f"{_CIRCLES[one.status]} *{escaped(one.target, 80)}*: {escaped(one.word)}"
        if one.since is not None:
            words += f" since {date(one.since)}"
        if one.cause:
            words += f"\n{escaped(one.cause)}"
        yield {"type": "section", "text": mrkdwn(words)}
        if notes := list(_notes(one)):
            yield context(*notes)
        yield from _pressable(f"{HOME}target_{number}", one.buttons)
    if (left := len(targets) - MOST_TARGETS) > 0:
        yield context(f"{count(left, 'target')} more: `/stagecheck status`")


def _notes(one: HomeTarget) -> Iterator[str]:
    if one.recent:
        yield recent_words(one.recent)
    if one.note:
        yield escaped(one.note)
    if one.next_run is not None:
        yield f"next run {date(one.next_run)}"
    if one.mute is not None:
        yield f"muted until {date(one.mute.until)} by {person(one.mute.by)}"


def recent_words(recent: Sequence[Status]) -> str:
    """Return the last runs as marks, the newest last, and in words."""
    shown = recent[-MOST_RECENT:]
    marks = " ".join(MARKS[status] for status in shown)
    counted = Counter(shown)
    words = listed(
        f"{counted[status]} {STATUS_WORDS[status].lower()}" for status in Status if counted[status]
    )
    return f"{marks}  {words}" if len(shown) > 1 else f"{marks}  {words}, the only run"


def _pressable(block_id: str, buttons: Sequence[Button]) -> Iterator[Json]:
    if shown := offered(buttons, _BUTTONS):
        yield actions(shown) | {"block_id": block_id}


def _examples(target: str) -> Iterator[Json]:
    yield header("Try this")
    yield rich(
        listing(
            *(
                line(said(command.format(target=target), style="code"), said(f"  {does}"))
                for command, does in _EXAMPLES
            )
        )
    )
