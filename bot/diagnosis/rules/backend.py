"""Why the backend as a whole does not answer: one reason for its health and for the socket."""

from bot.diagnosis.combined import AnyOf
from bot.diagnosis.conditions import Above, Is
from bot.diagnosis.rule import Open, Rule, Sign
from bot.diagnosis.rules.dependencies import DATABASE, REDIS, dependency
from bot.diagnosis.rules.patience import asks_to_wait
from bot.diagnosis.rules.works import BACKEND_SILENT
from bot.diagnosis.said import (
    AT_STARTUP,
    BACKEND_WORDS,
    CLICKHOUSE_DOWN,
    CONFIG_INVALID,
    DATABASE_DOWN,
    LLM_DOWN,
    REDIS_DOWN,
    SCHEMA_MISSING,
    STARTUP_RACE,
    quote,
    raises,
    says,
)
from bot.labels import Label
from bot.model import WhyKind

BACKEND_IS_DOWN = AnyOf(
    Above("health.backend.status", 499),
    BACKEND_SILENT,
    Above("health.ready.status", 499),
)


def _told_by_words(effect: str, words: tuple[str, ...], question: str) -> tuple[Rule, ...]:
    """Return the rules for a reason that the backend itself gives in words."""
    said = f'"{quote(words)}"'

    def rule(cause: str, pattern: str, label: Label, answer: str, confidence: float) -> Rule:
        return Rule(
            effect=effect,
            cause=cause,
            when=(says(pattern, words),),
            question=question,
            answer=f"{answer}: {said}.",
            label=label,
            confidence=confidence,
        )

    code = Rule(
        effect=effect,
        cause="start-up code error",
        when=(raises(words),),
        question=question,
        answer=f"The backend quotes an exception of its own code: {said}.",
        label=Label.STARTUP_CODE_ERROR,
        confidence=0.85,
        signs=(Sign(when=says(AT_STARTUP, words), confidence=0.93),),
    )
    return (
        rule("schema missing", SCHEMA_MISSING, Label.DB_SCHEMA_MISSING, "A table is missing", 0.93),
        rule(
            "settings invalid",
            CONFIG_INVALID,
            Label.STARTUP_CONFIG_INVALID,
            "The backend's configuration is incomplete or not allowed",
            0.92,
        ),
        rule(
            "the database down",
            DATABASE_DOWN,
            Label.DEPENDENCY_DB_DOWN,
            "The backend names the database",
            0.9,
        ),
        rule("Redis down", REDIS_DOWN, Label.DEPENDENCY_REDIS_DOWN, "The backend names Redis", 0.9),
        rule(
            "ClickHouse down",
            CLICKHOUSE_DOWN,
            Label.DEPENDENCY_CLICKHOUSE_DOWN,
            "The backend names ClickHouse",
            0.85,
        ),
        code,
        rule(
            "the language model down",
            LLM_DOWN,
            Label.DEPENDENCY_LLM_UNAVAILABLE,
            "The backend names the language model",
            0.85,
        ),
        rule(
            "start-up not finished",
            STARTUP_RACE,
            Label.STARTUP_RACE,
            "The backend says that it is still starting",
            0.85,
        ),
    )


_WHY_DOWN = "Why does the backend not answer properly?"

# Entered from its health and from the socket.
BACKEND_DOWN_RULES: tuple[Rule, ...] = (
    *_told_by_words("backend down", BACKEND_WORDS, _WHY_DOWN),
    dependency(
        "backend down",
        DATABASE,
        "the database",
        Label.DEPENDENCY_DB_DOWN,
        question=_WHY_DOWN,
        only_if=(BACKEND_IS_DOWN,),
    ),
    dependency(
        "backend down",
        REDIS,
        "Redis",
        Label.DEPENDENCY_REDIS_DOWN,
        question=_WHY_DOWN,
        only_if=(BACKEND_IS_DOWN,),
    ),
    Rule(
        effect="backend down",
        cause="cold start",
        when=(Is("health_again.status", 200),),
        question=_WHY_DOWN,
        answer="The backend answers by now ({health_again.status}): no instance was serving when"
        " the run began.",
        label=Label.STARTUP_RACE,
        kind=WhyKind.INFERRED,
        confidence=0.75,
        open=Open(
            question="Was this a cold start, or does it come and go?",
            experiment="Run the check again in a minute.",
        ),
    ),
    Rule(
        effect="backend down",
        cause="no instance",
        when=(AnyOf(Is("health.backend.edge", True), Is("connect.edge", True)),),
        question=_WHY_DOWN,
        answer="The answer comes from the edge in front of it"
        " (\"{health.backend.body|connect.body|'an empty answer'}\"): no instance of the backend"
        " is serving.",
        kind=WhyKind.INFERRED,
        confidence=0.9,
        signs=(
            Sign(
                when=AnyOf(Above("health_again.status", 499), Is("health_again.same", True)),
                confidence=0.93,
                says="It is the same a while later.",
            ),
            asks_to_wait("health.backend"),
        ),
        open=Open(
            question="Why is no instance serving?",
            experiment="Read the last error lines of the newest revision's log: they tell a"
            " missing setting, an exception at start-up and an unreachable database apart.",
        ),
    ),
    Rule(
        effect="upgrade unavailable",
        cause="no instance for sockets",
        when=(Is("connect.edge", True),),
        question="Why does nothing take the upgrade?",
        answer="The answer comes from the edge in front of the backend"
        " (\"{connect.body|'an empty answer'}\"), while other requests are served.",
        kind=WhyKind.INFERRED,
        confidence=0.85,
        open=Open(
            question="Why does the edge not pass upgrades on?",
            experiment="Compare the routes of the load balancer for upgrades and for requests;"
            " read the log of the instances behind it.",
        ),
    ),
)
