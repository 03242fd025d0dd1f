"""What goes wrong once the request is sent is told apart: silence, cuts, broken rules, agents."""

from typing import Any

import pytest

from bot.diagnosis import diagnose
from bot.model import Json, Run
from tests.evidence import EXCHANGED, KEY_REFUSED, answer, asked, labels, run
from tests.evidence_pairs import Pair

STARTED = ["agent_started", "agent_thinking"]
COMPLETE = [*STARTED, "agent_completed"]
MISSING = ["agent_started", "agent_completed"]


def silent(**events: Any) -> Run:
    """Return a run whose stream fell silent."""
    facts: dict[str, Json] = {
        "names": [],
        "missing": MISSING,
        "end": "gap_timeout",
        "window_s": 30.0,
        "duration_s": 30.0,
        "longest_gap_s": 0.2,
        "frames": 4,
        **events,
    }
    return run(asked(EXCHANGED, **facts), failed=("events",))


def cut_off(code: int, **events: Any) -> Run:
    """Return a run whose connection ended after the first events."""
    facts: dict[str, Json] = {
        "names": STARTED,
        "missing": ["agent_completed"],
        "end": "closed",
        "close_code": code,
        "closed_after_s": 29.9,
        **events,
    }
    return run(asked(EXCHANGED, **facts), failed=("events",))


def ended(status: str = "failed", **events: Any) -> Run:
    """Return a run that came to its end, but not well."""
    facts: dict[str, Json] = {
        "names": COMPLETE,
        "missing": [],
        "terminal": "agent_completed",
        "terminal_count": 1,
        "end": "terminal",
        **events,
    }
    broken: dict[str, Any] = {"failed": ("events",)} if status == "failed" else {}
    return run(asked(EXCHANGED, **facts), status=status, **broken)


def agent(error: str, **events: Any) -> Run:
    """Return a run whose agent failed with `error`."""
    names = [*STARTED, "agent_error"]
    return ended(
        names=names,
        missing=["agent_completed"],
        terminal="agent_error",
        agent_error=error,
        **events,
    )


ACK = silent(ack_type="execute_agent", ack_only=True, acknowledged=True)
SHADOWED = silent(acknowledged=True, ack_only=True)
PINGS = silent()
DIED = silent(names=STARTED, missing=["agent_completed"])
REPLACED = cut_off(1006)
GIVEN_UP = agent("AGENT_NOT_FOUND: supervisor is not registered")

PAIRS = (
    Pair(
        promise="unknown request type",
        label="pipeline_request_invalid",
        fires=ACK,
        looks_alike=PINGS,
    ),
    Pair(
        promise="shadowed request",
        label="pipeline_request_invalid",
        fires=SHADOWED,
        looks_alike=PINGS,
    ),
    Pair(
        promise="type without a handler",
        label="pipeline_request_invalid",
        fires=silent(other_request__outcome="terminal"),
        looks_alike=silent(other_request__outcome="no_answer"),
    ),
    Pair(promise="nothing but pings", label="event_timeout", fires=PINGS, looks_alike=ACK),
    Pair(
        promise="agent that died silently",
        label="event_timeout",
        fires=DIED,
        looks_alike=cut_off(1006),
    ),
    Pair(
        promise="agent that never ends",
        label="event_timeout",
        fires=silent(names=STARTED * 9, end="total_timeout"),
        looks_alike=ended(missing=["x"]),
    ),
    Pair(
        promise="answer without events",
        label="missing_events",
        fires=silent(unknown_types=["final_report"]),
        looks_alike=PINGS,
    ),
    Pair(
        promise="answer without an end",
        label="missing_events",
        fires=silent(names=[*STARTED, "final_report"], missing=["agent_completed"]),
        looks_alike=DIED,
    ),
    Pair(
        promise="response first of all",
        label="missing_events",
        fires=silent(names=["agent_response"]),
        looks_alike=silent(names=["agent_started", "agent_response"]),
    ),
    Pair(
        promise="names nobody knows",
        label="event_contract_mismatch",
        fires=silent(unknown_types=["AgentBegin", "AgentStep"]),
        looks_alike=PINGS,
    ),
    Pair(
        promise="end under another name",
        label="event_contract_mismatch",
        fires=silent(names=STARTED, missing=["agent_completed"], unknown_types=["agent_done"]),
        looks_alike=DIED,
    ),
    Pair(
        promise="garbage in place of events",
        label="event_contract_mismatch",
        fires=silent(garbage=["<html>"]),
        looks_alike=PINGS,
    ),
    Pair(
        promise="close code that is none",
        label="ws_server_code_error",
        fires=ended(
            end="garbage",
            names=[],
            terminal=None,
            garbage=["invalid status code"],
            close_code=1002,
            close_reason="invalid status code",
        ),
        looks_alike=ended(
            end="garbage", names=[], terminal=None, garbage=["<html>"], close_code=1002
        ),
    ),
    Pair(
        promise="frame too big",
        label="event_contract_mismatch",
        fires=ended(
            end="frame_too_big",
            names=STARTED,
            terminal=None,
            missing=["agent_completed"],
            close_code=1009,
            close_reason="frame exceeds limit of 1 MB",
        ),
        looks_alike=REPLACED,
    ),
    Pair(
        promise="bytes that are no text",
        label="event_contract_mismatch",
        fires=ended(end="garbage", names=[], terminal=None, garbage=["\ufffd"], close_code=1007),
        looks_alike=REPLACED,
    ),
    Pair(
        promise="clean close in the middle",
        label="ws_internal_close",
        fires=cut_off(1000),
        looks_alike=cut_off(1001),
    ),
    Pair(
        promise="internal error in the middle",
        label="ws_internal_close",
        fires=cut_off(1011),
        looks_alike=REPLACED,
    ),
    Pair(
        promise="exception in the middle",
        label="ws_server_code_error",
        fires=cut_off(1011, close_reason="name 'time' is not defined"),
        looks_alike=cut_off(1011),
    ),
    Pair(promise="connection lost", label="instance_replaced", fires=REPLACED, looks_alike=DIED),
    Pair(
        promise="going away",
        label="instance_replaced",
        fires=cut_off(1001),
        looks_alike=cut_off(1000),
    ),
    Pair(
        promise="event that never came",
        label="missing_events",
        fires=ended(names=["agent_thinking", "agent_completed"], missing=["agent_started"]),
        looks_alike=ended(violations=["agent_thinking came before agent_started"]),
    ),
    Pair(
        promise="order",
        label="event_contract_mismatch",
        fires=ended(violations=["agent_thinking came before agent_started"]),
        looks_alike=ended(missing=["agent_started"]),
    ),
    Pair(
        promise="somebody else's events",
        label="event_contract_mismatch",
        fires=ended(foreign_ids=["u-2"]),
        looks_alike=ended(missing=["agent_started"]),
    ),
    Pair(
        promise="mock",
        label="fake_execution",
        fires=ended(canned=["response_generator"]),
        looks_alike=ended(violations=["2 terminal events"]),
    ),
    Pair(
        promise="somebody else",
        label="auth_silently_bypassed",
        fires=ended(identity_match="other", welcome_user_id="demo-use...", foreign_ids=["demo"]),
        looks_alike=ended(identity_match="same", foreign_ids=["demo"]),
    ),
    Pair(
        promise="agent without a table",
        label="db_schema_missing",
        fires=agent('relation "agent_executions" does not exist'),
        looks_alike=GIVEN_UP,
    ),
    Pair(
        promise="agent without the auth service",
        label="auth_service_unavailable",
        fires=agent("AUTH_SERVICE_ERROR: auth service unreachable"),
        looks_alike=agent("LLM circuit breaker open"),
    ),
    Pair(
        promise="breaker before the model",
        label="dependency_llm_unavailable",
        fires=agent("LLM circuit breaker open"),
        looks_alike=agent("circuit breaker open"),
    ),
    Pair(
        promise="agent without quota",
        label="llm_quota",
        fires=agent("LLM request failed: 429 insufficient_quota"),
        looks_alike=agent("LLM manager is None"),
    ),
    Pair(
        promise="agent without redis",
        label="dependency_redis_down",
        fires=agent("Error -3 connecting to redis:6379"),
        looks_alike=GIVEN_UP,
    ),
    *(
        Pair(
            promise=f"part that is known by its port or words: {error[:30]}",
            label=label,
            fires=agent(error),
            looks_alike=agent(like),
        )
        for label, error, like in (
            (
                "dependency_redis_down",
                "connect ECONNREFUSED 10.0.0.3:6379",
                "connect ECONNREFUSED 10.0.0.3:8080",
            ),
            (
                "dependency_db_down",
                "Request timed out: [Errno 111] Connect call failed ('10.0.0.5', 5432)",
                "Request timed out: [Errno 111] Connect call failed ('10.0.0.5', 8080)",
            ),
            (
                "dependency_db_down",
                'FATAL: password authentication failed for user "app"',
                "FATAL: password authentication failed for the archive",
            ),
            (
                "dependency_db_down",
                "JDBCConnectionException: Unable to acquire JDBC Connection",
                "Unable to acquire the lock of row 5432",
            ),
            (
                "dependency_llm_unavailable",
                "Error code: 401 - {'message': 'Incorrect API key provided: sk-ab***'}",
                "Error code: 401 - {'message': 'the weather service wants an API key'}",
            ),
            (
                "dependency_llm_unavailable",
                "Error code: 529 - {'type': 'overloaded_error'}",
                "Error code: 529 - {'type': 'site_is_busy'}",
            ),
        )
    ),
    Pair(
        promise="agent without clickhouse",
        label="dependency_clickhouse_down",
        fires=agent("ClickHouse: connection refused"),
        looks_alike=GIVEN_UP,
    ),
    Pair(
        promise="agent without a database",
        label="dependency_db_down",
        fires=agent("connection to server at postgres failed: timeout expired"),
        looks_alike=agent('relation "runs" does not exist'),
    ),
    Pair(
        promise="agent without a model",
        label="dependency_llm_unavailable",
        fires=agent("No LLM manager available: 'NoneType' object has no attribute 'ask_llm'"),
        looks_alike=agent("'NoneType' object has no attribute 'copy'"),
    ),
    Pair(
        promise="exception of the agent",
        label="agent_execution_error",
        fires=agent("Context.__init__() got an unexpected keyword argument 'metadata'"),
        looks_alike=agent("redis connection refused"),
    ),
    Pair(
        promise="agent that gives up",
        label="agent_execution_error",
        fires=GIVEN_UP,
        looks_alike=DIED,
    ),
)


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_a_broken_stream_is_traced_to_its_cause(pair: Pair) -> None:
    assert labels(diagnose(pair.fires)) == [(pair.label, "sufficient")]


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_a_look_alike_of_a_broken_stream_gets_another_answer(pair: Pair) -> None:
    assert answer(pair.looks_alike) != pair.label


def test_an_error_frame_after_the_agent_began_is_the_agents() -> None:
    checked = cut_off(1011, end="error_frame", error_code="UNEXPECTED_ERROR", error_message="no")
    assert answer(checked) == "agent_execution_error"


UNSENT = run(
    asked(EXCHANGED, names=[]) | {"request.sent": False, "request.error": "timeout"},
    failed=("request",),
    skipped=("events",),
)
STALE = run(
    asked(EXCHANGED, nonce_echoed=False, end="terminal", names=COMPLETE),
    status="degraded",
    degraded=("events",),
)


def test_a_request_that_could_not_be_sent_is_not_given_a_cause() -> None:
    assert labels(diagnose(UNSENT)) == [("insufficient_evidence", "sufficient")]


def test_an_answer_without_our_nonce_is_why_a_run_is_degraded_that_expects_it() -> None:
    assert labels(diagnose(STALE)) == [("fake_execution", "sufficient")]


def test_an_answer_without_our_nonce_is_nothing_where_none_is_expected() -> None:
    checked = run(
        asked(KEY_REFUSED, nonce_echoed=False, end="terminal"),
        status="degraded",
        failed=("exchange",),
        degraded=("token",),
    )
    assert answer(checked) == "bypass_key_mismatch"


def test_a_long_silence_in_a_run_that_worked_is_mentioned_and_no_cause() -> None:
    checked = ended("passed", gap_warning=True, longest_gap_s=64.0)
    diagnosis = diagnose(checked)
    assert answer(checked) == "healthy"
    assert diagnosis.findings[0].title == "A long silence in the stream"


NEAR = {
    "an answer, and nothing missing": silent(names=["final_report"], missing=[]),
    "acknowledged, and then begun": silent(
        names=STARTED, missing=["agent_completed"], ack_type="start_agent", acknowledged=True
    ),
    "another request works, and this one had begun": silent(
        names=STARTED, missing=["agent_completed"], other_request__outcome="terminal"
    ),
    "nothing at all until the total time-out": silent(end="total_timeout"),
    "long silence until the total time-out": silent(
        names=STARTED, end="total_timeout", gap_warning=True
    ),
    "missing, and something unknown instead": ended(missing=["a"], unknown_types=["b"]),
    "lost on the way in": cut_off(1006, names=[], missing=MISSING),
}
CONFIDENCE = {
    "cut off, and there again": (cut_off(1006, connect_again__outcome="greeted"), 0.8),
    "unknown type, another works": (
        silent(ack_type="x", acknowledged=True, other_request__outcome="terminal"),
        0.97,
    ),
    "shadowed, another works": (silent(acknowledged=True, other_request__outcome="events"), 0.97),
    "somebody else, and garbage accepted": (
        ended(identity_match="other", welcome_user_id="demo", token_garbage__outcome="greeted"),
        0.98,
    ),
}


@pytest.mark.parametrize("sign", CONFIDENCE)
def test_what_else_was_seen_of_a_stream_moves_the_confidence(sign: str) -> None:
    checked, confidence = CONFIDENCE[sign]
    assert diagnose(checked).causes[0].confidence == confidence


MEANINGS = {
    "object Manager can't be used in 'await' expression": "an await is missing",
    "'NoneType' object has no attribute 'copy'": "never initialised",
    "context must be a RunContext instance": "made from another class",
    "run() missing 1 required positional argument: 'x'": "changed apart",
    "No module named 'agents.triage'": "not in the image",
    "name 'json' is not defined": "an assignment is missing",
    "'Agent' object has no attribute 'go'": "lacks what the code asks of it",
    "cannot pickle 'module' object": "no JSON form or cannot be copied",
    "Direct instantiation not allowed": "an order that one of them forbids",
    "Event loop is closed": "belongs to one event loop",
    "Set changed size during iteration": "other code goes through it",
    "Maximum call stack size exceeded": "calls itself without end",
    "unhashable type: 'list'": "that this value does not allow",
    "2 validation errors for RunState": "an object of its own",
}


@pytest.mark.parametrize("error", MEANINGS)
def test_what_an_exception_means_for_the_program_is_told(error: str) -> None:
    assert MEANINGS[error] in " ".join(why.answer for why in diagnose(agent(error)).whys)


def test_a_proper_goodbye_is_not_called_a_cut() -> None:
    assert "without a proper close" in diagnose(cut_off(1006)).causes[0].summary
    assert "said that it goes away" in diagnose(cut_off(1001)).causes[0].summary
