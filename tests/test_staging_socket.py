"""The simulated socket speaks as the reference system does when nothing is wrong."""

import json
import time

import pytest
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from bot.sandbox import Staging
from bot.sandbox.behaviour import Behaviour, Shape
from tests.staging_client import (
    E2E,
    NONCE,
    PATIENCE_S,
    QUIET_S,
    START,
    Visit,
    connect,
    minted,
    offer,
    opened,
    talk,
)


async def test_fallback_token_is_accepted_too() -> None:
    async with (
        Staging() as staging,
        opened(staging, minted(staging.secrets["jwt_secret"])) as socket,
    ):
        await socket.send(START)
        visit = await talk(socket, until=["agent_completed"])
    assert visit.first("connection_established")["data"]["user_id"] == "staging-e2e-user-001"
    assert visit.events[-1] == "agent_completed"


async def greeted(staging: Staging, token: str) -> None:
    """Wait for the welcome; a refusal fails the test."""
    async with opened(staging, token) as socket:
        visit = await talk(socket, until=["connection_established"])
        assert visit.close is None


async def refused(staging: Staging, token: str, **headers: str) -> Visit:
    async with opened(staging, token, **headers) as socket:
        return await talk(socket)


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"iss": "somebody-else"}, "VALIDATION_FAILED"),
        ({"iss": None}, "VALIDATION_FAILED"),
        ({"jti": None}, "VALIDATION_FAILED"),
        ({"sub": None}, "VALIDATION_FAILED"),
        ({"type": "refresh"}, "VALIDATION_FAILED"),
        ({"token_type": "refresh"}, "VALIDATION_FAILED"),
        ({"aud": "another-platform"}, "VALIDATION_FAILED"),
        ({"env": "production"}, "VALIDATION_FAILED"),
        ({"iat": int(time.time()) + 3600}, "VALIDATION_FAILED"),
        ({"iat": "yesterday"}, "VALIDATION_FAILED"),
        ({"exp": int(time.time()) - 5}, "TOKEN_EXPIRED"),
        ({"iat": int(time.time()) - 25 * 3600}, "TOKEN_EXPIRED"),
    ],
)
async def test_every_claim_is_really_verified(claims: dict[str, object], code: str) -> None:
    async with Staging() as staging:
        visit = await refused(staging, minted(staging.secrets["jwt_secret"], **claims))
    assert visit.first("error_message")["error_code"] == code
    assert visit.close == (1008, "SSOT Auth failed")


async def test_refusal_tells_what_arrived_of_the_token() -> None:
    token = minted("a-secret-that-nobody-else-has-seen-before")
    async with Staging() as staging:
        frame = (await refused(staging, token)).first("error_message")
        absent = (await refused(staging, "")).first("error_message")
        malformed = (await refused(staging, "", Authorization="Token abc")).first("error_message")
    assert frame["error_message"] == f"Token validation failed | Debug: {len(token)} chars, 2 dots"
    assert frame["details"]["token_characteristics"] == {"length": len(token), "dot_count": 2}
    assert frame["details"]["failure_context"]["auth_headers"]["authorization_present"] is True
    assert absent["error_code"] == "NO_TOKEN"
    assert absent["details"]["failure_context"]["auth_headers"]["authorization_present"] is False
    assert malformed["error_code"] == "INVALID_FORMAT"
    assert token not in json.dumps(frame)


async def test_refusal_does_not_repeat_the_token_in_a_subprotocol() -> None:
    token = minted("a-secret-that-nobody-else-has-seen-before")
    async with (
        Staging() as staging,
        connect(
            staging.ws_url, additional_headers=E2E, subprotocols=offer(token), proxy=None
        ) as socket,
    ):
        frame = (await talk(socket)).first("error_message")
    shown = frame["details"]["failure_context"]["auth_headers"]["websocket_protocol"]
    assert shown.startswith("jwt-auth, jwt.")
    assert offer(token)[1] not in json.dumps(frame)


async def test_bad_token_is_403_before_the_accept_without_e2e_headers() -> None:
    async with Staging() as staging:
        with pytest.raises(InvalidStatus) as refusal:
            async with connect(staging.ws_url, proxy=None):
                pass
        good = {"Authorization": f"Bearer {minted(staging.secrets['jwt_secret'])}"}
        async with connect(staging.ws_url, additional_headers=good, proxy=None) as socket:
            visit = await talk(socket, until=["connection_established"])
    assert refusal.value.response.status_code == 403
    assert "connection_established" in visit.names


async def test_token_in_the_subprotocol_is_as_good_as_in_the_header() -> None:
    async with Staging() as staging:
        token = minted(staging.secrets["jwt_secret"])
        async with connect(staging.ws_url, subprotocols=offer(token), proxy=None) as socket:
            visit = await talk(socket, until=["connection_established"])
            assert socket.subprotocol == "jwt-auth"
    assert "connection_established" in visit.names


async def test_offer_of_unknown_subprotocols_only_is_refused() -> None:
    async with Staging() as staging:
        token = minted(staging.secrets["jwt_secret"])
        headers, unknown = {"Authorization": f"Bearer {token}"}, [Subprotocol("graphql-ws")]
        with pytest.raises(InvalidStatus) as refusal:
            async with connect(
                staging.ws_url, additional_headers=headers, subprotocols=unknown, proxy=None
            ):
                pass
    assert refusal.value.response.status_code == 403


async def greeting(behaviour: Behaviour) -> Visit:
    async with (
        Staging(behaviour=behaviour) as staging,
        opened(staging, minted(staging.secrets["jwt_secret"])) as socket,
    ):
        return await talk(socket, quiet_s=QUIET_S)


async def test_ping_and_welcome_come_in_either_order() -> None:
    first = await greeting(Behaviour())
    second = await greeting(Behaviour(ping_first=False, handshake_validation=True))
    assert first.names == ["ping", "connection_established"]
    assert second.names == ["handshake_validation", "connection_established", "ping"]
    data = first.first("connection_established")["data"]
    assert data["connection_id"].startswith("ws_staging-e2e-user-001_")
    assert data["config"] == {"heartbeat_interval": 25, "max_message_size": 8192}


async def test_later_welcome_shows_only_the_start_of_the_user() -> None:
    visit = await greeting(Behaviour(welcome="connect"))
    assert visit.first("connect")["data"]["user_id"] == "staging-..."


async def answers(
    *messages: object, until: str = "", ends: bool = False, behaviour: Behaviour | None = None
) -> Visit:
    """Return what comes back to `messages`, up to `until`, the close, or a moment of nothing.

    If it `ends`, the close is waited for.
    """
    async with (
        Staging(behaviour=behaviour) as staging,
        opened(staging, minted(staging.secrets["jwt_secret"])) as socket,
    ):
        await talk(socket, until=["connection_established"])
        for message in messages:
            await socket.send(message if isinstance(message, str) else json.dumps(message))
        if until:
            return await talk(socket, until=[until])
        return await talk(socket, quiet_s=PATIENCE_S if ends else QUIET_S)


@pytest.mark.parametrize("kind", ["execute_agent", "agent_execute", "agent_execution_request"])
async def test_unknown_request_is_acknowledged_and_nothing_else(kind: str) -> None:
    visit = await answers({"type": kind, "agent": "x", "input": "y"})
    assert len(visit.frames) == 1
    assert visit.first("ack")["received_type"] == kind
    assert visit.first("ack")["status"] == "acknowledged"


@pytest.mark.parametrize(
    "message",
    [
        {"type": "user_message", "payload": {"content": NONCE}},
        {"type": "chat", "payload": {"text": NONCE}},
        {"jsonrpc": "2.0", "method": "start_agent", "params": {"user_request": NONCE}},
    ],
)
async def test_other_ways_to_ask_reach_an_agent_as_well(message: dict[str, object]) -> None:
    visit = await answers(message, until="agent_completed")
    assert NONCE in visit.first("agent_completed")["data"]["result"]


@pytest.mark.parametrize(
    ("message", "reply", "field", "value"),
    [
        ({"type": "ping"}, "pong", "type", "pong"),
        ({"type": "user_message", "payload": {}}, "error", "message", "Please enter a message"),
        ({"type": "start_agent", "payload": {}}, "error_message", "error_code", "FORMAT_ERROR"),
        ("{", "error_message", "error_code", "JSON_PARSE_ERROR"),
        ("[]", "error_message", "error_code", "FORMAT_ERROR"),
    ],
)
async def test_small_requests_get_their_reply(
    message: object, reply: str, field: str, value: str
) -> None:
    visit = await answers(message, until=reply)
    assert visit.first(reply)[field] == value


async def test_agent_request_is_answered_by_a_mock() -> None:
    visit = await answers(
        {"type": "agent_request", "payload": {"message": "hello"}}, until="agent_completed"
    )
    assert visit.first("tool_executing")["data"]["tool_name"] == "analysis_tool"
    assert visit.first("agent_completed")["type"] == "agent_response_complete"


async def test_five_misunderstood_messages_end_the_loop() -> None:
    visit = await answers(*["{"] * 5, ends=True)
    assert visit.close == (1000, "main cleanup")


async def test_message_over_8192_bytes_is_dropped_without_a_word() -> None:
    visit = await answers({"type": "ping", "padding": "x" * 8192})
    assert visit.frames == []


async def test_101st_message_within_a_minute_is_one_too_many() -> None:
    visit = await answers(*[{"type": "pong"}] * 101, ends=True)
    assert visit.close == (1008, "Rate limit exceeded")


async def test_fourth_connection_of_a_user_is_refused_until_one_is_given_back() -> None:
    async with Staging() as staging:
        token = minted(staging.secrets["jwt_secret"])
        async with opened(staging, token) as one, opened(staging, token), opened(staging, token):
            assert (await refused(staging, token)).close == (
                1008,
                "Too many concurrent connections",
            )
            await one.close()
            await greeted(staging, token)
        await greeted(staging, minted(staging.secrets["jwt_secret"], sub="another-user"))


@pytest.mark.parametrize("shape", Shape)
async def test_every_shape_carries_the_five_events(shape: Shape) -> None:
    visit = await answers(START, until="agent_completed", behaviour=Behaviour(shape=shape))
    assert visit.events == [
        "agent_started",
        "agent_thinking",
        "tool_executing",
        "tool_completed",
        "agent_completed",
    ]
    assert NONCE in json.dumps(visit.first("agent_completed"))


async def test_normaliser_renames_the_types() -> None:
    visit = await answers(
        START, until="agent_response_complete", behaviour=Behaviour(collapsed_names=True)
    )
    assert [frame["type"] for frame in visit.frames if frame] == [
        "start_agent",
        "agent_progress",
        "agent_progress",
        "agent_progress",
        "agent_response_complete",
    ]


async def test_error_fields_can_be_wrapped_in_data() -> None:
    visit = await answers("{", until="error_message", behaviour=Behaviour(errors_in_data=True))
    assert visit.first("error_message")["data"]["error_code"] == "JSON_PARSE_ERROR"


async def test_test_socket_needs_no_token() -> None:
    async with Staging() as staging:
        url = staging.ws_url + "/test"
        async with connect(url, proxy=None) as socket:
            for message in ({"type": "ping"}, {"type": "echo", "x": 1}, {"type": "other"}):
                await socket.send(json.dumps(message))
            visit = await talk(socket, until=["ack"])
    assert visit.names == ["connection_established", "pong", "echo_response", "ack"]
