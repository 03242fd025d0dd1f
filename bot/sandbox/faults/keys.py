"""Faults of section 6.3: the bypass key and the auth service behind it."""

from bot.sandbox.behaviour import EDGE_503, HANG, Answer
from bot.sandbox.faults.fault import Area, Fault
from bot.sandbox.faults.stages import EXCHANGE, Stage, Stops

KEY_FAULTS = (
    Fault(
        name="bypass-key-mismatch",
        summary="The server's bypass key was rotated; the client's is the old one.",
        area=Area.IDENTITY,
        label="bypass_key_mismatch",
        stage=Stage.KEY,
        stops=EXCHANGE,
        server={"bypass_key": "sandbox-bypass-key-rotated-3d90"},
    ),
    Fault(
        name="bypass-key-trailing-newline",
        summary="The client's key file ends in a newline that is not part of the key.",
        area=Area.IDENTITY,
        label="bypass_key_mismatch",
        stage=Stage.KEY,
        stops=EXCHANGE,
        client={"secrets": {"bypass_key": "$bypass_key\n"}},
    ),
    Fault(
        name="bypass-key-quoted",
        summary="The client's key is still in the quotes of its env file.",
        area=Area.IDENTITY,
        label="bypass_key_mismatch",
        stage=Stage.KEY,
        stops=EXCHANGE,
        client={"secrets": {"bypass_key": '"$bypass_key"'}},
    ),
    Fault(
        name="bypass-key-mismatch-no-fallback",
        summary="The key is refused, and no secret is configured to mint a fallback token.",
        area=Area.IDENTITY,
        label="bypass_key_mismatch",
        stage=Stage.KEY,
        stops=frozenset({Stops.EXCHANGE, Stops.MINTING}),
        server={"bypass_key": "sandbox-bypass-key-rotated-3d90"},
        client={"jwt_secret": None},
    ),
    Fault(
        name="bypass-key-missing",
        summary="The client's key refers to an environment variable that is not set.",
        area=Area.IDENTITY,
        label="bypass_key_missing",
        stage=Stage.KEY_HELD,
        stops=EXCHANGE,
        client={"bypass_key": "${env:STAGECHECK_SANDBOX_UNSET_KEY}"},
    ),
    Fault(
        name="bypass-key-wrong-header",
        summary="The client sends the key under a header that the server does not read.",
        area=Area.IDENTITY,
        label="bypass_key_missing",
        stage=Stage.KEY_SENT,
        stops=EXCHANGE,
        client={"exchange": {"header": "X-E2E-Bypass"}},
    ),
    Fault(
        name="server-without-key",
        summary="The auth service holds no bypass key: 503 not configured.",
        area=Area.IDENTITY,
        label="bypass_key_missing",
        stage=Stage.KEY_KNOWN,
        stops=EXCHANGE,
        server={"bypass_key": ""},
    ),
    Fault(
        name="exchange-in-production",
        summary="The auth service takes itself for production and refuses test tokens: 403.",
        area=Area.IDENTITY,
        label="startup_config_invalid",
        stage=Stage.ENVIRONMENT,
        stops=EXCHANGE,
        server={"environment": "production"},
    ),
    Fault(
        name="exchange-500",
        summary="The key is right, but the auth service fails to make tokens: 500.",
        area=Area.IDENTITY,
        label="auth_service_unavailable",
        stage=Stage.EXCHANGE,
        stops=EXCHANGE,
        server={
            "exchange": Answer(status=500, json={"detail": "Failed to generate E2E test tokens"})
        },
    ),
    Fault(
        name="exchange-hangs",
        summary="The exchange never answers.",
        area=Area.IDENTITY,
        label="auth_service_unavailable",
        stage=Stage.EXCHANGE,
        stops=EXCHANGE,
        server={"exchange": HANG},
    ),
    Fault(
        name="auth-service-down",
        summary="No instance of the auth service is alive: the edge answers 503.",
        area=Area.IDENTITY,
        label="auth_service_unavailable",
        stage=Stage.AUTH_SERVICE,
        stops=EXCHANGE,
        server={"auth": EDGE_503},
    ),
    Fault(
        name="auth-unhealthy",
        summary="The auth service calls itself unhealthy without a reason, but still works.",
        area=Area.IDENTITY,
        label="auth_service_unavailable",
        stage=Stage.AUTH_HEALTH,
        server={"auth_health": Answer(status=503, json={"status": "unhealthy"})},
    ),
    Fault(
        name="auth-database-down",
        summary="The auth service is unhealthy because its database cannot be reached.",
        area=Area.IDENTITY,
        label="dependency_db_down",
        stage=Stage.AUTH_HEALTH,
        server={
            "auth_health": Answer(
                status=503,
                json={"status": "unhealthy", "reason": "Database connectivity failed"},
            )
        },
    ),
)
