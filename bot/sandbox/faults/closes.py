"""More faults of section 6.5: closes of every code, and the few words that come with them."""

from bot.sandbox.behaviour import Act, Close, Refusal
from bot.sandbox.faults.fault import Area, Fault
from bot.sandbox.faults.stages import NO_ANSWER, RUN, Stage


def _closes(name: str, summary: str, label: str, code: int, reason: str) -> Fault:
    """Return a server that closes right after the accept, whoever connects."""
    return Fault(
        name=name,
        summary=summary,
        area=Area.SOCKET,
        label=label,
        stage=Stage.ACCEPT,
        stops=RUN,
        server={"on_accept": Close(code=code, reason=reason, after_s=0.06)},
    )


def _fails(
    name: str,
    summary: str,
    label: str,
    error: str,
    *,
    code: str = "CONNECTION_ERROR",
    reason: str = "main mode error",
    **details: str,
) -> Fault:
    """Return a server that says in an error frame what keeps it from serving a socket."""
    refusal = Refusal(
        code=code,
        message="WebSocket connection error",
        details={"environment": "staging", "error": error, **details},
        close=Close(code=1011, reason=reason),
    )
    return Fault(
        name=name,
        summary=summary,
        area=Area.SOCKET,
        label=label,
        stage=Stage.ACCEPT,
        stops=RUN,
        server={"on_accept": refusal},
    )


def _mid_stream(name: str, summary: str, label: str, *script: str | Act | Close) -> Fault:
    return Fault(
        name=name,
        summary=summary,
        area=Area.SOCKET,
        label=label,
        stage=Stage.STREAM,
        stops=RUN,
        hides=NO_ANSWER,
        server={"script": ("agent_started", "agent_thinking", *script)},
    )


CLOSE_FAULTS = (
    _closes(
        "subprotocol-close",
        "The server accepts, and then finds no subprotocol that it supports: 1003.",
        "ws_subprotocol_rejected",
        1003,
        "No supported subprotocols",
    ),
    _closes(
        "pre-authentication-required",
        "1008 to everyone: a policy asks for what no client is told.",
        "ws_policy_close",
        1008,
        "Pre-authentication required.",
    ),
    _closes(
        "auth-failed-bare",
        "1008 to everyone, whatever the token: only that authentication failed.",
        "ws_policy_close",
        1008,
        "Auth failed",
    ),
    _closes(
        "rate-limit-close",
        "1008 right after the accept: too many messages of late.",
        "rate_limited",
        1008,
        "Rate limit exceeded",
    ),
    _closes(
        "service-unavailable-close",
        "1011 Service unavailable, without saying which.",
        "ws_internal_close",
        1011,
        "Service unavailable",
    ),
    _closes(
        "failed-to-establish",
        "1011 Failed to establish connection.",
        "ws_internal_close",
        1011,
        "Failed to establish connection",
    ),
    _closes(
        "factory-failure",
        "1011 Critical factory failure: the part of the server's code that failed is named.",
        "ws_server_code_error",
        1011,
        "Critical factory failure",
    ),
    _closes(
        "internal-error-enumeration",
        "A log line cannot be written as JSON; the client is told Internal error only.",
        "ws_internal_close",
        1011,
        "Internal error",
    ),
    _closes(
        "internal-error-managers",
        "Socket managers were never given back; the client is told Internal error only.",
        "ws_internal_close",
        1011,
        "Internal error",
    ),
    _closes(
        "graceful-retry",
        "1000 before any word: the connection was not established, and nobody says why.",
        "ws_internal_close",
        1000,
        "Connection establishment failed - graceful retry",
    ),
    _closes(
        "overloaded",
        "1013: the service is temporarily unavailable.",
        "ws_internal_close",
        1013,
        "Service temporarily unavailable",
    ),
    _closes(
        "startup-incomplete-close",
        "1011: the start-up is incomplete.",
        "startup_race",
        1011,
        "Service startup incomplete",
    ),
    _closes(
        "invalid-close-code",
        "The server closes with an HTTP status, which is no code that a frame may carry.",
        "ws_server_code_error",
        403,
        "Forbidden",
    ),
    _fails(
        "unbound-variable",
        "The socket's code uses a variable that one branch never sets.",
        "ws_server_code_error",
        "UnboundLocalError: cannot access local variable 'is_production' where it is not"
        " associated with a value",
        error_type="UnboundLocalError",
    ),
    _fails(
        "undefined-function",
        "The socket's code calls a function that was never imported.",
        "ws_server_code_error",
        "name 'get_connection_state_machine' is not defined",
        error_type="NameError",
    ),
    _fails(
        "direct-instantiation",
        "The socket's code makes itself what a factory must make.",
        "ws_server_code_error",
        "Direct instantiation not allowed. Use WebSocketManagerFactory instead.",
        error_type="RuntimeError",
    ),
    _fails(
        "await-of-an-object",
        "The socket's code awaits what is no coroutine.",
        "ws_server_code_error",
        "object UnifiedWebSocketManager can't be used in 'await' expression",
        error_type="TypeError",
    ),
    _fails(
        "service-unavailable-redis",
        "The socket's service says that it misses Redis.",
        "dependency_redis_down",
        "required service is missing",
        code="SERVICE_UNAVAILABLE",
        reason="Service unavailable",
        missing_service="redis",
    ),
    _fails(
        "service-unavailable-model",
        "The socket's service says that it misses the manager of language models.",
        "dependency_llm_unavailable",
        "required service is missing",
        code="SERVICE_UNAVAILABLE",
        reason="Service unavailable",
        missing_service="llm_manager",
    ),
    _mid_stream(
        "closed-without-status",
        "The instance goes away in mid-stream: a close frame without a code.",
        "instance_replaced",
        Close(code=1005),
    ),
    _mid_stream(
        "closed-normally-too-early",
        "The server closes with 1000 before the run has ended.",
        "ws_internal_close",
        Close(code=1000, reason="main cleanup"),
    ),
    _mid_stream(
        "overloaded-mid-stream",
        "1013 in mid-stream: the service is temporarily unavailable.",
        "ws_internal_close",
        Close(code=1013, reason="Service temporarily unavailable"),
    ),
)
