"""What the services say about themselves."""

from bot.diagnosis.combined import AnyOf
from bot.diagnosis.conditions import Above, Is, Matches
from bot.diagnosis.rule import Open, Rule
from bot.diagnosis.rules.dependencies import DOWN
from bot.diagnosis.rules.unreached import unreached
from bot.diagnosis.rules.works import LOG
from bot.diagnosis.said import DATABASE_DOWN
from bot.labels import Label

HEALTH_RULES: tuple[Rule, ...] = (
    *unreached(
        effect="backend unhealthy",
        step="health.backend",
        server="the backend",
        down=Label.BACKEND_UNRESPONSIVE,
    ),
    Rule(
        effect="backend unhealthy",
        cause="backend down",
        when=(Above("health.backend.status", 499),),
        answer="The backend's health answers {health.backend.status} after"
        " {health.backend.latency_ms} ms.",
        label=Label.BACKEND_5XX,
        confidence=0.93,
        open=Open(question="Why does the backend answer with an error?", experiment=LOG),
    ),
    Rule(
        effect="backend unhealthy",
        cause="no health route",
        when=(Is("health.backend.status", 404, 405),),
        answer="The backend's health is not found at {health.backend.url}.",
        label=Label.WRONG_TARGET,
        confidence=0.8,
    ),
    Rule(
        effect="backend unhealthy",
        cause="another service",
        when=(Matches("health.backend.content_type", "html"),),
        answer="{health.backend.url} answers with a web page, not with the backend's health.",
        label=Label.WRONG_TARGET,
        confidence=0.75,
    ),
    Rule(
        effect="backend unhealthy",
        cause="odd health answer",
        when=(Above("health.backend.status", 299),),
        answer="The backend's health answers {health.backend.status}, which no healthy backend"
        " does.",
        confidence=0.5,
        open=Open(
            question="Why does the health route answer like this?",
            experiment="Ask it by hand, without query and body.",
        ),
    ),
    *unreached(
        effect="backend not ready",
        step="health.ready",
        server="the backend's readiness",
        down=Label.BACKEND_UNRESPONSIVE,
    ),
    Rule(
        effect="backend not ready",
        cause="backend down",
        when=(Above("health.ready.status", 499),),
        answer="The backend is alive and says that it is not ready: {health.ready.status}"
        ' "{health.ready.reason|health.ready.body}".',
        label=Label.BACKEND_5XX,
        confidence=0.8,
        open=Open(question="Why is the backend not ready?", experiment=LOG),
    ),
    *unreached(
        effect="auth unhealthy",
        step="health.auth",
        server="the auth service",
        down=Label.AUTH_SERVICE_UNAVAILABLE,
    ),
    Rule(
        effect="auth unhealthy",
        cause="auth database down",
        when=(
            AnyOf(
                Matches("health.auth.reason", DATABASE_DOWN),
                Matches("health.auth.body", r"database_status\W+(?!connected|healthy|ok)\w"),
            ),
        ),
        answer='The auth service says: "{health.auth.reason|health.auth.body}".',
        label=Label.DEPENDENCY_DB_DOWN,
        confidence=0.9,
    ),
    Rule(
        effect="auth unhealthy",
        cause="auth service failing",
        when=(AnyOf(Above("health.auth.status", 499), Is("health.auth.state", *DOWN)),),
        answer="The auth service's health answers {health.auth.status}"
        ' "{health.auth.reason|health.auth.state|health.auth.body}".',
        label=Label.AUTH_SERVICE_UNAVAILABLE,
        confidence=0.93,
    ),
    *unreached(
        effect="frontend unhealthy",
        step="health.frontend",
        server="the frontend",
        down=Label.BACKEND_UNRESPONSIVE,
    ),
    Rule(
        effect="frontend unhealthy",
        cause="frontend failing",
        when=(Above("health.frontend.status", 499),),
        answer="The frontend's health answers {health.frontend.status}.",
        label=Label.BACKEND_5XX,
        confidence=0.8,
    ),
)
