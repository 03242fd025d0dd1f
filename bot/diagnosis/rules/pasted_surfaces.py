"""What a pasted log shows at its surface: how far the run got."""

from bot.diagnosis.combined import AllOf, AnyOf, Not
from bot.diagnosis.conditions import Above, Condition
from bot.diagnosis.rule import Rule
from bot.diagnosis.rules.pasted_words import equals, path, quoted, seen

_UPGRADE = quoted("http_status.upgrade")
_REASON = quoted("ws_close_reason", "ws_close_code")
_SERVICE = quoted(
    "http_status.backend", "http_status.auth", "http_status.frontend", "http_status.unnamed",
    "upstream_failed",
)  # fmt: skip

FORBIDDEN = equals("http_status.upgrade", 401, 403)
UPGRADE_5XX = Above(path("http_status.upgrade"), 499)
BACKEND_5XX = AnyOf(
    seen("upstream_failed"),
    *(Above(path(f"http_status.{who}"), 499) for who in ("backend", "frontend", "unnamed")),
)
AUTH_5XX = Above(path("http_status.auth"), 499)
POLICY = equals("ws_close_code", 1008)
INTERNAL = equals("ws_close_code", 1000, 1011, 1013)
GONE = AnyOf(equals("ws_close_code", 1001, 1012), seen("instance_gone"))
# Cut without a close frame: nobody said why.
CUT = AnyOf(equals("ws_close_code", 1005, 1006), seen("no_close_frame"))
ERROR_FRAME = seen("ws_error_code", "ws_error_message", "event.error")
RUN_EVENTS = seen("event.lifecycle", "event.terminal", "event.agent_error")
ACK_ONLY = AllOf(seen("event.ack"), Not(RUN_EVENTS), Not(ERROR_FRAME))


def _shows(cause: str, when: Condition, answer: str, confidence: float = 0.98) -> Rule:
    return Rule(
        effect="log failed", cause=cause, when=(when,), answer=answer, confidence=confidence
    )


# The first link: how far the run got. What comes later in a run stands before what it did after.
SURFACES: tuple[Rule, ...] = (
    _shows(
        "log network",
        seen("proxy_refused", "proxy_no_way"),
        "The way to the target was closed before it was reached:"
        f' "{quoted("proxy_refused", "proxy_no_way")}".',
    ),
    _shows("log refused", FORBIDDEN, f"The upgrade to a socket was answered {_UPGRADE}."),
    _shows("log 5xx", UPGRADE_5XX, f"The upgrade to a socket was answered {_UPGRADE}."),
    _shows(
        "log frame",
        AllOf(ERROR_FRAME, seen("ws_error_message")),
        "The server sent an error frame:"
        f' {quoted("ws_error_code", "event.error")} "{quoted("ws_error_message")}".',
    ),
    _shows(
        "log frame",
        seen("ws_error_code"),
        f"The server sent an error frame: {quoted('ws_error_code')}.",
    ),
    _shows("log refused", POLICY, f'The server closed the socket with 1008: "{_REASON}".'),
    _shows(
        "log frame",
        INTERNAL,
        f'The server closed the socket with {quoted("ws_close_code")}: "{_REASON}".',
    ),
    _shows(
        "log frame",
        seen("event.agent_error"),
        f"The agent's run ended with {quoted('event.agent_error')}.",
    ),
    _shows(
        "log frame",
        seen("event.error"),
        f"Instead of the pipeline's events an error frame came: {quoted('event.error')}.",
    ),
    _shows(
        "log 5xx",
        AnyOf(BACKEND_5XX, AUTH_5XX),
        f"A service answered {_SERVICE}.",
    ),
    _shows(
        "log answer",
        seen("nothing_there"),
        f'What was asked for is not there: "{quoted("nothing_there")}".',
    ),
    _shows("log network", seen("dns_failed"), f'A name did not resolve: "{quoted("dns_failed")}".'),
    _shows(
        "log network", seen("tls_failed"), f'A certificate was refused: "{quoted("tls_failed")}".'
    ),
    _shows(
        "log network",
        seen("connection_refused"),
        f'A connection was refused: "{quoted("connection_refused")}".',
    ),
    _shows("log network", seen("no_answer"), f'No answer came: "{quoted("no_answer")}".'),
    _shows(
        "log stream",
        ACK_ONLY,
        f"The request was only acknowledged ({quoted('event.ack')}); no event of a run followed.",
    ),
    _shows(
        "log stream",
        seen("events_missing"),
        f'Required events did not come: "{quoted("events_missing")}".',
    ),
    _shows(
        "log stream",
        seen("contract_broken"),
        f'A frame was not as the test expects: "{quoted("contract_broken")}".',
    ),
    _shows(
        "log stream", GONE, f'The connection was cut: "{quoted("instance_gone", "ws_close_code")}".'
    ),
    _shows(
        "log stream",
        CUT,
        f"The connection ended without a close frame: {quoted('no_close_frame', 'ws_close_code')}.",
    ),
    _shows(
        "log stream",
        seen("event_timeout", "timeout_error"),
        f'Nothing came until a time-out: "{quoted("event_timeout", "timeout_error")}".',
    ),
    _shows("log stream", seen("too_slow"), f'It took too long: "{quoted("too_slow")}".'),
    _shows(
        "log answer",
        Above(path("http_status"), 399),
        f"A request was answered {quoted('http_status')}.",
    ),
)
