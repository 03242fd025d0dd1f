"""What services say of themselves explains a degraded run, and never more than it holds."""

from typing import Any

import pytest

from bot.diagnosis import diagnose
from bot.model import Run
from tests.evidence import EXCHANGED, answer, asked, labels, run, upgrade_refused
from tests.evidence_pairs import Pair


def unwell(**health: Any) -> Run:
    """Return a run that worked although something in health was not well."""
    facts = {f"health.{path.replace('__', '.')}": value for path, value in health.items()}
    ended = {"names": ["agent_started", "agent_completed"], "end": "terminal"}
    return run(asked(EXCHANGED, **ended) | facts, status="degraded", degraded=("health",))


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
NO_ANSWER = {
    "dns": "dns_failure",
    "tls": "tls_failure",
    "redirect": "wrong_target",
    "protocol": "wrong_target",
}


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("kind", NO_ANSWER)
def test_a_service_that_gives_no_answer_is_told_by_the_kind(service: str, kind: str) -> None:
    url = f"https://{service}.staging.example.test/health"
    facts = {"status": None, "url": url, "error": kind, "error_text": "no"}
    checked = unwell(**{f"{service}__{key}": value for key, value in facts.items()})
    assert answer(checked) == NO_ANSWER[kind]


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("kind", ["timeout", "reset", "refused"])
def test_a_service_that_does_not_answer_is_called_unresponsive(service: str, kind: str) -> None:
    url = f"https://{service}.staging.example.test/health"
    facts = {"status": None, "url": url, "error": kind, "error_text": "no"}
    checked = unwell(**{f"{service}__{key}": value for key, value in facts.items()})
    down = "auth_service_unavailable" if service == "auth" else "backend_unresponsive"
    assert answer(checked) == down


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_that_refuses_on_this_machine_is_a_wrong_target(service: str) -> None:
    facts = {"status": None, "url": "http://127.0.0.1:8000/health", "error": "refused"}
    checked = unwell(**{f"{service}__{key}": value for key, value in facts.items()})
    assert answer(checked) == "wrong_target"


def test_a_refused_odd_port_elsewhere_is_a_wrong_target_and_not_certain() -> None:
    facts = {"status": None, "url": "http://api.example.test:8000/health", "error": "refused"}
    checked = unwell(**{f"backend__{key}": value for key, value in facts.items()})
    cause = diagnose(checked).causes[0]
    assert cause.label == "wrong_target"
    assert cause.confidence < 0.75


@pytest.mark.parametrize("service", ["ready", "dependencies"])
@pytest.mark.parametrize(
    ("status", "label"),
    [(404, "wrong_target"), (500, "backend_5xx"), (307, "insufficient_evidence")],
)
def test_a_secondary_health_route_is_told_by_its_status(
    service: str, status: int, label: str
) -> None:
    facts = {"status": status, "url": READY, "latency_ms": 5}
    checked = unwell(**{f"{service}__{key}": value for key, value in facts.items()})
    assert answer(checked) == label


@pytest.mark.parametrize("service", ["ready", "dependencies"])
def test_a_web_page_in_place_of_a_report_is_another_service(service: str) -> None:
    checked = unwell(**{f"{service}__content_type": "text/html", f"{service}__url": READY})
    assert answer(checked) == "wrong_target"


@pytest.mark.parametrize("service", ["ready", "dependencies"])
def test_a_report_that_says_unwell_for_a_known_reason_names_it(service: str) -> None:
    checked = unwell(**{f"{service}__state": "unhealthy", f"{service}__reason": "redis is down"})
    assert answer(checked) == "dependency_redis_down"


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
