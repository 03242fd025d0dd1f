"""A condition holds over observations or not, and says which ones it rests on."""

from dataclasses import replace

import pytest

from bot.diagnosis.combined import (
    AllOf,
    AnyOf,
    Not,
    OtherThanBefore,
    RunIs,
    SameAsBefore,
    Step,
)
from bot.diagnosis.conditions import (
    Above,
    Below,
    ClaimOver,
    Condition,
    Differs,
    Has,
    Is,
    IsNot,
    Lacks,
    Matches,
    Raises,
    Same,
)
from bot.diagnosis.index import Index
from bot.diagnosis.program_errors import Mistake
from bot.model import Status
from tests.evidence import STARTED_AT, run

NOW = STARTED_AT.timestamp()
SEEN = run(
    {
        "exchange.status": 401,
        "exchange.detail": "Invalid key",
        "exchange.key_lint": ["newline"],
        "exchange.retries": 1,
        "events.names": [],
        "events.end": "closed",
        "events.error_detail": "name 'x' is not defined",
        "health.dependency.redis.status": "failed",
        "health.dependency.postgresql.status": "healthy",
        "token.claims": {"exp": NOW - 30},
        "token_garbage.status": 401,
    },
    failed=("exchange",),
)
BEFORE = run({"exchange.status": 200, "exchange.detail": "Invalid key"}, status="passed")
INDEX = Index.of(SEEN, BEFORE)

HOLDS: list[tuple[Condition, tuple[str, ...]]] = [
    (Is("exchange.status", 400, 401), ("o1",)),
    (IsNot("exchange.status", 200), ("o1",)),
    (Has("exchange.detail"), ("o2",)),
    (Lacks("events.names"), ("o5",)),
    (Lacks("exchange.error"), ("o1",)),
    (Lacks("connect.error"), ()),
    (Matches("exchange.detail", "INVALID"), ("o2",)),
    (Matches("token.claims", "exp"), ("o10",)),
    (Above("exchange.status", 400), ("o1",)),
    (Below("exchange.status", 500), ("o1",)),
    (Same("exchange.status", "token_garbage.status"), ("o1", "o11")),
    (Differs("exchange.status", "exchange.retries"), ("o1", "o4")),
    (ClaimOver("token.claims", "exp"), ("o10",)),
    (Raises("events.error_detail"), ("o7",)),
    (Raises("events.error_detail", Mistake.UNDEFINED_NAME), ("o7",)),
    (Is("health.dependency.*.status", "failed"), ("o8",)),
    (AnyOf(Is("exchange.status", 500), Has("exchange.detail")), ("o2",)),
    (AllOf(Has("exchange.detail"), Is("events.end", "closed")), ("o2", "o6")),
    (AllOf(), ()),
    (Not(Is("exchange.status", 200)), ("o1",)),
    (Not(Has("exchange.error")), ("o1",)),
    (Step("exchange", Status.FAILED), ("o1",)),
    (RunIs(Status.FAILED), ()),
    (SameAsBefore("exchange.detail"), ("o2",)),
    (OtherThanBefore("exchange.status"), ("o1",)),
]
FAILS: list[Condition] = [
    Is("exchange.status", 200),
    Is("exchange.retries", True),
    Is("connect.status", 101),
    IsNot("exchange.status", 401),
    IsNot("connect.status", 101),
    Has("events.names"),
    Has("connect.status"),
    Lacks("exchange.detail"),
    Matches("exchange.detail", "required"),
    Matches("connect.body", ""),
    Above("exchange.status", 401),
    Above("exchange.detail", 0),
    Below("exchange.status", 401),
    Below("connect.status", 500),
    Same("exchange.status", "exchange.retries"),
    Same("exchange.status", "connect.status"),
    Differs("exchange.status", "token_garbage.status"),
    Differs("exchange.status", "connect.status"),
    ClaimOver("token.claims", "exp", by_s=60),
    ClaimOver("token.claims", "nbf"),
    Raises("exchange.detail"),
    Raises("events.error_detail", Mistake.WRONG_CLASS),
    AnyOf(Is("exchange.status", 500), Has("connect.status")),
    AllOf(Has("exchange.detail"), Has("connect.status")),
    Not(Is("exchange.status", 401)),
    Step("exchange", Status.PASSED),
    Step("ping", Status.PASSED),
    RunIs(Status.PASSED),
    SameAsBefore("exchange.status"),
    SameAsBefore("events.end"),
    OtherThanBefore("exchange.detail"),
    OtherThanBefore("events.end"),
]


@pytest.mark.parametrize(("condition", "rests_on"), HOLDS, ids=repr)
def test_a_condition_that_holds_names_its_observations(
    condition: Condition, rests_on: tuple[str, ...]
) -> None:
    assert condition.support(INDEX) == rests_on


@pytest.mark.parametrize("condition", FAILS, ids=repr)
def test_a_condition_that_does_not_hold_rests_on_nothing(condition: Condition) -> None:
    assert condition.support(INDEX) is None


def test_without_an_earlier_run_nothing_is_the_same_or_other_than_before() -> None:
    alone = Index.of(SEEN)
    assert SameAsBefore("exchange.detail").support(alone) is None
    assert OtherThanBefore("exchange.status").support(alone) is None


def test_of_repeated_observations_the_latest_is_the_value() -> None:
    first, later = run({"events.end": "closed"}), run({"events.end": "terminal"})
    both = replace(first, observations=(*first.observations, *later.observations))
    assert Index.of(both).value("events.end") == "terminal"
