"""Why an agent's run failed."""

from bot.diagnosis.combined import AnyOf
from bot.diagnosis.conditions import Has, Matches
from bot.diagnosis.rule import Open, Rule
from bot.diagnosis.rules.works import LOG
from bot.diagnosis.said import (
    AGENT_WORDS,
    AUTH_SERVICE,
    CLICKHOUSE_DOWN,
    DATABASE_DOWN,
    LLM_DOWN,
    LLM_QUOTA,
    REDIS_DOWN,
    SCHEMA_MISSING,
    SOCKET_WORDS,
    quote,
    raises,
    says,
)
from bot.labels import Label

_SOMETHING_SAID = AnyOf(
    Has("events.end"),
    Has("events.error_code"),
    Has("events.error_message"),
    Has("events.error_detail"),
)
_TRACE = "Find the run in the server's log and read its stack trace."


def _dependencies(
    effect: str, words: tuple[str, ...], whom: str, question: str
) -> tuple[Rule, ...]:
    """Return the rules for a dependency that an error's own words name."""
    said = f'"{quote(words)}"'
    rows = (
        ("schema missing", SCHEMA_MISSING, Label.DB_SCHEMA_MISSING, "A table or column is missing"),
        (
            "language model quota",
            LLM_QUOTA,
            Label.LLM_QUOTA,
            "The language model's provider refuses more requests",
        ),
        ("Redis down", REDIS_DOWN, Label.DEPENDENCY_REDIS_DOWN, f"Redis failed {whom}"),
        (
            "ClickHouse down",
            CLICKHOUSE_DOWN,
            Label.DEPENDENCY_CLICKHOUSE_DOWN,
            f"ClickHouse failed {whom}",
        ),
        (
            "the database down",
            DATABASE_DOWN,
            Label.DEPENDENCY_DB_DOWN,
            f"The database failed {whom}",
        ),
        (
            "the language model down",
            LLM_DOWN,
            Label.DEPENDENCY_LLM_UNAVAILABLE,
            f"There is no language model for {whom}",
        ),
    )
    return tuple(
        Rule(
            effect=effect,
            cause=cause,
            when=(says(pattern, words),),
            question=question,
            answer=f"{answer}: {said}.",
            label=label,
            confidence=0.92,
        )
        for cause, pattern, label, answer in rows
    )


def _missing(part: str, what: str, label: Label) -> Rule:
    """Return the rule for an error frame whose details name what the server lacks."""
    return Rule(
        effect="refused",
        cause=f"{what} missing",
        when=(Matches("events.error_details", rf'"missing_\w+":\s*\[?\s*"[^"]*(?:{part})'),),
        question="Why did the server refuse?",
        answer=f"The server says that it lacks {what}: {{events.error_details}}.",
        label=label,
        confidence=0.9,
        open=Open(question=f"Why does the server not have {what}?", experiment=LOG),
    )


# Before the rules about tokens and code: a dependency's own error is the deeper cause.
REFUSED_BY_DEPENDENCY_RULES = (
    *_dependencies("refused", SOCKET_WORDS, "the server", "Why did the server refuse?"),
    _missing("redis", "Redis", Label.DEPENDENCY_REDIS_DOWN),
    _missing("clickhouse", "ClickHouse", Label.DEPENDENCY_CLICKHOUSE_DOWN),
    _missing("llm|language_?model", "the language model", Label.DEPENDENCY_LLM_UNAVAILABLE),
    _missing("postgres|database|\\bdb\\b", "the database", Label.DEPENDENCY_DB_DOWN),
    _missing("auth", "the auth service", Label.AUTH_SERVICE_UNAVAILABLE),
)

AGENT_RULES: tuple[Rule, ...] = (
    *_dependencies("agent failed", AGENT_WORDS, "the agent", "Why did the agent fail?"),
    Rule(
        effect="agent failed",
        cause="auth service failing",
        when=(says(AUTH_SERVICE, AGENT_WORDS),),
        question="Why did the agent fail?",
        answer=f'The auth service failed the agent: "{quote(AGENT_WORDS)}".',
        label=Label.AUTH_SERVICE_UNAVAILABLE,
        confidence=0.88,
    ),
    Rule(
        effect="agent failed",
        cause="agent exception",
        when=(raises(AGENT_WORDS),),
        question="Why did the agent fail?",
        answer=f'An exception in the agent\'s code ended its run: "{quote(AGENT_WORDS)}".',
        label=Label.AGENT_EXECUTION_ERROR,
        confidence=0.95,
        open=Open(question="Where in the agent is that?", experiment=_TRACE),
    ),
    Rule(
        effect="agent failed",
        cause="agent gave up",
        when=(_SOMETHING_SAID,),
        question="Why did the agent fail?",
        answer=f'The agent says only: "{quote(AGENT_WORDS)}".',
        label=Label.AGENT_EXECUTION_ERROR,
        confidence=0.85,
        open=Open(question="What made the agent fail?", experiment=_TRACE),
    ),
)
