"""How much an outage matters, by its cause, and what that outweighs."""

from collections.abc import Mapping

from bot.diagnosis import CATALOGUE
from bot.labels import Label
from bot.model import Severity, Status

# Least first: a later one outweighs those before it.
ORDER = (Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)


def severity_of(
    cause: Label | None, status: Status, severities: Mapping[str, Severity]
) -> Severity:
    """Return how much an outage with this cause matters: as configured, else as in reports."""
    if cause and cause in severities:
        return severities[cause]
    if status is Status.DEGRADED:
        return Severity.MEDIUM
    return CATALOGUE[cause].severity if cause else Severity.HIGH


def at_least(severity: Severity, other: Severity) -> bool:
    """Return whether something matters as much as `other`, or more."""
    return ORDER.index(severity) >= ORDER.index(other)
