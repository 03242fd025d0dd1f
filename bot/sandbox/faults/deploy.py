"""Faults of section 6.2: deployments, cold starts, and what the edge says for a dead backend."""

from bot.sandbox.behaviour import EDGE_503, HANG, Answer
from bot.sandbox.faults.fault import Area, Fault
from bot.sandbox.faults.stages import BEFORE_AGENTS, RUN, Stage


def _unavailable(reason: str) -> Answer:
    """Return how an application answers that came up only far enough to say why it did not."""
    return Answer(status=503, json={"status": "unhealthy", "detail": reason})


DEPLOY_FAULTS = (
    Fault(
        name="backend-edge-503",
        summary="No instance of the backend is alive (a crash loop): the edge answers 503.",
        area=Area.DEPLOY,
        label="backend_5xx",
        stage=Stage.BACKEND,
        stops=RUN,
        server={"backend": EDGE_503},
    ),
    Fault(
        name="backend-500",
        summary="The backend answers everything with its own 500.",
        area=Area.DEPLOY,
        label="backend_5xx",
        stage=Stage.BACKEND,
        stops=RUN,
        server={"backend": Answer(status=500, json={"detail": "Internal Server Error"})},
    ),
    Fault(
        name="cold-start",
        summary="The first requests meet no instance and get 503, the later ones are served.",
        area=Area.DEPLOY,
        label="startup_race",
        stage=Stage.BACKEND,
        stops=RUN,
        server={"cold_requests": 12},
    ),
    Fault(
        name="backend-hangs",
        summary="The backend takes requests and upgrades and never answers.",
        area=Area.DEPLOY,
        label="backend_unresponsive",
        stage=Stage.BACKEND,
        stops=RUN,
        server={"backend": HANG},
    ),
    Fault(
        name="startup-config-invalid",
        summary="The backend's start was aborted: required configuration is missing.",
        area=Area.DEPLOY,
        label="startup_config_invalid",
        stage=Stage.BACKEND,
        stops=RUN,
        server={
            "backend": _unavailable(
                "Startup aborted: required configuration missing: SERVICE_SECRET, DATABASE_HOST"
            )
        },
    ),
    Fault(
        name="startup-code-error",
        summary="The backend's start was aborted by an exception in its code.",
        area=Area.DEPLOY,
        label="startup_code_error",
        stage=Stage.BACKEND,
        stops=RUN,
        server={
            "backend": _unavailable(
                "Startup aborted: ModuleNotFoundError: No module named 'auth_service'"
            )
        },
    ),
    Fault(
        name="health-hangs",
        summary="The backend's health never answers; its socket works.",
        area=Area.DEPLOY,
        label="backend_unresponsive",
        stage=Stage.HEALTH,
        server={"health": HANG},
    ),
    Fault(
        name="health-drips",
        summary="The backend's health arrives one byte at a time; its socket works.",
        area=Area.DEPLOY,
        label="backend_unresponsive",
        stage=Stage.HEALTH,
        server={"health": Answer(json={"status": "healthy", "version": "1.0.0"}, drip_s=0.5)},
    ),
    Fault(
        name="health-500",
        summary="The backend's health answers 500; its socket works.",
        area=Area.DEPLOY,
        label="backend_5xx",
        stage=Stage.HEALTH,
        server={"health": Answer(status=500, text="Internal Server Error")},
    ),
    Fault(
        name="frontend-edge-503",
        summary="No instance of the front end is alive; runs do not need it.",
        area=Area.DEPLOY,
        label="backend_5xx",
        stage=Stage.FRONTEND,
        server={"frontend": EDGE_503},
    ),
    Fault(
        name="readiness-hangs",
        summary="The backend is alive, but its readiness waits for something and never answers.",
        area=Area.DEPLOY,
        label="backend_unresponsive",
        stage=Stage.HEALTH,
        server={"ready": HANG},
    ),
    Fault(
        name="not-ready-database",
        summary="The backend is not ready: its core database is unavailable; runs still work.",
        area=Area.DEPLOY,
        label="dependency_db_down",
        stage=Stage.HEALTH,
        excludes=BEFORE_AGENTS,
        server={"ready": Answer(status=503, json={"detail": "Core database unavailable"})},
    ),
)
