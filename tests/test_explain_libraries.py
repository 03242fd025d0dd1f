"""What clients, assertion libraries and gateways print is recognised, and its look-alike is not."""

import pytest

from tests.explaining import first_cause, keys

PAIRS = [
    ("ws_close_code", r"recv: opcode=8 data=b'\x03\xf0No entry' - goodbye", "opcode=1 data=b'a'"),
    ("ws_close_reason", r"opcode=8 data=b'\x03\xf0No entry'", r"opcode=8 data=b'\x03\xf0'"),
    ("ws_close_code", r"opcode=8 data=b'\x03\xf3'", r"opcode=8 data=b'\x03\xe8Bye'"),
    ("token_refused", 'claim "aud" = "web", want "api"', 'claim "aud" = "web"'),
    ("token_absent", "Authorization absent", "Authorization required to be short"),
    (
        "event_timeout",
        "waited for agent_completed, last frame 58 s ago",
        "waited for the deploy, last frame was agent_thinking",
    ),
    (
        "contract_broken",
        'unknown event type "agent_done" (expected "agent_completed")',
        "unknown event type: run",
    ),
    ("request_refused", "unknown event type: run", "unknown event (expected agent_completed)"),
    (
        "too_slow",
        "expect(elapsedMs).toBeLessThan(2000)\nExpected: < 2000\nReceived:   3412",
        "expect(rows).toBeLessThan(2000)\nExpected: < 2000\nReceived:   3412",
    ),
    (
        "too_slow",
        "expect(elapsedMs).toBeLessThan(2000)\nExpected: < 2000\nReceived:   3412",
        "expect(elapsedMs).toBeLessThan(2000)\nExpected: < 2000\nReceived:   1412",
    ),
    ("nothing_there", "refusing to run e2e against production", "refusing to run as root"),
    ("service_identity_refused", "invalid service credentials", "invalid user credentials"),
    (
        "auth_service_down",
        "HTTPConnectionPool(host='auth-svc', port=80): Read timed out.",
        "HTTPConnectionPool(host='api', port=80): Read timed out.",
    ),
    ("clickhouse_down", "Code: 210. DB::NetException: refused", "Code: 210. DB is up"),
    ("database_down", "cannot acquire connection from pool", "cannot acquire a lock from pool"),
    ("auth_service_down", "| auth /health | timeout 10 s |", "| auth /health | 200 in 10 s |"),
    ("schema_missing", "2 of 41 tables absent", 'exec: "agents": executable file not found in'),
    ("llm_down", "HTTP 401 from api.openai.com", "HTTP 401 from api.example.com"),
    ("runner_crashed", "Unable to download actions: ENOTFOUND", "download of the answer"),
    ("dns_failed", "getaddrinfo ENOTFOUND a.example", "Unable to download actions: ENOTFOUND"),
    ("quota_exceeded", "already holds 20/20 managers", "already holds 2/20 managers"),
    ("connection_refused", "ConnectionError: ('127.0.0.1', 80) refused", "ConnectionError: x"),
    ("no_answer", "GET /ready (no bytes after 30 s)", "GET /ready (9 bytes after 30 s)"),
    ("bypass_key_refused", "test login: key not recognised", "test login: key sent"),
    ("event_timeout", "t+120 nothing more, stopped listening", "nothing more to do"),
    ("event.ack", "t+0.1 ack received_type=run_agent", "the type that was received"),
    ("startup_failure", "Error creating bean 'agents'", "Created bean 'agents'"),
    ("startup_race", "phase=starting", "phase=started"),
    ("token_absent", "Authentication credentials were not provided.", "Authentication ok"),
    ("token_absent", "the token was lost on the way", "the packet was lost"),
    ("other_identity", "connected despite an invalid token", "connected with a valid token"),
    ("runner_crashed", "page.goto: Target closed", "the target is closed on Sundays"),
    ("nothing_there", "wrong region", "the wrong answer"),
    ("no_answer", "the api didn't respond", "the api responded"),
    ("tls_failed", "cert_has_expired", "cert_expires"),
    ("user_unknown", "cannot load user qa-4", "cannot load fonts"),
    ("contract_broken", "event has no key", "door has no key"),
    ("rate_limited", "rate-limit exceeded", "rate-limit 30"),
    ("code_broken", "failed to load the plugin", "loaded the plugin"),
    ("too_slow", "first event after 3.9 s (max 2.0 s)", "first event after 3.9 s"),
    ("http_status.unnamed", "be_api/<NOSRV> 0/-1/-1/-1/0 503 217 - -", "0/1/2 503 217 - -"),
    ("tls_failed", "NSURLErrorDomain Code=-1202", "NSURLErrorDomain Code=-1003"),
    ("dns_failed", "NSURLErrorDomain Code=-1003", "NSURLErrorDomain Code=-1202"),
    ("token_absent", "Missing Authorization in the payload", "Missing authors"),
    ("startup_race", "closed: services phase not reached", "closed: services phase reached"),
    ("too_slow", "expected 5210 ms to be at most 3000 ms", "expected 210 ms to be at most 3000 ms"),
    ("test_took_s", "AgentIT > answers() PASSED (13.8s)", "AgentIT > answers() FAILED (13.8s)"),
    (
        "exception.startup",
        "pod api-1 last state: Terminated, exit code 1\nlog:\nhi\nho\nModuleNotFoundError: No "
        "module named 'api.spans'",
        "ModuleNotFoundError: No module named 'api.spans'",
    ),
    ("missing_config", "JWT_SECRET and JWT_KEY both unset", "JWT_SECRET and JWT_KEY both set"),
    ("missing_config", "flag --auth_url is required but was not given", "flag --auth_url given"),
    ("events_missing", "Not observed: tool_executing", "Observed: tool_executing"),
    ("event_timeout", "Timeout >120.0s (blocked in `await ws.recv()`)", "timeout > 120 s is wrong"),
    (
        "library_misused",
        "HTTPTransport.__init__() got an unexpected keyword argument 'timeout'",
        "Planner.__init__() got an unexpected keyword argument 'timeout'",
    ),
    ("tests_passed", "3 steps passed, 0 failed, 0 skipped", "3 rows passed on"),
    ("llm_down", "LLM manager: no provider keys found", "LLM manager: 2 provider keys found"),
    ("schema_missing", "Table verification failed: missing {'a_b'}", "Table verification ok"),
    ("fake.no_time", "PASSED (0.0 s)", "PASSED (2.0 s)"),
    ("fake.mock", "[DRY RUN] would connect\nall good ✅", "would connect\nall good ✅"),
]


@pytest.mark.parametrize(
    ("key", "fires", "silent"), PAIRS, ids=[f"{one[0]}-{n}" for n, one in enumerate(PAIRS)]
)
def test_what_a_library_prints_is_recognised_and_its_look_alike_is_not(
    key: str, fires: str, silent: str
) -> None:
    assert key in keys(fires)
    assert key not in keys(silent)


def test_that_a_client_gives_up_is_a_consequence_of_the_refusal_above_it() -> None:
    refused = 'POST /auth/e2e/test-auth 401 {"detail":"Invalid E2E bypass key"}\n'
    assert first_cause(f"{refused}abort: no credentials\n") == "bypass_key_mismatch"
    assert first_cause("abort: no credentials\n") == "jwt_token_absent"
    assert first_cause(f"{refused}upgrade refused: no credentials\n") == "jwt_token_absent"


@pytest.mark.parametrize(
    ("folder", "cause"), [("agents", "agent_execution_error"), ("ws", "ws_server_code_error")]
)
def test_the_file_that_raised_an_exception_says_whose_it_is(folder: str, cause: str) -> None:
    trace = (
        "Traceback (most recent call last):\n"
        f'  File "/srv/hub/{folder}/engine.py", line 212, in execute\n'
        "    ctx = copy.deepcopy(context)\n"
        "TypeError: cannot pickle 'module' object\n"
    )
    assert first_cause(trace) == cause
