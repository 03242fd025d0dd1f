"""What a person should look at and do, from the catalogue's entries for the causes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from bot.diagnosis.catalogue import CATALOGUE
from bot.diagnosis.exact_remedies import exact_remedy
from bot.labels import Label
from bot.model import Cause, Finding, NextStep, Role, Run, Severity, Status

NOTHING_TOLD: Mapping[Label, str] = MappingProxyType({})
# More would not be read; the report names every cause anyway.
_MOST_CAUSES = 3


def findings(causes: Sequence[Cause], run: Run) -> tuple[Finding, ...]:
    """Return one finding for each cause: where it is, what is wrong, what it does."""
    found: list[Finding] = []
    for cause in causes:
        entry = CATALOGUE[cause.label]
        blocks = cause.role is not Role.INCIDENTAL
        found.append(
            Finding(
                title=entry.title,
                location=entry.where,
                issue=cause.summary,
                impact=run.impact if run.impact and blocks else entry.impact,
                severity=_severity(entry.severity, cause, run.status),
                evidence=cause.evidence,
            )
        )
    return tuple(found)


def next_steps(
    causes: Sequence[Cause], run: Run, told: Mapping[Label, str] = NOTHING_TOLD
) -> tuple[NextStep, ...]:
    """Return what to do, the answer's remedies first and running again last.

    `told` has what is said of a cause in full, which may tell more than its label.
    """
    steps: dict[str, NextStep] = {}
    for cause in causes[:_MOST_CAUSES]:
        owner = (run.owners or {}).get(cause.label.value, "")
        for place, remedy in enumerate(_remedies(cause.label, told.get(cause.label, ""))):
            title = f"{remedy.title} ({owner})" if owner and place == 0 else remedy.title
            command = remedy.command.replace("{target}", run.target)
            steps.setdefault(command or remedy.title, NextStep(title=title, command=command))
    ordered = sorted(steps.values(), key=lambda step: step.command.startswith("run "))
    if run.executed and run.target:
        return tuple(ordered)
    # A pasted log has no target to run anything against.
    return tuple(replace(step, command="") for step in ordered if not step.command)


def _remedies(label: Label, told: str) -> tuple[NextStep, ...]:
    """Return what to do; what the words of a cause tell goes before what its label does."""
    usual = CATALOGUE[label].remedies
    exact = exact_remedy(label, told)
    if not exact:
        return usual
    return (NextStep(title=exact), *(remedy for remedy in usual if remedy.command))


def _severity(severity: Severity, cause: Cause, status: Status) -> Severity:
    """Weigh what an entry says by what the cause did in this run."""
    if cause.label is Label.HEALTHY or (cause.role is not Role.INCIDENTAL and not status.works):
        return severity
    return _SEVERITIES[min(_SEVERITIES.index(severity) + 1, len(_SEVERITIES) - 1)]


_SEVERITIES = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW)
