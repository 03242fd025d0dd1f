"""How much an outage matters, by its cause, and what that outweighs."""

from collections.abc import Mapping

from bot.labels import Label
from bot.model import Severity, Status

# Least first: a later one outweighs those before it.
ORDER = (Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)

# Nothing of the pipeline works for anybody while one of these lasts.
_WHOLE_PIPELINE = (
    Label.DNS_FAILURE,
    Label.TLS_FAILURE,
    Label.BACKEND_5XX,
    Label.BACKEND_UNRESPONSIVE,
    Label.STARTUP_CONFIG_INVALID,
    Label.STARTUP_CODE_ERROR,
    Label.DEPENDENCY_DB_DOWN,
    Label.DB_SCHEMA_MISSING,
    Label.AUTH_SERVICE_UNAVAILABLE,
    # It looks well and is not: nobody would notice by themselves.
    Label.AUTH_SILENTLY_BYPASSED,
    Label.FAKE_EXECUTION,
)
# It works, or works again by itself, or only the check is at fault.
_NOT_AN_OUTAGE = (
    Label.STARTUP_RACE,
    Label.LATENCY_SLO_EXCEEDED,
    Label.RATE_LIMITED,
    Label.INSTANCE_REPLACED,
    Label.CLIENT_API_MISUSE,
    Label.TEST_CODE_ERROR,
)

BY_LABEL: Mapping[Label, Severity] = {
    **dict.fromkeys(_WHOLE_PIPELINE, Severity.CRITICAL),
    **dict.fromkeys(_NOT_AN_OUTAGE, Severity.MEDIUM),
}


def severity_of(
    cause: Label | None, status: Status, severities: Mapping[str, Severity]
) -> Severity:
    """Return how much an outage with this cause matters: as configured, else as is usual."""
    if cause and cause in severities:
        return severities[cause]
    if status is Status.DEGRADED:
        return Severity.MEDIUM
    return BY_LABEL.get(cause, Severity.HIGH) if cause else Severity.HIGH


def at_least(severity: Severity, other: Severity) -> bool:
    return ORDER.index(severity) >= ORDER.index(other)
