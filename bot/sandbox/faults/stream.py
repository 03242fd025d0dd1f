"""Faults of section 6.5 in mid-stream, and of 6.6: requests, events, agents, dependencies."""

from bot.sandbox.behaviour import USER_MESSAGES, Act, Close, Shape
from bot.sandbox.faults.fault import Fault, Stage, Stops

_RUN = frozenset({Stops.RUN})
_REDIS = "Error -3 connecting to redis:6379. Temporary failure in name resolution."
_POSTGRES = "connection to server at postgres failed: timeout expired"
_CLICKHOUSE = "ClickHouse connection timeout after 10 s; circuit breaker OPEN"


def _events(name: str, summary: str, label: str, *script: str | Act | Close) -> Fault:
    """Return a fault whose stream differs in what it sends and nothing else."""
    return Fault(
        name=name,
        summary=summary,
        group="6.6",
        label=label,
        stage=Stage.STREAM,
        stops=_RUN,
        server={"script": script},
    )


def _agent_fails(name: str, summary: str, label: str, error: str) -> Fault:
    """Return a fault of an agent that starts, thinks, and raises."""
    return Fault(
        name=name,
        summary=summary,
        group="6.6",
        label=label,
        stage=Stage.STREAM,
        stops=_RUN,
        server={
            "script": ("agent_started", "agent_thinking", "agent_error"),
            "agent_error": error,
        },
    )


SOCKET_FAULTS = (
    _events(
        "instance-replaced",
        "The instance goes away in mid-stream: the connection is cut without a close frame.",
        "instance_replaced",
        "agent_started",
        "agent_thinking",
        Act.ABORT,
    ),
    _events(
        "instance-going-away",
        "The instance is shut down in mid-stream: 1001 going away.",
        "instance_replaced",
        "agent_started",
        "agent_thinking",
        Close(code=1001, reason=""),
    ),
    _events(
        "internal-error-mid-stream",
        "1011 Internal error after the first events.",
        "ws_internal_close",
        "agent_started",
        "agent_thinking",
        Close(code=1011, reason="Internal error"),
    ),
    Fault(
        name="socket-dies-at-age",
        summary="The load balancer cuts every socket at the same age, before a run can end.",
        group="6.5",
        label="instance_replaced",
        stage=Stage.STREAM,
        stops=_RUN,
        server={"connection_age_s": 1.2, "event_gap_s": 0.5},
    ),
)

DEPENDENCY_FAULTS = (
    Fault(
        name="redis-down",
        summary="Redis cannot be reached; agents fail on it.",
        group="6.6",
        label="dependency_redis_down",
        stage=Stage.DEPENDENCY,
        stops=_RUN,
        told_by_health=True,
        server={"dependency_errors": {"redis": _REDIS}, "fatal_dependencies": {"redis": _REDIS}},
    ),
    Fault(
        name="database-down",
        summary="PostgreSQL cannot be reached; agents fail on it.",
        group="6.6",
        label="dependency_db_down",
        stage=Stage.DEPENDENCY,
        stops=_RUN,
        told_by_health=True,
        server={
            "dependency_errors": {"postgresql": _POSTGRES},
            "fatal_dependencies": {"postgresql": _POSTGRES},
        },
    ),
    Fault(
        name="clickhouse-down",
        summary="ClickHouse cannot be reached; runs do not need it.",
        group="6.6",
        label="dependency_clickhouse_down",
        stage=Stage.HEALTH,
        server={"dependency_errors": {"clickhouse": _CLICKHOUSE}},
    ),
    Fault(
        name="postgres-slow",
        summary="PostgreSQL takes more than five seconds to answer; runs still work.",
        group="6.6",
        label="latency_slo_exceeded",
        stage=Stage.HEALTH,
        server={"dependency_slow_ms": {"postgresql": 5210.0}},
    ),
    _agent_fails(
        "llm-unavailable",
        "Health is green, but agents have no model to ask.",
        "dependency_llm_unavailable",
        "No LLM manager available: 'NoneType' object has no attribute 'ask_llm'",
    ),
    _agent_fails(
        "llm-quota",
        "The model's provider refuses: the quota is used up.",
        "llm_quota",
        "LLM request failed: 429 insufficient_quota: You exceeded your current quota",
    ),
    _agent_fails(
        "db-schema-missing",
        "A table that agents need was never created.",
        "db_schema_missing",
        'relation "agent_executions" does not exist',
    ),
)

REQUEST_FAULTS = (
    Fault(
        name="request-type-unknown",
        summary="The server knows no such request type and only acknowledges it.",
        group="6.6",
        label="pipeline_request_invalid",
        stage=Stage.REQUEST,
        stops=_RUN,
        server={"handled": USER_MESSAGES},
    ),
    Fault(
        name="request-shadowed",
        summary='A built-in handler answers "Message received" before an agent sees the request.',
        group="6.6",
        label="pipeline_request_invalid",
        stage=Stage.REQUEST,
        stops=_RUN,
        server={"shadowed": True},
    ),
    Fault(
        name="request-field-renamed",
        summary="The server wants the text of the request under another name.",
        group="6.6",
        label="pipeline_request_invalid",
        stage=Stage.REQUEST,
        stops=_RUN,
        server={"request_field": "message"},
    ),
)

EVENT_FAULTS = (
    _events(
        "no-handler",
        "No handler is registered for the request: nothing but pings.",
        "event_timeout",
        Act.PINGS,
    ),
    _events(
        "silence",
        "The request is taken and nothing at all comes back.",
        "event_timeout",
        Act.SILENCE,
    ),
    _events(
        "agent-dies-silently",
        "The agent's task dies after triage; pings go on.",
        "event_timeout",
        "agent_started",
        "agent_update",
        Act.PINGS,
    ),
    _events(
        "never-finishes",
        "The agent thinks for ever; no event ends the run.",
        "latency_slo_exceeded",
        "agent_started",
        Act.ENDLESS,
    ),
    _events(
        "events-lost",
        "An answer comes, but none of the five events: the registry has no socket manager.",
        "missing_events",
        "final_report",
        Act.PINGS,
    ),
    _events(
        "terminal-missing",
        "Events and the answer come, but no event ends the run.",
        "missing_events",
        "agent_started",
        "agent_thinking",
        "tool_executing",
        "tool_completed",
        "final_report",
        Act.PINGS,
    ),
    _events(
        "started-missing",
        "The run ends well, but its agent_started was lost.",
        "missing_events",
        "agent_thinking",
        "tool_executing",
        "tool_completed",
        "agent_completed",
    ),
    _events(
        "tool-completed-missing",
        "A tool is started and never reported as completed.",
        "event_contract_mismatch",
        "agent_started",
        "agent_thinking",
        "tool_executing",
        "agent_completed",
    ),
    _events(
        "tool-executing-missing",
        "A tool is completed that was never reported as started.",
        "event_contract_mismatch",
        "agent_started",
        "agent_thinking",
        "tool_completed",
        "agent_completed",
    ),
    _events(
        "events-out-of-order",
        "agent_started comes after the events it should precede.",
        "event_contract_mismatch",
        "agent_thinking",
        "tool_executing",
        "tool_completed",
        "agent_started",
        "agent_completed",
    ),
    _events(
        "two-terminals",
        "The run completes twice.",
        "event_contract_mismatch",
        "agent_started",
        "agent_thinking",
        "agent_completed",
        "agent_completed",
    ),
    _events(
        "garbage-text",
        "Frames that are not JSON come in place of events.",
        "event_contract_mismatch",
        Act.TEXT,
        Act.PINGS,
    ),
    _events(
        "garbage-binary",
        "Binary frames come in place of events.",
        "event_contract_mismatch",
        Act.BINARY,
        Act.PINGS,
    ),
    _events(
        "garbage-encoding",
        "A text frame is not UTF-8.",
        "event_contract_mismatch",
        Act.BAD_UTF8,
        Act.PINGS,
    ),
    _events(
        "oversized-frame",
        "One frame of 5 MB comes in mid-stream.",
        "event_contract_mismatch",
        "agent_started",
        Act.OVERSIZED,
        "agent_completed",
    ),
    Fault(
        name="foreign-run",
        summary="The events carry the run, thread and user of somebody else.",
        group="6.6",
        label="event_contract_mismatch",
        stage=Stage.STREAM,
        stops=_RUN,
        server={"foreign_ids": True},
    ),
    Fault(
        name="canned-fallback",
        summary="The fallback mock plays five perfect events; no agent ran.",
        group="6.6",
        label="fake_execution",
        stage=Stage.STREAM,
        stops=_RUN,
        server={"shape": Shape.FALLBACK_MOCK},
    ),
    Fault(
        name="canned-request",
        summary="The mock handler of agent_request plays five perfect events; no agent ran.",
        group="6.6",
        label="fake_execution",
        stage=Stage.STREAM,
        stops=_RUN,
        server={"shape": Shape.REQUEST_MOCK},
    ),
)

AGENT_FAULTS = (
    _agent_fails(
        "agent-error",
        "The agent raises: its context refuses a keyword.",
        "agent_execution_error",
        "UserExecutionContext.__init__() got an unexpected keyword argument 'metadata'",
    ),
    _agent_fails(
        "agent-cannot-copy",
        "The agent raises: its context cannot be copied.",
        "agent_execution_error",
        "cannot pickle 'module' object",
    ),
    _agent_fails(
        "agent-not-found",
        "The agent registry is empty.",
        "agent_execution_error",
        "AGENT_NOT_FOUND: supervisor is not registered (registry size 0)",
    ),
)
