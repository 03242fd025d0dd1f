"""Faults of section 6.3: tokens, what the server makes of them, and users."""

from bot.sandbox.behaviour import Close, Refusal
from bot.sandbox.faults.fault import Area, Fault
from bot.sandbox.faults.stages import RUN, Stage, Stops

OTHER_SECRET = "sandbox-other-secret-5e8a7714c2d04b19a63f9d2e81b07c46"
CLAIMS = ("sub", "iss", "jti", "iat", "exp")
_AUTH_CLOSE = Close(code=1008, reason="SSOT Auth failed")


def refused(code: str, message: str, error: str = "", *, close: Close = _AUTH_CLOSE) -> Refusal:
    """Return the refusal of a token, with the `error` behind it where the server tells one."""
    details: dict[str, object] = {"environment": "staging", "error_code": code}
    if error:
        details["error"] = error
    return Refusal(code=code, message=message, details=details, close=close)


TOKEN_FAULTS = (
    Fault(
        name="authorization-stripped",
        summary="The load balancer drops the Authorization header on upgrades.",
        area=Area.IDENTITY,
        label="jwt_token_absent",
        stage=Stage.TOKEN_ARRIVES,
        stops=RUN,
        server={"strip_authorization": True},
    ),
    Fault(
        name="jwt-secret-drift",
        summary="The backend verifies tokens with another secret than they are signed with.",
        area=Area.IDENTITY,
        label="jwt_rejected",
        stage=Stage.SIGNATURE,
        stops=RUN,
        server={"backend_secret": OTHER_SECRET},
    ),
    Fault(
        name="auth-secret-drift",
        summary="The auth service signs with a secret of its own; its tokens do not verify.",
        area=Area.IDENTITY,
        label="jwt_rejected",
        stage=Stage.SIGNATURE,
        stops=frozenset({Stops.EXCHANGED}),
        server={"auth_secret": OTHER_SECRET},
    ),
    Fault(
        name="fallback-secret-stale",
        summary="The client would mint with an old secret; unseen while the exchange works.",
        area=Area.IDENTITY,
        label="jwt_rejected",
        stage=Stage.SIGNATURE,
        stops=frozenset({Stops.MINTED}),
        client={"secrets": {"jwt_secret": OTHER_SECRET}},
    ),
    Fault(
        name="token-type-required",
        summary="The server wants a claim that minted tokens lack; unseen while exchange works.",
        area=Area.IDENTITY,
        label="jwt_rejected",
        stage=Stage.CLAIMS,
        stops=frozenset({Stops.MINTED}),
        server={"required_claims": (*CLAIMS, "token_type")},
        client={"token": {"claims": {"token_type": None}}},
    ),
    Fault(
        name="backend-clock-behind",
        summary="The backend's clock is ten minutes behind: tokens come from its future.",
        area=Area.IDENTITY,
        label="jwt_rejected",
        stage=Stage.CLAIMS,
        stops=RUN,
        server={"backend_clock_s": -600.0},
    ),
    Fault(
        name="backend-clock-ahead",
        summary="The backend's clock is an hour ahead: every token has expired.",
        area=Area.IDENTITY,
        label="jwt_expired",
        stage=Stage.EXPIRY,
        stops=RUN,
        server={"backend_clock_s": 3600.0},
    ),
    Fault(
        name="auth-clock-behind",
        summary="The auth service's clock is an hour behind: its tokens are born expired.",
        area=Area.IDENTITY,
        label="jwt_expired",
        stage=Stage.EXPIRY,
        stops=frozenset({Stops.EXCHANGED}),
        server={"auth_clock_s": -3600.0},
    ),
    Fault(
        name="auth-breaker-open",
        summary="The backend stopped asking the auth service: its circuit breaker is open.",
        area=Area.IDENTITY,
        label="auth_service_unavailable",
        stage=Stage.IDENTITY,
        stops=RUN,
        server={
            "on_identity": refused(
                "AUTH_CIRCUIT_BREAKER_OPEN",
                "Authentication service circuit breaker is open",
                "circuit breaker OPEN for auth_service",
            )
        },
    ),
    Fault(
        name="auth-unreachable-from-backend",
        summary="The backend cannot reach the auth service within its half second.",
        area=Area.IDENTITY,
        label="auth_service_unavailable",
        stage=Stage.IDENTITY,
        stops=RUN,
        server={
            "on_identity": refused(
                "AUTH_SERVICE_ERROR",
                "Authentication service error",
                "auth_service_unreachable: no answer within 0.5 s",
            )
        },
    ),
    Fault(
        name="service-auth-misconfigured",
        summary="The auth service refuses the backend's own identity: 403.",
        area=Area.IDENTITY,
        label="service_auth_misconfigured",
        stage=Stage.IDENTITY,
        stops=RUN,
        server={
            "on_identity": refused(
                "AUTH_SERVICE_ERROR",
                "Authentication service error",
                "403: Not authenticated (service:netra-backend)",
            )
        },
    ),
    Fault(
        name="service-id-newline",
        summary="The backend's service id ends in a newline and is no legal header value.",
        area=Area.IDENTITY,
        label="service_auth_misconfigured",
        stage=Stage.IDENTITY,
        stops=RUN,
        server={
            "on_identity": refused(
                "AUTH_SERVICE_ERROR",
                "Authentication service error",
                r"Illegal header value b'netra-backend\n'",
            )
        },
    ),
    Fault(
        name="context-type-check",
        summary="A good token fails a class check in the server, worded as an auth failure.",
        area=Area.IDENTITY,
        label="ws_server_code_error",
        stage=Stage.IDENTITY,
        stops=RUN,
        server={
            "on_identity": Refusal(
                code="AUTH_REQUIRED",
                message="Authentication failed: Valid JWT token required for WebSocket connection",
                details={
                    "environment": "staging",
                    "error": "user_context must be a UserExecutionContext instance",
                },
                close=Close(code=1008, reason="Authentication failed"),
            )
        },
    ),
    Fault(
        name="user-id-refused",
        summary="The validator's list of patterns lacks the ids of end-to-end users.",
        area=Area.IDENTITY,
        label="user_id_rejected",
        stage=Stage.USER,
        stops=RUN,
        server={"refused_users": "^(e2e-|staging-e2e-)"},
    ),
    Fault(
        name="user-not-found",
        summary="The token is good, but its user is not in the database.",
        area=Area.IDENTITY,
        label="user_not_found",
        stage=Stage.IDENTITY,
        stops=RUN,
        server={
            "on_identity": refused(
                "AUTH_FAILED", "Authentication failed", "User not found in database"
            )
        },
    ),
    Fault(
        name="demo-mode",
        summary="The server accepts anyone as its demo user, whatever the token says.",
        area=Area.IDENTITY,
        label="auth_silently_bypassed",
        # The run goes on to its end, and is nobody's we know; the welcome says so.
        stage=Stage.ANSWER,
        stops=RUN,
        told_at=Stage.QUOTA,
        hides=frozenset(
            {
                Stage.TOKEN_ARRIVES,
                Stage.SIGNATURE,
                Stage.CLAIMS,
                Stage.EXPIRY,
                Stage.IDENTITY,
                Stage.USER,
            }
        ),
        server={"demo_mode": True, "welcome": "connect"},
    ),
)
