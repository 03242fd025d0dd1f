"""Faults of section 6.4, and of 6.5 as far as they end a socket before any event."""

from collections.abc import Mapping

from bot.sandbox.behaviour import EDGE_500, EDGE_503, HANG, Answer, Close, Refusal
from bot.sandbox.faults.fault import Area, Fault
from bot.sandbox.faults.stages import RUN, Stage


def _closes(code: int, reason: str, *, after_s: float = 0.06) -> Mapping[str, object]:
    """Return a server that closes right after the accept."""
    return {"on_accept": Close(code=code, reason=reason, after_s=after_s)}


def _fails(error: str, error_type: str, *, reason: str = "main mode error") -> Mapping[str, object]:
    """Return a server whose socket code raises, and says so."""
    return {
        "on_accept": Refusal(
            code="CONNECTION_ERROR",
            message="WebSocket connection error",
            details={"environment": "staging", "error": error, "error_type": error_type},
            close=Close(code=1011, reason=reason),
        )
    }


def init_failed(error: str) -> Refusal:
    """Return the refusal of a server that could not make what a socket needs."""
    return Refusal(
        code="SERVICE_INIT_FAILED",
        message="Service initialization failed",
        details={"environment": "staging", "error": error},
        close=Close(code=1011, reason="Service initialization failed"),
    )


HANDSHAKE_FAULTS = (
    Fault(
        name="upgrade-403",
        summary="The upgrade is refused with 403 and nothing else.",
        area=Area.HANDSHAKE,
        label="ws_handshake_forbidden",
        stage=Stage.UPGRADE,
        stops=RUN,
        server={"upgrade": Answer(status=403)},
    ),
    Fault(
        name="upgrade-500",
        summary="The socket's code raises before the accept: 500 on every path.",
        area=Area.HANDSHAKE,
        label="ws_server_code_error",
        stage=Stage.UPGRADE,
        stops=RUN,
        server={"upgrade": EDGE_500},
    ),
    Fault(
        name="upgrade-500-one-path",
        summary="The middleware raises on /ws only; the same socket works under /websocket.",
        area=Area.DEPLOY,
        label="ws_server_code_error",
        stage=Stage.UPGRADE,
        stops=RUN,
        server={"upgrade": EDGE_500, "upgrade_paths": ("/ws",)},
    ),
    Fault(
        name="upgrade-503",
        summary="Health is fine, but the edge answers upgrades with 503.",
        area=Area.HANDSHAKE,
        label="backend_5xx",
        stage=Stage.UPGRADE,
        stops=RUN,
        server={"upgrade": EDGE_503},
    ),
    Fault(
        name="upgrade-hangs",
        summary="The upgrade is never answered.",
        area=Area.HANDSHAKE,
        label="backend_unresponsive",
        stage=Stage.UPGRADE,
        stops=RUN,
        server={"upgrade": HANG},
    ),
    Fault(
        name="subprotocol-rejected",
        summary="The server knows none of the offered subprotocols and refuses with 403.",
        area=Area.HANDSHAKE,
        label="ws_subprotocol_rejected",
        stage=Stage.UPGRADE,
        stops=RUN,
        server={"subprotocol": ""},
        client={"socket": {"subprotocol": "jwt-auth", "token_subprotocol": "jwt.{token_b64}"}},
    ),
    Fault(
        name="subprotocol-unasked",
        summary="The server selects a subprotocol that nobody offered.",
        area=Area.HANDSHAKE,
        label="ws_subprotocol_rejected",
        stage=Stage.UPGRADE,
        stops=RUN,
        server={"unasked_subprotocol": "staging-auth"},
    ),
    Fault(
        name="policy-close",
        summary="The server accepts and closes with 1008, without saying why.",
        area=Area.HANDSHAKE,
        label="ws_policy_close",
        stage=Stage.ACCEPT,
        stops=RUN,
        server=_closes(1008, ""),
    ),
    Fault(
        name="startup-race",
        summary="The socket was accepted before the start-up was through: 1011 not ready.",
        area=Area.HANDSHAKE,
        label="startup_race",
        stage=Stage.ACCEPT,
        stops=RUN,
        server=_closes(1011, "Service not ready: startup phase 'services' not reached in 2.1s"),
    ),
    Fault(
        name="startup-incomplete",
        summary="An error frame says that the start-up is incomplete, then 1011.",
        area=Area.HANDSHAKE,
        label="startup_race",
        stage=Stage.ACCEPT,
        stops=RUN,
        server={
            "on_accept": Refusal(
                code="STARTUP_INCOMPLETE",
                message="Service startup incomplete",
                details={"environment": "staging", "startup_phase": "no_app_state"},
                close=Close(code=1011, reason="Service startup incomplete"),
            )
        },
    ),
    Fault(
        name="internal-error",
        summary="1011 Internal error right after the accept, before the welcome.",
        area=Area.SOCKET,
        label="ws_internal_close",
        stage=Stage.ACCEPT,
        stops=RUN,
        server=_closes(1011, "Internal error"),
    ),
    Fault(
        name="factory-validation",
        summary="1011 Factory SSOT validation failed: a type check that fails in the cloud only.",
        area=Area.SOCKET,
        label="ws_server_code_error",
        stage=Stage.ACCEPT,
        stops=RUN,
        server=_closes(1011, "Factory SSOT validation failed"),
    ),
    Fault(
        name="helper-signature",
        summary="A helper is called without an argument it now needs: TypeError, 1011.",
        area=Area.SOCKET,
        label="ws_server_code_error",
        stage=Stage.ACCEPT,
        stops=RUN,
        server=_fails(
            "create_server_message() missing 1 required positional argument: 'data'", "TypeError"
        ),
    ),
    Fault(
        name="undefined-name",
        summary="The socket's code uses a name that was never imported: NameError, 1011.",
        area=Area.SOCKET,
        label="ws_server_code_error",
        stage=Stage.ACCEPT,
        stops=RUN,
        server=_fails("name 'time' is not defined", "NameError", reason="Internal error"),
    ),
    Fault(
        name="main-cleanup",
        summary="The server's loop ends on a hidden exception: 1000 main cleanup, no event.",
        area=Area.SOCKET,
        label="ws_internal_close",
        stage=Stage.REQUEST,
        stops=RUN,
        server={"script": (Close(code=1000, reason="main cleanup"),)},
    ),
    Fault(
        name="too-many-connections",
        summary="Old connections of the user were never given back: 1008 too many.",
        area=Area.SOCKET,
        label="ws_quota_exceeded",
        stage=Stage.QUOTA,
        stops=RUN,
        server={"leaked_connections": 3},
    ),
    Fault(
        name="manager-limit",
        summary="Socket managers of the user were never given back: an error frame, then 1011.",
        area=Area.SOCKET,
        label="ws_quota_exceeded",
        stage=Stage.IDENTITY,
        stops=RUN,
        server={
            "on_identity": init_failed(
                "User has reached the maximum number of WebSocket managers (20)"
            )
        },
    ),
    Fault(
        name="rate-limited",
        summary="The user's first message is one too many: 1008 rate limit exceeded.",
        area=Area.SOCKET,
        label="rate_limited",
        stage=Stage.RATE,
        stops=RUN,
        server={"rate_per_minute": 0},
    ),
)
