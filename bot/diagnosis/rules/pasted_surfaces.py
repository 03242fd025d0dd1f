"""What a pasted log shows at its surface, and what that is called where nothing deeper is shown."""

from bot.diagnosis.combined import AllOf, AnyOf, Not
from bot.diagnosis.conditions import Above, Condition
from bot.diagnosis.rule import Open, Rule
from bot.diagnosis.rules.pasted_words import equals, path, quoted, reads, seen
from bot.labels import Label
from bot.model import WhyKind

_SERVER_LOG = "Read the server's log of the same minute and revision, and paste it to explain."
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
    *(Above(path(f"http_status.{who}"), 499) for who in ("backend", "frontend", "unnamed"))
)
AUTH_5XX = Above(path("http_status.auth"), 499)
POLICY = equals("ws_close_code", 1008)
INTERNAL = equals("ws_close_code", 1000, 1011, 1013)
GONE = AnyOf(equals("ws_close_code", 1001, 1005, 1006, 1012), seen("instance_gone"))
ERROR_FRAME = seen("ws_error_code", "ws_error_message", "event.error")
RUN_EVENTS = seen("event.lifecycle", "event.terminal", "event.agent_error")
ACK_ONLY = AllOf(seen("event.ack"), Not(RUN_EVENTS), Not(ERROR_FRAME))


def _shows(cause: str, when: Condition, answer: str, confidence: float = 0.98) -> Rule:
    return Rule(
        effect="log failed", cause=cause, when=(when,), answer=answer, confidence=confidence
    )


# The first link: how far the run got. What comes later in a run stands before what it did after.
SURFACES: tuple[Rule, ...] = (
    _shows("log refused", FORBIDDEN, f"The upgrade to a socket was answered {_UPGRADE}."),
    _shows("log 5xx", UPGRADE_5XX, f"The upgrade to a socket was answered {_UPGRADE}."),
    _shows(
        "log frame",
        AllOf(ERROR_FRAME, AnyOf(seen("ws_error_code", "ws_error_message"))),
        "The server sent an error frame:"
        f' {quoted("ws_error_code")} "{quoted("ws_error_message", "ws_error_code")}".',
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


def _is(
    effect: str,
    cause: str,
    when: Condition,
    label: Label,
    answer: str,
    confidence: float,
    question: str = "",
    experiment: str = _SERVER_LOG,
) -> Rule:
    """What a surface is called where nothing deeper is shown."""
    return Rule(
        effect=effect,
        cause=cause,
        when=(when,),
        question="What is behind that?",
        answer=answer,
        label=label,
        confidence=confidence,
        kind=WhyKind.INFERRED,
        open=Open(question=question, experiment=experiment) if question else None,
    )


REFUSED_ENDS: tuple[Rule, ...] = (
    _is(
        "log refused", "forbidden in log", FORBIDDEN, Label.WS_HANDSHAKE_FORBIDDEN,
        "The refusal came before the socket was accepted, and the log does not say why.", 0.85,
        "Was it the token, its absence, a header or the path?",
        "Run a check: it tries another token, no subprotocol and a sibling path, one at a time.",
    ),
    _is(
        "log refused", "policy in log", POLICY, Label.WS_POLICY_CLOSE,
        "1008 is a policy of the server, and the log does not say which.", 0.85,
        "Which policy was it?",
    ),
)  # fmt: skip

SERVER_ENDS: tuple[Rule, ...] = (
    _is(
        "log 5xx", "exception before accept in log",
        AllOf(equals("http_status.upgrade", 500), Not(BACKEND_5XX)), Label.WS_SERVER_CODE_ERROR,
        "A 500 to an upgrade is an exception in the code on the socket's path.", 0.8,
        "Which exception was it?",
    ),
    _is(
        "log 5xx", "auth service 5xx in log", AllOf(AUTH_5XX, Not(BACKEND_5XX), Not(UPGRADE_5XX)),
        Label.AUTH_SERVICE_UNAVAILABLE, "Only the auth service answers so.", 0.85,
        "Why does the auth service fail?",
    ),
    _is(
        "log 5xx", "server 5xx in log", AnyOf(UPGRADE_5XX, BACKEND_5XX), Label.BACKEND_5XX,
        "The log shows that and no more: no instance is alive, or the program fails.", 0.85,
        "Why does it answer so?",
        "Read the last error lines of the revision that served: a status is all there is here.",
    ),
)  # fmt: skip

FRAME_ENDS: tuple[Rule, ...] = (
    _is(
        "log frame", "request not understood in log", seen("request_refused"),
        Label.PIPELINE_REQUEST_INVALID,
        f'The server does not understand the request: "{quoted("request_refused")}".', 0.88,
    ),
    _is(
        "log frame", "agent gave up in log",
        AnyOf(seen("agent_failed", "event.agent_error"), reads("ws_error_code", "^AGENT")),
        Label.AGENT_EXECUTION_ERROR,
        f'It was the agent\'s run that failed: "{quoted("agent_failed", "event.agent_error")}".',
        0.85, "What made the agent fail?",
    ),
    _is(
        "log frame", "exception while authenticating in log", seen("auth_exception"),
        Label.WS_SERVER_CODE_ERROR,
        f'An exception came up while it authenticated: "{quoted("auth_exception")}".', 0.6,
        "Which exception was it?",
    ),
    _is(
        "log frame", "auth-worded refusal in log", seen("auth_refused"), Label.JWT_REJECTED,
        f'It is worded as a refused token, without details: "{quoted("auth_refused")}".', 0.6,
        "Was it really the token?",
        "Look at the frame's details: an exception worded as an authentication failure shows "
        "there.",
    ),
    _is(
        "log frame", "internal close in log", INTERNAL, Label.WS_INTERNAL_CLOSE,
        "The server ended the connection on its own account, and the log does not say why.", 0.85,
        "What happened in the server?",
    ),
    _is(
        "log frame", "payload thrown away in log", ERROR_FRAME, Label.INSUFFICIENT_EVIDENCE,
        "The log keeps only the frame's type: its code, message and details were thrown away,"
        " and they name the cause.", 0.4,
        "What do the frame's code, message and details say?",
        "Log the whole frame, the close code and reason included, and paste it to explain.",
    ),
)  # fmt: skip

NETWORK_ENDS: tuple[Rule, ...] = (
    _is(
        "log network", "name unknown in log", seen("dns_failed"), Label.DNS_FAILURE,
        "The host name does not exist, or is not known where this ran.", 0.9,
        "Is the name wrong, or the resolver?", "Resolve a sibling host from the same machine.",
    ),
    _is(
        "log network", "certificate refused in log", seen("tls_failed"), Label.TLS_FAILURE,
        "The certificate is not valid for this name, or not trusted where this ran.", 0.92,
    ),
    _is(
        "log network", "local address in log",
        AllOf(seen("connection_refused"), seen("loopback_target")), Label.WRONG_TARGET,
        "The address is this machine itself, where nothing listens:"
        f' {quoted("loopback_target")}.', 0.9,
        "Which setting named it?", "Print the addresses in use before the first request.",
    ),
    _is(
        "log network", "silent in log", seen("connection_refused", "no_answer"),
        Label.BACKEND_UNRESPONSIVE,
        "To what was asked there no status came: nothing answered in time.", 0.85,
        "Was it still starting, hung, or not there?", "Ask its health in the same second.",
    ),
)  # fmt: skip

STREAM_ENDS: tuple[Rule, ...] = (
    _is(
        "log stream", "request unknown in log", AnyOf(ACK_ONLY, seen("request_refused")),
        Label.PIPELINE_REQUEST_INVALID,
        "The server does not handle this type of request: it acknowledges what it does not know.",
        0.85, "Which type does it handle?", "Send the same as another type, and compare.",
    ),
    _is(
        "log stream", "events absent in log", seen("events_missing"), Label.MISSING_EVENTS,
        "The events that the contract requires were not sent, or not to this socket.", 0.88,
        "Were they never made, or lost on the way?", "Compare with the run's log in the server.",
    ),
    _is(
        "log stream", "contract in log", seen("contract_broken"), Label.EVENT_CONTRACT_MISMATCH,
        "What came has another name, form or order than the test asks for.", 0.85,
        "Did the server change, or is the wrong frame judged?",
        "Look at the type of the frame that was judged.",
    ),
    _is(
        "log stream", "instance gone in log", GONE, Label.INSTANCE_REPLACED,
        "The instance behind it went away, or something between cut the connection.", 0.7,
        "Was it replaced, or is every connection cut at this age?", "Run again and compare.",
    ),
    _is(
        "log stream", "silence in log", seen("event_timeout", "timeout_error"),
        Label.EVENT_TIMEOUT,
        "The wait ended by its time-out, and the log shows nothing that came instead.", 0.8,
        "Did the run start at all?", "Find the request in the server's log.",
    ),
    _is(
        "log stream", "slow in log", seen("too_slow"), Label.LATENCY_SLO_EXCEEDED,
        "A time over its limit is what the log shows, and not what took it.", 0.88,
        "Is it always slow, or only the first time?", "Run it again.",
    ),
)  # fmt: skip

ANSWER_ENDS: tuple[Rule, ...] = (
    _is(
        "log answer", "exchange 5xx in log", Above(path("http_status.exchange"), 499),
        Label.AUTH_SERVICE_UNAVAILABLE, "The auth service failed to answer the exchange.", 0.8,
        "Why does the auth service fail?",
    ),
    _is(
        "log answer", "exchange refused in log", equals("http_status.exchange", 401, 403),
        Label.BYPASS_KEY_MISMATCH,
        "It was the exchange of the key that was refused, and the log does not say why.", 0.55,
        "Was the key another one, or did none arrive?",
        "Run verify-key: it tells a refused key from one that did not arrive.",
    ),
    _is(
        "log answer", "method refused in log", equals("http_status", 405),
        Label.CLIENT_API_MISUSE, "The request uses a method that this address does not take.", 0.9,
    ),
    _is(
        "log answer", "request invalid in log", equals("http_status", 400, 413, 415, 422),
        Label.PIPELINE_REQUEST_INVALID, "The server read the request and does not take its form.",
        0.85,
    ),
    _is(
        "log answer", "nothing there in log",
        AnyOf(equals("http_status", 404, 410), seen("nothing_there")),
        Label.WRONG_TARGET, "There is nothing at this address: path, host or service is wrong.",
        0.85, "Is the path wrong, or was it removed?", "Look it up in the service's own document.",
    ),
    _is(
        "log answer", "not authenticated in log", equals("http_status", 401), Label.JWT_REJECTED,
        "401 says that no valid token came with the request.", 0.55,
        "Was there a token, and what was wrong with it?",
    ),
    _is(
        "log answer", "forbidden in log", equals("http_status", 403),
        Label.WS_HANDSHAKE_FORBIDDEN, "The log shows a 403 and not what refused it.", 0.5,
        "What refused it?",
    ),
)  # fmt: skip
