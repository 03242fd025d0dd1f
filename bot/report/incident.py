"""An incident's first message in Slack: how it is, since when, why, who has it, and what to do.

It is edited for as long as the incident lives: from red over amber to green, always in words too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.alerting.model import Incident, IncidentState, Mute
from bot.labels import Label
from bot.model import Json, Severity, Status
from bot.phrases import count, listed, span
from bot.report.blocks import (
    Message,
    context,
    date,
    escaped,
    fallback,
    fields,
    line,
    link,
    owner,
    person,
    rich,
    said,
)
from bot.report.controls import closed_controls, open_controls
from bot.report.visible import clip, whole_sentences
from bot.report.words import STATUS_WORDS, confidence_words, label_words

MOST_TITLE = 200
MOST_SUMMARY = 300
MOST_OWNERS = 5
MOST_CHECKS = 6

RED, ORANGE, YELLOW, GREEN, WHITE = (
    "red_circle",
    "large_orange_circle",
    "large_yellow_circle",
    "large_green_circle",
    "white_circle",
)

BY_HAND = "Resolved by hand"

SEVERITY_WORDS = {
    Severity.CRITICAL: "Critical",
    Severity.HIGH: "High",
    Severity.MEDIUM: "Medium",
    Severity.LOW: "Low",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How an incident is, in a word, a sentence, and the colour that goes with them."""

    mark: str
    word: str
    sentence: str


def incident_message(incident: Incident, *, mute: Mute | None = None, page: str = "") -> Message:
    """Return the first message of `incident` as it is now; `mute` is the target's, if it has one.

    `page` is the address of its last run's page, if there is one.
    What the target said in it is shown letter by letter, and notifies nobody.
    """
    look = look_of(incident)
    blocks: list[Json] = [_answer(incident, look), fields(list(_facts(incident, page)))]
    if incident.state is IncidentState.RESOLVED:
        blocks += [context(_ending(incident)), closed_controls(incident)]
    else:
        blocks.append(open_controls(incident))
    if small_print := _small_print(incident, mute):
        blocks.append(context(*small_print))
    return Message(text=incident_text(incident), blocks=tuple(blocks))


def incident_text(incident: Incident) -> str:
    """Return state, cause and next step in one line, for notifications and screen readers."""
    look = look_of(incident)
    parts = [f"{_title(incident, look)}: {look.sentence}."]
    if incident.title:
        parts.append(f"What: {clip(incident.title, 120).rstrip('.')}.")
    if cause := cause_line(incident):
        parts.append(f"Cause: {clip(cause, 120)}.")
    if incident.state is IncidentState.TRIGGERED:
        parts.append("Next: acknowledge it.")
    return fallback(" ".join(parts))


def look_of(incident: Incident) -> Look:
    """Return how `incident` is, the most telling first."""
    target = incident.target
    if incident.state is IncidentState.RESOLVED:
        return _resolved(incident)
    if incident.flapping:
        told = f"{target} keeps changing between working and failing"
        return Look(mark=ORANGE, word="Flapping", sentence=told)
    if incident.passes:
        return Look(mark=YELLOW, word="Recovering", sentence=_passing(incident))
    if incident.verifying_by:
        told = f"{target} is said to be fixed; a run will show"
        return Look(mark=YELLOW, word="Verifying", sentence=told)
    has_failed = incident.failures > 0 or not incident.opened_by
    told = f"{target} fails" if has_failed else f"something is wrong with {target}"
    if incident.state is IncidentState.ACKNOWLEDGED:
        return Look(mark=ORANGE, word="Acknowledged", sentence=told)
    return Look(mark=RED, word="Triggered", sentence=told)


def _passing(incident: Incident) -> str:
    if _is_by_fallback(incident):
        return f"{incident.target} works, but only by the fallback"
    last = "last run" if incident.passes == 1 else f"last {incident.passes:,} runs"
    return f"{incident.target} passed its {last}"


def _is_by_fallback(incident: Incident) -> bool:
    return incident.last_status is Status.DEGRADED


def cause_line(incident: Incident) -> str:
    """Return the cause with its confidence; empty where no run has told one."""
    if incident.cause is None or incident.cause is Label.HEALTHY:
        return ""
    return f"{label_words(incident.cause)} ({confidence_words(incident.confidence)})"


def outage_words(incident: Incident) -> str:
    """Return how long the outage was; empty while it lasts."""
    if incident.ended_at is None:
        return ""
    return span(incident.ended_at - incident.started_at)


def _resolved(incident: Incident) -> Look:
    target = incident.target
    if not incident.resolved_by:
        outage = outage_words(incident)
        lasted = f" after {outage}" if outage else ""
        told = f"{target} works again{lasted}"
        if _is_by_fallback(incident):
            return Look(mark=YELLOW, word="Resolved", sentence=f"{told}, but only by the fallback")
        return Look(mark=GREEN, word="Resolved", sentence=told)
    # Green says that it works; that somebody says so is not the same.
    if incident.passes:
        mark = YELLOW if _is_by_fallback(incident) else GREEN
        return Look(mark=mark, word=BY_HAND, sentence=_passing(incident))
    told = f"no run has shown that {target} works again"
    if incident.last_status is Status.FAILED:
        told = f"{target} still failed in its last run"
    return Look(mark=WHITE, word=BY_HAND, sentence=told)


def _title(incident: Incident, look: Look) -> str:
    return f"Incident {incident.id} {look.word.lower()}"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"


def _answer(incident: Incident, look: Look) -> Json:
    elements: list[Json] = [
        {"type": "emoji", "name": look.mark},
        said(f" {_title(incident, look)}: ", style="bold"),
        said(look.sentence),
    ]
    for label, text in _lines(incident):
        elements += [said(f"\n{label}: ", style="bold"), said(text)]
    if incident.mentioned:
        elements.append(said("\nOwner: ", style="bold"))
        for number, name in enumerate(incident.mentioned[:MOST_OWNERS]):
            elements += [*([said(", ")] if number else []), owner(name)]
    return rich(line(*elements))


def _lines(incident: Incident) -> Iterator[tuple[str, str]]:
    if incident.title:
        yield "What", clip(incident.title, MOST_TITLE)
    if cause := cause_line(incident):
        seen = whole_sentences(incident.summary, MOST_SUMMARY)
        yield "Cause", f"{cause}. {seen}" if seen else f"{cause}."
    if incident.impact:
        over = incident.state is IncidentState.RESOLVED
        label = "Impact while it lasted" if over else "Impact"
        yield label, clip(incident.impact, MOST_SUMMARY)
    if incident.resolution:
        yield "Resolution", clip(incident.resolution, MOST_SUMMARY)


def _facts(incident: Incident, page: str) -> Iterator[tuple[str, str]]:
    yield ("Began" if incident.ended_at else "Since"), date(incident.started_at)
    if incident.ended_at is not None:
        yield "Ended", date(incident.ended_at)
        yield "Outage", outage_words(incident)
    yield "Who has it", _who(incident)
    yield "Last run", _last_run(incident, page)
    by = f", set by {person(incident.severity_by)}" if incident.severity_by else ""
    yield "Severity", f"{SEVERITY_WORDS[incident.severity]}{by}"


def _who(incident: Incident) -> str:
    if incident.assigned_to:
        return person(incident.assigned_to)
    if incident.acknowledged_by:
        return person(incident.acknowledged_by)
    return "nobody" if incident.state is IncidentState.RESOLVED else "nobody yet"


def _last_run(incident: Incident, page: str) -> str:
    if not incident.last_run or incident.last_status is None:
        return "none yet"
    run = escaped(incident.last_run, 80)
    told = f"{STATUS_WORDS[incident.last_status]}, run {link(page, run) if page else run}"
    return f"{told}, {date(incident.last_run_at)}" if incident.last_run_at else told


def _ending(incident: Incident) -> str:
    by = person(incident.resolved_by) if incident.resolved_by else "runs that passed"
    at = f" · {date(incident.resolved_at)}" if incident.resolved_at else ""
    return f"Resolved by {by}{at}"


def _small_print(incident: Incident, mute: Mute | None) -> list[str]:
    parts: list[str] = []
    if incident.runs:
        parts.append(f"{count(incident.runs, 'run')}, {incident.failures:,} failed")
    if incident.checks:
        parts.append(_checks(incident.checks))
    if incident.opened_by:
        parts.append(f"opened by {person(incident.opened_by)}")
    if incident.verifying_by and incident.state is not IncidentState.RESOLVED:
        parts.append(f"{person(incident.verifying_by)} says it is fixed")
    if incident.reopened:
        parts.append(f"opened again {_times(incident.reopened)}")
    if mute is not None and incident.state is not IncidentState.RESOLVED:
        parts.append(f"muted until {date(mute.until)} by {person(mute.by)}")
    return parts


def _checks(names: Sequence[str]) -> str:
    shown = [escaped(name, 80) for name in names[:MOST_CHECKS]]
    return f"check{'' if len(shown) == 1 else 's'} {listed(shown)}"
