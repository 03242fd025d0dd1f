"""Each family of wordings is recognised, and its nearest look-alike is not."""

import pytest

from bot.diagnosis.logs import read_log
from tests.explaining import first_cause, keys

PAIRS = [
    ("upstream_failed", "no healthy upstream", "upstream is healthy"),
    ("proxy_refused", "Tunnel connection failed: 403 Forbidden", "Tunnel connection established"),
    ("proxy_refused", "GET /health -> 511", "GET /health -> 501"),
    ("proxy_refused", "curl: (56) CONNECT tunnel failed, response 407", "CONNECT 200"),
    ("proxy_refused", "Proxy Authentication Required", "Authentication required"),
    ("proxy_no_way", "curl: (56) CONNECT tunnel failed, response 502", "response 502"),
    ("runner_crashed", "npm ERR! code ERESOLVE", "npm ERR! code ELIFECYCLE"),
    ("runner_crashed", "npm error missing script: test:e2e", "npm error Test failed."),
    ("startup_race", "503: agents are warming up", "warming up the cache of the test"),
    ("database_down", "db: connection refused", "DB::NetException: connection refused (clickhouse"),
    ("subprotocol_refused", "SecWebSocketSubProtocolError(NoSubProtocol)", "Protocol(Reset)"),
    ("bypass_key_refused", "backdoor login: 403 secret mismatch", "backdoor login: 200"),
    ("too_slow", "latency <= 1.5 s\nmeasured: 4.02 s", "latency <= 1.5 s\nmeasured: 1.02 s"),
    ("too_slow", "p95 total: 6.9 s\nlimit: 5 s", "p95 total: 2.9 s\nlimit: 5 s"),
    ("too_slow", "within 2 s: expected 5.1 to be below 2", "expected 5.1 to be below 2"),
    (
        "events_missing",
        "expected [ 'run_started' ] to include 'tool_started'",
        "expected [ 'run_started' ] to include 'run_started'",
    ),
    (
        "illegal_config",
        "cannot read properties file",
        "Cannot read properties of undefined (reading 'a')",
    ),
    ("asks_to_wait", "Retry-After: 30", "Retry after the deploy"),
    ("rate_limited", "429: rate exceeded", "503, retry-after: 30"),
    ("trouble", 'API check "checkout" failed', "0 checks failed"),
    ("nothing_there", "Cannot GET /v1/turns", "Cannot GET lock on table"),
    ("nothing_there", "Error: Unexpected server response: 200", "response: 200"),
    ("nothing_there", "wss://a.example/ -> HTTP 301", "https://a.example/ -> HTTP 301"),
    ("code_broken", "cannot load such file -- shop/hub", "cannot load file of the user"),
    ("startup_race", "agents not initialised", "agents initialised"),
    ("startup_race", "upgrade refused, warm-up still running", "warm-up finished"),
    ("missing_config", 'secret "redis-url" not found', 'secret "redis-url" found'),
    ("user_id_refused", "user id must be a UUID", "user id is a UUID"),
    ("user_id_refused", "sub must match ^[a-z]+$", "subscription must match the plan"),
    ("user_unknown", "no account with id qa-4", "no account is needed"),
    ("user_unknown", "user 'e2e-4' does not exist", "user service does not exist"),
    ("token_absent", "Full authentication is required", "full text is required"),
    ("token_absent", "the Authorization header was stripped", "the header was kept"),
    ("token_refused", "JsonWebTokenError: invalid signature", "valid signature"),
    ("token_refused", "kid 7 not found in the key set", "kids not found"),
    ("token_expired", "exp=1759400000 now=1759403211", "exp=1759400000"),
    ("service_identity_refused", "service principal 'a' is not registered", "service a is up"),
    ("service_identity_refused", '{"error":"invalid_client"}', '{"error":"invalid_choice"}'),
    ("other_identity", "credentials are not checked", "credentials are checked"),
    ("other_identity", "hello says subject=anonymous", "hello says subject=ada"),
    ("auth_service_down", "could not fetch JWKS: deadline", "JWKS has two keys"),
    ("auth_service_down", "https://login.a.example/t ETIMEDOUT", "https://login.a.example/t 200"),
    ("llm_down", 'model "x-1" does not exist', 'model "x-1" loaded'),
    ("llm_down", "vllm: connection refused", "vllm: connection open"),
    ("database_down", "MongoServerSelectionError: mongo timed out", "mongo answered in 2 ms"),
    ("database_down", "password authentication failed for user", "password changed for user"),
    ("clickhouse_down", '{"store":"clickhouse","cause":"connection reset"}', "clickhouse ok"),
    ("redis_down", "[ioredis] connect ETIMEDOUT", "[ioredis] connected"),
    ("tls_failed", "x509: certificate signed by unknown authority", "certificate signed by our CA"),
    ("dns_failed", "dial tcp: lookup a.example: no such host", "lookup a.example: 10.0.0.1"),
    ("no_answer", "rpc error: deadline exceeded", "deadline is tomorrow"),
    ("no_answer", "échec : aucune réponse du serveur", "réponse du serveur : ok"),
    ("timeout_error", "délai d'attente dépassé", "délai d'attente : 15 s"),
    ("event_timeout", "only keep-alive after that", "keep-alive is on"),
    ("event_timeout", "ningún evento recibido", "un evento recibido"),
    ("events_missing", "the terminal event never came", "the terminal event came"),
    ("contract_broken", "order check failed at frame 4", "order check ok"),
    ("contract_broken", "ZodError: [", "Zod loaded"),
    ("too_slow", "first token 9.4 s (budget 3 s)", "first token 0.4 s"),
    ("too_slow", "p99 of latency less than 5 : false", "p99 of latency less than 5 : true"),
    ("request_refused", '{"code":"unknown_op"}', '{"code":"known_op"}'),
    ("agent_failed", "Recursion limit of 25 reached", "recursion limit set to 25"),
    ("agent_failed", "run r-1 → status failed", "run r-1 → status done"),
    ("quota_exceeded", "account already has 3 open sessions", "account has a session"),
    ("rate_limited", "too many login attempts", "two login attempts"),
    ("subprotocol_refused", "no common protocol", "common protocol chosen"),
    ("instance_gone", "the pod was evicted", "the pod was created"),
    ("library_misused", "TypeError: Failed to parse URL from /ping", "parsed URL /ping"),
    ("test_broken", "[XPASS(strict)] known bug", "[PASS] known bug"),
    ("runner_crashed", "Executable doesn't exist at /root/chrome", "the executable exists"),
    ("mock_used", "✓ streams an answer (0 ms)  -- simulated", "✓ streams an answer (80 ms)"),
    ("bypass_key_missing", "QA_LOGIN_KEY: ", "QA_LOGIN_KEY: ***"),
    ("bypass_key_missing", "KeyError: 'QA_LOGIN_KEY'", "KeyError: 'delta'"),
    ("missing_config", "KeyError: 'DATABASE_URL'", "KeyError: 'database'"),
    ("missing_config", "API_URL not set", "API_URL not set, default https://a.example"),
    ("missing_config", "SECRET_A is not defined", "NameError: name 'SECRET_A' is not defined"),
    ("illegal_config", "PORT must be a number", "ports must be a number"),
    ("illegal_config", "ConfigError: no such file", "tests/a.py:3: ConfigError"),
    ("startup_race", "dispatcher not initialised yet", "dispatcher initialised"),
    ("startup_race", "socket accepted too early", "socket accepted"),
    ("user_id_refused", "principal 'a b' violates ^[a-z]+$", "the plan violates a rule"),
    ("token_absent", 'error="missing_token"', 'error="missing_page"'),
    ("other_identity", '{"you":"demo-shared"}', '{"you":"ada"}'),
    ("other_identity", "Error: 'demo-user-1' == 'e2e-1'", "Error: 'e2e-2' == 'e2e-1'"),
    ("quota_exceeded", "connection limit for this account reached", "connection limit is 5"),
    ("events_missing", "missing on the socket: tool.begin", "missing on the page: the title"),
    ("events_missing", "agent_started NOT RECEIVED", "agent_started RECEIVED"),
    ("events_missing", "terminal event never came", "TimeoutError: terminal event never came"),
    ("contract_broken", "1 validation error for RunFinished", "1 validation error for Settings"),
    ("contract_broken", "expected a_one, b_two\nreceived a_one, c_two",
     "expected a_one, b_two\nreceived a_one, b_two"),
    ("request_refused", '{"of":"start","handled":false}', '{"of":"start","handled":true}'),
    ("runner_killed", "##[error]has exceeded the maximum execution time", "# has exceeded the max"),
    ("runner_crashed", "EBUSY: resource busy or locked", "the resource is busy"),
    ("test_broken", "No keyword with name 'Open'", "keyword found"),
    ("mock_used", "simulated answer", "simulated network error injected"),
    ("swallowed_timeout", "timeout, that is fine", "name 'TIMEOUT' is not defined"),
    ("not_listening", "Default STARTUP TCP probe failed", "Default STARTUP TCP probe succeeded"),
    ("exception.startup", "panic: x\ngoroutine 1 [running]:", "panic: x\ngoroutine 7 [running]:"),
    ("exception.socket", "** (MatchError) in ChatWeb.Socket", "MatchError is a class"),
    ("no_close_frame", "no close frame received or sent", "close frame received"),
    ("run_ended", "turn 1 complete in 14 s", "turn 1 incomplete"),
    ("event.terminal", "agent_completed sent to user ada", "agent_completed will be sent"),
    ("went_well", "all services operational", "waiting until all services are operational"),
    ("bypass_key_missing", "e2e key: <not set>", "e2e key: ***"),
    ("http_status.backend", "backend=503", "backend=503ms"),
    ("http_status.unnamed", "waiting for /livez … 502", "waiting for 502 rows"),
    ("missing_config", "Configuration section 'Jwt:Key' is missing", "section 'Jwt:Key' is read"),
    ("redis_down", "RedisConnectionException: UnableToConnect", "RedisConnection: connected"),
    ("clickhouse_down", "postgres ok (4ms), clickhouse FAIL", "postgres FAIL, clickhouse ok (4ms)"),
    ("database_down", "postgres FAIL, clickhouse ok", "postgres ok (4ms), clickhouse FAIL"),
    ("database_down", "connection refused by postgres", "redis connection refused, postgres ok"),
    ("llm_down", "llm_client=None", "llm_client=vertex"),
    ("events_missing", "tool_executing   ✗", "tool_executing   ✓"),
    ("too_slow", "95%ile 6800 ms > 3000 ms", "95%ile 2800 ms < 3000 ms"),
    ("exception.agent", "agent run: 1 validation error for Plan",
     "agent run: 1 validation error for ToolExecuting"),
    ("token_refused", "IDX10214: Audience validation failed.", "Audience validation passed"),
    ("token_expired", "IDX10223: Lifetime validation failed.", "Lifetime validation passed"),
    ("auth_service_down", "auth.Tokens/Check: rpc error: code = Unavailable desc = x",
     "runs.Runs/Get: rpc error: code = Unavailable desc = x"),
    ("service_identity_refused", 'unknown service id "hub\\n"', 'service id "hub"'),
    ("runner_crashed", "Error: spawn Xvfb ENOENT", "Error: open a.json ENOENT"),
    ("tests_skipped", "Tests: 3, Assertions: 0, Skipped: 3.", "Tests: 3, Assertions: 9"),
    ("fake.nothing_ran", "Results: 0 scenarios", "Results: 10 scenarios"),
    ("other_identity", "user_id\nExpected: 'ada'\nReceived: 'bob'",
     "title\nExpected: 'ada'\nReceived: 'bob'"),
    ("other_identity", "whoami\nassert 'bob' == 'ada'", "whoami\nassert 'none' == 'ada'"),
    ("exception.test", "NameError: uninitialized constant A\n# ./spec/a_spec.rb:3:in `x'",
     "NameError: uninitialized constant A\n# ./lib/a.rb:3:in `x'"),
    ("schema_missing", "Migrations are pending", "migrations are done"),
    ("token_absent", "JsonWebTokenError: jwt must be provided", "JsonWebTokenError: jwt malformed"),
    ("token_absent", "closed: missing token", "missing token claim"),
    ("token_absent", "it carries neither a cookie nor a bearer token", "neither a nor b"),
    ("dns_failed", "lookup a.example on 10.0.0.53:53: server misbehaving", "lookup a.example: ok"),
    ("tls_failed", "No subject alternative DNS name matching a.example", "2 alternative names"),
    ("test_broken", "./a_test.go:3:1: undefined: dial", "./a.go:3:1: undefined: dial"),
    ("no_answer", "GET https://a.example/ready no response after 10 s", "GET /ready 200 in 10 s"),
    ("event_timeout", "no response after 10 s", "GET /ready no response after 10 s"),
    ("missing_config", 'secret "projects/1/secrets/a/versions/1" not found', "secret 'a' found"),
    ("library_misused", "Invalid URL: /ping", "Invalid environment variables: { A: 'Invalid url'"),
    ("startup_race", "app.state.agent_supervisor not initialized yet", "agent_supervisor ready"),
    ("clickhouse_down", "clickhouse_connect.OperationalError: x", "psycopg.OperationalError: x"),
    ("database_down", "psycopg.OperationalError: x", "clickhouse_connect.OperationalError: x"),
    ("events_missing", "assert 'tool_executing' in ['agent_started']",
     "assert 'agent_started' in ['start_agent']"),
    ("contract_broken", "agent_started not in ['start_agent']", "agent_started in ['agent_x']"),
    ("trouble", "E   AssertionError: no", "except AssertionError:"),
    ("exception.test", "SyntaxError: './a.mjs' does not provide an export named 'b'\n"
     " FAIL  e2e/a.spec.mjs", "SyntaxError: './a.mjs' does not provide an export named 'b'"),
    ("http_status.unnamed", "SERVICE   CODE\nbilling   503", "SERVICE   ROWS\nbilling   503"),
    ("http_status.unnamed", "attempt 1  503  6.1s", "attempt 1  503  rows"),
    ("http_status.backend", "| backend | ❌ 503 | 6 s |", "| backend | ❌ 503 rows | 6 s |"),
    ("bypass_key_refused", "POST /qa/login\n401 wrong secret", "POST /orders\n401 wrong secret"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "fires", "silent"), PAIRS, ids=[f"{one[0]}-{n}" for n, one in enumerate(PAIRS)]
)
def test_a_wording_is_recognised_and_its_look_alike_is_not(
    key: str, fires: str, silent: str
) -> None:
    assert key in keys(fires)
    assert key not in keys(silent)


@pytest.mark.parametrize(
    ("log", "count"),
    [
        ("ok 1 - a\nnot ok 2 - b\n1..2\n", ("tests_failed", 1)),
        ("# pass 5\n# fail 0\n", ("tests_passed", 5)),
        ("ok 1 - a # SKIP no key\nok 2 - b # TODO\n", ("tests_skipped", 2)),
        ("--- PASS: TestChat (1.20s)\n", ("tests_passed", 1)),
        ("ok  \tshop/e2e\t12.204s\n", ("tests_passed", 1)),
        ("  3 passing (2s)\n", ("tests_passed", 3)),
        ("Tests:       1 failed, 2 passed, 3 total\n", ("tests_failed", 1)),
        ("test result: ok. 3 passed; 0 failed; 0 ignored\n", ("tests_passed", 3)),
        ("✗ usage report\n##[error]1 of 3 steps failed\n", ("tests_failed", 1)),
    ],
    ids=["TAP", "Node", "TAP left out", "Go", "Go package", "mocha", "jest", "cargo", "steps"],
)
def test_results_of_other_runners_are_counted(log: str, count: tuple[str, int]) -> None:
    found = {
        one.key.rpartition(".line_")[0].removeprefix("log."): one.value
        for one in read_log(log).observations
    }
    assert found[count[0]] == count[1]


def test_a_port_or_a_status_is_no_number_of_tests() -> None:
    assert not keys("connect to 10.0.0.1 port 8080 failed: x\n") & {"tests_failed"}
    assert not keys("GET /a 200 OK\n") & {"tests_passed"}


def test_a_refusal_that_a_passed_test_asked_for_is_none() -> None:
    tests = "ok 1 - rejects an expired token with 401\nok 2 - answers a turn (1200 ms)\n"
    assert first_cause(f"{tests}# pass 2\n# fail 0\n") == "healthy"
    assert first_cause(f"not {tests}# pass 1\n# fail 1\n") == "jwt_expired"


def test_trouble_before_the_end_of_a_run_that_passed_did_not_stop_it() -> None:
    trouble = "checks.redis failed: connection refused\n"
    end = "agent_started\nagent_completed\n1 passed in 8.0s\n"
    assert first_cause(trouble + end) == "healthy"
    assert "overcome.redis_down" in keys(trouble + end)
    assert first_cause(end + trouble) == "dependency_redis_down"


def test_an_exception_among_many_good_answers_is_not_made_good_by_the_next_one() -> None:
    good = "GET /turns 200 OK\n" * 50
    assert first_cause(f"{good}GET /turns 500 Internal Server Error\n{good}") == "backend_5xx"
    assert first_cause(f"GET /turns 503 Service Unavailable\n{good}") == "healthy"


@pytest.mark.parametrize(
    ("got", "cause"),
    [
        ('["run.begin"]', "missing_events"),
        ('["run.end", "run.begin"]', "event_contract_mismatch"),
        ('["run.begin", "run.finished"]', "event_contract_mismatch"),
    ],
)
def test_lists_of_names_are_compared(got: str, cause: str) -> None:
    assert first_cause(f'Expected: ["run.begin", "run.end"]\nReceived: {got}\n') == cause


def test_a_string_of_an_object_is_quoted_and_not_the_object() -> None:
    log = (
        '{"level": "WARN", "ts": 1, "code": "no_such_account", "message": "Nobody is called qa-4"}'
    )
    quoted = [one.value for one in read_log(log).observations if "user_unknown" in one.key]
    assert quoted == ["no_such_account: Nobody is called qa-4"]


def test_an_empty_line_is_shown_as_one_and_not_as_left_out() -> None:
    shown = [line.text for line in read_log("a\n\nb\n\n\nc\n").transcript]
    assert shown == ["a", "", "b", "", "c"]


@pytest.mark.parametrize(
    "log",
    [
        "pool ready max_connections=20\nrun r-1 completed (6 tool calls)\nclosed 1000 by client\n",
        "test_a.py::test_expired_token_is_refused PASSED\n1 passed in 4.2s\n",
        "GET /healthz 200\nGET /favicon.ico 404\nPOST /turns 201\n",
        "✅ auth 200 · ✅ backend 200\n✅ socket open\nResult: PASS (21.3 s)\n",
        '{"stage": "run", "ok": true}\n{"result": "passed", "failures": []}\n',
    ],
    ids=["limits", "titles", "browsers", "claims that are backed", "a verdict as JSON"],
)
def test_a_log_of_what_is_well_is_healthy_whatever_words_it_has(log: str) -> None:
    assert first_cause(log) == "healthy"


@pytest.mark.parametrize(
    "prefix",
    [
        "2025-10-01T10:00:00.1234567Z ",
        "2025-10-01T10:00:00.1234567Z api-1  | ",
        "[pod/chat-1/api] ",
        "Oct  2 10:00:00 host chat[81]: ",
        "api-1  | ",
    ],
    ids=["CI", "CI and docker", "kubectl", "syslog", "docker"],
)
def test_what_stands_before_every_line_is_taken_off(prefix: str) -> None:
    lines = ["starting", '{"type": "error_message",', '"error_code": "NO_TOKEN"}', "the end"]
    run = read_log("".join(f"{prefix}{line}\n" for line in lines))
    assert [line.text for line in run.transcript] == lines
    assert "log.token_absent.line_3" in {f"log.{one.key}" for one in run.observations}


def test_an_exception_in_an_object_is_quoted_without_the_object() -> None:
    log = '{"severity": "ERROR", "n": "1", "message": "boot: NameError: name \'x\' is not defined"}'
    values = [one.value for one in read_log(log).observations if "exception" in one.key]
    assert values == ["boot: NameError: name 'x' is not defined"]
