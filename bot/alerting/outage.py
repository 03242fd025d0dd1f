"""An incident's beginning and going on: what each failing run makes of it."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.alerting.events import RunEnded
from bot.alerting.model import Incident, IncidentState
from bot.alerting.outcomes import Outcomes, looked_at, since_first_failure, starts_to_flap
from bot.alerting.policy import Policy
from bot.alerting.severity import severity_of
from bot.labels import Label
from bot.model import Status

# A cause that is held for less likely than not takes the place of no better one.
_WEAK = 0.5
_VERIFYING_FOR = timedelta(minutes=15)
"""For how long runs are made to see whether a fix holds; without an answer it is unknown then."""


def is_failure(run: RunEnded, policy: Policy) -> bool:
    """Return whether the run says that the target fails."""
    return run.status is Status.FAILED or (run.status is Status.DEGRADED and policy.degraded_fails)


def is_verifying(incident: Incident, at: datetime) -> bool:
    """Return whether somebody said it is fixed, and runs are still made to see that."""
    since = incident.verifying_since
    return bool(incident.verifying_by) and since is not None and at < since + _VERIFYING_FOR


def began_before(run: RunEnded, word: datetime | None) -> bool:
    """Return whether the run began before a person's word, of which it can tell nothing then."""
    return word is not None and run.started_at < word


def opened(target: str, id: str, run: RunEnded, row: Outcomes, policy: Policy) -> Incident:
    """Return the incident that the failures at the end of the row come to."""
    flaps = starts_to_flap(row, policy)
    counted = since_first_failure(row, policy.flap_window if flaps else looked_at(policy))
    first = counted[0]
    return Incident(
        id=id,
        target=target,
        state=IncidentState.TRIGGERED,
        severity=severity_of(run.cause, run.status, policy.severities),
        started_at=first.started_at or first.at,
        triggered_at=run.at,
        waiting_since=run.at,
        cause=run.cause,
        cause_check=run.check,
        confidence=run.confidence,
        summary=run.summary,
        causes=(run.cause,) if run.cause else (),
        checks=(run.check,),
        runs=len(counted),
        failures=sum(one.failed for one in counted),
        first_run=first.run_id,
        last_failure=run.key,
        last_run=run.key,
        last_status=run.status,
        last_run_at=run.at,
        flapping=flaps,
        impact=policy.impact,
    )


def joins(incident: Incident, run: RunEnded) -> bool:
    """Return whether one failing run is of this outage: by its check, or by its cause.

    What a person opened and no check failed in yet takes in any failure.
    """
    if not incident.checks or run.check in incident.checks:
        return True
    return bool(run.cause) and run.cause is incident.cause is not Label.INSUFFICIENT_EVIDENCE


def changes_cause(incident: Incident, run: RunEnded) -> bool:
    """Return whether the run says that the outage has another cause now.

    Not when it does not know. Nor when two checks fail for two causes that were said already:
    they would take turns.
    """
    if run.cause is None or run.cause is incident.cause:
        return False
    if incident.cause is None:
        return True
    if run.cause is Label.INSUFFICIENT_EVIDENCE:
        return False
    if run.confidence < _WEAK and incident.cause is not Label.INSUFFICIENT_EVIDENCE:
        return False
    return run.check == incident.cause_check or run.cause not in incident.causes


def failed_again(incident: Incident, run: RunEnded, policy: Policy) -> Incident:
    """Return the incident after one more failing run of it."""
    still_verifying = began_before(run, incident.verifying_since)
    incident = replace(
        incident,
        checks=incident.checks if run.check in incident.checks else (*incident.checks, run.check),
        runs=incident.runs + 1,
        failures=incident.failures + 1,
        first_run=incident.first_run or run.key,
        last_failure=run.key,
        last_run=run.key,
        last_status=run.status,
        last_run_at=run.at,
        passes=0,
        working_since=None,
        verifying_by=incident.verifying_by if still_verifying else "",
        verifying_since=incident.verifying_since if still_verifying else None,
    )
    if changes_cause(incident, run):
        return _with_cause(incident, run, policy)
    if run.cause and run.cause is incident.cause:
        return replace(incident, confidence=run.confidence, summary=run.summary)
    return incident


def _with_cause(incident: Incident, run: RunEnded, policy: Policy) -> Incident:
    severity = severity_of(run.cause, run.status, policy.severities)
    known = incident.causes
    assert run.cause
    return replace(
        incident,
        cause=run.cause,
        cause_check=run.check,
        confidence=run.confidence,
        summary=run.summary,
        causes=known if run.cause in known else (*known, run.cause),
        # What a person said of it stands.
        severity=incident.severity if incident.severity_by else severity,
    )


def reopened(incident: Incident, run: RunEnded, policy: Policy) -> Incident:
    """Return the incident that a person resolved, failing on; it waits for somebody again."""
    return failed_again(
        replace(
            incident,
            state=IncidentState.TRIGGERED,
            reopened=incident.reopened + 1,
            acknowledged_by="",
            acknowledged_at=None,
            waiting_since=run.at,
            resolved_at=None,
            ended_at=None,
            resolution="",
        ),
        run,
        policy,
    )


def waiting(incident: Incident, at: datetime) -> Incident:
    """Return the incident as one that nobody has acknowledged."""
    return replace(
        incident,
        state=IncidentState.TRIGGERED,
        acknowledged_by="",
        acknowledged_at=None,
        waiting_since=at,
    )
