"""Entries about keys, tokens, users and the socket."""

from collections.abc import Mapping

from bot.diagnosis.catalogue.entry import HISTORY, RUN_AGAIN, VERIFY_KEY, Entry, by_hand
from bot.labels import Label
from bot.model import Severity

ACCESS: Mapping[Label, Entry] = {
    Label.SERVICE_AUTH_MISCONFIGURED: Entry(
        title="Backend's own identity refused",
        meaning="The auth service refuses the backend itself, not the user.",
        where="The backend's service id and service secret",
        severity=Severity.CRITICAL,
        owner="platform",
        impact="Every token fails, good ones too.",
        remedies=(
            by_hand(
                "Check the backend's service id and secret for a missing value or a stray newline"
            ),
            RUN_AGAIN,
        ),
    ),
    Label.BYPASS_KEY_MISSING: Entry(
        title="Bypass key missing",
        meaning="No bypass key reached the server, or the server holds none.",
        where="The key's reference in stagecheck's configuration; the server's secret",
        severity=Severity.HIGH,
        owner="secrets",
        impact="End-to-end tests get no proper token.",
        remedies=(
            by_hand("Set the key where it is missing"),
            VERIFY_KEY,
            RUN_AGAIN,
        ),
    ),
    Label.BYPASS_KEY_MISMATCH: Entry(
        title="Bypass key differs",
        meaning="The server holds a bypass key, and ours is another one.",
        where="The key's source here, and the server's secret store",
        severity=Severity.HIGH,
        owner="secrets",
        impact="End-to-end tests get no proper token.",
        remedies=(
            by_hand("Align our key with the server's, and restart the revision that reads it"),
            VERIFY_KEY,
            RUN_AGAIN,
        ),
    ),
    Label.JWT_TOKEN_ABSENT: Entry(
        title="No token arrived",
        meaning="The server found no token on the connection.",
        where="The proxies in front of the socket; the target's socket settings",
        severity=Severity.CRITICAL,
        owner="platform",
        impact="Nobody can connect with a token.",
        remedies=(
            by_hand("Check that upgrades keep the Authorization header on their way"),
            RUN_AGAIN,
        ),
    ),
    Label.JWT_REJECTED: Entry(
        title="Token refused",
        meaning="The server read the token and refused it.",
        where="The signing secrets of client, auth service and backend; the claims",
        severity=Severity.CRITICAL,
        owner="auth",
        impact="The token that was sent does not work.",
        remedies=(
            by_hand("Compare the fingerprints of the signing secrets"),
            by_hand("Compare the token's claims with those the server wants"),
            VERIFY_KEY,
            RUN_AGAIN,
        ),
    ),
    Label.JWT_EXPIRED: Entry(
        title="Token expired",
        meaning="The token was out of date when the server looked at it.",
        where="The clocks of the services, and the token's lifetime",
        severity=Severity.HIGH,
        owner="auth",
        impact="The token that was sent does not work.",
        remedies=(
            by_hand("Compare the clocks of the services and of this machine"),
            RUN_AGAIN,
        ),
    ),
    Label.USER_ID_REJECTED: Entry(
        title="User id refused",
        meaning="The server does not accept the form of the user id.",
        where="The server's list of user id patterns; the target's user",
        severity=Severity.HIGH,
        owner="backend",
        impact="The test user cannot connect.",
        remedies=(
            by_hand("Use a user id the server accepts, or extend its patterns"),
            RUN_AGAIN,
        ),
    ),
    Label.USER_NOT_FOUND: Entry(
        title="User unknown",
        meaning="The token is good, but its user does not exist there.",
        where="The users in the target's database",
        severity=Severity.HIGH,
        owner="backend",
        impact="The test user cannot connect.",
        remedies=(
            by_hand("Create the test user, or configure one that exists"),
            RUN_AGAIN,
        ),
    ),
    Label.AUTH_SILENTLY_BYPASSED: Entry(
        title="Accepted as somebody else",
        meaning="The server let us in under another identity than the token's.",
        where="The server's auth mode",
        severity=Severity.CRITICAL,
        owner="auth",
        impact="Anyone may get in, and tests prove nothing about identity.",
        remedies=(
            by_hand("Switch the demo or permissive mode off"),
            RUN_AGAIN,
        ),
    ),
    Label.WS_HANDSHAKE_FORBIDDEN: Entry(
        title="Upgrade forbidden",
        meaning="The upgrade was refused with 401 or 403 and no reason.",
        where="The guards in front of the socket: token, subprotocol, path, rules",
        severity=Severity.CRITICAL,
        owner="backend",
        impact="Nobody can connect like this.",
        remedies=(
            by_hand("Read the server's log for the refused upgrade"),
            RUN_AGAIN,
        ),
    ),
    Label.WS_SUBPROTOCOL_REJECTED: Entry(
        title="Subprotocol not agreed",
        meaning="Client and server found no common WebSocket subprotocol.",
        where="The offer in the target's socket settings; the server's list",
        severity=Severity.HIGH,
        owner="backend",
        impact="Clients with this offer cannot connect.",
        remedies=(
            by_hand("Align the offered subprotocol with what the server selects"),
            RUN_AGAIN,
        ),
    ),
    Label.WS_QUOTA_EXCEEDED: Entry(
        title="Too many connections",
        meaning="The server counts more connections for the user than it allows.",
        where="The server's connection count for the user",
        severity=Severity.HIGH,
        owner="backend",
        impact="The user cannot connect.",
        remedies=(
            by_hand("Close old connections; if none are open, fix the count"),
            RUN_AGAIN,
        ),
    ),
    Label.RATE_LIMITED: Entry(
        title="Rate limit reached",
        meaning="The server was asked more often than it allows.",
        where="The server's limits; how often this target is checked",
        severity=Severity.MEDIUM,
        owner="backend",
        impact="Requests are refused for a while.",
        remedies=(
            by_hand("Wait a minute, or check less often"),
            RUN_AGAIN,
        ),
    ),
    Label.WS_POLICY_CLOSE: Entry(
        title="Closed by a policy",
        meaning="The server closed with 1008 and did not say which policy.",
        where="The server's log for the connection",
        severity=Severity.HIGH,
        owner="backend",
        impact="The connection cannot be used.",
        remedies=(
            by_hand("Read the server's log for the closed connection"),
            RUN_AGAIN,
        ),
    ),
    Label.WS_INTERNAL_CLOSE: Entry(
        title="Closed by an internal error",
        meaning="The server closed with an internal error, or too early, and gave no reason.",
        where="The server's log for the connection",
        severity=Severity.CRITICAL,
        owner="backend",
        impact="The connection cannot be used.",
        remedies=(
            by_hand("Read the server's log for the closed connection"),
            RUN_AGAIN,
        ),
    ),
    Label.WS_SERVER_CODE_ERROR: Entry(
        title="Code error in the socket's path",
        meaning="The server's own code raised an exception while it handled the connection.",
        where="The server's log: the stack trace of the exception",
        severity=Severity.CRITICAL,
        owner="backend",
        impact="Nobody can use the socket, whatever the token.",
        remedies=(
            by_hand("Find the exception's stack trace in the server's log, and fix what raises it"),
            HISTORY,
            RUN_AGAIN,
        ),
    ),
}
