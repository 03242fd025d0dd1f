"""What the services say about themselves."""

from bot.diagnosis.combined import AllOf, AnyOf, Not
from bot.diagnosis.conditions import Above, Has, Is, Matches, Same
from bot.diagnosis.rule import Open, Rule, Sign
from bot.diagnosis.rules.dependencies import DOWN
from bot.diagnosis.rules.patience import asks_to_wait
from bot.diagnosis.rules.unreached import unreached
from bot.diagnosis.rules.works import LOG
from bot.diagnosis.said import DATABASE_DOWN
from bot.labels import Label

_UNWELL = (*DOWN, "degraded", "not_ready", "not ready", "starting", "initializing", "critical")


def unwell(service: str) -> AnyOf:
    """A service gives no answer, a wrong one, or one that says that it is not well."""
    area = f"health.{service}"
    return AnyOf(
        Above(f"{area}.status", 299),
        Has(f"{area}.error"),
        Is(f"{area}.state", *_UNWELL),
        Matches(f"{area}.content_type", "html"),
    )


# What says no more than the status does.
_NO_REASON = (
    r"^\W*(?:(?:internal )?server error|(?:service )?(?:temporarily )?unavailable|bad gateway"
    r"|(?:the )?(?:service |server )?(?:readiness |health ?)?(?:check )?(?:failed|failing|failure)"
    r"|(?:service )?not ready|unhealthy|degraded|error|down|false)\W*$"
)


def unplaced(area: str) -> Sign:
    """Return the sign that a service gives a reason: the status alone is not all it tells.

    Where a rule knows the words, that one goes deeper and is sure by itself.
    """
    return Sign(
        when=AllOf(Has(f"{area}.reason"), Not(Matches(f"{area}.reason", _NO_REASON))),
        confidence=0.74,
        says=f'It says "{{{area}.reason}}".',
    )


def _answers(effect: str, service: str, what: str) -> tuple[Rule, ...]:
    """Return the rules for an answer of the backend that is not the one asked for."""
    area = f"health.{service}"
    return (
        Rule(
            effect=effect,
            cause="backend down",
            when=(Above(f"{area}.status", 499),),
            answer=f"{what} answers {{{area}.status}} after {{{area}.latency_ms}} ms.",
            label=Label.BACKEND_5XX,
            confidence=0.93 if service == "backend" else 0.8,
            signs=(unplaced(area), asks_to_wait(area)),
            open=Open(question=f"Why does {what[0].lower()}{what[1:]} fail?", experiment=LOG),
        ),
        Rule(
            effect=effect,
            cause=f"{area}: no route",
            when=(Is(f"{area}.status", 404, 405),),
            answer=f"{what} is not found at {{{area}.url}}.",
            label=Label.WRONG_TARGET,
            confidence=0.75,
        ),
        Rule(
            effect=effect,
            cause=f"{area}: odd answer",
            when=(Above(f"{area}.status", 299),),
            answer=f"{what} answers {{{area}.status}}, which no healthy one does.",
            confidence=0.5,
            open=Open(
                question="Why does that route answer like this?",
                experiment="Ask it by hand, without query and body.",
            ),
        ),
        Rule(
            effect=effect,
            cause=f"{area}: another service",
            when=(Matches(f"{area}.content_type", "html"),),
            answer=f"{{{area}.url}} answers with a web page: that is another service.",
            label=Label.WRONG_TARGET,
            confidence=0.75,
        ),
        Rule(
            effect=effect,
            cause="backend down",
            when=(Is(f"{area}.state", *_UNWELL),),
            answer=f'{what} says "{{{area}.state}}".',
            confidence=0.9,
            open=Open(question="What makes it say so?", experiment=LOG),
        ),
    )


def _service(effect: str, service: str, what: str) -> tuple[Rule, ...]:
    return (
        *unreached(
            effect=effect,
            step=f"health.{service}",
            server=what,
            down=Label.BACKEND_UNRESPONSIVE,
        ),
        *_answers(effect, service, what),
    )


HEALTH_RULES: tuple[Rule, ...] = (
    *_service("backend unhealthy", "backend", "The backend's health"),
    *_service("backend not ready", "ready", "The backend's readiness"),
    *_service("dependencies untold", "dependencies", "The backend's report on its dependencies"),
    *unreached(
        effect="auth unhealthy",
        step="health.auth",
        server="The auth service",
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
        answer='The auth service says "{health.auth.reason|health.auth.body}".',
        label=Label.DEPENDENCY_DB_DOWN,
        confidence=0.9,
    ),
    Rule(
        effect="auth unhealthy",
        cause="auth health elsewhere",
        when=(
            # Where both are one service, the exchange is served there.
            Is("exchange.status", 404, 405),
            AnyOf(
                Same("health.auth.url", "health.frontend.url"),
                Same("health.auth.url", "health.backend.url"),
            ),
        ),
        answer="What answers at {health.auth.url} is another service of the target.",
        label=Label.WRONG_TARGET,
        confidence=0.85,
    ),
    Rule(
        effect="auth unhealthy",
        cause="auth health not found",
        when=(Is("health.auth.status", 404, 405),),
        answer="The auth service's health is not found at {health.auth.url}.",
        label=Label.WRONG_TARGET,
        confidence=0.75,
    ),
    Rule(
        effect="auth unhealthy",
        cause="auth service failing",
        when=(AnyOf(Above("health.auth.status", 499), Is("health.auth.state", *_UNWELL)),),
        answer="The auth service's health answers {health.auth.status}"
        " \"{health.auth.reason|health.auth.state|health.auth.body|'no words'}\".",
        label=Label.AUTH_SERVICE_UNAVAILABLE,
        confidence=0.93,
        signs=(unplaced("health.auth"), asks_to_wait("health.auth")),
    ),
    Rule(
        effect="auth unhealthy",
        cause="auth health odd",
        when=(Above("health.auth.status", 299),),
        answer="The auth service's health answers {health.auth.status}, which no healthy one does.",
        confidence=0.5,
    ),
    *unreached(
        effect="frontend unhealthy",
        step="health.frontend",
        server="The frontend",
        down=Label.BACKEND_UNRESPONSIVE,
    ),
    Rule(
        effect="frontend unhealthy",
        cause="frontend failing",
        when=(Above("health.frontend.status", 499),),
        answer="The frontend's health answers {health.frontend.status}.",
        label=Label.BACKEND_5XX,
        confidence=0.75,
        signs=(asks_to_wait("health.frontend"),),
    ),
    Rule(
        effect="frontend unhealthy",
        cause="frontend does not reach auth",
        when=(Is("health.dependency.frontend_auth*.status", *_UNWELL),),
        answer="The frontend reports the auth service as"
        ' "{health.dependency.frontend_auth*.status}".',
        label=Label.AUTH_SERVICE_UNAVAILABLE,
        confidence=0.6,
        open=Open(
            question="Is the auth service down, or out of the frontend's reach?",
            experiment="Compare with what its health answers us.",
        ),
    ),
    Rule(
        effect="frontend unhealthy",
        cause="frontend does not reach backend",
        when=(Is("health.dependency.frontend_*.status", *_UNWELL),),
        answer='The frontend reports the backend as "{health.dependency.frontend_*.status}".',
        label=Label.BACKEND_UNRESPONSIVE,
        confidence=0.6,
        open=Open(
            question="Is the backend down, or out of the frontend's reach?",
            experiment="Compare with what its health answers us.",
        ),
    ),
    Rule(
        effect="frontend unhealthy",
        cause="frontend odd",
        when=(unwell("frontend"),),
        answer="The frontend's health answers {health.frontend.status}"
        " \"{health.frontend.state|health.frontend.reason|'no words'}\".",
        confidence=0.5,
    ),
)
