"""Every fault does to a real client what its row says, alone and together with others."""

import asyncio
import dataclasses
import socket
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from bot import config
from bot.errors import UsageError
from bot.labels import Label
from bot.sandbox import FAULTS, Staging, expected
from bot.sandbox.behaviour import Behaviour
from bot.target import Target
from tests.staging_client import NONCE, QUIET_S, Visit, minted, opened, talk, visited

CANNED = ("Agent processed your message", "analysis_tool")
SUFFICIENT, CONTRIBUTING, INCIDENTAL = "sufficient", "contributing", "incidental"


def works(visit: Visit) -> bool:
    """Tell whether a run really ran: the contract is kept, by an agent, for us."""
    events, text = visit.events, str(visit.frames)
    return (
        not visit.upgrade
        and events[:1] == ["agent_started"]
        and events[-1:] == ["agent_completed"]
        and events.count("agent_completed") == 1
        and [name for name in events if name.startswith("tool_")]
        in ([], ["tool_executing", "tool_completed"])
        and NONCE in text
        and None not in visit.frames
        and not any(mark in text for mark in CANNED)
        and "user-8d11f3" not in text
    )


def proper(visit: Visit) -> bool:
    """Tell whether a run that works did so by the proper way."""
    well = all(
        body is not None and body["status"] in ("healthy", "ready")
        for body in visit.health.values()
    )
    welcome = next(frame for frame in visit.frames if frame and "connection_id" in str(frame))
    return well and visit.exchange == 200 and welcome["data"]["user_id"] == visit.subject


async def status_of(*faults: str) -> str:
    async with Staging(faults) as staging:
        visit = await visited(staging, step_s=0.7, quiet_s=0.9)
    if not works(visit):
        return "failed"
    return "passed" if proper(visit) else "degraded"


@pytest.fixture(scope="module")
def statuses() -> dict[str, str]:
    """How a run ends under each fault; most of the time is waiting, so several run at once."""

    async def all_statuses() -> dict[str, str]:
        places = asyncio.Semaphore(10)

        async def one(name: str) -> str:
            async with places:
                return await status_of(name)

        return dict(zip(FAULTS, await asyncio.gather(*map(one, FAULTS)), strict=True))

    return asyncio.run(all_statuses())


@pytest.mark.parametrize("name", FAULTS)
def test_fault_does_what_its_row_says(name: str, statuses: dict[str, str]) -> None:
    assert statuses[name] == FAULTS[name].status


def test_there_are_faults_of_every_section_a_client_can_meet() -> None:
    assert len(FAULTS) >= 45
    assert {fault.group for fault in FAULTS.values()} == {f"6.{n}" for n in range(1, 7)}


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
        # Without either the run works: each alone is harmless, or nearly.
        (
            "bypass-key-mismatch fallback-secret-stale",
            "failed",
            [("jwt_rejected", SUFFICIENT), ("bypass_key_mismatch", SUFFICIENT)],
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
        ("demo-mode jwt-secret-drift", "degraded", [("auth_silently_bypassed", SUFFICIENT)]),
    ],
)
async def test_combination_is_expected_by_counterfactual(
    names: str, status: str, answer: list[tuple[str, str]]
) -> None:
    assert expected(names.split()).status == status
    assert causes(*names.split()) == answer
    assert await status_of(*names.split()) == status


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


async def test_later_fault_shows_once_the_earlier_is_mended_live() -> None:
    async with Staging(["upgrade-403", "agent-error"]) as staging:
        assert "403" in (await visited(staging)).upgrade
        staging.faults = ("agent-error",)
        visit = await visited(staging)
        assert "metadata" in visit.first("agent_error")["data"]["error"]
        staging.faults = ()
        assert works(await visited(staging))


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
        "seed auth-breaker-open",
    ],
)
def test_faults_that_take_hold_at_the_same_place_cannot_be_combined(names: str) -> None:
    with pytest.raises(UsageError, match="cannot be combined"):
        expected(names.split())
    with pytest.raises(UsageError, match="cannot be combined"):
        Staging(names.split())


def test_a_refused_change_leaves_the_faults_as_they_were() -> None:
    staging = Staging(["silence"])
    with pytest.raises(UsageError):
        staging.faults = ("silence", "agent-error")
    assert staging.faults == ("silence",)


async def test_seed_answers_by_what_became_of_the_token() -> None:
    async with Staging(["seed"]) as staging:
        frames = []
        for token in (minted(staging.secrets["jwt_secret"]), "", minted("x" * 40)):
            async with opened(staging, token) as socket:
                started = time.monotonic()
                visit = await talk(socket)
                assert time.monotonic() - started >= 0.09
            frames.append((visit.first("error_message"), visit.close))
    (good, close), (absent, _), (unverifiable, _) = frames
    assert good["error_code"] == "AUTH_REQUIRED"
    assert good["error_message"] == (
        "Authentication failed: Valid JWT token required for WebSocket connection"
    )
    assert good["details"] == {
        "environment": "staging",
        "error": "user_context must be a UserExecutionContext instance",
    }
    assert close == (1008, "Authentication failed")
    assert absent["error_code"] == "NO_TOKEN"
    assert unverifiable["error_code"] == "VALIDATION_FAILED"


@pytest.mark.parametrize("name", FAULTS)
async def test_configuration_of_every_fault_loads(name: str, tmp_path: Path) -> None:
    async with Staging([name]) as staging:
        staging.write_config(tmp_path / "stagecheck.yaml")
        target = config.load(tmp_path / "stagecheck.yaml", env={}).targets["staging"]
        assert target.ws_url == staging.ws_url
        for secret in target.secrets:
            assert secret.value == staging.secrets.get(secret.name)


async def test_written_secrets_are_private(tmp_path: Path) -> None:
    async with Staging() as staging:
        staging.write_config(tmp_path / "demo.yaml")
        staging.write_config(tmp_path / "demo.yaml")
    files = sorted((tmp_path / "demo.secrets").iterdir())
    assert [file.name for file in files] == ["bypass_key", "jwt_secret"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert (tmp_path / "demo.secrets").stat().st_mode & 0o777 == 0o700
    text = (tmp_path / "demo.yaml").read_text()
    assert not any(secret in text for secret in staging.secrets.values())


@pytest.mark.parametrize(
    "name", ["backend-hangs", "health-drips", "upgrade-hangs", "silence", "never-finishes"]
)
async def test_stopping_is_quick_whatever_hangs(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with Staging([name]) as staging:
        visits = [asyncio.create_task(visited(staging, quiet_s=2.0)) for _ in range(3)]
        while len(staging.received) < 9:
            await asyncio.sleep(0.01)
        started = time.monotonic()
        await staging.stop()
        assert time.monotonic() - started < 1.0
        await asyncio.gather(*visits)
    assert caplog.text == ""


async def test_client_that_vanishes_leaves_no_trace(caplog: pytest.LogCaptureFixture) -> None:
    async with Staging(["never-finishes"]) as staging:
        socket = await opened(staging, minted(staging.secrets["jwt_secret"]))
        await talk(socket, until=["connection_established"])
        socket.transport.abort()
        visit = await visited(staging, quiet_s=QUIET_S)
    assert "agent_started" in visit.events
    assert caplog.text == ""


def free_block() -> int:
    """Return a port that is free together with the three after it."""
    for first in range(21_000, 31_000, 4):
        with suppress(OSError), ExitStack() as stack:
            for port in range(first, first + 4):
                stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first
    raise AssertionError("no four ports in a row are free")


async def test_ports_follow_the_first_and_are_given_back() -> None:
    first = free_block()
    for _ in range(2):
        async with Staging(port=first) as staging:
            assert staging.auth_url.endswith(f":{first}")
            assert staging.api_url.endswith(f":{first + 1}")
            assert staging.frontend_url.endswith(f":{first + 2}")
            assert (await visited(staging)).events


async def test_taken_port_is_said_and_nothing_stays_open() -> None:
    first = free_block()
    async with Staging(port=first):
        with pytest.raises(UsageError, match=f"cannot listen on port {first}"):
            await Staging(port=first).start()


async def test_received_tells_what_arrived_and_no_header_value() -> None:
    async with Staging(["bypass-key-wrong-header"]) as staging:
        await visited(staging)
        received = staging.received
        text = str(received)
    exchange = next(item for item in received if item.path == "/auth/e2e/test-auth")
    assert "x-e2e-bypass" in exchange.headers
    assert "x-e2e-bypass-key" not in exchange.headers
    assert ("backend", "MESSAGE", "start_agent") in [
        (item.service, item.method, item.path) for item in received
    ]
    assert not any(secret in text for secret in staging.secrets.values())
