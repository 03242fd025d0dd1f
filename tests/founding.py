"""The runs that the founding incident is told by."""

from bot.model import Json
from tests.evidence import (
    EXCHANGED,
    KEY_REFUSED,
    asked,
    refused,
    run,
)

TYPE_CHECK = "user_context must be a UserExecutionContext instance"
WORDED_AS_AUTH = "Authentication failed: Valid JWT token required for WebSocket connection"
PROBED: dict[str, Json] = {
    "key_non_json__status": 401,
    "key_dummy__status": 401,
    "token_garbage__outcome": "error_frame",
    "token_garbage__error_code": "VALIDATION_FAILED",
    "token_garbage__same": False,
}
FOUNDING = refused(
    KEY_REFUSED,
    "AUTH_REQUIRED",
    WORDED_AS_AUTH,
    TYPE_CHECK,
    exception=TYPE_CHECK,
    close_code=1008,
    close_reason="Authentication failed",
    authorization_present=True,
    **PROBED,
)
PASSED = run(
    asked(
        EXCHANGED,
        names=["agent_started", "agent_completed"],
        terminal="agent_completed",
        end="terminal",
        nonce_echoed=True,
    ),
    status="passed",
)
