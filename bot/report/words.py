"""Small wordings used everywhere in a report: times, amounts, confidence, roles, evidence."""

import json
import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from bot.diagnosis import CATALOGUE
from bot.labels import Label
from bot.model import Cause, Json, Observation, Role, Status, Trigger, WhyKind
from bot.phrases import span
from bot.report.visible import one_line

STATUS_WORDS: Mapping[Status, str] = {
    Status.PASSED: "Passed",
    Status.DEGRADED: "Degraded",
    Status.FAILED: "Failed",
    Status.ERRORED: "Errored",
    Status.SKIPPED: "Skipped",
}

ROLE_WORDS: Mapping[Role, str] = {
    Role.SUFFICIENT: "sufficient. As far as the evidence goes, nothing else keeps the run from "
    "working",
    Role.CONTRIBUTING: "contributing. It would fail the check by itself, but fixing it alone "
    "is not enough",
    Role.INCIDENTAL: "incidental. Real, but not why the run ended as it did",
}


def role_words(cause: Cause) -> str:
    """Return what the cause has to do with the outcome, or that this is not known."""
    if cause.is_role_open:
        return "not known. The evidence does not tell whether fixing this alone is enough"
    return ROLE_WORDS[cause.role]


KIND_WORDS: Mapping[WhyKind, str] = {
    WhyKind.OBSERVED: "observed",
    WhyKind.INFERRED: "inferred",
    WhyKind.UNKNOWN: "unknown",
}

_ASKED: Mapping[Trigger, str] = {
    Trigger.SHELL: "{who}, from a shell",
    Trigger.COMMAND: "{who}, by command",
    Trigger.BUTTON: "{who}, by button",
    Trigger.SCHEDULE: "the schedule {who}",
    Trigger.DEPLOY: "a deploy, {who}",
    Trigger.PASTE: "{who}, by pasting text",
    Trigger.MENTION: "{who}, by a mention",
    Trigger.STEP: "a workflow of {who}",
}

_SLACK_USER = re.compile(r"[UW][A-Z0-9]{7,20}")

# Of a long list the first few tell what it is; the JSON report has the rest.
MOST_LISTED = 6

# The verbs the command line has too; all others are typed in Slack.
_SHELL_VERBS = frozenset({"run", "explain", "verify-key", "replay"})


def asked(trigger: Trigger, who: str) -> str:
    """Return who or what asked for a run, and how; `who` is shown as it is."""
    return _ASKED[trigger].format(who=who)


NOBODY: Mapping[str, str] = MappingProxyType({})
"""Of nobody it is known what Slack calls them."""


def called(id: str, people: Mapping[str, str] = NOBODY) -> str:
    """Return who, in words: by name where `people` has it, else a Slack user id as what it is."""
    return people.get(id) or (f"Slack user {id}" if _SLACK_USER.fullmatch(id) else id)


def confidence_word(confidence: float) -> str:
    """Return how sure a number between 0 and 1 is: confirmed, likely or possible."""
    if confidence >= 0.95:
        return "confirmed"
    return "likely" if confidence >= 0.75 else "possible"


def confidence_words(confidence: float) -> str:
    """Return ``confirmed, confidence 0.97``; the number is never rounded up to certainty."""
    number = math.floor(confidence * 100 + 1e-9) / 100
    return f"{confidence_word(confidence)}, confidence {number:.2f}"


def label_words(label: Label) -> str:
    """Return a cause label as words, from the catalogue."""
    return CATALOGUE[label].title


def seconds(duration_s: float) -> str:
    """Return a duration for people: ``410 ms``, ``2.9 s``, ``1 min 12 s``, ``3 h 39 min``."""
    if duration_s < 0.9995:
        return f"{duration_s * 1000:.0f} ms"
    if duration_s < 10:
        return f"{duration_s:.1f} s"
    return span(timedelta(seconds=round(duration_s)))


MOMENT = r"\b\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)? UTC\b"
"""A pattern of what `moment` returns, with or without the seconds."""


def moment(at: datetime) -> str:
    """Return a point in time for people, in UTC to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def cited(evidence: Iterable[str]) -> str:
    """Return the ids as a citation, with a space before it: `` [o12, o14]``; empty for none."""
    ids = ", ".join(evidence)
    return f" [{ids}]" if ids else ""


def shown(value: Json) -> str:
    """Return a recorded value as one line: words as they are, mappings as ``name=value``."""
    match value:
        case str():
            return one_line(value) or "(empty)"
        case dict():
            parts = (f"{one_line(str(key))}={shown(item)}" for key, item in value.items())
            return ", ".join(parts) or "{}"
        case list() | tuple() if len(value) > MOST_LISTED:
            few = ", ".join(shown(item) for item in value[: MOST_LISTED - 1])
            return f"{few} and {len(value) - MOST_LISTED + 1} more"
        case list() | tuple():
            return ", ".join(shown(item) for item in value) or "[]"
        case _:
            return json.dumps(value)


def evidence_line(observation: Observation) -> str:
    """Return ``o12 exchange.detail = Invalid E2E bypass key``."""
    return f"{observation.id} {one_line(observation.path)} = {shown(observation.value)}"


def typed(command: str, *, slack: bool) -> str:
    """Return a grammar line as a person types it, in Slack or in a shell."""
    verb = command.split(" ", 1)[0]
    return (
        f"stagecheck {command}" if verb in _SHELL_VERBS and not slack else f"/stagecheck {command}"
    )
