"""Runs made of observations, for the tests of what a run means."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from bot.diagnosis import diagnose
from bot.model import (
    Caller,
    Diagnosis,
    Json,
    Observation,
    Run,
    Status,
    StepResult,
    Trigger,
)

STARTED_AT = datetime(2025, 9, 8, 0, 39, 41, tzinfo=UTC)
PIPELINE = ("health", "exchange", "token", "connect", "request", "events")


def run(
    observed: Mapping[str, Json],
    *,
    status: str = "failed",
    failed: Iterable[str] = (),
    degraded: Iterable[str] = (),
    skipped: Iterable[str] = (),
    errored: Iterable[str] = (),
    steps: Iterable[str] = PIPELINE,
    executed: bool = True,
) -> Run:
    """Return a run that observed this; every step passed that is not named otherwise.

    None takes an observation away again.
    """
    ended = dict.fromkeys(steps, Status.PASSED)
    for names, how in (
        (failed, Status.FAILED),
        (degraded, Status.DEGRADED),
        (skipped, Status.SKIPPED),
        (errored, Status.ERRORED),
    ):
        ended |= dict.fromkeys(names, how)
    return Run(
        id="r1",
        target="staging",
        check="pipeline",
        status=Status(status),
        executed=executed,
        started_at=STARTED_AT,
        duration_s=4.2,
        trigger=Trigger.SHELL,
        caller=Caller(id="ada"),
        steps=tuple(
            StepResult(name=name, title=name.capitalize(), status=how, duration_s=0.7)
            for name, how in ended.items()
        ),
        observations=tuple(
            Observation(
                id=f"o{number}",
                at=STARTED_AT + timedelta(milliseconds=number),
                step=path.partition(".")[0],
                key=path.partition(".")[2],
                value=value,
            )
            for number, (path, value) in enumerate(observed.items(), start=1)
            if value is not None
        ),
    )


HEALTHY: Mapping[str, Json] = {
    "health.backend.url": "https://api.staging.example.test/health",
    "health.backend.status": 200,
    "health.backend.state": "healthy",
    "health.auth.url": "https://auth.staging.example.test/health",
    "health.auth.status": 200,
    "health.auth.latency_ms": 81,
    "health.skew_s": 0.3,
    "health.backend.skew_s": 0.4,
    "health.hosts_resolved": ["api.staging.example.test", "auth.staging.example.test"],
}
EXCHANGED: Mapping[str, Json] = {
    **HEALTHY,
    "exchange.url": "https://auth.staging.example.test/auth/e2e/test-auth",
    "exchange.key_present": True,
    "exchange.key_source": "env:KEY",
    "exchange.key_fingerprint": "9f2c1ab04d77",
    "exchange.key_lint": [],
    "exchange.status": 200,
    "exchange.token_issued": True,
    "token.source": "exchanged",
    "token.subject": "e2e-e2e",
    "token.ttl_s": 900,
}
KEY_REFUSED: Mapping[str, Json] = {
    **EXCHANGED,
    "exchange.status": 401,
    "exchange.detail": "Invalid E2E bypass key",
    "exchange.token_issued": False,
    "token.source": "minted",
    "token.subject": "staging-e2e-user-001",
    "token.secret_source": "env:JWT_SECRET_STAGING",
}


def connected(before: Mapping[str, Json]) -> dict[str, Json]:
    """Return what was seen up to the open socket, after `before`."""
    return {
        **before,
        "connect.url": "wss://api.staging.example.test/ws",
        "connect.status": 101,
        "connect.identity": before["token.source"],
        "connect.authorization_sent": True,
    }


def asked(before: Mapping[str, Json], **events: Json) -> dict[str, Json]:
    """Return what was seen up to the end of the stream, which brought `events`."""
    return {
        **connected(before),
        "request.sent": True,
        "request.type": "start_agent",
        **{_path(key): value for key, value in events.items()},
    }


def _path(key: str) -> str:
    """Return the path of a fact of the stream, or of the experiment it names: ``ping__outcome``."""
    return key.replace("__", ".") if "__" in key else f"events.{key}"


def error_frame(code: str, message: str, detail: str = "", **more: Json) -> dict[str, Json]:
    """Return what is recorded of an error frame."""
    details = {"error_detail": detail} if detail else {}
    return {
        "names": [],
        "missing": ["agent_started", "agent_completed"],
        "end": "error_frame",
        "error_type": "error_message",
        "error_code": code,
        "error_message": message,
        **details,
        **more,
    }


def refused(
    before: Mapping[str, Json], code: str, message: str, detail: str = "", **more: Json
) -> Run:
    """Return a run that an error frame ended."""
    steps = {"exchange"} if before["token.source"] == "minted" else set()
    return run(
        asked(before, **error_frame(code, message, detail, **more)),
        failed=steps | {"events"},
        degraded=("token",) if steps else (),
    )


def upgrade_refused(before: Mapping[str, Json], status: int, **more: Json) -> Run:
    """Return a run whose upgrade was answered with `status`; `more` are further paths, with __."""
    seen = {**connected(before), "connect.status": status}
    seen |= {path.replace("__", "."): value for path, value in more.items()}
    steps = {"exchange"} if before["token.source"] == "minted" else set()
    return run(seen, failed=steps | {"connect"}, skipped=("request", "events"))


def labels(diagnosis: Diagnosis) -> list[tuple[str, str]]:
    """Return label and role of every cause, the answer first."""
    return [(cause.label.value, cause.role.value) for cause in diagnosis.causes]


def answer(checked: Run) -> str:
    """Return the label of the answer."""
    return diagnose(checked).causes[0].label.value
