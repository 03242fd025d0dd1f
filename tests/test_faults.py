"""Every fault does to a real client what its row says, alone and together with others."""

import asyncio
import dataclasses
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import combinations

import pytest

from bot.errors import UsageError
from bot.labels import Label
from bot.sandbox import FAULTS, LOOKALIKES, Expectation, Lookalikes, Staging, expected
from bot.sandbox.behaviour import Behaviour
from bot.sandbox.faults.fault import Area
from bot.target import Target
from tests.crowds import outcomes_of
from tests.staging_client import proper, visited, works

SUFFICIENT, CONTRIBUTING, INCIDENTAL = "sufficient", "contributing", "incidental"


async def status_of(*faults: str) -> str:
    async with Staging(faults) as staging:
        visit = await visited(staging, step_s=4.0, quiet_s=1.5)
    if not works(visit):
        return "failed"
    return "passed" if proper(visit) else "degraded"


@pytest.fixture(scope="module")
def statuses() -> dict[str, str | BaseException]:
    """How a run ends under each fault; most of the time is waiting, so several run at once."""

    def is_right(name: str, status: str | BaseException) -> bool:
        return status == FAULTS[name].status

    return asyncio.run(outcomes_of(FAULTS, status_of, is_right=is_right, at_a_time=6))


@pytest.mark.parametrize("name", FAULTS)
def test_fault_does_what_its_row_says(name: str, statuses: dict[str, str | BaseException]) -> None:
    if FAULTS[name].status == "errored":
        # Whose doing it is, this client cannot tell.
        assert statuses[name] in ("failed", "degraded")
    else:
        assert statuses[name] == FAULTS[name].status


def test_there_are_faults_of_every_area() -> None:
    assert len(FAULTS) >= 200
    assert {fault.area for fault in FAULTS.values()} == set(Area)


@pytest.mark.parametrize("name", FAULTS)
def test_row_is_complete_and_names_what_exists(name: str) -> None:
    fault = FAULTS[name]
    assert fault.name == name == name.lower().replace("_", "-")
    assert fault.summary.endswith(".")
    assert "\n" not in fault.summary
    assert fault.server.keys() <= {field.name for field in dataclasses.fields(Behaviour)}
    settings = {field.name for field in dataclasses.fields(Target)} | {"secrets"}
    assert fault.client.keys() <= settings
    assert {cause.label for cause in fault.causes} <= set(Label)
    assert {cause.role for cause in fault.causes} <= {SUFFICIENT, CONTRIBUTING, INCIDENTAL}
    if fault.status != "passed":
        assert fault.causes[0].role == SUFFICIENT


def causes(*names: str) -> list[tuple[str, str]]:
    return [(cause.label, cause.role) for cause in expected(names).causes]


@pytest.mark.parametrize(
    ("names", "status", "answer"),
    [
        ("", "passed", [("healthy", SUFFICIENT)]),
        (
            "seed",
            "failed",
            [("ws_server_code_error", SUFFICIENT), ("bypass_key_mismatch", INCIDENTAL)],
        ),
        ("bypass-key-mismatch", "degraded", [("bypass_key_mismatch", SUFFICIENT)]),
        ("fallback-secret-stale", "passed", [("healthy", SUFFICIENT)]),
        # Without either the run works, and without the first it is a proper one.
        (
            "bypass-key-mismatch fallback-secret-stale",
            "failed",
            [("bypass_key_mismatch", SUFFICIENT), ("jwt_rejected", SUFFICIENT)],
        ),
        # The refused key spares this run the tokens that would have been refused: nobody sees it.
        (
            "auth-secret-drift bypass-key-mismatch",
            "degraded",
            [("bypass_key_mismatch", SUFFICIENT)],
        ),
        # Health gives the store away even though the socket does not open.
        (
            "redis-down upgrade-403",
            "failed",
            [("ws_handshake_forbidden", CONTRIBUTING), ("dependency_redis_down", CONTRIBUTING)],
        ),
        # A dead backend hides the store, and not the auth service.
        (
            "redis-down backend-edge-503 server-without-key",
            "failed",
            [("backend_5xx", SUFFICIENT), ("bypass_key_missing", INCIDENTAL)],
        ),
        # What comes later in a run is not met.
        ("agent-error upgrade-500", "failed", [("ws_server_code_error", SUFFICIENT)]),
        ("seed request-type-unknown", "failed", causes("seed")),
        (
            "dns-auth-host bypass-key-mismatch",
            "degraded",
            [("dns_failure", SUFFICIENT)],
        ),
        (
            "clickhouse-down bypass-key-mismatch",
            "degraded",
            [("bypass_key_mismatch", CONTRIBUTING), ("dependency_clickhouse_down", CONTRIBUTING)],
        ),
        ("demo-mode jwt-secret-drift", "failed", [("auth_silently_bypassed", SUFFICIENT)]),
        ("demo-mode upgrade-403", "failed", [("ws_handshake_forbidden", SUFFICIENT)]),
        # Health is asked with a token or without.
        (
            "clickhouse-down bypass-key-mismatch-no-fallback",
            "failed",
            [("bypass_key_mismatch", SUFFICIENT), ("dependency_clickhouse_down", INCIDENTAL)],
        ),
        # The front end has an address of its own, and so can the socket have.
        (
            "frontend-edge-503 connection-refused",
            "failed",
            [("wrong_target", SUFFICIENT), ("backend_5xx", INCIDENTAL)],
        ),
        (
            "socket-url-is-auth backend-502",
            "failed",
            [("backend_5xx", CONTRIBUTING), ("wrong_target", CONTRIBUTING)],
        ),
        ("dns-frontend-host frontend-hangs", "degraded", [("dns_failure", SUFFICIENT)]),
        # What is wrong with our key is known without asking anybody.
        (
            "dns-auth-host bypass-key-missing",
            "degraded",
            [("dns_failure", CONTRIBUTING), ("bypass_key_missing", CONTRIBUTING)],
        ),
        # There is nothing to mint with, wherever the exchange stops.
        (
            "bypass-key-mismatch-no-fallback wrong-exchange-path",
            "failed",
            [("wrong_target", SUFFICIENT)],
        ),
        # An answer that never came cannot be an old one.
        (
            "stale-answer request-handler-fails",
            "failed",
            [("agent_execution_error", SUFFICIENT)],
        ),
        # Whatever time a token says: this refusal comes before any token.
        (
            "our-clock-behind-minting pre-authentication-required",
            "failed",
            [("ws_policy_close", SUFFICIENT), ("bypass_key_missing", INCIDENTAL)],
        ),
        (
            "demo-mode agent-error",
            "failed",
            [("agent_execution_error", CONTRIBUTING), ("auth_silently_bypassed", CONTRIBUTING)],
        ),
    ],
)
async def test_combination_is_expected_by_counterfactual(
    names: str, status: str, answer: list[tuple[str, str]]
) -> None:
    assert expected(names.split()).status == status
    assert causes(*names.split()) == answer
    assert await status_of(*names.split()) == status


Pairs = Mapping[tuple[str, str], Expectation]


@pytest.fixture(scope="module")
def pairs() -> Pairs:
    """What is expected of every two faults that can be there together."""
    found = {}
    for pair in combinations(FAULTS, 2):
        with suppress(UsageError):
            found[pair] = expected(pair)
    return found


BEST = ["passed", "degraded", "failed", "errored"]


def test_most_faults_can_be_combined_with_most(pairs: Pairs) -> None:
    assert len(pairs) > len(FAULTS) * (len(FAULTS) - 1) / 2 * 0.8


def test_the_order_in_which_faults_are_named_does_not_matter(pairs: Pairs) -> None:
    for one, other in list(pairs)[::7]:
        assert expected([other, one]) == pairs[one, other], (one, other)


def test_two_faults_end_no_better_than_either_can_be_seen_to(pairs: Pairs) -> None:
    alone = {name: expected([name]) for name in FAULTS}
    for pair, together in pairs.items():
        labels = {cause.label for cause in together.causes}
        seen = [name for name in pair if labels & {cause.label for cause in alone[name].causes}]
        ends = [BEST.index(alone[name].status) for name in seen]
        assert BEST.index(together.status) >= max(ends, default=0), pair


def test_a_run_that_did_not_pass_has_an_answer_and_names_each_cause_once(pairs: Pairs) -> None:
    for pair, together in pairs.items():
        labels = [cause.label for cause in together.causes]
        assert labels, pair
        assert len(labels) == len(set(labels)), pair
        assert (together.status == "passed") == (labels == ["healthy"]), pair
        roles = [cause.role for cause in together.causes]
        assert roles == sorted(roles, key=[SUFFICIENT, CONTRIBUTING, INCIDENTAL].index), pair
        assert roles[0] != INCIDENTAL, pair


def test_causes_are_sums_of_what_each_fault_would_be_alone(pairs: Pairs) -> None:
    """No cause comes from nowhere, and one is sufficient for the rest if it hides the other."""
    for (one, other), together in pairs.items():
        for cause in together.causes:
            parts = [
                part for name in (one, other) for part in FAULTS[name].parts or (FAULTS[name],)
            ]
            assert cause.label in {part.label for part in parts} | {"healthy"}, (one, other)


def test_what_our_own_side_spoils_says_nothing_about_the_target(pairs: Pairs) -> None:
    for pair, together in pairs.items():
        if together.status == "errored":
            assert [cause.label for cause in together.causes] == ["runner_environment"], pair


def test_a_fault_hides_what_a_run_would_meet_later() -> None:
    for later in (
        "agent-error",
        "silence",
        "request-shadowed",
        "rate-limited",
        "context-type-check",
    ):
        for earlier in ("dns-backend-host", "backend-edge-503", "upgrade-403", "internal-error"):
            assert expected([earlier, later]) == expected([earlier])


@pytest.mark.parametrize("lookalikes", LOOKALIKES, ids=lambda one: one.faults[0])
def test_lookalikes_are_declared_alike(lookalikes: Lookalikes) -> None:
    surfaces = {expected([name]) for name in lookalikes.faults}
    assert len(lookalikes.faults) >= 2
    assert len(surfaces) == 1
    assert lookalikes.labels <= set(Label)
    assert lookalikes.experiment.endswith(".")


async def without(names: Sequence[str], gone: str) -> str:
    return await status_of(*(name for name in names if name != gone))


@pytest.mark.parametrize(
    "names",
    [
        "bypass-key-mismatch context-type-check",
        "bypass-key-mismatch fallback-secret-stale",
        "bypass-key-mismatch token-type-required",
        "redis-down upgrade-403",
        "redis-down database-down",
    ],
)
async def test_roles_hold_when_a_fault_is_really_removed(names: str) -> None:
    together = names.split()
    order = ["failed", "degraded", "passed"]
    status = await status_of(*together)
    for name in together:
        label = FAULTS[name].label
        role = next(cause.role for cause in expected(together).causes if cause.label == label)
        better = order.index(await without(together, name)) > order.index(status)
        assert (role == SUFFICIENT) == better
        if role == CONTRIBUTING:
            assert await status_of(name) == status


def test_unknown_fault_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="Did you mean redis-down"):
        expected(["redis-dwn"])
    with pytest.raises(UsageError, match="no fault"):
        Staging(["nothing-like-it-at-all"])


@pytest.mark.parametrize(
    "names",
    [
        "upgrade-403 upgrade-500",
        "agent-error silence",
        "bypass-key-mismatch server-without-key",
        "dns-backend-host wrong-service",
        "dns-backend-host wrong-socket-path",
        "upgrade-403 subprotocol-unasked",
        "seed auth-breaker-open",
    ],
)
def test_faults_that_take_hold_at_the_same_place_cannot_be_combined(names: str) -> None:
    with pytest.raises(UsageError, match="cannot be combined"):
        expected(names.split())
    with pytest.raises(UsageError, match="cannot be combined"):
        Staging(names.split())
