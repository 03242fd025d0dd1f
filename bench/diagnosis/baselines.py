"""Simple ways to name a cause, beside which the diagnosis must show its worth."""

import re
from collections import Counter
from collections.abc import Sequence

from bot.model import Run, Status

# The label that comes to mind first where this step is the first that failed.
_BY_STEP = {
    "ours": "runner_environment",
    "health": "backend_5xx",
    "exchange": "bypass_key_mismatch",
    "token": "jwt_rejected",
    "connect": "ws_handshake_forbidden",
    "request": "pipeline_request_invalid",
    "events": "event_timeout",
}

# Words of an error -> the label that a search for them would give; the first that is found.
_BY_WORDS = (
    (r"name or service not known|getaddrinfo|does not resolve|no such host", "dns_failure"),
    (r"certificate|tls|ssl", "tls_failure"),
    (r"connection refused|\b404\b|not found", "wrong_target"),
    (r"bypass key required|not configured", "bypass_key_missing"),
    (r"bypass key", "bypass_key_mismatch"),
    (r"redis", "dependency_redis_down"),
    (r"clickhouse", "dependency_clickhouse_down"),
    (r"does not exist|migration", "db_schema_missing"),
    (r"database|postgres", "dependency_db_down"),
    (r"quota|\b429\b", "llm_quota"),
    (r"\bllm\b", "dependency_llm_unavailable"),
    (r"rate limit", "rate_limited"),
    (r"too many|maximum number", "ws_quota_exceeded"),
    (r"user.?id", "user_id_rejected"),
    (r"user not found", "user_not_found"),
    (r"expired", "jwt_expired"),
    (r"no.?token", "jwt_token_absent"),
    (r"validation.?failed|token", "jwt_rejected"),
    (r"circuit breaker|auth.?service", "auth_service_unavailable"),
    (r"not ready|startup", "startup_race"),
    (r"auth", "jwt_rejected"),
    (r"traceback|typeerror|nameerror|attribute|argument|instance", "ws_server_code_error"),
    (r"subprotocol", "ws_subprotocol_rejected"),
    (r"\b40[13]\b", "ws_handshake_forbidden"),
    (r"\b1008\b", "ws_policy_close"),
    (r"\b1011\b", "ws_internal_close"),
    (r"\b50[0-4]\b", "backend_5xx"),
    (r"timed? ?out|no answer|silence|nothing came", "event_timeout"),
    (r"agent_(?:error|failed)", "agent_execution_error"),
)
_ERROR = re.compile(
    r"error|fail|refus|invalid|denied|unavailable|unhealthy|closed|time[sd]? ?out|reset"
    r"|\b[45]\d\d\b",
    re.IGNORECASE,
)


def blame_first_failing_step(run: Run) -> str:
    """Return the label that comes to mind for the first step that did not pass."""
    for wanted in (Status.ERRORED, Status.FAILED, Status.DEGRADED):
        broken = [step.name for step in run.steps if step.status is wanted]
        if broken:
            return _BY_STEP.get(broken[0], "insufficient_evidence")
    return "healthy"


def search_last_error_line(run: Run) -> str:
    """Return the label whose words are in the last line of the run that tells of an error."""
    steps = {step.name for step in run.steps}
    lines = [
        line.text
        for line in run.transcript
        if line.direction != ">" and line.step in steps and _ERROR.search(line.text)
    ]
    if not lines:
        return "healthy"
    found = (label for words, label in _BY_WORDS if re.search(words, lines[-1], re.IGNORECASE))
    return next(found, "insufficient_evidence")


def majority(labels: Sequence[str]) -> str:
    """Return the label that is right most often."""
    return Counter(labels).most_common(1)[0][0]
