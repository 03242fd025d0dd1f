"""What is recognised in a log, and what looks alike and is not."""

import pytest

from bot.diagnosis.logs import read_log
from bot.model import Json
from tests.explaining import explained


def facts(log: str) -> dict[str, Json]:
    """Return what was recognised in `log`, by key."""
    return {one.key: one.value for one in read_log(log).observations}


RECOGNISED: dict[str, tuple[str, dict[str, Json]]] = {
    "an upgrade's status": (
        "server rejected WebSocket connection: HTTP 403",
        {"http_status.upgrade.line_1": 403},
    ),
    "a name in quotation marks, with both of them": (
        'KeyError: "X"',
        {"exception.unknown.line_1": 'KeyError: "X"'},
    ),
    "a sentence that ends in a name, out of an object": (
        r'{"detail": "password authentication failed for user \"app\""}',
        {"database_down.line_1": 'password authentication failed for user "app"'},
    ),
    "an access log's status": (
        '10.0.0.1 - - "GET /health HTTP/1.1" 503 19 "-" 6.2',
        {"http_status.unnamed.line_1": 503},
    ),
    "a status and who answered, in JSON": (
        '{"auth": {"status": 503, "url": "https://a.example/health"}}',
        {"http_status.auth.line_1": 503},
    ),
    "a status whose request stands above it": (
        "POST https://auth.example/auth/e2e/test-auth\n< HTTP/1.1 401",
        {"http_status.exchange.line_2": 401},
    ),
    "a close with its reason": (
        "received 1011 (internal error) Factory check failed; then sent 1011",
        {"ws_close_code.line_1": 1011, "ws_close_reason.line_1": "Factory check failed"},
    ),
    "a close by a name of .NET": (
        'CloseStatus: PolicyViolation  CloseStatusDescription: "No entry"',
        {"ws_close_code.line_1": 1008, "ws_close_reason.line_1": "No entry"},
    ),
    "a close by a name of Go": (
        'received close frame: status = StatusInternalError and reason = ""',
        {"ws_close_code.line_1": 1011},
    ),
    "a close by a name of Jakarta": (
        "onClose: CloseReason[VIOLATED_POLICY, token is unknown]",
        {"ws_close_code.line_1": 1008, "ws_close_reason.line_1": "token is unknown"},
    ),
    "a close that a test wished for": ("Expected: CloseStatus.PolicyViolation", {}),
    "a close that ended well": ("WebSocketCloseStatus.NormalClosure", {}),
    "a close in JSON": (
        '{"close_code": 1008, "close_reason": "Auth failed"}',
        {"ws_close_code.line_1": 1008, "ws_close_reason.line_1": "Auth failed"},
    ),
    "an error frame": (
        '{\n "type": "error_message",\n "error_code": "NO_TOKEN",\n "error_message": "none"\n}',
        {
            "event.error.line_2": "error_message",
            "ws_error_code.line_3": "NO_TOKEN",
            "ws_error_message.line_4": "none",
        },
    ),
    "events by their job": (
        "event: agent_started\nevent: agent_completed\n< ping\n< ack",
        {
            "event.lifecycle.line_1": "agent_started",
            "event.terminal.line_2": "agent_completed",
            "event.noise.line_3": "ping",
            "event.ack.line_4": "ack",
        },
    ),
    "how dependencies are": (
        '{"checks": {"redis": {"status": "failed", "error": "no route"},\n'
        '"postgresql": {"status": "healthy", "response_time_ms": 5022.6}}}',
        {
            "dependency_status.redis.line_1": "failed",
            "part_down.redis.line_1": "no route",
            "dependency_status.database.line_2": "healthy",
            "part_slow.database.line_2": 5022.6,
        },
    ),
    "what a runner counted": (
        "=== 2 failed, 10 passed, 3 skipped in 4.21s ===",
        {
            "tests_failed.line_1": 2,
            "tests_passed.line_1": 10,
            "tests_skipped.line_1": 3,
            "tests_took_s.line_1": 4.21,
        },
    ),
    "what single lines say, without a summary": (
        "test_a PASSED (1.2s)\ntest_b FAILED",
        {"tests_passed.line_1": 1, "tests_failed.line_2": 1, "test_took_s.line_1": 1.2},
    ),
    "a summary goes before single lines": (
        "a::test_a PASSED\na::test_b PASSED\n12 passed in 3.0s",
        {"tests_passed.line_3": 12},
    ),
    "an exception in a trace that is packed into one line": (
        '{"severity": "ERROR", "textPayload": "Traceback (most recent call last):\\n  File '
        '\\"x.py\\", line 3, in start\\nNameError: name \'x\' is not defined"}',
        {"exception.server.line_1": "NameError: name 'x' is not defined"},
    ),
    "a local address": (
        "GET http://localhost:8002/health",
        {"loopback_target.line_1": "GET http://localhost:8002/health"},
    ),
}


@pytest.mark.parametrize("what", RECOGNISED)
def test_recognises(what: str) -> None:
    log, expected = RECOGNISED[what]
    found = facts(log)
    assert {key: found.get(key) for key in expected} == expected


LOOKS_ALIKE: dict[str, tuple[str, str]] = {
    "a close that might come": ("this would cause WebSocket 1011 errors", "ws_close_code"),
    "a close that did not come": ('{"error_1011_detected": false}', "ws_close_code"),
    "a number of rows": ("response: got 503 rows", "http_status"),
    "a time": ("request took 500 ms", "http_status"),
    "a line of a program": ('>   raise ValueError("Missing required config X")', "missing_config"),
    "the source of an exception": ('    raise TypeError("x is not callable")', "exception"),
    "events that did not come": ("Missing events: {'agent_started'}", "event.lifecycle"),
    "an event that is waited for": ("waiting for event: agent_started", "event.lifecycle"),
    "events that were sent": ("> {'type': 'agent_started'}", "event.lifecycle"),
    "an error code that looks like a setting": ("NO_TOKEN is missing", "missing_config"),
    "a key for tests, as a setting": ("E2E_BYPASS_KEY is not set", "missing_config"),
    "a healthy part": ('{"redis": {"status": "healthy", "error": null}}', "redis_down"),
    "a part in a test's name": ("test_redis_connection_failed_then_recovers PASSED", "redis_down"),
    "an exception that might be raised": ("this would raise TypeError: x is None", "exception"),
    "a claim with a reply in it": ("✅ backend answered 200 in 31 ms", "claim_unbacked"),
    "a time in place of a status": ('{"checks": {"redis": "3.2ms"}}', "part_down"),
    "a test that failed and then passed": ("test_a FAILED\ntest_a PASSED\n1 passed in 2.0s",
                                           "tests_failed"),
    "a verdict of a test": ("E   AssertionError: assert 1 == 2", "exception"),
    "an error that only says what its words say": (
        "RuntimeError: bypass key is not set",
        "exception",
    ),
    "a library called wrongly": ("TypeError: connect() got an unexpected keyword argument 'x'",
                                 "exception"),
    "no failures": ("0 failed, 3 passed in 2.0s", "trouble"),
    "a word with errors in it": ("errors: none, error_rate=0", "trouble"),
}  # fmt: skip


@pytest.mark.parametrize("what", LOOKS_ALIKE)
def test_does_not_take_for_it(what: str) -> None:
    log, key = LOOKS_ALIKE[what]
    assert [found for found in facts(log) if found.startswith(key)] == []


FAKE = {
    "nothing_ran": "collected 0 items\n",
    "all_skipped": "39 skipped in 1.1s\n",
    "no_time": "test_pipeline PASSED (0.000s)\n1 passed in 0.4s\n",
    "equals_window": "test_pipeline_events PASSED (15.535s)\n",
    "swallowed_timeout": "timeout waiting for message, continuing\n1 passed in 8.0s\n",
    "mock": "using mock WebSocket\n1 passed in 8.0s\n",
    "failure_counted": "server rejected WebSocket connection: HTTP 403\n1 passed in 8.0s\n",
    "prints_only": "✅ connected\n✅ all fine\nRESULT: PASSED\n",
}


@pytest.mark.parametrize("why", FAKE)
def test_a_pass_that_proves_nothing_is_recognised(why: str) -> None:
    assert [key for key in facts(FAKE[why]) if key.startswith(f"fake.{why}.")]


@pytest.mark.parametrize(
    "log",
    [
        "test_pipeline_events PASSED (14.2s)\n",
        "test_pipeline_events PASSED (15.535s)\nevent: agent_completed\n",
        "test_sort PASSED (10.3s)\n",
        "test_a PASSED (0.2s)\ntest_b PASSED (0.000s)\n",
        "1 failed, 38 skipped in 1.1s\n",
    ],
)
def test_a_pass_that_can_be_real_is_not_called_fake(log: str) -> None:
    assert [key for key in facts(log) if key.startswith("fake.")] == []


def test_what_is_said_again_and_again_is_one_fact() -> None:
    found = facts("server rejected WebSocket connection: HTTP 403\n" * 50)
    assert [key for key in found if key.startswith("http_status")] == ["http_status.upgrade.line_1"]


def test_of_what_is_said_in_many_ways_first_and_last_are_kept() -> None:
    log = "".join(f"{letter}: HTTP {400 + n}\n" for n, letter in enumerate("abcdefghijklmnop"))
    kept = [key for key in facts(log) if key.startswith("http_status")]
    assert len(kept) == 7
    assert kept[-1].endswith("line_16")


@pytest.mark.parametrize(
    ("log", "detail"),
    [
        ("HTTP 503", "1 line read, 1 fact recognised"),
        ("HTTP 503\nnothing", "2 lines read, 1 fact recognised"),
        ("nothing", "1 line read, 0 facts recognised"),
    ],
)
def test_one_of_a_kind_is_counted_as_one(log: str, detail: str) -> None:
    assert read_log(log).steps[0].detail == detail


BESIDE = """\
api | ERR metrics: clickhouse insert failed: connection refused; skipping
"""


@pytest.mark.parametrize(
    ("log", "causes"),
    [
        (
            "api | socket handler: UnboundLocalError: cannot access local variable 'user'\n"
            "closed 1011\n",
            [("ws_server_code_error", "sufficient"), ("dependency_clickhouse_down", "incidental")],
        ),
        ("run finished: agent_completed\n1 passed in 8.1s\n", [("healthy", "sufficient")]),
        ("", [("dependency_clickhouse_down", "sufficient")]),
    ],
    ids=["told beside another cause", "none of a run that passed", "the cause where it is alone"],
)
def test_what_runs_do_not_need_is(log: str, causes: list[tuple[str, str]]) -> None:
    found = explained(BESIDE + log).causes
    assert [(cause.label.value, cause.role.value) for cause in found] == causes
