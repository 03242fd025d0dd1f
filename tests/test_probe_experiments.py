"""Experiments tell look-alikes apart, stay within their limits, and leave nothing behind."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.diagnosis import diagnose
from bot.labels import Label
from bot.masking import Masker
from bot.model import Progress, Run, Status
from bot.probe import EXPERIMENTS, OBSERVABLE, Network, run_check
from bot.sandbox import FAULTS, Staging
from bot.sandbox.behaviour import Behaviour
from bot.target import Experiments
from tests.probing import PEPPER, broke, everything, facts, request, run, staged, target_of


def names(result: Run) -> list[str]:
    return [experiment.name for experiment in result.experiments]


TOLD: list[tuple[str, dict[str, Any]]] = [
    ("cold-start", {"health_again.status": 200, "connect_again.outcome": "greeted"}),
    ("backend-500", {"health_again.status": 500, "health_again.same": True}),
    ("bypass-key-mismatch", {"key_non_json.status": 401, "key_dummy.status": 401}),
    ("bypass-key-quoted", {"key_non_json.status": 401, "key_stripped.status": 422}),
    ("server-without-key", {"key_dummy.status": 503}),
    ("exchange-route-missing", {"key_none.status": 404}),
    ("exchange-500", {"key_non_json.status": 500, "exchange_again.same": True}),
    ("jwt-secret-drift", {"token_minted.outcome": "error_frame", "token_minted.same": True}),
    ("auth-secret-drift", {"token_minted.outcome": "greeted", "token_garbage.same": True}),
    (
        "bypass-key-mismatch-missing-claim",
        {"token_full_claims.outcome": "greeted", "connect_again.same": True},
    ),
    (
        "bypass-key-mismatch jwt-secret-drift",
        {"token_verified.valid": True, "token_verified.forged_valid": False},
    ),
    ("bypass-key-mismatch-stale-secret", {"token_verified.valid": False}),
    ("too-many-connections", {"fresh_user.outcome": "greeted", "connect_again.same": True}),
    ("user-id-refused", {"fresh_user.outcome": "greeted"}),
    ("subprotocol-rejected", {"no_subprotocol.outcome": "greeted"}),
    ("subprotocol-unasked", {"no_subprotocol.outcome": "error"}),
    ("upgrade-500-one-path", {"sibling_path.outcome": "greeted"}),
    ("wrong-socket-path", {"sibling_path.outcome": "greeted"}),
    ("upgrade-403", {"token_none.outcome": "refused", "token_garbage.same": True}),
    ("authorization-stripped", {"subprotocol_token.outcome": "error_frame"}),
    ("internal-error", {"connect_again.outcome": "closed", "connect_again.same": True}),
    ("instance-replaced", {"connect_again.outcome": "greeted", "connect_again.same": False}),
    ("request-field-renamed", {"other_request.outcome": "terminal"}),
    ("context-type-check", {"no_e2e_headers.same": True}),
    ("dns-auth-host", {"sibling_hosts.unresolved": ["auth-staging.invalid"]}),
    ("backend-edge-503", {"other_health.well": ["auth", "frontend"]}),
    (
        "bypass-key-mismatch backend-clock-behind",
        {"token_server_time.outcome": "greeted", "token_garbage.outcome": "error_frame"},
    ),
]
TOLD_LATE: list[tuple[str, dict[str, Any]]] = [
    ("request-type-unknown", {"other_request.outcome": "terminal"}),
    ("request-shadowed", {"other_request.outcome": "ack", "ping.outcome": "accepted"}),
    ("silence", {"wait_long.outcome": "no_answer", "other_health.unwell": []}),
]


@pytest.mark.parametrize(("fault", "observed"), TOLD)
async def test_an_experiment_tells_look_alikes_apart(
    fault: str, observed: dict[str, Any], tmp_path: Path
) -> None:
    result = await staged(tmp_path, *fault.split())
    assert broke(result) == []
    assert {path: facts(result).get(path) for path in observed} == observed


@pytest.mark.parametrize(("fault", "observed"), TOLD_LATE)
async def test_after_silence_another_request_and_a_ping_tell_more(
    fault: str, observed: dict[str, Any], tmp_path: Path
) -> None:
    async with Staging([fault]) as staging:
        target = target_of(staging, tmp_path)
        result = await run(replace(target, timeouts=replace(target.timeouts, gap_s=0.5)))
    assert {path: facts(result).get(path) for path in observed} == observed


async def test_a_healthy_run_makes_no_experiment(tmp_path: Path) -> None:
    assert (await staged(tmp_path)).experiments == ()


async def test_experiments_on_the_key_issue_no_token(tmp_path: Path) -> None:
    result = await staged(tmp_path, "bypass-key-quoted")
    assert {"key_non_json", "key_stripped", "key_dummy", "key_none"} <= set(names(result))
    assert "access_token" not in str(result.transcript)


async def with_rules(tmp_path: Path, rules: Experiments) -> Run:
    async with Staging(["seed"]) as staging:
        return await run(replace(target_of(staging, tmp_path), experiments=rules))


async def test_no_more_experiments_than_allowed(tmp_path: Path) -> None:
    result = await with_rules(tmp_path, Experiments(most=2))
    assert names(result) == ["connect_again", "token_none"]
    assert any("at most 2 experiments" in said for said in result.not_checked)


async def test_a_forbidden_experiment_is_left_out_and_said_to_be(tmp_path: Path) -> None:
    result = await with_rules(tmp_path, Experiments(forbidden=("token_garbage", "key_dummy")))
    assert not {"token_garbage", "key_dummy"} & set(names(result))
    assert any("forbids token_garbage" in said for said in result.not_checked)


async def test_one_that_would_leave_a_trace_is_left_out_unless_that_is_allowed(
    tmp_path: Path,
) -> None:
    for allowed in (False, True):
        rules = Experiments(side_effects=allowed)
        result = await staged(tmp_path, "exchange-500", experiments=rules)
        assert ("exchange_again" in names(result)) is allowed
        said = [text for text in result.not_checked if "experiments.side_effects" in text]
        assert bool(said) is not allowed


@pytest.mark.parametrize(
    ("fault", "left_out", "reason"),
    [
        ("cold-start", "token_garbage", "the unchanged connection gets in by now"),
        ("upgrade-500", "fresh_user", "the server fails in the same way"),
    ],
)
async def test_one_that_would_tell_nothing_any_more_is_left_out_and_said_why(
    fault: str, left_out: str, reason: str, tmp_path: Path
) -> None:
    result = await staged(tmp_path, fault)
    assert left_out not in names(result)
    said = [text for text in result.not_checked if EXPERIMENTS[left_out].title in text]
    assert [reason in text for text in said] == [True]


@pytest.mark.parametrize("fault", ["upgrade-403", "authorization-stripped", "jwt-secret-drift"])
async def test_a_bare_refusal_does_not_stop_the_search_for_a_token_that_is_liked(
    fault: str, tmp_path: Path
) -> None:
    result = await staged(tmp_path, fault)
    assert {"token_none", "token_garbage", "token_minted"} <= set(names(result))


async def silence(tmp_path: Path, **behaviour: Any) -> Run:
    async with Staging(behaviour=Behaviour(**behaviour)) as staging:
        target = target_of(staging, tmp_path)
        return await run(replace(target, timeouts=replace(target.timeouts, gap_s=0.5)))


async def test_what_comes_after_a_short_window_is_called_late(tmp_path: Path) -> None:
    result = await silence(tmp_path, script=("agent_started", "agent_completed"), event_gap_s=2.0)
    observed = facts(result)
    assert observed["events.end"] == "gap_timeout"
    assert observed["wait_long.outcome"] == "terminal"
    assert observed["wait_long.after_s"] > observed["events.window_s"]
    assert diagnose(result).causes[0].label is Label.LATENCY_SLO_EXCEEDED


async def test_waiting_longer_sends_nothing_and_opens_nothing(tmp_path: Path) -> None:
    async with Staging(["silence"]) as staging:
        target = target_of(staging, tmp_path)
        quick = replace(target.timeouts, gap_s=0.5)
        only = tuple(name for name in EXPERIMENTS if name != "wait_long")
        rules = replace(target.experiments, forbidden=only)
        result = await run(replace(target, timeouts=quick, experiments=rules))
    assert names(result) == ["wait_long"]
    said = [line.text for line in result.transcript if line.step == "wait_long"]
    assert not [text for text in said if "pong" not in text and "ping" not in text]
    assert sum("UPGRADE" in line.text for line in result.transcript) == 1


async def test_a_budget_that_is_used_up_ends_the_experiments(tmp_path: Path) -> None:
    result = await with_rules(tmp_path, Experiments(budget_s=0.0))
    assert result.experiments == ()
    assert any("used up" in said for said in result.not_checked)


async def test_experiments_can_be_switched_off(tmp_path: Path) -> None:
    assert (await with_rules(tmp_path, Experiments(enabled=False))).experiments == ()


async def test_the_runs_own_socket_is_closed_before_another_is_opened(tmp_path: Path) -> None:
    """Servers allow few connections per user; here two are taken, and one is left."""
    async with Staging(["silence"], behaviour=Behaviour(leaked_connections=2)) as staging:
        target = target_of(staging, tmp_path)
        result = await run(replace(target, timeouts=replace(target.timeouts, gap_s=0.3)))
    assert facts(result)["ping.outcome"] == "accepted"


async def test_an_experiment_changes_no_verdict(tmp_path: Path) -> None:
    result = await staged(tmp_path, "cold-start")
    assert result.status is Status.FAILED
    assert {experiment.status for experiment in result.experiments} == {Status.PASSED}


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=lambda one: one.name)
def test_an_experiment_says_what_it_is_for(experiment: Any) -> None:
    assert OBSERVABLE[experiment.name][:-1] == experiment.observes
    assert experiment.title.endswith("?")
    assert experiment.explains


def test_every_experiment_is_reached_by_a_fault_of_the_simulator() -> None:
    assert {name for told, _ in (*TOLD, *TOLD_LATE) for name in told.split()} <= set(FAULTS)
    shown = {path.partition(".")[0] for _, observed in (*TOLD, *TOLD_LATE) for path in observed}
    # What needs another key beside the one that is refused is in test_verify_key.
    assert shown | {"token_exchanged", "key_others"} == set(EXPERIMENTS)


async def test_a_token_that_came_late_is_tried(tmp_path: Path) -> None:
    """The exchange works again by the time of the experiments, while our secret is stale."""
    async with Staging(["exchange-500", "fallback-secret-stale"]) as staging, Network() as network:
        target = target_of(staging, tmp_path)

        def mend(progress: Progress) -> None:
            if progress.current == "token":
                staging.faults = ("fallback-secret-stale",)

        result = await run_check(
            target,
            request(),
            network=network,
            masker=Masker(target.secrets, pepper=PEPPER),
            on_progress=mend,
        )
    observed = facts(result)
    assert (observed["exchange_again.status"], observed["exchange_again.same"]) == (200, False)
    assert observed["token_exchanged.outcome"] == "greeted"
    assert observed["connect_again.outcome"] == "error_frame"
    assert "eyJ" not in everything(result)
