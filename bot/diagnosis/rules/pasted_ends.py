"""What a surface of a pasted log is called where nothing deeper is shown."""

from bot.diagnosis.combined import AllOf, AnyOf, Not
from bot.diagnosis.conditions import Above, Condition
from bot.diagnosis.rule import Open, Rule, Sign
from bot.diagnosis.rules.pasted_surfaces import (
    ACK_ONLY,
    AUTH_5XX,
    BACKEND_5XX,
    CUT,
    ERROR_FRAME,
    FORBIDDEN,
    GONE,
    INTERNAL,
    POLICY,
    UPGRADE_5XX,
)
from bot.diagnosis.rules.pasted_words import ASKS_TO_WAIT, equals, path, quoted, reads, seen
from bot.labels import Label
from bot.model import WhyKind

_SERVER_LOG = "Read the server's log of the same minute and revision, and paste it to explain."


def _is(
    effect: str,
    cause: str,
    when: Condition,
    label: Label,
    answer: str,
    confidence: float,
    question: str = "",
    experiment: str = _SERVER_LOG,
    signs: tuple[Sign, ...] = (),
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
        signs=signs,
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
        (ASKS_TO_WAIT,),
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
        "log network", "own network in log", seen("proxy_refused"), Label.RUNNER_ENVIRONMENT,
        "A proxy, or the network that this ran in, lets nobody through without more: that is on"
        " the side that asked.", 0.92,
    ),
    _is(
        "log network", "own proxy in log", seen("proxy_no_way"), Label.RUNNER_ENVIRONMENT,
        "The proxy on the side that asked did not get to the target.", 0.6,
        "Is it the proxy, or is the target away?",
        "Ask the target from a machine that needs no proxy.",
    ),
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
        "log stream", "cut in log", CUT, Label.INSUFFICIENT_EVIDENCE,
        "Whoever cut the connection did not say why.",
        0.45, "Did the server die, was it replaced, or does something between cut connections?",
        "Note the age of the connection in several runs, and read the server's log and that of the"
        " load balancer of the same second.",
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
