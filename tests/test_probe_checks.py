"""The pipeline check against a simulated staging: what a run concludes, and what it records."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from bot.masking import Secret
from bot.model import Progress, Run, Status
from bot.probe import OBSERVABLE
from bot.sandbox import Staging
from bot.sandbox.behaviour import Behaviour
from bot.target import Health
from tests.probing import (
    answering,
    broke,
    everything,
    facts,
    response,
    run,
    serving,
    staged,
    status_of,
    target_of,
)

STEPS = ("health", "exchange", "token", "connect", "request", "events")


def statuses(result: Run) -> dict[str, str]:
    return {step.name: step.status.value for step in result.steps}


async def test_a_healthy_staging_passes_every_step(tmp_path: Path) -> None:
    result = await staged(tmp_path)
    assert result.status is Status.PASSED
    assert statuses(result) == dict.fromkeys(STEPS, "passed")
    assert result.experiments == ()
    assert facts(result)["connect.identity"] == "exchanged"
    assert facts(result)["events.identity_match"] == "same"


async def test_a_passed_run_is_proved_by_what_only_the_server_can_know(tmp_path: Path) -> None:
    result = await staged(tmp_path)
    proof = {path: value for path, value in facts(result).items() if path.startswith("proof.")}
    assert set(proof["proof.addresses"].values()) == {"127.0.0.1"}
    assert urlsplit(facts(result)["connect.url"]).netloc in proof["proof.addresses"]
    assert urlsplit(facts(result)["exchange.url"]).netloc in proof["proof.addresses"]
    assert proof["proof.server_ids"]["connection_id"] == facts(result)["events.connection_id"]
    assert proof["proof.nonce_echoed"] is True
    assert proof["proof.sockets_opened"] == 6
    assert proof["proof.bytes_received"] > 1_000
    assert {"tcp", "upgrade", "ttfb", "first_frame", "total"} <= set(proof["proof.phases"])
    assert abs(proof["proof.clock_skew_s"]) < 60


async def test_the_founding_failure_is_told_apart_from_the_refused_key(tmp_path: Path) -> None:
    result = await staged(tmp_path, "seed")
    observed = facts(result)
    assert result.status is Status.FAILED
    assert statuses(result)["request"] == "skipped"
    assert observed["events.error_code"] == "AUTH_REQUIRED"
    assert observed["events.error_detail"] == "user_context must be a UserExecutionContext instance"
    assert observed["events.exception"] == observed["events.error_detail"]
    assert (observed["events.close_code"], observed["events.close_reason"]) == (
        1008,
        "Authentication failed",
    )
    assert observed["connect.identity"] == "minted"
    # Our key really is refused, and the server has one of its own.
    assert (observed["key_non_json.status"], observed["key_dummy.status"]) == (401, 401)
    # A forged token is refused in other words: ours got past the verification.
    assert observed["token_garbage.error_code"] == "VALIDATION_FAILED"
    assert observed["token_none.error_code"] == "NO_TOKEN"
    assert observed["connect_again.same"] is True


async def test_a_run_that_needs_the_fallback_token_is_degraded(tmp_path: Path) -> None:
    result = await staged(tmp_path, "bypass-key-mismatch")
    assert result.status is Status.DEGRADED
    assert (status_of(result, "exchange"), status_of(result, "token")) == (
        Status.FAILED,
        Status.DEGRADED,
    )
    assert facts(result)["token.source"] == "minted"


async def test_without_any_token_the_rest_is_skipped(tmp_path: Path) -> None:
    result = await staged(tmp_path, "bypass-key-mismatch-no-fallback")
    assert result.status is Status.FAILED
    assert list(statuses(result).values()) == [
        *("passed", "failed", "failed"),
        *("skipped", "skipped", "skipped"),
    ]
    assert facts(result)["token.secret_present"] is False


async def test_a_missing_key_is_not_sent(tmp_path: Path) -> None:
    async with Staging(["bypass-key-missing"]) as staging:
        result = await run(target_of(staging, tmp_path))
        assert not any("test-auth" in one.path for one in staging.received)
    assert facts(result)["exchange.key_present"] is False
    assert "STAGECHECK_SANDBOX_UNSET_KEY" in facts(result)["exchange.key_problem"]


async def test_a_key_with_a_newline_is_not_sent_and_works_without_it(tmp_path: Path) -> None:
    observed = facts(await staged(tmp_path, "bypass-key-trailing-newline"))
    assert observed["exchange.key_lint"] == ["trailing_whitespace", "newline"]
    assert observed["exchange.error"] == "config"
    assert observed["key_stripped.status"] == 422


async def test_a_dependency_that_ails_degrades_a_run_that_works(tmp_path: Path) -> None:
    result = await staged(tmp_path, "clickhouse-down")
    assert result.status is Status.DEGRADED
    assert facts(result)["health.dependency.clickhouse.status"] == "unhealthy"
    assert facts(result)["health.dependencies.status"] == 200


@pytest.mark.parametrize(
    ("body", "is_well", "observed"),
    [
        ({"status": "green"}, True, {}),
        ({"status": "SERVING"}, True, {}),
        ({"status": 200}, True, {}),
        ({"status": "red"}, False, {}),
        ({"status": 500}, False, {}),
        (
            {"status": "UP", "components": {"db": {"status": "DOWN", "details": {"error": "no"}}}},
            False,
            {"db.status": "down", "db.error": "no"},
        ),
        (
            {"status": "pass", "checks": {"redis:used": [{"status": "fail", "output": "no"}]}},
            False,
            {"redis.status": "fail", "redis.error": "no"},
        ),
        (
            {"status": "pass", "checks": {"redis:used": [{"status": "pass", "output": "7"}]}},
            True,
            {"redis.status": "pass", "redis.error": None},
        ),
    ],
)
async def test_health_is_read_in_the_words_of_other_frameworks(
    body: dict[str, Any], is_well: bool, observed: dict[str, Any], tmp_path: Path
) -> None:
    serve = answering(response(json.dumps(body).encode()))
    async with Staging() as staging, serving(serve) as port:
        target = replace(target_of(staging, tmp_path), api_url=f"http://127.0.0.1:{port}")
        result = await run(replace(target, health=Health(dependencies="/h")))
    assert (status_of(result, "health") is Status.PASSED) == is_well
    seen = facts(result)
    assert {path: seen.get(f"health.dependency.{path}") for path in observed} == observed


async def test_failing_health_does_not_stop_the_check(tmp_path: Path) -> None:
    result = await staged(tmp_path, "health-500")
    assert (status_of(result, "health"), status_of(result, "events")) == (
        Status.FAILED,
        Status.PASSED,
    )
    assert result.status is Status.DEGRADED
    assert facts(result)["health.backend.edge"] is False


async def test_an_answer_of_the_edge_is_told_from_the_applications(tmp_path: Path) -> None:
    edge = facts(await staged(tmp_path, "upgrade-503"))
    own = facts(await staged(tmp_path, "startup-config-invalid"))
    assert (edge["connect.edge"], own["health.backend.edge"]) == (True, False)
    assert "SERVICE_SECRET" in own["health.backend.reason"]


async def test_when_no_service_answers_no_later_step_is_taken(tmp_path: Path) -> None:
    async with Staging() as staging:
        target = target_of(staging, tmp_path)
    result = await run(target)
    assert statuses(result) == {"health": "failed", **dict.fromkeys(STEPS[1:], "skipped")}
    assert facts(result)["health.backend.error"] == "refused"


@pytest.mark.parametrize(
    ("fault", "observed"),
    [
        ("demo-mode", {"events.identity_match": "other", "events.welcome_user_id": "demo-use..."}),
        ("demo-mode", {"connect.identity": "exchanged", "events.foreign_ids": None}),
        ("foreign-run", {"events.foreign_ids": ["user-8d11f3"], "events.identity_match": "same"}),
        ("canned-request", {"events.terminal": "agent_completed", "events.missing": []}),
        ("two-terminals", {"events.terminal_count": 2}),
        ("started-missing", {"events.missing": ["agent_started"]}),
        ("main-cleanup", {"events.end": "closed", "events.close_code": 1000}),
        ("instance-replaced", {"events.close_code": 1006, "events.closed_by": "server"}),
        ("oversized-frame", {"events.end": "frame_too_big", "events.closed_by": "us"}),
        ("agent-error", {"events.terminal": "agent_error", "events.end": "terminal"}),
        ("request-field-renamed", {"events.error_code": "FORMAT_ERROR", "request.sent": True}),
        ("authorization-stripped", {"events.authorization_present": False}),
        ("upgrade-403", {"connect.status": 403}),
        ("subprotocol-unasked", {"connect.error": "protocol"}),
        ("dns-backend-host", {"health.hosts_unresolved": ["api-staging.invalid"]}),
    ],
)
async def test_a_stream_that_proves_nothing_fails_the_run(
    fault: str, observed: dict[str, Any], tmp_path: Path
) -> None:
    result = await staged(tmp_path, fault)
    assert result.status is Status.FAILED
    assert broke(result) == []
    assert {path: facts(result).get(path) for path in observed} == observed


async def test_an_exception_of_the_agent_is_quoted(tmp_path: Path) -> None:
    observed = facts(await staged(tmp_path, "agent-cannot-copy"))
    assert observed["events.agent_error"] == "cannot pickle 'module' object"
    assert observed["events.exception"] == "cannot pickle 'module' object"


@pytest.mark.parametrize(
    ("fault", "observed"),
    [
        ("request-type-unknown", {"events.ack_type": "start_agent", "events.ack_only": True}),
        ("request-shadowed", {"events.acknowledged": True, "events.ack_only": True}),
        ("silence", {"events.end": "gap_timeout", "events.names": []}),
        ("no-handler", {"events.end": "gap_timeout", "events.names": []}),
        ("never-finishes", {"events.end": "total_timeout", "events.window_s": 1.5}),
    ],
)
async def test_silence_until_the_window_ends_fails_and_is_called_that(
    fault: str, observed: dict[str, Any], tmp_path: Path
) -> None:
    async with Staging([fault]) as staging:
        target = target_of(staging, tmp_path)
        timeouts = replace(target.timeouts, gap_s=0.8, total_s=1.5)
        result = await run(replace(target, timeouts=timeouts))
    assert result.status is Status.FAILED
    assert {path: facts(result).get(path) for path in observed} == observed
    assert facts(result)["events.equals_window"] is True


async def test_a_long_pause_before_a_healthy_end_is_only_a_warning(tmp_path: Path) -> None:
    slow = Behaviour(script=("agent_started", "agent_completed"), event_gap_s=0.8)
    async with Staging(behaviour=slow) as staging:
        target = target_of(staging, tmp_path)
        timeouts = replace(target.timeouts, gap_s=0.5)
        result = await run(replace(target, timeouts=timeouts))
    assert result.status is Status.PASSED
    assert facts(result)["events.gap_warning"] is True


async def test_a_nonce_that_does_not_come_back_is_no_plain_pass(tmp_path: Path) -> None:
    async with Staging() as staging:
        target = target_of(staging, tmp_path)
        quiet = replace(target.request, payload={"user_request": "ping"})
        result = await run(replace(target, request=quiet))
    assert result.status is Status.DEGRADED
    assert facts(result)["events.nonce_echoed"] is False


async def test_nothing_recorded_holds_a_secret_or_a_token(tmp_path: Path) -> None:
    for fault in ("seed", "authorization-stripped", "demo-mode"):
        async with Staging([fault]) as staging:
            secrets = list(staging.secrets.values())
            result = await run(target_of(staging, tmp_path))
        text = everything(result)
        assert not any(secret in text for secret in secrets)
        assert "eyJ" not in text
        assert "redacted token" in text


async def test_a_target_that_echoes_our_secrets_does_not_get_them_recorded(tmp_path: Path) -> None:
    async with Staging(["bypass-key-mismatch"]) as staging:
        target = target_of(staging, tmp_path)
        key = target.bypass_key
        assert key is not None
        echo = f"/auth/{key.value}/test-auth"
        result = await run(replace(target, exchange=replace(target.exchange, path=echo)))
    assert str(key.value) not in everything(result)


async def test_every_observation_was_declared(tmp_path: Path) -> None:
    for faults in ((), ("seed",), ("backend-500",)):
        result = await staged(tmp_path, *faults)
        assert {o.step for o in result.observations} <= set(OBSERVABLE)
        assert broke(result) == []


async def test_ids_are_unique_and_times_never_go_back(tmp_path: Path) -> None:
    result = await staged(tmp_path, "seed")
    ids = [o.id for o in result.observations]
    assert ids == [f"o{n}" for n in range(1, len(ids) + 1)]
    lines = [line.at for line in result.transcript]
    assert lines == sorted(lines)


async def test_progress_is_told_when_a_step_starts_and_when_it_ends(tmp_path: Path) -> None:
    told: list[Progress] = []
    async with Staging() as staging:
        await run(target_of(staging, tmp_path), progress=told)
    currents = [progress.current for progress in told if progress.current]
    assert tuple(currents) == STEPS
    assert [step.status for step in told[0].steps] == [None] * 6
    assert {step.status for step in told[-1].steps} == {Status.PASSED}


async def test_checks_of_one_process_do_not_disturb_each_other(tmp_path: Path) -> None:
    async with Staging() as staging:
        target = target_of(staging, tmp_path)
        users = [replace(target.user, email=f"user{n}@example.test") for n in range(20)]
        results = await asyncio.gather(*(run(replace(target, user=user)) for user in users))
    subjects = [facts(result)["token.subject"] for result in results]
    assert subjects == [f"e2e-user{n}" for n in range(20)]
    assert {result.status for result in results} == {Status.PASSED}


async def test_what_was_not_looked_at_is_said(tmp_path: Path) -> None:
    async with Staging(["upgrade-403"]) as staging:
        target = target_of(staging, tmp_path)
        result = await run(replace(target, health=Health(backend="/health")))
    said = " ".join(result.not_checked)
    assert '"Event stream" was not taken' in said
    assert "logs of the servers" in said
    assert "The readiness was not asked for" in said


async def test_an_unreadable_secret_is_the_targets_own_finding(tmp_path: Path) -> None:
    async with Staging() as staging:
        target = target_of(staging, tmp_path)
        unread = Secret(name="bypass_key", source="file:/gone", problem="/gone does not exist")
        result = await run(replace(target, bypass_key=unread, jwt_secret=unread))
    assert result.status is Status.FAILED
    assert facts(result)["exchange.key_problem"] == "/gone does not exist"
    assert json.dumps(facts(result)["token.secret_problem"]) == '"/gone does not exist"'
