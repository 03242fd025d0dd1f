"""What services say of themselves explains a degraded run, and never more than it holds."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.diagnosis import diagnose
from bot.model import Run
from tests.evidence import EXCHANGED, KEY_REFUSED, answer, asked, labels, run, upgrade_refused
from tests.evidence_pairs import Pair


def unwell(**health: Any) -> Run:
    """Return a run that worked although something in health was not well."""
    facts: dict[str, Any] = {}
    for path, value in health.items():
        service, _, key = path.partition("__")
        facts |= {f"health.{service}.latency_ms": 12, f"health.{service}.error_text": "no answer"}
        facts.setdefault(f"health.{service}.status", 200)
        facts[f"health.{service}.{key.replace('__', '.')}"] = value
    facts = {path: value for path, value in facts.items() if not _is_moot(path, health)}
    ended = {"names": ["agent_started", "agent_completed"], "end": "terminal"}
    return run(asked(EXCHANGED, **ended) | facts, status="degraded", degraded=("health",))


def _is_moot(path: str, health: dict[str, Any]) -> bool:
    """Tell whether `path` is not recorded: of a dependency, or words of an error there was not."""
    service = path.split(".")[1]
    has_error = f"{service}__error" in health
    return (service == "dependency" and path.count(".") == 2) or (
        path.endswith("error_text") and not has_error
    )


READY = "https://api.staging.example.test/health/ready"
NOT_READY = unwell(ready__status=503, ready__latency_ms=9)
FRONTEND = "https://app.staging.example.test/health"

PAIRS = (
    Pair(
        promise="backend that hangs",
        label="backend_unresponsive",
        fires=unwell(backend__status=None, backend__error="timeout", backend__error_text="15 s"),
        looks_alike=unwell(backend__status=500, backend__latency_ms=12),
    ),
    Pair(
        promise="backend that fails",
        label="backend_5xx",
        fires=unwell(backend__status=500, backend__latency_ms=12),
        looks_alike=unwell(backend__status=404),
    ),
    Pair(
        promise="health under another path",
        label="wrong_target",
        fires=unwell(backend__status=404),
        looks_alike=unwell(backend__status=500),
    ),
    Pair(
        promise="web page in place of health",
        label="wrong_target",
        fires=unwell(backend__content_type="text/html"),
        looks_alike=unwell(backend__state="degraded"),
    ),
    Pair(
        promise="readiness without its database",
        label="dependency_db_down",
        fires=unwell(ready__status=503, ready__reason="Core database unavailable"),
        looks_alike=NOT_READY,
    ),
    Pair(
        promise="readiness without redis",
        label="dependency_redis_down",
        fires=unwell(ready__status=503, ready__reason="redis validation timed out"),
        looks_alike=NOT_READY,
    ),
    Pair(
        promise="readiness without clickhouse",
        label="dependency_clickhouse_down",
        fires=unwell(ready__status=503, ready__reason="ClickHouse unavailable"),
        looks_alike=NOT_READY,
    ),
    Pair(
        promise="readiness without a model",
        label="dependency_llm_unavailable",
        fires=unwell(ready__status=503, ready__reason="LLM Manager is None"),
        looks_alike=NOT_READY,
    ),
    Pair(
        promise="readiness without a table",
        label="db_schema_missing",
        fires=unwell(ready__status=503, ready__reason="Missing required database tables: {'x'}"),
        looks_alike=unwell(ready__status=503, ready__reason="Core database unavailable"),
    ),
    Pair(
        promise="missing setting in the start",
        label="startup_config_invalid",
        fires=unwell(ready__status=503, ready__reason="Missing required config DATABASE_URL"),
        looks_alike=unwell(ready__status=503, ready__reason="Core database unavailable"),
    ),
    Pair(
        promise="exception in the start",
        label="startup_code_error",
        fires=unwell(
            ready__status=503, ready__reason="Startup aborted: No module named 'auth_service'"
        ),
        looks_alike=NOT_READY,
    ),
    Pair(
        promise="start not through",
        label="startup_race",
        fires=unwell(ready__status=503, ready__reason="Service not ready: still starting"),
        looks_alike=NOT_READY,
    ),
    Pair(
        promise="not ready for no reason",
        label="backend_5xx",
        fires=NOT_READY,
        looks_alike=unwell(ready__error="timeout", ready__url=READY),
    ),
    Pair(
        promise="readiness that hangs",
        label="backend_unresponsive",
        fires=unwell(ready__error="timeout", ready__url=READY),
        looks_alike=NOT_READY,
    ),
    Pair(
        promise="dead auth service",
        label="auth_service_unavailable",
        fires=unwell(auth__status=503),
        looks_alike=unwell(auth__status=404),
    ),
    Pair(
        promise="auth service that calls itself unwell",
        label="auth_service_unavailable",
        fires=unwell(auth__state="unhealthy"),
        looks_alike=unwell(backend__state="unhealthy"),
    ),
    Pair(
        promise="auth service without its database",
        label="dependency_db_down",
        fires=unwell(auth__status=503, auth__reason="Database connectivity failed"),
        looks_alike=unwell(auth__status=503),
    ),
    Pair(
        promise="auth health elsewhere",
        label="wrong_target",
        fires=unwell(auth__status=404),
        looks_alike=unwell(auth__status=503),
    ),
    Pair(
        promise="dead frontend",
        label="backend_5xx",
        fires=unwell(frontend__status=503),
        looks_alike=unwell(frontend__error="timeout"),
    ),
    Pair(
        promise="frontend without auth",
        label="auth_service_unavailable",
        fires=unwell(frontend__state="degraded", dependency__frontend_auth__status="unhealthy"),
        looks_alike=unwell(
            frontend__state="degraded", dependency__frontend_backend__status="unhealthy"
        ),
    ),
    Pair(
        promise="frontend without backend",
        label="backend_unresponsive",
        fires=unwell(frontend__state="degraded", dependency__frontend_backend__status="unhealthy"),
        looks_alike=unwell(
            frontend__state="degraded", dependency__frontend_auth__status="unhealthy"
        ),
    ),
    Pair(
        promise="database down",
        label="dependency_db_down",
        fires=unwell(
            dependency__postgresql__status="failed", dependency__postgresql__error="timeout expired"
        ),
        looks_alike=unwell(
            dependency__postgresql__status="degraded",
            dependency__postgresql__response_time_ms=5022.6,
        ),
    ),
    Pair(
        promise="slow database",
        label="latency_slo_exceeded",
        fires=unwell(dependency__postgresql__response_time_ms=5022.6),
        looks_alike=unwell(dependency__postgresql__error="timeout expired"),
    ),
    Pair(
        promise="redis down",
        label="dependency_redis_down",
        fires=unwell(
            dependency__redis__status="failed", dependency__redis__error="Error -3 connecting"
        ),
        looks_alike=unwell(dependency__postgresql__status="failed"),
    ),
    Pair(
        promise="clickhouse down",
        label="dependency_clickhouse_down",
        fires=unwell(
            dependency__clickhouse__status="failed", dependency__clickhouse__error="timeout"
        ),
        looks_alike=unwell(dependency__redis__status="failed"),
    ),
    Pair(
        promise="model down",
        label="dependency_llm_unavailable",
        fires=unwell(dependency__llm__status="failed", dependency__llm__error="no key"),
        looks_alike=unwell(dependency__redis__status="failed"),
    ),
)


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_a_degraded_run_is_traced_to_what_health_says(pair: Pair) -> None:
    assert labels(diagnose(pair.fires)) == [(pair.label, "sufficient")]


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_a_look_alike_in_health_gets_another_answer(pair: Pair) -> None:
    assert answer(pair.looks_alike) != pair.label


UNNAMED = (
    unwell(backend__status=422),
    unwell(backend__state="degraded"),
    unwell(auth__status=307),
    unwell(frontend__state="degraded"),
    unwell(dependency__kafka__status="failed"),
)


@pytest.mark.parametrize("checked", UNNAMED)
def test_an_oddity_without_a_known_cause_is_called_unknown(checked: Run) -> None:
    diagnosis = diagnose(checked)
    assert labels(diagnosis) == [("insufficient_evidence", "sufficient")]
    assert diagnosis.unknowns


SERVICES = ("backend", "ready", "dependencies", "auth", "frontend")


def silent(service: str, error: str, url: str = "", text: str = "no") -> Run:
    """Return a run that got no answer from the health of `service`."""
    url = url or f"https://{service}.staging.example.test/health"
    facts = {"status": None, "url": url, "error": error, "error_text": text}
    return unwell(**{f"{service}__{key}": value for key, value in facts.items()})


def told(service: str, **facts: Any) -> Run:
    """Return a run in which a secondary health route answered like this."""
    known = {"url": READY, "latency_ms": 5, **facts}
    return unwell(**{f"{service}__{key}": value for key, value in known.items()})


def _silent_cases() -> Iterator[tuple[Run, str]]:
    for service in SERVICES:
        down = "auth_service_unavailable" if service == "auth" else "backend_unresponsive"
        for error in ("timeout", "reset", "refused", "proxy_gateway"):
            yield silent(service, error), down
        for error in ("redirect", "protocol", "decode", "too_large"):
            yield silent(service, error), "wrong_target"
        yield silent(service, "dns"), "dns_failure"
        yield silent(service, "tls", text="self-signed certificate"), "tls_failure"
        yield silent(service, "tls", text="record layer failure (_ssl.c:1006)"), "wrong_target"
        yield silent(service, "refused", "http://127.0.0.1:8000/health"), "wrong_target"
        yield silent(service, "refused", "http://api.example.test:8000/health"), "wrong_target"
        yield silent(service, "timeout", "http://127.0.0.1:8000/health"), down
        yield silent(service, "timeout", "http://api.example.test:8000/health"), down


def _told_cases() -> Iterator[tuple[Run, str]]:
    for service in ("ready", "dependencies"):
        yield told(service, status=404), "wrong_target"
        yield told(service, status=500), "backend_5xx"
        yield told(service, status=307), "insufficient_evidence"
        yield told(service, content_type="text/html"), "wrong_target"
        yield told(service, state="unhealthy", reason="redis is down"), "dependency_redis_down"


ANSWERS = (*_silent_cases(), *_told_cases())


@pytest.mark.parametrize(("checked", "label"), ANSWERS)
def test_a_health_route_is_told_by_how_it_answers_or_does_not(checked: Run, label: str) -> None:
    assert answer(checked) == label


def test_a_refused_odd_port_elsewhere_is_not_certain_to_be_a_wrong_target() -> None:
    checked = silent("backend", "refused", "http://api.example.test:8000/health")
    assert diagnose(checked).causes[0].confidence < 0.75


CONFIDENCE = {
    "an exception in the start": (
        unwell(ready__status=503, ready__reason="Startup aborted: No module named 'x'"),
        0.8,
    ),
}
ELSEWHERE = run(
    asked(KEY_REFUSED, names=["agent_started", "agent_completed"], end="terminal")
    | {
        "exchange.status": 404,
        "exchange.detail": "Not Found",
        "health.auth.url": FRONTEND,
        "health.auth.state": "degraded",
        "health.frontend.url": FRONTEND,
        "health.frontend.status": 200,
    },
    status="degraded",
    failed=("exchange",),
    degraded=("health", "token"),
)
NEAR = {
    "what is asked for the auth service's health is another service": ELSEWHERE,
    "unknown name among unknown names": silent("backend", "dns"),
    "exception that is not in the start": unwell(
        ready__status=503, ready__reason="No module named 'x'"
    ),
}


def test_a_dead_backend_is_one_cause_however_many_services_tell_of_it() -> None:
    checked = upgrade_refused(
        EXCHANGED,
        503,
        health__backend__status=503,
        health__backend__latency_ms=9,
        health__ready__status=503,
        health__dependencies__status=503,
        health__frontend__state="degraded",
        health__dependency__frontend_backend__status="unhealthy",
    )
    assert labels(diagnose(checked)) == [("backend_5xx", "sufficient")]


def test_a_dependency_that_the_failure_does_not_name_is_incidental() -> None:
    checked = upgrade_refused(EXCHANGED, 500, health__dependency__clickhouse__status="failed")
    assert labels(diagnose(checked)) == [
        ("ws_server_code_error", "sufficient"),
        ("dependency_clickhouse_down", "incidental"),
    ]


def test_two_ailments_of_a_degraded_run_both_contribute() -> None:
    checked = unwell(dependency__clickhouse__status="failed", dependency__redis__status="failed")
    assert {role for _, role in labels(diagnose(checked))} == {"contributing"}


def test_what_another_service_says_of_itself_is_not_laid_on_the_auth_service() -> None:
    assert labels(diagnose(ELSEWHERE)) == [("wrong_target", "sufficient")]


def test_one_service_for_everything_speaks_for_the_auth_service_too() -> None:
    observed = {o.path: o.value for o in ELSEWHERE.observations}
    gateway = run(observed | {"exchange.status": 401}, status="degraded", failed=("exchange",))
    assert ("auth_service_unavailable", "contributing") in labels(diagnose(gateway))
