"""The simulated services answer HTTP as the reference system does when nothing is wrong."""

import email.utils
import json
import time
from dataclasses import replace

import httpx
import jwt
import pytest

from bot.sandbox import Staging
from bot.sandbox.behaviour import Behaviour
from tests.staging_client import NONCE, minted, visited

KEY = "X-E2E-Bypass-Key"


async def get(url: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(url, headers=headers)


async def exchange(staging: Staging, *, content: str = "{}", **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        url = f"{staging.auth_url}/auth/e2e/test-auth"
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return await client.post(url, content=content, headers=names)


def key(staging: Staging) -> dict[str, str]:
    return {KEY: staging.secrets["bypass_key"]}


async def test_healthy_run_streams_the_golden_path_and_echoes_the_nonce() -> None:
    async with Staging() as staging:
        started = time.monotonic()
        visit = await visited(staging)
    assert visit.exchange == 200
    assert visit.events == [
        "agent_started",
        "agent_thinking",
        "tool_executing",
        "tool_completed",
        "agent_completed",
    ]
    done = visit.first("agent_completed")["data"]
    assert NONCE in done["result"]
    assert done["run_id"] == visit.first("agent_started")["data"]["run_id"]
    assert done["user_id"] == visit.subject == "e2e-e2e"
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    ("service", "path", "fields"),
    [
        ("api_url", "/health", {"status", "service", "version", "timestamp"}),
        ("api_url", "/health/ready", {"status", "service", "timestamp"}),
        ("api_url", "/api/health", {"status", "checks", "uptime_seconds"}),
        ("api_url", "/ws/health", {"status", "metrics", "config", "e2e_testing", "errors"}),
        (
            "auth_url",
            "/health",
            {
                "status",
                "service",
                "version",
                "timestamp",
                "uptime_seconds",
                "database_status",
                "environment",
            },
        ),
        (
            "frontend_url",
            "/health",
            {"status", "service", "uptime", "memory", "dependencies", "checks", "urls"},
        ),
    ],
)
async def test_health_has_the_reference_bodies(service: str, path: str, fields: set[str]) -> None:
    async with Staging() as staging:
        answer = await get(getattr(staging, service) + path)
    assert answer.status_code == 200
    assert set(answer.json()) == fields
    assert answer.json()["status"] in ("healthy", "ready")


async def test_every_answer_carries_the_marks_of_the_edge_and_a_true_date() -> None:
    async with Staging() as staging:
        answers = [
            await get(url + "/health")
            for url in (staging.api_url, staging.auth_url, staging.frontend_url)
        ]
    for answer in answers:
        assert answer.headers["server"] == "Google Frontend"
        assert answer.headers["x-cloud-trace-context"]
        said = email.utils.parsedate_to_datetime(answer.headers["date"]).timestamp()
        assert abs(said - time.time()) < 3


async def test_a_path_that_is_not_there_is_404_and_a_wrong_method_405_with_allow() -> None:
    async with Staging() as staging:
        missing = await get(f"{staging.api_url}/api/agents")
        wrong = await get(f"{staging.auth_url}/auth/e2e/test-auth")
    assert (missing.status_code, missing.json()) == (404, {"detail": "Not Found"})
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")


async def test_issued_token_carries_every_claim_of_the_auth_service() -> None:
    async with Staging() as staging:
        answer = (
            await exchange(staging, content='{"email": "ada@example.test"}', **key(staging))
        ).json()
        claims = jwt.decode(
            answer["access_token"],
            staging.secrets["jwt_secret"],
            algorithms=["HS256"],
            audience="netra-platform",
        )
    assert answer["user"]["id"] == claims["sub"] == "e2e-ada"
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 900)
    assert claims["exp"] - claims["iat"] == 900
    assert claims["iss"] == "netra-auth-service"
    assert claims["type"] == claims["token_type"] == "access"
    assert claims["env"] == "staging"


@pytest.mark.parametrize(
    ("behaviour", "headers", "content", "status", "detail"),
    [
        # Each row would also fail every check below it: the order is part of the protocol.
        (
            {"environment": "production", "bypass_key": ""},
            {},
            "{",
            403,
            "E2E test authentication is not available in production",
        ),
        ({"bypass_key": ""}, {}, "{", 401, "E2E bypass key required"),
        ({"bypass_key": ""}, {KEY: "dummy"}, "{", 503, "E2E authentication not configured"),
        ({}, {KEY: "dummy"}, "{", 401, "Invalid E2E bypass key"),
        ({}, {KEY: Behaviour().bypass_key}, "{", 422, "Invalid JSON body"),
    ],
)
async def test_exchange_refuses_in_the_order_of_the_reference(
    behaviour: dict[str, str], headers: dict[str, str], content: str, status: int, detail: str
) -> None:
    async with Staging(behaviour=replace(Behaviour(), **behaviour)) as staging:
        answer = await exchange(staging, content=content, **headers)
    assert (answer.status_code, answer.json()) == (status, {"detail": detail})


async def test_a_key_in_the_body_is_ignored() -> None:
    async with Staging() as staging:
        body = json.dumps({"simulation_key": staging.secrets["bypass_key"]})
        answer = await exchange(staging, content=body)
    assert answer.json() == {"detail": "E2E bypass key required"}


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        ({}, {"token": "x"}, "invalid_service_id"),
        ({"X-Service-ID": "netra-backend"}, {"token": "x"}, "invalid_service_secret"),
    ],
)
async def test_validation_wants_to_know_the_service_first(
    headers: dict[str, str], body: dict[str, str], expected: str
) -> None:
    async with Staging() as staging, httpx.AsyncClient(trust_env=False) as client:
        url = f"{staging.auth_url}/auth/validate"
        answer = await client.post(url, json=body, headers=headers)
    assert answer.json() == {"valid": False, "error": expected}


async def test_verify_tells_a_good_token_from_a_bad_one() -> None:
    async with Staging() as staging:
        url = f"{staging.auth_url}/auth/verify"
        good = f"Bearer {minted(staging.secrets['jwt_secret'])}"
        assert (await get(url, Authorization=good)).json()["user_id"] == "staging-e2e-user-001"
        assert (await get(url, Authorization="Bearer abc")).json()["valid"] is False
        assert (await get(url)).status_code == 401
