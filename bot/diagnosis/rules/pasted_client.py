"""Failures of the test's own side in a pasted log, and passes that prove nothing."""

from bot.diagnosis.combined import Not
from bot.diagnosis.rule import Open, Rule
from bot.diagnosis.rules.pasted_causes import Behind
from bot.diagnosis.rules.pasted_words import quoted, seen
from bot.labels import Label
from bot.model import WhyKind

MISUSE: tuple[Behind, ...] = (
    Behind(
        cause="library misused in log",
        when=seen("library_misused"),
        says="The test calls a library or an address in a way that it does not take:"
        f' "{quoted("library_misused")}".',
        label=Label.CLIENT_API_MISUSE,
        confidence=0.93,
    ),
)

RUNNER: tuple[Behind, ...] = (
    Behind(
        cause="console in log",
        when=seen("console_encoding"),
        says=f'The console cannot print what was printed: "{quoted("console_encoding")}".',
        label=Label.RUNNER_ENVIRONMENT,
        confidence=0.92,
    ),
    Behind(
        cause="setting not there for the test in log",
        when=seen("unset_in_test"),
        says="The test asks its own environment for a setting that is not there:"
        f' "{quoted("unset_in_test")}".',
        label=Label.RUNNER_ENVIRONMENT,
        confidence=0.8,
        open=Open(
            question="Was it never set, or not passed on to the test?",
            experiment="Print the names of the variables that the job hands to the test.",
        ),
    ),
    Behind(
        cause="runner crashed in log",
        when=seen("runner_crashed"),
        says=f'The test runner itself broke: "{quoted("runner_crashed")}".',
        label=Label.RUNNER_ENVIRONMENT,
    ),
)

TEST: tuple[Behind, ...] = (
    Behind(
        cause="test broken in log",
        when=seen("exception.test", "test_broken"),
        says=f'What fails is the test\'s own code: "{quoted("exception.test", "test_broken")}".',
        label=Label.TEST_CODE_ERROR,
        confidence=0.9,
    ),
    Behind(
        cause="unplaced exception in log",
        when=seen("exception.unknown"),
        says=f'An exception without a server around it: "{quoted("exception.unknown")}".',
        label=Label.TEST_CODE_ERROR,
        confidence=0.6,
        kind=WhyKind.INFERRED,
        open=Open(
            question="Was it raised in the test or in a server?",
            experiment="Paste the whole traceback: its files tell.",
        ),
    ),
)

MACHINE: tuple[Behind, ...] = (
    Behind(
        cause="Docker down in log",
        when=seen("docker_down"),
        says=f'Docker does not run where the test ran: "{quoted("docker_down")}".',
        label=Label.RUNNER_ENVIRONMENT,
        confidence=0.92,
    ),
    Behind(
        cause="run killed in log",
        when=seen("runner_killed"),
        says=f'The run was ended from outside: "{quoted("runner_killed")}".',
        label=Label.RUNNER_ENVIRONMENT,
        confidence=0.85,
    ),
    Behind(
        cause="category skipped in log",
        when=seen("category_skipped"),
        says=f'The runner left it out: "{quoted("category_skipped")}".',
        label=Label.RUNNER_ENVIRONMENT,
        confidence=0.8,
    ),
)


def _fake(key: str, answer: str, confidence: float, *unless: str) -> Rule:
    return Rule(
        effect="log failed",
        cause=f"pass proves nothing: {key}",
        when=(seen(f"fake.{key}"), *((Not(seen(*unless)),) if unless else ())),
        answer=answer,
        label=Label.FAKE_EXECUTION,
        confidence=confidence,
    )


_DEEP = (
    "missing_config", "schema_missing", "exception", "token_absent", "token_refused",
    "token_expired", "user_id_refused", "user_unknown", "service_identity_refused",
    "subprotocol_refused", "quota_exceeded", "rate_limited", "database_down", "redis_down",
    "llm_down", "startup_race", "own_part_failed", "other_identity",
)  # fmt: skip

# These stand before everything: what follows them in the log was not done by the target.
MOCKED: tuple[Rule, ...] = (
    _fake("mock", f'The pass rests on a mock: "{quoted("fake.mock")}".', 0.92),
    _fake(
        "equals_window",
        f"A test passed after {quoted('fake.equals_window')} s, just as long as it listens:"
        " its time-out was swallowed.",
        0.78,
        *_DEEP,
    ),
    _fake(
        "swallowed_timeout",
        f'A time-out was swallowed: "{quoted("fake.swallowed_timeout")}".',
        0.7,
        *_DEEP,
    ),
)

EMPTY: tuple[Rule, ...] = (
    _fake("nothing_ran", "No test ran at all, which is no pass.", 0.95),
    _fake("all_skipped", f"All {quoted('fake.all_skipped')} tests were skipped.", 0.95),
    _fake(
        "no_time",
        f"Tests that passed took {quoted('fake.no_time')} s: nothing crossed a network.",
        0.9,
    ),
    _fake("prints_only", "The log claims success, and shows no reply that would back it.", 0.6),
)
