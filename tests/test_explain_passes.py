"""A log of a run that passed is healthy in spite of what its tests wanted or got over."""

import pytest

from bot.labels import Label
from bot.model import Role, Status
from bot.report import RENDERERS
from tests.explaining import explained, first_cause, keys

REFUSED = (
    "test_opens_room PASSED (1.310s)\n"
    "{name} PASSED (0.204s)\n"
    "    {shown}\n"
    "test_answer_arrives PASSED (9.112s)\n"
    "3 passed in 10.90s\n"
)
INJECTED = (
    "=== RUN   TestOutbox_SendsAgain\n"
    'level=ERROR msg="connection refused" err="{why}"\n'
    "--- PASS: TestOutbox_SendsAgain (0.91s)\n"
    "PASS\n"
    "ok  \tshop.example/outbox\t1.204s\n"
)
RESULT = """{
  "result": "%s",
  "duration_s": 21.7,
  "socket": {"error_1011_detected": false, "close_code": 1000, "last_error": null, "errors": []},
  "%s": [
    "agent_started",
    "agent_thinking",
    "%s"
  ]
}
"""
ACCESS = (
    '10.1.0.4 - - [03/Mar/2025:06:00:01 +0000] "GET /ready HTTP/1.1" 200 15 0.003\n'
    '10.1.0.4 - - [03/Mar/2025:06:00:02 +0000] "POST /orders HTTP/1.1" 201 412 0.188\n'
    '198.51.100.7 - - [03/Mar/2025:06:00:03 +0000] "GET {path} HTTP/1.1" {status} 153 0.001\n'
)
RETRIED = (
    "  1) orders.spec.ts:14:5 › pays\n\n    Expected: 201\n    Received: 502\n\n"
    "  {summary}\n  7 passed (31.3s)\n"
)
KEY = (
    'token exchange refused: 401 {"detail":"Invalid E2E bypass key"}, minting a token here\n'
    "event: agent_started\n"
    "event: %s\n"
    "1 passed in 18.20s\n"
)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("test_room_rejects_forged_token", "-> HTTP 403"),
        ("test_room_denies_anonymous", "server closed with close code 1008"),
        ("test_requires_a_token", '{"error_code": "NO_TOKEN"}'),
    ],
)
def test_a_refusal_that_a_passed_test_asked_for_is_its_success(name: str, shown: str) -> None:
    report = explained(REFUSED.format(name=name, shown=shown))
    assert report.causes[0].label is Label.HEALTHY
    assert "Tests provoked this on purpose" in [one.title for one in report.findings]


@pytest.mark.parametrize(
    "log",
    [
        # A test that asked for no refusal printed it and passed all the same.
        REFUSED.format(name="test_sends_message", shown="-> websocket closed with code 1008"),
        # A server that breaks down refuses nobody.
        REFUSED.format(name="test_rejects_forged_token", shown="-> websocket HTTP 503"),
        # The same again where nobody asked for it.
        REFUSED.format(name="test_rejects_forged_token", shown="-> websocket HTTP 403")
        + "    -> websocket HTTP 403\n",
        # Nothing shows that the way is open to anybody.
        "test_health PASSED (0.2s)\ntest_rejects_forged_token PASSED (0.3s)\n"
        "    -> websocket HTTP 403\n2 passed in 0.6s\n",
        "test_opens_room FAILED (1.3s)\ntest_rejects_forged_token PASSED (0.3s)\n"
        "    -> websocket HTTP 403\n1 failed, 1 passed in 1.6s\n",
    ],
    ids=["not asked for", "5xx", "elsewhere too", "health only", "others failed"],
)
def test_what_no_test_asked_for_stays_the_cause(log: str) -> None:
    report = explained(log)
    assert report.causes[0].label is not Label.HEALTHY
    assert report.status is Status.FAILED


def test_an_expected_refusal_without_a_way_that_is_open_is_no_pass() -> None:
    log = "[EXPECTED] websocket HTTP 403 confirms that authentication is enforced\nPASS\n"
    assert first_cause(log) == "ws_handshake_forbidden"


def test_a_fault_that_a_passed_test_injected_is_none_of_the_target() -> None:
    assert first_cause(INJECTED.format(why="injected failure")) == "healthy"
    assert first_cause(INJECTED.format(why="dial tcp")) == "backend_unresponsive"


def test_a_fault_is_provoked_only_inside_of_a_test() -> None:
    stray = 'level=ERROR msg="connection refused" err="injected failure"\n'
    assert first_cause(INJECTED.format(why="injected failure") + stray) != "healthy"


@pytest.mark.parametrize(
    ("result", "name", "last", "is_well"),
    [
        ("passed", "events_seen", "agent_completed", True),
        ("passed", "received_events", "agent_completed", True),
        ("passed", "events_required", "agent_completed", False),
        ("passed", "events_seen", "agent_thinking", False),
        ("failed", "events_seen", "agent_completed", False),
    ],
)
def test_a_result_in_json_is_well_by_the_events_it_saw(
    result: str, name: str, last: str, is_well: bool
) -> None:
    for log in (RESULT % (result, name, last), (RESULT % (result, name, last)).replace("\n", "")):
        assert (first_cause(log) == "healthy") is is_well


@pytest.mark.parametrize(
    ("path", "status", "is_well"),
    [
        ("/.env", 403, True),
        ("/.git/config", 404, True),
        ("/wp-login.php", 404, True),
        ("/favicon.ico", 404, True),
        ("/orders/7", 403, False),
        ("/env", 403, False),
        ("/.env", 503, False),
    ],
)
def test_strangers_are_turned_away_and_users_are_not(path: str, status: int, is_well: bool) -> None:
    assert (first_cause(ACCESS.format(path=path, status=status)) == "healthy") is is_well


@pytest.mark.parametrize(
    ("summary", "is_well"), [("1 flaky", True), ("0 flaky", False), ("1 failed", False)]
)
def test_a_retry_that_passed_makes_it_flaky_and_not_failed(summary: str, is_well: bool) -> None:
    report = explained(RETRIED.format(summary=summary))
    assert (report.causes[0].label is Label.HEALTHY) is is_well
    titles = [one.title for one in report.findings]
    assert ("It failed first, and the run got round it" in titles) is is_well


def test_what_comes_after_the_count_of_retries_is_not_got_over() -> None:
    log = RETRIED.format(summary="1 flaky") + "GET https://api.a.example/health -> 503\n"
    assert first_cause(log) == "backend_5xx"


def test_a_run_that_came_to_its_end_in_spite_of_its_key_works() -> None:
    report = explained(KEY % "agent_completed")
    assert report.status is Status.DEGRADED
    assert [(one.label, one.role) for one in report.causes] == [
        (Label.HEALTHY, Role.SUFFICIENT),
        (Label.BYPASS_KEY_MISMATCH, Role.INCIDENTAL),
    ]
    assert report.causes[0].evidence
    assert "fixing this alone" not in RENDERERS["text"](report)


def test_a_refused_key_is_the_answer_where_no_end_is_shown() -> None:
    assert first_cause(KEY % "agent_thinking") == "bypass_key_mismatch"
    assert first_cause((KEY % "agent_completed").replace("1 passed", "1 failed")) != "healthy"


@pytest.mark.parametrize(
    ("key", "fires", "silent"),
    [
        ("http_status.backend", "- backend `/ready`: **still 503**, 4 s", "- backend: still 503 s"),
        ("http_status.unnamed", "expected: <200> but was: <504>", "expected: <3> but was: <504>"),
        ("http_status.unnamed", "Expected status code &lt;201&gt; but was &lt;504&gt;.",
         "Expected rows &lt;9&gt; but were &lt;504&gt;."),
        ("ws_close_code", "socket onClose 1008 reason=bye", "socket onOpen 1008"),
        ("missing_config", "Secrets: REDIS_HOST (not set)", "Secrets: REDIS_HOST (set)"),
        ("illegal_config", "Error: Invalid environment", "Error: Invalid environment of the user"),
        ("docker_down", "Could not find a valid Docker environment", "found a Docker environment"),
        ("exception.socket", "** (FunctionClauseError) in A.LobbyChannel.handle_in/3",
         "** (FunctionClauseError) in A.Lobby.price/3"),
        ("exception.unknown", "RuntimeError: could not open the token file",
         "RuntimeError: could not obtain a token"),
        ("exception.startup",
         "Error: Cannot find module './a'\n- b\n- c\n- d\nweb exited with code 1",
         "Error: Cannot find module './a'\n- b\n- c\n- d\njest exited with code 1"),
        ("exception.test", "/workspace/tests/e2e/a.py:2: in <module>\nE   ImportError: cannot"
         " import name 'b' from 'c'", "/workspace/shop/a.py:2: in <module>\nImportError: cannot"
         " import name 'b' from 'c'"),
    ],
)  # fmt: skip
def test_a_wording_is_recognised_and_its_look_alike_is_not(
    key: str, fires: str, silent: str
) -> None:
    assert key in keys(fires)
    assert key not in keys(silent)


def test_a_bare_policy_close_is_no_verdict_on_the_token() -> None:
    close = "client: onClose 1008 remote=true reason={}\nRoomTest > greets FAILED\n"
    assert first_cause(close.format("not authenticated")) == "ws_policy_close"
    assert first_cause(close.format("token expired")) == "jwt_expired"
