"""What the backend says about what it depends on."""

from bot.diagnosis.combined import AnyOf
from bot.diagnosis.conditions import Above, Condition, Has, Is
from bot.diagnosis.rule import Open, Rule
from bot.labels import Label
from bot.model import WhyKind

# Above this a dependency that calls itself healthy is not; 5,022 ms was seen with a broken one.
SLOW_MS = 5000

DOWN = ("failed", "fail", "unhealthy", "down", "error", "disconnected", "unavailable", "timeout")

DATABASE = ("postgres*", "*database*", "db", "*sql*")
REDIS = ("*redis*",)
CLICKHOUSE = ("*clickhouse*",)
LLM = ("*llm*",)


def ailing(names: tuple[str, ...]) -> AnyOf:
    """A dependency with such a name is reported as down."""
    return AnyOf(
        *(Is(f"health.dependency.{name}.status", *DOWN) for name in names),
        *(Has(f"health.dependency.{name}.error") for name in names),
    )


def slow(names: tuple[str, ...]) -> AnyOf:
    """A dependency with such a name answers, but takes seconds."""
    return AnyOf(*(Above(f"health.dependency.{name}.response_time_ms", SLOW_MS) for name in names))


def reported(names: tuple[str, ...], key: str) -> str:
    """Return the template of what the first of these dependencies says under `key`."""
    return "{" + "|".join(f"health.dependency.{name}.{key}" for name in names) + "|'failing'}"


def dependency(
    effect: str,
    names: tuple[str, ...],
    what: str,
    label: Label,
    *,
    question: str = "",
    only_if: tuple[Condition, ...] = (),
) -> Rule:
    """Return the rule that a dependency with one of these names is why `effect` came about."""
    return Rule(
        effect=effect,
        cause=f"{what} down",
        when=(ailing(names), *only_if),
        question=question,
        answer=f'The backend reports {what} as "{reported(names, "status")}".',
        label=label,
        confidence=0.9 if not question else 0.8,
        kind=WhyKind.INFERRED if question else WhyKind.OBSERVED,
        open=Open(
            question=f"Why does the backend not reach {what}?",
            experiment=f"Check that {what} runs, and its address, password and network path.",
        ),
    )


DEPENDENCY_RULES: tuple[Rule, ...] = (
    Rule(
        effect="another dependency unhealthy",
        cause="another dependency down",
        when=(AnyOf(ailing(("*",)), slow(("*",))),),
        answer="The backend reports a part behind it as"
        ' "{health.dependency.*.error|health.dependency.*.status}".',
        confidence=0.5,
        open=Open(
            question="What does the pipeline need that part for?",
            experiment="Look at the details of the backend's report on its dependencies.",
        ),
    ),
    dependency("database unhealthy", DATABASE, "the database", Label.DEPENDENCY_DB_DOWN),
    Rule(
        effect="database unhealthy",
        cause="the database slow",
        when=(slow(DATABASE),),
        answer="The database takes"
        f" {reported(DATABASE, 'response_time_ms')} ms to answer the backend.",
        label=Label.LATENCY_SLO_EXCEEDED,
        confidence=0.7,
    ),
    dependency("Redis unhealthy", REDIS, "Redis", Label.DEPENDENCY_REDIS_DOWN),
    dependency("ClickHouse unhealthy", CLICKHOUSE, "ClickHouse", Label.DEPENDENCY_CLICKHOUSE_DOWN),
    dependency(
        "language model unhealthy", LLM, "the language model", Label.DEPENDENCY_LLM_UNAVAILABLE
    ),
    # One link deeper: what the dependency's own error says.
    *(
        Rule(
            effect=f"{what} down",
            cause=f"{what}: error given",
            when=(AnyOf(*(Has(f"health.dependency.{name}.error") for name in names)),),
            question=f"Why is {what} down?",
            answer=f'The backend\'s error is "{reported(names, "error")}".',
            confidence=0.95,
            open=Open(
                question="What lies behind that error?",
                experiment=f"Check {what} itself, and the address, password and network path"
                " the backend uses for it.",
            ),
        )
        for what, names in (
            ("the database", DATABASE),
            ("Redis", REDIS),
            ("ClickHouse", CLICKHOUSE),
            ("the language model", LLM),
        )
    ),
)
