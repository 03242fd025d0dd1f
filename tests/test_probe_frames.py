"""A frame is taken apart whatever its shape, and whatever its bytes."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.probe.frames import Frame, deepest_error, exception_in, find_key, longest_words, take_apart
from tests.frame_strategies import FRAMES


def frame(body: Any) -> Frame:
    return take_apart(json.dumps(body).encode(), n=1, at_s=0.0)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"type": "agent_started"}, "agent_started"),
        ({"type": "system_message", "event": "agent_started"}, "agent_started"),
        ({"type": "system_message", "payload": {"event": "agent_started"}}, "agent_started"),
        ({"type": "agent_progress", "data": {"event": "agent_started"}}, "agent_started"),
        ({"type": "x", "data": {"type": "agent_started"}, "event": "y"}, "agent_started"),
        ({"type": "WebSocketEventType.AGENT_STARTED"}, "agent_started"),
        ({"data": {"event": 7}, "type": "agent_started"}, "agent_started"),
        ({"type": {"not": "a name"}}, None),
    ],
)
def test_the_most_specific_name_comes_first(body: Any, name: str | None) -> None:
    assert next(iter(frame(body).names), None) == name


@pytest.mark.parametrize(
    "wrap",
    [
        lambda fields: {"type": "error_message", **fields},
        lambda fields: {"type": "error_message", "data": fields},
        lambda fields: {"type": "error_message", "payload": fields},
    ],
    ids=["flat", "data", "payload"],
)
def test_error_fields_are_found_in_every_layout(wrap: Any) -> None:
    fields = {"error_code": "NO_TOKEN", "error_message": "none came", "details": {"a": 1}}
    found = frame(wrap(fields))
    assert (found.code, found.message, found.details) == ("NO_TOKEN", "none came", {"a": 1})


def test_a_dot_may_belong_to_a_name() -> None:
    assert frame({"type": "job.failed"}).called == ("job.failed",)
    assert frame({"type": "job.failed"}).names == ("failed",)


@pytest.mark.parametrize(
    "body",
    [
        {"payload": [{"message": "no such token", "extensions": {"code": "UNAUTHENTICATED"}}]},
        {"errors": [{"message": "no such token", "extensions": {"code": "UNAUTHENTICATED"}}]},
        {"data": {"errors": [{"code": "UNAUTHENTICATED", "detail": "no such token"}]}},
        {"problem": {"code": "UNAUTHENTICATED", "title": "no such token"}},
    ],
    ids=["graphql socket", "graphql", "json:api", "problem"],
)
def test_an_error_is_read_out_of_a_list_or_an_envelope(body: Any) -> None:
    found = frame({"type": "error", **body})
    assert (found.code, found.message) == ("UNAUTHENTICATED", "no such token")


def test_a_list_of_other_things_is_no_envelope() -> None:
    found = frame({"type": "error", "errors": ["one", 2], "payload": [], "message": "three"})
    assert (found.code, found.message) == ("", "three")


def test_the_longest_words_are_found_under_any_name() -> None:
    body = {"type": "failed", "id": "f" * 80, "fehler": {"text": "keine Verbindung zur Datenbank"}}
    assert longest_words(frame(body)) == "keine Verbindung zur Datenbank"
    assert longest_words(frame({"type": "failed", "id": "f" * 80})) == ""


def test_an_error_object_is_read_like_a_wrapper() -> None:
    found = frame({"type": "error", "data": {"error": {"code": 42, "message": "no"}}})
    assert (found.code, found.message) == ("42", "no")


def test_the_deepest_error_text_is_the_one_nearest_to_the_cause() -> None:
    details = {
        "error": "Authentication failed",
        "context": {"message": "while connecting", "inner": {"error": "name 'x' is not defined"}},
    }
    assert deepest_error(details) == "name 'x' is not defined"


def test_a_text_under_another_key_is_better_than_none() -> None:
    assert deepest_error({"reason": "quota used up", "environment": "staging"}) == "quota used up"
    assert deepest_error({"environment": "staging"}) == ""


@pytest.mark.parametrize(
    "text",
    [
        "user_context must be a UserExecutionContext instance",
        "failed: TypeError: unsupported operand",
        "'coroutine' object has no attribute 'get'",
        "name 'time' is not defined",
        "create_server_message() missing 1 required positional argument: 'data'",
        "__init__() got an unexpected keyword argument 'metadata'",
        "Object of type WebSocketState is not JSON serializable",
        "cannot pickle 'module' object",
        "object NoneType can't be used in 'await' expression",
        'WebSocket is not connected. Need to call "accept" first.',
    ],
)
def test_a_programs_exception_is_recognised(text: str) -> None:
    assert exception_in(f"Authentication failed\n{text}") != ""


@pytest.mark.parametrize("text", ["", "Authentication failed", "Token expired", "main cleanup"])
def test_an_ordinary_refusal_is_no_exception(text: str) -> None:
    assert exception_in(text) == ""


def test_a_key_is_found_however_deep() -> None:
    body = {"details": {"failure_context": [{"auth_headers": {"authorization_present": False}}]}}
    assert find_key(body, "authorization_present") is False
    assert find_key(body, "nowhere") is None


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=300))
def test_any_bytes_make_a_frame(raw: bytes) -> None:
    found = take_apart(raw, n=3, at_s=1.5)
    assert found.size_bytes == len(raw)
    assert isinstance(found.names, tuple)


@settings(deadline=None, max_examples=60)
@given(FRAMES)
def test_any_object_can_be_asked_for_anything(body: dict[str, Any]) -> None:
    found = frame(body)
    assert isinstance(found.code + found.message + found.run_id + found.tool + found.type, str)
    assert isinstance(deepest_error(found.details), str)
    find_key(found.body, "authorization_present")


@pytest.mark.parametrize(
    "raw",
    [b"[" * 100_000, b'{"a":' * 5_000, b"1" * 10_000, b"null", b'"text"', b"[1]", b"\xff\xfe{}"],
    ids=["deep list", "deep object", "huge integer", "null", "text", "list", "bad utf-8"],
)
def test_what_is_no_json_object_is_no_body(raw: bytes) -> None:
    assert take_apart(raw, n=1, at_s=0.0).body is None
