"""What a server caught is recorded as its run time words it, wherever the parts of it stand."""

import json
import time
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from bot.diagnosis import Mistake, program_error
from bot.probe.frames import class_of_exception, exception_in, take_apart
from tests import test_diagnosis_program_errors as told
from tests.probing import facts, run, target_at

_NEW_KINDS = (
    Mistake.WRONG_LOOP,
    Mistake.CHANGED_MEANWHILE,
    Mistake.ENDLESS,
    Mistake.BAD_OPERATION,
    Mistake.INVALID_OBJECT,
)


def class_in(body: Any) -> str:
    return class_of_exception(take_apart(json.dumps(body).encode(), n=1, at_s=0.0))


@pytest.mark.parametrize(
    "body",
    [
        {"type": "error", "details": {"error": "'tenant'", "error_type": "LookupError"}},
        {"type": "error", "details": {"failure": {"exc_type": "LookupError", "exc": "'tenant'"}}},
        {"type": "error", "details": {"type": "LookupError", "message": "'tenant'"}},
        {"type": "error", "error": {"type": "LookupError", "message": "'tenant'"}},
        {"type": "error", "data": {"exception_type": "LookupError", "message": "'tenant'"}},
    ],
)
def test_the_class_of_an_exception_is_found(body: Any) -> None:
    assert class_in(body) == "LookupError"


@pytest.mark.parametrize(
    "body",
    [
        {"type": "AgentError", "message": "no"},
        {"type": "system_message", "data": {"type": "RunError"}},
        {"type": "error", "details": {"type": "missing", "error_type": "validation"}},
        {"type": "error", "details": {"error_type": "It was an Error"}},
        {"type": "error", "details": {"error_type": 7}},
        {},
    ],
)
def test_what_is_no_class_of_an_exception_is_left_alone(body: Any) -> None:
    assert class_in(body) == ""


@pytest.mark.parametrize(
    "text",
    [text for text, kind in told.EXCEPTIONS.items() if kind in _NEW_KINDS],
)
def test_what_the_diagnosis_recognises_is_recorded(text: str) -> None:
    recorded = exception_in(f"Authentication failed: {text}")
    assert program_error(recorded) is not None


def test_a_long_text_is_searched_in_time_that_grows_with_its_length() -> None:
    start = time.process_time()
    for part in ("A.", "a ", "A", "cannot ", "1"):
        exception_in(part * 20_000)
    assert time.process_time() - start < 3.0


@pytest.mark.parametrize(
    ("error", "recorded"),
    [
        ({"error": "'tenant'", "error_type": "LookupError"}, "LookupError: 'tenant'"),
        ({"error_type": "StopIteration"}, None),
        ({"error_type": "NotImplementedError"}, "NotImplementedError: Authentication failed"),
        (
            {"error": "name 'now' is not defined", "error_type": "NameError"},
            "name 'now' is not defined",
        ),
    ],
)
async def test_a_bare_message_is_recorded_with_its_class(error: Any, recorded: str | None) -> None:
    async def fail(socket: ServerConnection) -> None:
        body = {"type": "error", "code": "E1", "message": "Authentication failed"}
        await socket.send(json.dumps({**body, "details": error}))
        await socket.close(1011, "main mode error")

    async with serve(fail, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        observed = facts(await run(target_at(port)))
    assert observed["events.error_code"] == "E1"
    assert observed.get("events.exception") == recorded
