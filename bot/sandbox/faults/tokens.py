"""More faults of section 6.3: claims, callers and users that the server does not take."""

from bot.sandbox.behaviour import Close, Refusal
from bot.sandbox.faults.fault import Area, Fault
from bot.sandbox.faults.identity import CLAIMS, refused
from bot.sandbox.faults.stages import RUN, Stage, Stops

_MINTED = frozenset({Stops.MINTED})
_JUDGED = "Token validation failed | Debug: 373 chars, 2 dots"


def _claim(name: str, summary: str, **server: object) -> Fault:
    """Return a fault of what the backend asks of every token."""
    return Fault(
        name=name,
        summary=summary,
        area=Area.IDENTITY,
        label="jwt_rejected",
        stage=Stage.CLAIMS,
        stops=RUN,
        server=server,
    )


def _minted(name: str, summary: str, claims: dict[str, object], *required: str) -> Fault:
    """Return a fault of the fallback token; it is unseen while the exchange works."""
    return Fault(
        name=name,
        summary=summary,
        area=Area.IDENTITY,
        label="jwt_rejected",
        stage=Stage.CLAIMS,
        stops=_MINTED,
        server={"required_claims": (*CLAIMS, *required)} if required else {},
        client={"token": claims} if claims else {},
    )


def _identity(name: str, summary: str, label: str, refusal: Refusal | Close) -> Fault:
    """Return a fault that meets everyone whose token verified."""
    return Fault(
        name=name,
        summary=summary,
        area=Area.IDENTITY,
        label=label,
        stage=Stage.IDENTITY,
        stops=RUN,
        server={"on_identity": refusal},
    )


CLAIM_FAULTS = (
    Fault(
        name="token-not-sent",
        summary="The client is configured to send its token nowhere.",
        area=Area.IDENTITY,
        label="jwt_token_absent",
        stage=Stage.TOKEN_ARRIVES,
        stops=RUN,
        client={
            "socket": {"send_authorization": False, "subprotocol": "", "token_subprotocol": ""}
        },
    ),
    _claim(
        "issuer-changed",
        "The backend takes tokens of another issuer only.",
        issuer="netra-identity",
    ),
    _claim(
        "audience-changed",
        "The backend takes tokens for another audience only.",
        audiences=("netra-platform-v2",),
    ),
    _claim(
        "claim-nobody-sets",
        "The backend wants a claim that not even the auth service sets.",
        required_claims=(*CLAIMS, "tenant"),
    ),
    _minted(
        "service-id-required",
        "The server wants a claim that minted tokens lack; unseen while the exchange works.",
        {},
        "svc_id",
    ),
    _minted(
        "fallback-wrong-issuer",
        "The client would mint for another issuer; unseen while the exchange works.",
        {"issuer": "e2e-helpers"},
    ),
    _minted(
        "fallback-wrong-environment",
        "The client would mint for production; unseen while the exchange works.",
        {"claims": {"env": "production"}},
    ),
    _minted(
        "fallback-wrong-audience",
        "The client would mint for another audience; unseen while the exchange works.",
        {"audience": "netra-mobile"},
    ),
    _identity(
        "token-blacklisted",
        "The token was revoked; the server says only that it is not valid.",
        "jwt_rejected",
        refused("VALIDATION_FAILED", _JUDGED),
    ),
    _identity(
        "service-identity-hidden",
        "The auth service refuses the backend itself, which blames the token.",
        "jwt_rejected",
        refused("VALIDATION_FAILED", _JUDGED),
    ),
    _identity(
        "auth-slow-for-backend",
        "The auth service answers the backend's call with 503.",
        "auth_service_unavailable",
        refused(
            "AUTH_SERVICE_ERROR",
            "Authentication service error",
            "auth service returned 503 Service Unavailable",
        ),
    ),
    _identity(
        "service-secret-missing",
        "The backend has no secret to prove itself to the auth service with.",
        "service_auth_misconfigured",
        refused(
            "AUTH_SERVICE_ERROR",
            "Authentication service error",
            "SERVICE_SECRET not configured: inter-service authentication failed (401)",
        ),
    ),
    _identity(
        "auth-exception",
        "The socket's authentication raises.",
        "ws_server_code_error",
        refused(
            "WEBSOCKET_AUTH_EXCEPTION",
            "WebSocket authentication exception",
            "AttributeError: 'NoneType' object has no attribute 'validate_token'",
        ),
    ),
    _identity(
        "auth-coroutine-not-awaited",
        "The socket's authentication forgets to await a call.",
        "ws_server_code_error",
        refused(
            "WEBSOCKET_AUTH_ERROR",
            "WebSocket authentication error",
            "'coroutine' object has no attribute 'get'",
            close=Close(code=1011, reason="Internal error"),
        ),
    ),
    _identity(
        "invalid-socket-state",
        "The server speaks before its own accept is through.",
        "ws_server_code_error",
        refused(
            "INVALID_WEBSOCKET_STATE",
            "WebSocket is in an invalid state",
            'WebSocket is not connected. Need to call "accept" first.',
            close=Close(code=1011, reason="Internal error"),
        ),
    ),
    _identity(
        "unexpected-error",
        "The server says that an unexpected error occurred, and nothing else.",
        "ws_internal_close",
        refused(
            "UNEXPECTED_ERROR",
            "An unexpected error occurred",
            close=Close(code=1011, reason="Internal error"),
        ),
    ),
    _identity(
        "user-blocked",
        "The user of the token is deactivated.",
        "user_not_found",
        refused("AUTH_FAILED", "Authentication failed", "No active user with this id"),
    ),
)
