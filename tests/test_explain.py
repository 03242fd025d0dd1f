"""What a pasted log means: the first cause, its role, and evidence with line numbers."""

import json
import re

import pytest

from bot.diagnosis.combined import AllOf
from bot.diagnosis.index import Index
from bot.diagnosis.logs import read_log
from bot.diagnosis.rules.pasted import PASTED_ROOTS, PASTED_RULES
from bot.diagnosis.whys import trace
from bot.labels import Label
from bot.model import Role, Status, WhyKind
from bot.report import RENDERERS
from tests.explaining import EVERY_LOG, FOUNDING, LOGS, PAYLOAD, explained, first_cause


@pytest.mark.parametrize(("name", "log", "cause"), EVERY_LOG, ids=[name for name, *_ in EVERY_LOG])
def test_first_cause_is_the_true_one_and_cites_lines(name: str, log: bytes, cause: str) -> None:
    report = explained(log)
    assert report.causes[0].label == cause
    count = len(log.decode("utf-16" if log[:2] == b"\xff\xfe" else "latin-1").splitlines())
    for one in report.observations:
        found = re.search(r"\.line_(\d+)$", one.key)
        assert found
        assert 1 <= int(found[1]) <= count
    assert report.causes[0].evidence or cause in ("insufficient_evidence", "healthy")
    observations = {one.id for one in report.observations}
    for why in report.whys:
        assert set(why.evidence) <= observations
        assert why.evidence or why.kind is not WhyKind.OBSERVED or report.status.works
    assert 0 < len(report.whys) <= 5


def test_every_cause_that_rules_name_is_told_by_a_log_of_ours() -> None:
    told = set()
    for log in (FOUNDING, FOUNDING + PAYLOAD, *(log for _, log, _ in LOGS)):
        index = Index.of(read_log(log))
        for root in PASTED_ROOTS:
            if AllOf(*root.when).support(index) is not None:
                told |= {link.rule.cause for link in trace(root, index).links}
    # What an exception means for a program is shown by the tests of live runs.
    named = {rule.cause for rule in PASTED_RULES if not rule.cause.startswith("mistake: ")}
    assert named - told == set()


def test_every_label_is_reached_by_a_log_of_ours() -> None:
    assert {cause for _, _, cause in LOGS} == {label.value for label in Label}


def test_thrown_away_payload_is_not_blamed_on_the_refused_key() -> None:
    report = explained(FOUNDING)
    answer, key = report.causes
    assert (answer.label, answer.role) == (Label.INSUFFICIENT_EVIDENCE, Role.SUFFICIENT)
    assert (key.label, key.role) == (Label.BYPASS_KEY_MISMATCH, Role.INCIDENTAL)
    assert answer.confidence < 0.75
    assert "code, message and details" in report.unknowns[0].question


def test_payload_of_the_frame_names_the_servers_code() -> None:
    report = explained(FOUNDING + PAYLOAD)
    causes = [(cause.label, cause.role) for cause in report.causes]
    assert causes == [
        (Label.WS_SERVER_CODE_ERROR, Role.SUFFICIENT),
        (Label.BYPASS_KEY_MISMATCH, Role.INCIDENTAL),
    ]
    told = " ".join(why.answer for why in report.whys)
    assert "user_context must be a UserExecutionContext instance" in told
    assert "not the token" in told
    assert report.whys[-1].kind is WhyKind.UNKNOWN


def test_success_that_no_reply_backs_is_a_finding() -> None:
    report = explained(FOUNDING)
    finding = next(one for one in report.findings if "claim" in one.title.lower())
    cited = {one.id: one.value for one in report.observations}
    assert any("[SUCCESS]" in str(cited[one]) for one in finding.evidence)


def test_nothing_to_go_on_says_what_to_collect() -> None:
    report = explained("")
    assert report.causes[0].label is Label.INSUFFICIENT_EVIDENCE
    assert "traceback" in report.unknowns[0].experiment


def test_pasted_text_was_never_executed() -> None:
    report = explained(FOUNDING)
    document = json.loads(RENDERERS["json"](report))
    assert document["executed"] is False
    assert document["started_at"].startswith("1970-01-01T00:00:00")


def test_a_logs_own_time_is_when_it_was() -> None:
    report = explained("noise\n2025-09-15T21:37:17.707244+00:00 ERROR x\n")
    assert report.started_at.isoformat() == "2025-09-15T21:37:17.707244+00:00"


def test_same_text_gives_the_same_bytes_in_every_format() -> None:
    for render in RENDERERS.values():
        assert render(explained(FOUNDING)) == render(explained(FOUNDING.encode()))


def test_other_text_is_another_run() -> None:
    assert explained(FOUNDING).run_id != explained(FOUNDING + "x").run_id


def test_secrets_in_a_log_are_masked_everywhere() -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJlLW9mLWFkYQ"
    log = f'Authorization: Bearer {token}\n{{"error_code": "NO_TOKEN", "error": "{token}"}}\n'
    report = explained(log)
    for render in RENDERERS.values():
        assert token not in render(report)
        assert token.split(".")[2] not in render(report)


@pytest.mark.parametrize(
    ("log", "status"),
    [
        ("test_a PASSED (1.2s)\n2 passed in 3.1s\n", Status.PASSED),
        ('{"status": "degraded", "checks": {"redis": {"status": "healthy"}}}', Status.DEGRADED),
        ("Failed to get test token: 401 Invalid E2E bypass key\n3 passed in 4s", Status.DEGRADED),
        ("1 failed in 2.0s", Status.FAILED),
        ("39 skipped in 1.10s", Status.FAILED),
        ("", Status.FAILED),
    ],
)
def test_status_is_that_of_the_run_the_log_is_of(log: str, status: Status) -> None:
    assert explained(log).status is status


def test_an_answer_that_got_better_is_not_held_against_it() -> None:
    cold = "GET https://a.example/health -> 503\n" * 3
    assert first_cause(cold) == "backend_5xx"
    assert first_cause(f"{cold}GET https://a.example/health -> 200\n") == "healthy"


def test_deeper_exception_beats_the_codes_above_it() -> None:
    surface = "server rejected WebSocket connection: HTTP 503\nGET /health -> 503\n"
    deep = (
        "Application startup failed\n"
        '  File "/app/x/y.py", line 3, in <module>\n'
        "ModuleNotFoundError: No module named 'x.z'\n"
    )
    assert first_cause(surface) == "backend_5xx"
    assert first_cause(surface + deep) == "startup_code_error"
    assert first_cause(deep + surface) == "startup_code_error"


@pytest.mark.parametrize(
    ("around", "cause"),
    [
        ("{}", "test_code_error"),
        ('  File "/app/shop/main.py", line 2, in <module>\n{}', "startup_code_error"),
        ("{}\nLocation: /srv/shop/main.py:2", "startup_code_error"),
        ('{{"severity": "ERROR", "message": "{}"}}', "startup_code_error"),
        ("ERROR collecting tests/e2e/test_shop.py\nE   {}", "test_code_error"),
        ('  File "/builds/shop/tests/test_shop.py", line 2, in <module>\n{}', "test_code_error"),
    ],
)
def test_place_of_an_import_error_decides_whose_it_is(around: str, cause: str) -> None:
    log = around.format("ModuleNotFoundError: No module named 'shop.monitoring'")
    assert first_cause(log) == cause


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ("websocket handler for user 7", "ws_server_code_error"),
        ("Agent execution failed", "agent_execution_error"),
        ("Startup phase 3 failed", "startup_code_error"),
    ],
)
def test_place_of_a_servers_exception_decides_the_label(said: str, cause: str) -> None:
    entry = {"severity": "ERROR", "message": f"{said}: 'Hub' object has no attribute 'open'"}
    assert first_cause(json.dumps(entry)) == cause
    assert first_cause(json.dumps(entry, indent=2)) == cause


def test_an_exception_in_a_test_is_the_tests_whatever_stands_around_it() -> None:
    log = (
        "websocket session\nTraceback (most recent call last):\n"
        '  File "/builds/shop/tests/test_socket.py", line 9, in test_socket\n'
        "AttributeError: 'NoneType' object has no attribute 'send'\n"
    )
    assert first_cause(log) == "test_code_error"
    assert first_cause(log.replace("/builds/shop/tests/test_", "/app/")) == "ws_server_code_error"


def test_an_acknowledged_run_that_began_and_fell_silent_is_not_an_unknown_request() -> None:
    acknowledged = "< ack\n"
    silent = "no event received within 30s\n"
    assert first_cause(acknowledged + silent) == "pipeline_request_invalid"
    began = "event: agent_started\n"
    assert first_cause(acknowledged + began + silent) == "event_timeout"


def test_the_tests_own_imports_are_told_from_the_images() -> None:
    packed = (
        '{"severity": "ERROR", "textPayload": "Traceback (most recent call last):\\n'
        '  File \\"main.py\\", line 3, in <module>\\nModuleNotFoundError: No module named \'x\'"}'
    )
    assert first_cause(packed) == "startup_code_error"
    assert first_cause("ModuleNotFoundError: No module named 'x'") == "test_code_error"


def test_what_the_text_itself_speaks_against_is_ruled_out() -> None:
    ruled_out = {one.label: one for one in explained(FOUNDING + PAYLOAD).ruled_out}
    assert "UserExecutionContext" in ruled_out[Label.JWT_REJECTED].reason
    assert ruled_out[Label.BYPASS_KEY_MISSING].evidence
    table = "backend https://b.example/health 503\nauth https://auth.example/health 200\n"
    assert Label.AUTH_SERVICE_UNAVAILABLE in {one.label for one in explained(table).ruled_out}
    block = (
        '{"status": "degraded", "checks": {"redis": {"status": "failed"},'
        ' "postgresql": {"status": "healthy"}}}'
    )
    assert [one.label for one in explained(block).ruled_out] == [Label.DEPENDENCY_DB_DOWN]


@pytest.mark.parametrize(
    ("log", "cause"),
    [
        (
            "TypeError: Cannot read properties of undefined (reading 'send')\n"
            "    at Hub.greet (/app/src/websocket/hub.js:41:12)\n",
            "ws_server_code_error",
        ),
        (
            "panic: runtime error: invalid memory address or nil pointer dereference\n"
            "goroutine 1 [running]:\nmain.startupServices()\n\t/app/main.go:12\n",
            "startup_code_error",
        ),
        (
            'Exception in thread "agent-run-1" java.lang.NullPointerException: tool is null\n'
            "\tat shop.agent.AgentRun.execute(AgentRun.java:77)\n",
            "agent_execution_error",
        ),
    ],
    ids=["JavaScript", "Go", "Java"],
)
def test_traces_of_other_languages_are_understood(log: str, cause: str) -> None:
    assert first_cause(log) == cause


def verdict(log: str) -> str:
    """Return the sentence that a person reads first."""
    return explained(log).answer[0].text


def test_verdict_says_no_more_than_the_text_shows() -> None:
    assert "does not show how the run ended" in verdict("something\n")
    assert "shows a run that failed" in verdict("1 failed in 2.0s\n")
    assert "proves nothing" in verdict("collected 0 items\n")
    assert "shows a run that passed" in verdict("test_a PASSED (1.2s)\n")


def test_what_cannot_be_told_has_no_role_and_nothing_to_fix() -> None:
    told = RENDERERS["text"](explained("something\n"))
    assert "fixing this alone" not in told
    assert "If only this were fixed" not in told
    assert "If only this were fixed" in RENDERERS["text"](explained("upgrade: HTTP 403\n"))


def test_report_of_a_pass_cites_the_lines_that_show_it() -> None:
    told = RENDERERS["text"](explained("start\ntest_a PASSED (1.2s)\n1 passed in 1.4s\n"))
    assert "log.tests_passed.line_3 = 1" in told
    assert "Nothing above cites" not in told


def test_what_a_run_got_over_is_told_and_does_not_fail_it() -> None:
    tried = "attempt 1: server rejected WebSocket connection: HTTP 503\n"
    report = explained(f"{tried}attempt 2: connected (101) in 0.6 s\n1 passed in 9.0s\n")
    assert report.status is Status.PASSED
    assert [one.title for one in report.findings] == ["It failed first, and the run got round it"]
    report = explained(f"{tried}1 passed in 9.0s\n")
    assert report.status is Status.FAILED
    assert "A failure was counted as a pass" in [one.title for one in report.findings]


@pytest.mark.parametrize(
    ("noise", "cause"),
    [
        ("ERROR clickhouse: connection timed out (optional, continuing)\n", "healthy"),
        ("ERROR clickhouse: connection timed out\n", "dependency_clickhouse_down"),
    ],
)
def test_what_the_log_itself_goes_on_without_stops_nothing(noise: str, cause: str) -> None:
    assert first_cause(f"{noise}run r-7 started\nrun r-7 finished status=ok\n") == cause


def test_a_dumped_request_lacks_a_token_only_where_all_of_it_is_there() -> None:
    dump = "GET /ws HTTP/1.1\nHost: a.example\nUpgrade: websocket\n{}\n\nHTTP/1.1 403 Forbidden\n"
    assert first_cause(dump.format("Origin: x")) == "jwt_token_absent"
    for carried in ("Authorization: Bearer x", "Cookie: s=1", "Sec-WebSocket-Protocol: jwt.x"):
        assert first_cause(dump.format(carried)) == "ws_handshake_forbidden"
    assert first_cause(dump.replace("Host: a.example\n", "").format("")) == "ws_handshake_forbidden"


def test_each_of_several_answers_on_a_line_is_of_who_stands_before_it() -> None:
    keys = {one.key: one.value for one in explained("auth=200 backend=503 ws=403\n").observations}
    assert keys["http_status.auth.line_1"] == 200
    assert keys["http_status.backend.line_1"] == 503
    assert keys["http_status.upgrade.line_1"] == 403
    assert first_cause("/health answered 503 twice, then 200\n") == "healthy"
    assert first_cause("/health answered 200 twice, then 503\n") == "backend_5xx"


@pytest.mark.parametrize(
    ("log", "status"),
    [
        ("AssertionError: Expected status 200, got 503", 503),
        ('{"test": "health", "expected": 200, "actual": 503}', 503),
        ("AssertionError: got 503 instead of 200", 503),
        ("GET /health 200, as expected", 200),
    ],
)
def test_a_status_that_was_wished_for_was_not_answered(log: str, status: int) -> None:
    found = [one.value for one in read_log(log).observations if "http_status" in one.key]
    assert found == [status]
