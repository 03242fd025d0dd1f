"""Faults of section 6.6: agents that raise, and what they depend on."""

from bot.sandbox.faults.fault import Area, Fault
from bot.sandbox.faults.stages import NO_ANSWER, RUN, Stage

_REDIS = "Error -3 connecting to redis:6379. Temporary failure in name resolution."
_POSTGRES = "connection to server at postgres failed: timeout expired"
_CLICKHOUSE = "ClickHouse connection timeout after 10 s; circuit breaker OPEN"


def agent_fails(
    name: str, summary: str, label: str, error: str, *, ending: str = "agent_error"
) -> Fault:
    """Return a fault of an agent that starts, thinks, and fails."""
    return Fault(
        name=name,
        summary=summary,
        area=Area.PIPELINE,
        label=label,
        stage=Stage.STREAM,
        stops=RUN,
        hides=NO_ANSWER,
        server={"script": ("agent_started", "agent_thinking", ending), "agent_error": error},
    )


DEPENDENCY_FAULTS = (
    Fault(
        name="redis-down",
        summary="Redis cannot be reached; agents fail on it.",
        area=Area.PIPELINE,
        label="dependency_redis_down",
        stage=Stage.DEPENDENCY,
        stops=RUN,
        told_at=Stage.HEALTH,
        server={"dependency_errors": {"redis": _REDIS}, "fatal_dependencies": {"redis": _REDIS}},
    ),
    Fault(
        name="database-down",
        summary="PostgreSQL cannot be reached; agents fail on it.",
        area=Area.PIPELINE,
        label="dependency_db_down",
        stage=Stage.DEPENDENCY,
        stops=RUN,
        told_at=Stage.HEALTH,
        server={
            "dependency_errors": {"postgresql": _POSTGRES},
            "fatal_dependencies": {"postgresql": _POSTGRES},
        },
    ),
    Fault(
        name="clickhouse-down",
        summary="ClickHouse cannot be reached; runs do not need it.",
        area=Area.PIPELINE,
        label="dependency_clickhouse_down",
        stage=Stage.HEALTH,
        server={"dependency_errors": {"clickhouse": _CLICKHOUSE}},
    ),
    Fault(
        name="postgres-slow",
        summary="PostgreSQL takes more than five seconds to answer; runs still work.",
        area=Area.PIPELINE,
        label="latency_slo_exceeded",
        stage=Stage.HEALTH,
        server={"dependency_slow_ms": {"postgresql": 5210.0}},
    ),
    agent_fails(
        "llm-unavailable",
        "Health is green, but agents have no model to ask.",
        "dependency_llm_unavailable",
        "No LLM manager available: 'NoneType' object has no attribute 'ask_llm'",
    ),
    agent_fails(
        "llm-quota",
        "The model's provider refuses: the quota is used up.",
        "llm_quota",
        "LLM request failed: 429 insufficient_quota: You exceeded your current quota",
    ),
    agent_fails(
        "db-schema-missing",
        "A table that agents need was never created.",
        "db_schema_missing",
        'relation "agent_executions" does not exist',
    ),
)

AGENT_FAULTS = (
    agent_fails(
        "agent-error",
        "The agent raises: its context refuses a keyword.",
        "agent_execution_error",
        "UserExecutionContext.__init__() got an unexpected keyword argument 'metadata'",
    ),
    agent_fails(
        "agent-cannot-copy",
        "The agent raises: its context cannot be copied.",
        "agent_execution_error",
        "cannot pickle 'module' object",
    ),
    agent_fails(
        "agent-not-found",
        "The agent registry is empty.",
        "agent_execution_error",
        "AGENT_NOT_FOUND: supervisor is not registered (registry size 0)",
    ),
)
