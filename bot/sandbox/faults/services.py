"""More faults of sections 6.2 and 6.3: services that are down, each for another reason."""

from bot.sandbox.behaviour import EDGE_503, HANG, Answer
from bot.sandbox.faults.fault import Area, Fault
from bot.sandbox.faults.stages import BEFORE_AGENTS, EXCHANGE, RUN, Stage, Stops

_EDGE_502 = Answer(
    status=502,
    text="<html><title>502 Server Error</title><h1>Error: Server Error</h1></html>",
    content_type="text/html",
)
_EDGE_504 = Answer(status=504, text="upstream request timeout", delay_s=0.2)
_TOO_MANY = Answer(status=429, text="Rate exceeded.")
_CLOSED_DATABASE = "connection to server at 10.20.0.3, port 5432 failed: timeout expired"


def _crash_loop(cause: str, summary: str, *, delay_s: float = 0.15) -> Fault:
    """Return a backend that dies at its start; a client sees the edge's 503 and nothing else."""
    return Fault(
        name=f"crash-loop-{cause}",
        summary=f"{summary}: the edge answers 503.",
        area=Area.DEPLOY,
        label="backend_5xx",
        stage=Stage.BACKEND,
        stops=RUN,
        server={"backend": Answer(status=503, text=EDGE_503.text, delay_s=delay_s)},
    )


def _backend(name: str, summary: str, label: str, answer: Answer) -> Fault:
    return Fault(
        name=name,
        summary=summary,
        area=Area.DEPLOY,
        label=label,
        stage=Stage.BACKEND,
        stops=RUN,
        server={"backend": answer},
    )


def _health(
    name: str,
    summary: str,
    label: str,
    *,
    stage: Stage = Stage.HEALTH,
    excludes: frozenset[Stage] = frozenset(),
    **server: object,
) -> Fault:
    """Return a fault that health shows and that no run minds."""
    return Fault(
        name=name,
        summary=summary,
        area=Area.DEPLOY,
        label=label,
        stage=stage,
        excludes=excludes,
        server=server,
    )


def _exchange(name: str, summary: str, label: str, **server: object) -> Fault:
    return Fault(
        name=name,
        summary=summary,
        area=Area.IDENTITY,
        label=label,
        stage=Stage.EXCHANGE,
        stops=EXCHANGE,
        server=server,
    )


def _starts_not(reason: str) -> Answer:
    """Return how an application answers that came up only far enough to say why it did not."""
    return Answer(status=503, json={"status": "unhealthy", "detail": f"Startup aborted: {reason}"})


SERVICE_FAULTS = (
    _crash_loop(
        "database", "The backend dies waiting for its database at every start", delay_s=0.4
    ),
    _crash_loop("secret", "The backend dies at its start, for a secret is not mapped"),
    _crash_loop("import", "The backend dies at an import", delay_s=0.05),
    _crash_loop("tables", "The backend dies at its start, for tables are missing"),
    _crash_loop("not-listening", "The container never listens on its port"),
    _backend(
        "backend-502", "The edge gets no proper answer of the backend.", "backend_5xx", _EDGE_502
    ),
    _backend("backend-504", "The edge waits in vain for the backend.", "backend_5xx", _EDGE_504),
    _backend(
        "backend-429",
        "The edge has no instance left for another request: 429.",
        "rate_limited",
        _TOO_MANY,
    ),
    _backend(
        "startup-database-timeout",
        "The backend's start was aborted: its database did not answer.",
        "dependency_db_down",
        _starts_not("database initialization timed out after 35.0 s"),
    ),
    _backend(
        "startup-tables-missing",
        "The backend's start was aborted: tables were never created.",
        "db_schema_missing",
        _starts_not("required tables missing: credit_transactions, agent_executions"),
    ),
    _backend(
        "startup-redis",
        "The backend's start was aborted: Redis has no password where one is sent.",
        "dependency_redis_down",
        _starts_not(
            "redis: AUTH <password> called without any password configured for the default user"
        ),
    ),
    _backend(
        "startup-name-error",
        "The backend's start was aborted by a name that is not defined.",
        "startup_code_error",
        _starts_not("NameError: name 'SessionManager' is not defined"),
    ),
    _health(
        "health-422",
        "The backend's health wants a parameter that nobody sends; its socket works.",
        "insufficient_evidence",
        health=Answer(status=422, json={"detail": [{"type": "missing", "loc": ["query", "s"]}]}),
    ),
    _health(
        "health-307",
        "The backend's health redirects to another path; its socket works.",
        "wrong_target",
        health=Answer(status=307, headers={"Location": "/health/"}),
    ),
    _health(
        "health-404",
        "The backend's health is not where it should be; its socket works.",
        "wrong_target",
        health=Answer(status=404, json={"detail": "Not Found"}),
    ),
    _health(
        "readiness-failed",
        "The backend says that its readiness check failed; runs still work.",
        "backend_5xx",
        ready=Answer(status=503, json={"detail": "Service readiness check failed"}),
    ),
    _health(
        "redis-down-unneeded",
        "Redis cannot be reached; runs still work.",
        "dependency_redis_down",
        excludes=BEFORE_AGENTS,
        dependency_errors={"redis": "Error -3 connecting to redis:6379. Name lookup failed."},
    ),
    _health(
        "frontend-hangs",
        "The front end never answers; runs do not need it.",
        "backend_unresponsive",
        stage=Stage.FRONTEND,
        frontend=HANG,
    ),
    _health(
        "frontend-sees-no-backend",
        "The front end cannot reach the backend, which is well; runs do not need it.",
        "backend_unresponsive",
        stage=Stage.FRONTEND,
        # Of a backend that is unwell itself this would be an echo.
        excludes=frozenset({Stage.BACKEND, Stage.HEALTH}),
        frontend_health=Answer(
            json={
                "status": "degraded",
                "service": "frontend",
                "dependencies": {
                    "backend": {"status": "unhealthy", "details": {"error": "timeout"}},
                    "auth": {"status": "healthy", "details": {"status_code": 200}},
                },
            }
        ),
    ),
    Fault(
        name="auth-service-hangs",
        summary="The auth service takes requests and never answers.",
        area=Area.IDENTITY,
        label="auth_service_unavailable",
        stage=Stage.AUTH_SERVICE,
        stops=EXCHANGE,
        server={"auth": HANG},
    ),
    Fault(
        name="auth-unhealthy-in-words",
        summary="The auth service's health is a 200 that says unhealthy; it still works.",
        area=Area.IDENTITY,
        label="auth_service_unavailable",
        stage=Stage.AUTH_HEALTH,
        server={"auth_health": Answer(json={"status": "unhealthy", "service": "auth-service"})},
    ),
    _exchange(
        "exchange-edge-503",
        "The edge answers the exchange with 503, and everything else of the auth service works.",
        "auth_service_unavailable",
        exchange=EDGE_503,
    ),
    _exchange(
        "exchange-429",
        "The exchange is asked too often: 429.",
        "rate_limited",
        exchange=Answer(status=429, json={"detail": "Rate limit exceeded"}),
    ),
    _exchange(
        "exchange-database",
        "The exchange cannot find its user, for its database is out of reach: 500.",
        "dependency_db_down",
        exchange=Answer(
            status=500, json={"detail": f"E2E test authentication failed: {_CLOSED_DATABASE}"}
        ),
    ),
    Fault(
        name="exchange-not-staging",
        summary="The first version of the exchange takes itself for development: 403.",
        area=Area.IDENTITY,
        label="startup_config_invalid",
        stage=Stage.ENVIRONMENT,
        stops=EXCHANGE,
        server={"environment": "development", "exchange_variant": "A"},
    ),
    Fault(
        name="bypass-key-client-drift",
        summary="The client's bypass key is another one; the server's is right.",
        area=Area.IDENTITY,
        label="bypass_key_mismatch",
        stage=Stage.KEY,
        stops=EXCHANGE,
        client={"secrets": {"bypass_key": "sandbox-bypass-key-of-last-month-91e2"}},
    ),
    Fault(
        name="bypass-key-byte-order-mark",
        summary="The client's key file starts with a byte order mark.",
        area=Area.IDENTITY,
        label="bypass_key_mismatch",
        stage=Stage.KEY,
        stops=EXCHANGE,
        client={"secrets": {"bypass_key": "\ufeff$bypass_key"}},
    ),
    Fault(
        name="bypass-key-trailing-space",
        summary="The client's key ends in a space.",
        area=Area.IDENTITY,
        label="bypass_key_mismatch",
        stage=Stage.KEY,
        stops=EXCHANGE,
        client={"secrets": {"bypass_key": "$bypass_key "}},
    ),
    Fault(
        name="bypass-key-blank",
        summary="The client's key file is empty.",
        area=Area.IDENTITY,
        label="bypass_key_missing",
        stage=Stage.KEY_HELD,
        stops=EXCHANGE,
        client={"secrets": {"bypass_key": ""}},
    ),
    Fault(
        name="bypass-key-missing-no-fallback",
        summary="Neither the key nor a secret to mint with is set.",
        area=Area.IDENTITY,
        label="bypass_key_missing",
        stage=Stage.KEY_HELD,
        stops=frozenset({Stops.EXCHANGE, Stops.MINTING}),
        client={"bypass_key": "${env:STAGECHECK_SANDBOX_UNSET_KEY}", "jwt_secret": None},
    ),
)
