"""What pasted text means: roots and rules over what was recognised in it, as data.

A chain goes from the failure to what the log shows at its surface, and from there to what is
behind it: consequences are told first and blamed last.
"""

from bot.diagnosis.combined import AllOf, AnyOf, Not, Step
from bot.diagnosis.conditions import Above
from bot.diagnosis.rule import Open, Root, Rule
from bot.diagnosis.rules.pasted_backing import AUTH_SERVICE, BACKING, LIMITS, TOKEN
from bot.diagnosis.rules.pasted_causes import (
    CODE,
    IDENTITY,
    MODEL,
    START,
    UNPLACED_CODE,
    Behind,
    causes_of,
)
from bot.diagnosis.rules.pasted_client import EMPTY, MACHINE, MISUSE, MOCKED, RUNNER, TEST
from bot.diagnosis.rules.pasted_ends import (
    ANSWER_ENDS,
    FRAME_ENDS,
    NETWORK_ENDS,
    REFUSED_ENDS,
    SERVER_ENDS,
    STREAM_ENDS,
)
from bot.diagnosis.rules.pasted_exchange import EXCHANGE_FACTS, PASTED_EXCHANGE_RULES
from bot.diagnosis.rules.pasted_surfaces import ACK_ONLY, SURFACES
from bot.diagnosis.rules.pasted_words import path, quoted, reads, seen
from bot.diagnosis.rules.server import mistakes
from bot.diagnosis.said import AUTH_WORDED
from bot.labels import Label
from bot.model import Status, WhyKind

_BEHIND = "What is behind that?"
_NOTHING_ELSE = Not(seen(*EXCHANGE_FACTS))

_AGENT: tuple[Behind, ...] = (
    Behind(
        cause="agent gave up in log",
        when=seen("agent_failed"),
        says=f'The agent\'s run failed: "{quoted("agent_failed")}".',
        label=Label.AGENT_EXECUTION_ERROR,
        confidence=0.85,
        open=Open(
            question="What made the agent fail?",
            experiment="Find the run in the server's log and read its stack trace.",
        ),
    ),
)
_UNDERSTOOD: tuple[Behind, ...] = (
    Behind(
        cause="request not understood in log",
        when=seen("request_refused"),
        says=f'The server does not understand the request: "{quoted("request_refused")}".',
        label=Label.PIPELINE_REQUEST_INVALID,
        confidence=0.88,
    ),
)
# Behind a log that shows no surface: whatever it names, the server's side first.
_DIRECT = (
    *MISUSE, *START, *IDENTITY, *CODE, *BACKING, *TOKEN, *LIMITS, *_AGENT, *_UNDERSTOOD, *RUNNER,
    *TEST, *MACHINE,
)  # fmt: skip

_CANNOT_TELL = Rule(
    effect="log failed",
    cause="nothing named in log",
    when=(
        AnyOf(
            seen("tests_failed"),
            AllOf(Not(seen("tests_passed")), seen("trouble", "traceback")),
            Not(seen("tests_passed")),
        ),
    ),
    answer="The text names no cause: nothing in it tells what failed, or why.",
    label=Label.INSUFFICIENT_EVIDENCE,
    confidence=0.4,
    kind=WhyKind.UNKNOWN,
    open=Open(
        question="What did the failing part answer or raise?",
        experiment="Collect the whole output of one failing test with its traceback, every frame"
        " with code, message and close reason, and the server's log of the same minute.",
    ),
)

# What runs do not need; that it is down is worth telling, and seldom why anything failed.
_BESIDE = ("clickhouse_down", "part_down.clickhouse", "overcome.clickhouse_down")

PASTED_RULES: tuple[Rule, ...] = (
    Rule(
        effect="log beside",
        cause="ClickHouse down beside in log",
        when=(seen(*_BESIDE),),
        answer=f'ClickHouse cannot be used from there: "{quoted(*_BESIDE)}".',
        label=Label.DEPENDENCY_CLICKHOUSE_DOWN,
        confidence=0.85,
    ),
    *PASTED_EXCHANGE_RULES,
    *MOCKED,
    *SURFACES,
    *causes_of("log failed", _DIRECT, ""),
    *EMPTY,
    _CANNOT_TELL,
    *causes_of("log refused", (*START, *IDENTITY, *CODE, *UNPLACED_CODE, *TOKEN, *LIMITS), _BEHIND),
    *REFUSED_ENDS,
    *causes_of(
        "log 5xx",
        (*START, *CODE, *BACKING, *UNPLACED_CODE, *IDENTITY, *TOKEN, *LIMITS),
        _BEHIND,
    ),
    *SERVER_ENDS,
    *causes_of(
        "log frame",
        (*START, *IDENTITY, *CODE, *UNPLACED_CODE, *TOKEN, *BACKING, *LIMITS),
        _BEHIND,
    ),
    *FRAME_ENDS,
    *causes_of(
        "log network",
        (*MISUSE, *START, *MODEL, *AUTH_SERVICE, *BACKING, *IDENTITY, *MACHINE[:1]),
        _BEHIND,
    ),
    *NETWORK_ENDS,
    *causes_of(
        "log stream", (*START, *IDENTITY, *CODE, *BACKING, *TOKEN, *LIMITS, *_AGENT), _BEHIND
    ),
    *STREAM_ENDS,
    *causes_of("log answer", (*START, *IDENTITY, *CODE, *TOKEN, *LIMITS, *TEST), _BEHIND),
    *ANSWER_ENDS,
    # One link deeper: what the exception means for the program.
    Rule(
        effect="socket exception in log",
        cause="exception behind auth words in log",
        when=(
            AnyOf(
                reads("ws_error_code", AUTH_WORDED),
                reads("ws_error_message", AUTH_WORDED),
                reads("ws_close_reason", AUTH_WORDED),
            ),
        ),
        question="Why does it speak of authentication?",
        answer="The code that caught the exception words everything at this stage as"
        f' "{quoted("ws_error_code", "ws_close_reason")}". What it caught concerns the program,'
        " not the token.",
        kind=WhyKind.INFERRED,
        confidence=0.93,
        open=Open(
            question="Where in the code is that?",
            experiment="Read the stack trace of this exception in the server's log.",
        ),
    ),
    *(
        rule
        for effect, place in (
            ("start-up exception in log", "startup"),
            ("socket exception in log", "socket"),
            ("exception behind auth words in log", "socket"),
            ("agent exception in log", "agent"),
        )
        for rule in mistakes(effect, (path(f"exception.{place}"),))
    ),
)

# Everything that stops a run by itself; a refused key is got round with a minted token.
_STOPS = AnyOf(
    ACK_ONLY,
    seen(
        "missing_config", "illegal_config", "code_broken", "upstream_failed", "nothing_there",
        "startup_failure", "not_listening",
        "startup_race",
        "schema_missing", "database_down", "redis_down", "clickhouse_down", "llm_quota",
        "llm_down", "auth_service_down", "token_absent", "token_expired", "token_refused",
        "auth_refused", "auth_exception", "user_id_refused", "user_unknown",
        "service_identity_refused", "other_identity", "dns_failed", "tls_failed",
        "connection_refused", "no_answer", "subprotocol_refused", "quota_exceeded",
        "rate_limited", "instance_gone", "events_missing", "event_timeout", "timeout_error",
        "contract_broken", "too_slow", "request_refused", "agent_failed", "docker_down",
        "runner_killed", "console_encoding", "runner_crashed", "category_skipped", "proxy_refused",
        "proxy_no_way", "unset_in_test",
        "library_misused", "test_broken", "exception", "event.error", "event.agent_error",
        "ws_error_code", "ws_close_code", "no_close_frame", "part_down", "part_slow", "fake",
    ),
    *(Above(path(f"http_status.{who}"), 399) for who in ("upgrade", "backend", "frontend")),
    Above(path("http_status.auth"), 499),
    # A refusal by the auth service is the exchange's own answer where that is told of.
    AllOf(Above(path("http_status.auth"), 399), _NOTHING_ELSE),
)  # fmt: skip

PASTED_ROOTS: tuple[Root, ...] = (
    Root(
        effect="log exchange",
        when=(Step("log", Status.FAILED, Status.DEGRADED), seen(*EXCHANGE_FACTS)),
        breaks="exchange",
        question="Why was the key not exchanged for a token?",
    ),
    Root(
        effect="log beside",
        when=(Step("log", Status.FAILED), seen(*_BESIDE)),
        breaks="proper",
        question="What else is wrong there?",
    ),
    Root(
        effect="log failed",
        when=(
            Step("log", Status.FAILED, Status.DEGRADED),
            AnyOf(_STOPS, AllOf(Step("log", Status.FAILED), _NOTHING_ELSE)),
        ),
        breaks="path",
    ),
)
