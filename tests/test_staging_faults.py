"""A fault shows on the wire what the failure catalogue says of it."""

import time
from email.utils import parsedate_to_datetime

import httpx
import pytest

from bot.sandbox import Staging
from tests.staging_client import E2E, connect, minted, opened, talk, visited, works


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


@pytest.mark.parametrize(
    ("name", "close"),
    [
        ("policy-close", (1008, "")),
        ("internal-error", (1011, "Internal error")),
        ("factory-validation", (1011, "Factory SSOT validation failed")),
        ("startup-incomplete", (1011, "Service startup incomplete")),
        ("helper-signature", (1011, "main mode error")),
        ("too-many-connections", (1008, "Too many concurrent connections")),
        ("rate-limited", (1008, "Rate limit exceeded")),
        ("main-cleanup", (1000, "main cleanup")),
        ("instance-replaced", (1006, "")),
        ("instance-going-away", (1001, "")),
        ("socket-dies-at-age", (1006, "")),
    ],
)
async def test_socket_ends_as_in_the_catalogue(name: str, close: tuple[int, str]) -> None:
    async with Staging([name]) as staging:
        assert (await visited(staging)).close == close


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("dns-backend-host", "gaierror"),
        ("connection-refused", "Connect call failed"),
        ("wrong-service", "404"),
        ("wrong-socket-path", "404"),
        ("tls-self-signed", "self-signed certificate"),
        ("tls-hostname-mismatch", "IP address mismatch"),
        ("tls-expired", "certificate has expired"),
        ("upgrade-403", "403"),
        ("upgrade-500", "500"),
        ("upgrade-503", "503"),
        ("subprotocol-rejected", "403"),
        ("subprotocol-unasked", "unsupported subprotocol: staging-auth"),
    ],
)
async def test_upgrade_fails_as_in_the_catalogue(name: str, error: str) -> None:
    async with Staging([name]) as staging:
        assert error in (await visited(staging)).upgrade


@pytest.mark.parametrize(
    ("name", "code", "text"),
    [
        ("authorization-stripped", "NO_TOKEN", "'authorization_present': False"),
        ("jwt-secret-drift", "VALIDATION_FAILED", "chars, 2 dots"),
        ("backend-clock-ahead", "TOKEN_EXPIRED", "expired"),
        ("auth-breaker-open", "AUTH_CIRCUIT_BREAKER_OPEN", "OPEN"),
        ("service-auth-misconfigured", "AUTH_SERVICE_ERROR", "403: Not authenticated"),
        ("user-id-refused", "VALIDATION_FAILED", "Invalid user_id format: e2e-e2e"),
        ("helper-signature", "CONNECTION_ERROR", "TypeError"),
        ("undefined-name", "CONNECTION_ERROR", "name 'time' is not defined"),
        ("startup-incomplete", "STARTUP_INCOMPLETE", "no_app_state"),
    ],
)
async def test_error_frame_says_what_the_catalogue_says(name: str, code: str, text: str) -> None:
    async with Staging([name]) as staging:
        frame = (await visited(staging)).first("error_message")
    assert frame["error_code"] == code
    assert text in str(frame)


async def test_a_sibling_path_or_user_gets_through_where_the_catalogue_says_so() -> None:
    async with Staging(["upgrade-500-one-path"]) as staging:
        token = minted(staging.secrets["jwt_secret"])
        url = staging.ws_url.removesuffix("/ws") + "/websocket"
        headers = {**E2E, "Authorization": f"Bearer {token}"}
        async with connect(url, additional_headers=headers, proxy=None) as socket:
            assert (await talk(socket, until=["connection_established"])).close is None
    for name in ("too-many-connections", "user-id-refused"):
        async with Staging([name]) as staging:
            fresh = minted(staging.secrets["jwt_secret"], sub="fresh-user")
            async with opened(staging, fresh) as socket:
                assert (await talk(socket, until=["connection_established"])).close is None


async def test_cold_start_is_over_once_an_upgrade_was_refused() -> None:
    async with Staging(["cold-start"]) as staging:
        assert (await visited(staging)).upgrade
        assert works(await visited(staging))
        staging.faults = ("cold-start",)
        assert (await visited(staging)).upgrade


async def test_edge_answers_19_bytes_of_text() -> None:
    async with (
        Staging(["backend-edge-503"]) as staging,
        httpx.AsyncClient(trust_env=False) as client,
    ):
        answer = await client.get(f"{staging.api_url}/health")
    assert (answer.status_code, answer.content) == (503, b"Service Unavailable")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["server"] == "Google Frontend"


@pytest.mark.parametrize(
    ("name", "service", "ahead_s"),
    [
        ("backend-clock-ahead", "api_url", 3600),
        ("backend-clock-behind", "api_url", -600),
        ("auth-clock-behind", "auth_url", -3600),
    ],
)
async def test_wrong_clock_shows_in_the_date_of_its_service_alone(
    name: str, service: str, ahead_s: int
) -> None:
    async with Staging([name]) as staging, httpx.AsyncClient(trust_env=False) as client:
        for url in ("api_url", "auth_url", "frontend_url"):
            answer = await client.get(f"{getattr(staging, url)}/health")
            said = parsedate_to_datetime(answer.headers["date"]).timestamp()
            wrong_s = ahead_s if url == service else 0
            assert abs(said - time.time() - wrong_s) < 3
