"""Fixed runs with hand-written diagnoses: the founding failure and the other outcomes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.labels import Label
from bot.model import (
    Caller,
    Cause,
    Diagnosis,
    Finding,
    Json,
    NextStep,
    Observation,
    Role,
    RuledOut,
    Run,
    Severity,
    Status,
    StepResult,
    TranscriptLine,
    Trigger,
    Unknown,
    Why,
    WhyKind,
)
from bot.target import Setting

STARTED_AT = datetime(2025, 9, 8, 0, 39, 41, tzinfo=UTC)

PROOF = {
    "addresses": {
        "auth.staging.example.test": "203.0.113.7",
        "api.staging.example.test": "203.0.113.9",
    },
    "tls": {
        "api.staging.example.test": {
            "fingerprint": "sha256:9f2c41d07be8a5de",
            "issuer": "Example Trust Services WR3",
            "not_after": "2025-11-20",
            "names": ["api.staging.example.test"],
        }
    },
    "server_ids": {"connection_id": "ws_e2e-test_1757291981_a1b2c3"},
    "bytes_sent": 2418,
    "bytes_received": 5127,
    "sockets_opened": 3,
    "phases": {"dns": 12, "tcp": 21, "tls": 44, "ttfb": 118, "upgrade": 212, "first_frame": 260},
    "clock_skew_s": 0.4,
    "edge_headers": {"server": "Google Frontend"},
}

SEED_FACTS: Sequence[tuple[str, str, Json]] = (
    ("health", "auth.status", 200),
    ("health", "auth.latency_ms", 74),
    ("health", "backend.status", 200),
    ("health", "backend.state", "healthy"),
    ("exchange", "url", "https://auth.staging.example.test/auth/e2e/test-auth"),
    ("exchange", "status", 401),
    ("exchange", "detail", "Invalid E2E bypass key"),
    ("exchange", "key_source", "env:E2E_OAUTH_SIMULATION_KEY"),
    ("exchange", "key_fingerprint", "70610b56526d"),
    ("key_non_json", "status", 401),
    ("key_dummy", "status", 401),
    ("token", "source", "minted"),
    ("token", "subject", "e2e-test-7f3a91c2"),
    ("connect", "status", 101),
    ("connect", "identity", "minted"),
    ("connect", "authorization_sent", True),
    ("events", "frame", {"n": 1, "type": "error_message", "code": "AUTH_REQUIRED", "at_s": 0.26}),
    ("events", "error_code", "AUTH_REQUIRED"),
    (
        "events",
        "error_message",
        "Authentication failed: Valid JWT token required for WebSocket connection",
    ),
    ("events", "error_detail", "user_context must be a UserExecutionContext instance"),
    ("events", "exception", "user_context must be a UserExecutionContext instance"),
    ("events", "authorization_present", True),
    ("events", "close_code", 1008),
    ("events", "close_reason", "Authentication failed"),
    ("events", "missing", ["agent_started", "agent_completed"]),
    ("events", "identity_match", "unknown"),
    ("token_full_claims", "outcome", "error_frame"),
    ("token_full_claims", "same", True),
    ("token_garbage", "outcome", "error_frame"),
    ("token_garbage", "error_code", "VALIDATION_FAILED"),
    *(("proof", key, value) for key, value in PROOF.items()),
)


def observed(facts: Sequence[tuple[str, str, Json]]) -> tuple[Observation, ...]:
    """Return `facts` as observations o1, o2, …, ten milliseconds apart."""
    return tuple(
        Observation(
            id=f"o{number}",
            at=STARTED_AT + timedelta(milliseconds=10 * number),
            step=step,
            key=key,
            value=value,
        )
        for number, (step, key, value) in enumerate(facts, start=1)
    )


def _line(at_ms: int, step: str, direction: str, text: str) -> TranscriptLine:
    return TranscriptLine(
        at=STARTED_AT + timedelta(milliseconds=at_ms), step=step, direction=direction, text=text
    )


def _step(name: str, title: str, status: Status, duration_s: float, detail: str) -> StepResult:
    return StepResult(name=name, title=title, status=status, duration_s=duration_s, detail=detail)


_HEALTH = _step("health", "Service health", Status.PASSED, 0.18, "auth, backend: healthy")
_STEPS_SEED = (
    _HEALTH,
    _step("exchange", "Bypass-key exchange", Status.FAILED, 0.12, "401 Invalid E2E bypass key"),
    _step(
        "token",
        "Fallback token",
        Status.DEGRADED,
        0.002,
        "minted here for e2e-test-7f3a91c2, signed with env:JWT_SECRET_STAGING",
    ),
    _step("connect", "WebSocket connect", Status.PASSED, 0.21, "101, subprotocol jwt-auth"),
    _step("request", "Pipeline request", Status.PASSED, 0.001, "start_agent, 182 bytes"),
    _step(
        "events",
        "Event stream",
        Status.FAILED,
        0.31,
        "error_message AUTH_REQUIRED, then closed 1008 Authentication failed",
    ),
)

_TRANSCRIPT_SEED = (
    _line(4, "health", ">", "GET https://auth.staging.example.test/health"),
    _line(91, "health", "<", '200 {"status":"healthy","service":"auth-service"}'),
    _line(95, "health", ">", "GET https://api.staging.example.test/health"),
    _line(182, "health", "<", '200 {"status":"healthy","service":"netra-ai-platform"}'),
    _line(
        190,
        "exchange",
        ">",
        "POST https://auth.staging.example.test/auth/e2e/test-auth\n"
        "X-E2E-Bypass-Key: [redacted bypass_key #70610b56526d]",
    ),
    _line(305, "exchange", "<", '401 {"detail":"Invalid E2E bypass key"}'),
    _line(309, "token", "·", "fallback token minted for e2e-test-7f3a91c2"),
    _line(312, "connect", ">", "GET wss://api.staging.example.test/ws (upgrade)"),
    _line(524, "connect", "<", "101 Switching Protocols, subprotocol jwt-auth"),
    _line(526, "request", ">", '{"type":"start_agent","payload":{"user_request":"ping"}}'),
    _line(
        784,
        "events",
        "<",
        '{"type":"error_message","error_code":"AUTH_REQUIRED","error_message":"Authentication '
        'failed: Valid JWT token required for WebSocket connection","details":{"error":'
        '"user_context must be a UserExecutionContext instance"}}',
    ),
    _line(835, "events", "<", "close 1008 Authentication failed"),
)

_PROVENANCE = (
    Setting(key="api_url", source="stagecheck.yaml:12", value="https://api.staging.example.test"),
    Setting(key="auth_url", source="stagecheck.yaml:13", value="https://auth.staging.example.test"),
    Setting(
        key="bypass_key",
        source="env:E2E_OAUTH_SIMULATION_KEY",
        note="E2E_BYPASS_KEY is also set, to a different value, and not used",
    ),
    Setting(key="jwt_secret", source="env:JWT_SECRET_STAGING"),
    Setting(key="ca_file", source="default", note="not set"),
    Setting(key="request.type", source="profile reference", value="start_agent"),
)

SEED_RUN = Run(
    id="r20250908-7f3a91",
    target="staging",
    check="pipeline",
    status=Status.FAILED,
    executed=True,
    started_at=STARTED_AT,
    duration_s=2.9,
    trigger=Trigger.COMMAND,
    caller=Caller(id="U0ADA0001", team="T0001"),
    steps=_STEPS_SEED,
    experiments=(
        _step("key_non_json", "Key with a non-JSON body", Status.FAILED, 0.09, "401, key refused"),
        _step("key_dummy", "A made-up key", Status.FAILED, 0.08, "401, same answer"),
        _step("token_full_claims", "Token with all claims", Status.FAILED, 0.3, "same error"),
        _step("token_garbage", "Garbage token", Status.FAILED, 0.28, "VALIDATION_FAILED"),
    ),
    observations=observed(SEED_FACTS),
    transcript=_TRANSCRIPT_SEED,
    provenance=_PROVENANCE,
    impact="Blocks every authenticated end-to-end test",
    owners={"bypass_key_mismatch": "@secrets", "ws_server_code_error": "@backend"},
    revision="1.0.0",
    not_checked=("Whether start_agent reaches an agent: the stream failed before.",),
)


def id_of(run: Run, *paths: str) -> tuple[str, ...]:
    """Return the ids of the observations at `paths`, such as ``exchange.detail``."""
    return tuple(seen.id for path in paths for seen in run.observations if seen.path == path)


def _seed(*paths: str) -> tuple[str, ...]:
    return id_of(SEED_RUN, *paths)


SEED_DIAGNOSIS = Diagnosis(
    causes=(
        Cause(
            label=Label.WS_SERVER_CODE_ERROR,
            role=Role.SUFFICIENT,
            confidence=0.97,
            evidence=_seed(
                "events.exception", "token_full_claims.same", "token_garbage.error_code"
            ),
            summary="The backend's WebSocket code breaks on its own type check and words it as "
            "an authentication failure.",
            counterfactual="The run would work with the fallback token, and be degraded.",
        ),
        Cause(
            label=Label.BYPASS_KEY_MISMATCH,
            role=Role.INCIDENTAL,
            confidence=0.98,
            evidence=_seed("exchange.detail", "key_non_json.status", "key_dummy.status"),
            summary="The bypass key of this client is not the one the auth service holds.",
            counterfactual="The exchange would pass and the event stream would fail as before.",
        ),
    ),
    whys=(
        Why(
            question="Why did the run fail?",
            answer="The stream ended with error_message AUTH_REQUIRED instead of a terminal event.",
            kind=WhyKind.OBSERVED,
            evidence=_seed("events.frame", "events.missing"),
        ),
        Why(
            question="Why was the error sent?",
            answer="The server raised “user_context must be a UserExecutionContext instance” "
            "and reported it as missing authentication.",
            kind=WhyKind.OBSERVED,
            evidence=_seed("events.error_code", "events.error_detail"),
        ),
        Why(
            question="Is it really the token?",
            answer="No: the header arrived, and a token with every claim fails the same way, "
            "while a garbage token is refused differently.",
            kind=WhyKind.INFERRED,
            evidence=_seed(
                "events.authorization_present",
                "token_full_claims.same",
                "token_garbage.error_code",
            ),
        ),
        Why(
            question="Why does the type check fail?",
            answer="The evidence does not say: it lies in the backend's code.",
            kind=WhyKind.UNKNOWN,
        ),
    ),
    ruled_out=(
        RuledOut(
            label=Label.JWT_REJECTED,
            evidence=_seed("token_garbage.error_code", "token_full_claims.same"),
            reason="A refused token answers VALIDATION_FAILED here, not AUTH_REQUIRED.",
        ),
        RuledOut(
            label=Label.JWT_TOKEN_ABSENT,
            evidence=_seed("events.authorization_present"),
            reason="The server says that the header arrived.",
        ),
    ),
    unknowns=(
        Unknown(
            question="Which code raises the type error?",
            experiment="read the backend's log of revision 1.0.0 around 00:39:41 UTC.",
        ),
    ),
    findings=(
        Finding(
            title="A server error is worded as an authentication failure",
            location="backend, WebSocket authentication",
            issue="A failed type check becomes AUTH_REQUIRED, which sends people to the token.",
            impact="No pipeline run can start, whatever the token.",
            severity=Severity.CRITICAL,
            evidence=_seed("events.error_detail", "events.error_code"),
        ),
        Finding(
            title="The bypass key is refused",
            location="env:E2E_OAUTH_SIMULATION_KEY, against the auth service",
            issue="The client's key is not the server's.",
            impact="Runs use a fallback token and cannot be better than degraded.",
            severity=Severity.HIGH,
            evidence=_seed("exchange.detail"),
        ),
    ),
    next_steps=(
        NextStep(title="Ask @backend to read the backend's log for UserExecutionContext"),
        NextStep(
            title="Compare the bypass key with the auth service's", command="verify-key staging"
        ),
        NextStep(title="Run the check again after the fix", command="run staging"),
    ),
)

_GOOD_FACTS: Sequence[tuple[str, str, Json]] = (
    ("exchange", "status", 200),
    ("token", "source", "exchanged"),
    ("token", "subject", "e2e-staging"),
    ("connect", "status", 101),
    ("connect", "identity", "exchanged"),
    ("events", "terminal", "agent_completed"),
    ("events", "identity_match", "same"),
    ("events", "welcome_user_id", "e2e-staging"),
    *(("proof", key, value) for key, value in PROOF.items()),
)

PASSED_RUN = replace(
    SEED_RUN,
    id="r20250907-c0ffee",
    status=Status.PASSED,
    revision="0.9.8",
    started_at=STARTED_AT - timedelta(hours=3, minutes=39),
    duration_s=3.4,
    caller=Caller(id="every 5 minutes"),
    trigger=Trigger.SCHEDULE,
    steps=(
        _HEALTH,
        _step("exchange", "Bypass-key exchange", Status.PASSED, 0.15, "token for e2e-staging"),
        _step("connect", "WebSocket connect", Status.PASSED, 0.21, "101, subprotocol jwt-auth"),
        _step("request", "Pipeline request", Status.PASSED, 0.001, "start_agent, 182 bytes"),
        _step("events", "Event stream", Status.PASSED, 2.8, "5 events, agent_completed"),
    ),
    experiments=(),
    observations=observed(_GOOD_FACTS),
    transcript=_TRANSCRIPT_SEED[:4],
    not_checked=("Agents other than the one that answers start_agent.",),
)

PASSED_DIAGNOSIS = Diagnosis(
    causes=(
        Cause(
            label=Label.HEALTHY,
            role=Role.SUFFICIENT,
            confidence=0.96,
            evidence=id_of(PASSED_RUN, "events.terminal"),
        ),
    ),
    whys=(),
)

DEGRADED_RUN = replace(
    SEED_RUN,
    id="r20250908-dec0de",
    status=Status.DEGRADED,
    duration_s=3.1,
    steps=(
        *_STEPS_SEED[:5],
        _step("events", "Event stream", Status.PASSED, 2.4, "5 events, agent_completed"),
    ),
    experiments=SEED_RUN.experiments[:2],
    observations=observed(
        (*SEED_FACTS[:16], ("events", "terminal", "agent_completed"), *SEED_FACTS[-9:])
    ),
    transcript=(
        *_TRANSCRIPT_SEED[:10],
        _line(784, "events", "<", '{"type":"agent_started","data":{"agent_name":"triage"}}'),
        _line(2910, "events", "<", '{"type":"agent_completed","data":{"status":"success"}}'),
    ),
    not_checked=(),
)

DEGRADED_DIAGNOSIS = Diagnosis(
    causes=(
        Cause(
            label=Label.BYPASS_KEY_MISMATCH,
            role=Role.SUFFICIENT,
            confidence=0.98,
            evidence=id_of(DEGRADED_RUN, "exchange.detail", "key_non_json.status"),
            summary="The bypass key of this client is not the one the auth service holds.",
            counterfactual="The run would pass.",
        ),
    ),
    whys=(
        Why(
            question="Why is the run degraded?",
            answer="It used a fallback token, because the exchange gave none.",
            kind=WhyKind.OBSERVED,
            evidence=id_of(DEGRADED_RUN, "token.source", "exchange.status"),
        ),
    ),
    next_steps=(
        NextStep(
            title="Compare the bypass key with the auth service's", command="verify-key staging"
        ),
    ),
)

ERRORED_RUN = replace(
    SEED_RUN,
    id="r20250908-e44044",
    status=Status.ERRORED,
    duration_s=0.05,
    steps=(
        _step("health", "Service health", Status.ERRORED, 0.05, "our resolver did not answer"),
        _step("exchange", "Bypass-key exchange", Status.SKIPPED, 0.0, ""),
    ),
    experiments=(),
    observations=observed((("health", "backend.error", "dns_temporary"),)),
    transcript=(),
    not_checked=(),
    revision="",
)

ERRORED_DIAGNOSIS = Diagnosis(
    causes=(
        Cause(
            label=Label.RUNNER_ENVIRONMENT,
            role=Role.SUFFICIENT,
            confidence=0.9,
            evidence=id_of(ERRORED_RUN, "health.backend.error"),
            summary="This machine's name resolver does not answer.",
        ),
    ),
    whys=(
        Why(
            question="Why could the check not run?",
            answer="Our resolver gave a temporary failure.",
            kind=WhyKind.OBSERVED,
            evidence=id_of(ERRORED_RUN, "health.backend.error"),
        ),
    ),
    next_steps=(NextStep(title="Run the check again in a minute", command="run staging"),),
)

PASTED_RUN = replace(
    SEED_RUN,
    id="p20250908-0a0a0a",
    executed=False,
    trigger=Trigger.PASTE,
    steps=(_step("log", "Pasted log", Status.FAILED, 0.0, "14 lines read, 7 facts recognised"),),
    experiments=(),
    provenance=(),
    impact="",
    owners=None,
    revision="",
    duration_s=0.0,
)

SAMPLES = {
    "passed": (PASSED_RUN, PASSED_DIAGNOSIS),
    "degraded": (DEGRADED_RUN, DEGRADED_DIAGNOSIS),
    "seed": (SEED_RUN, SEED_DIAGNOSIS),
    "errored": (ERRORED_RUN, ERRORED_DIAGNOSIS),
    "pasted": (PASTED_RUN, SEED_DIAGNOSIS),
}


def soaked(text: str) -> tuple[Run, Diagnosis]:
    """Return the founding failure with `text` wherever a target or a person could put any."""
    run, diagnosis = SEED_RUN, SEED_DIAGNOSIS
    return (
        replace(
            run,
            caller=Caller(id=text),
            steps=tuple(replace(step, title=text, detail=text) for step in run.steps),
            experiments=tuple(replace(step, title=text, detail=text) for step in run.experiments),
            observations=tuple(
                replace(seen, value=_soaked(seen.value, text)) for seen in run.observations
            ),
            transcript=tuple(replace(line, text=text) for line in run.transcript),
            provenance=(*run.provenance, Setting(key=text, source=text, value=text, note=text)),
            impact=text,
            owners=dict.fromkeys(("bypass_key_mismatch", "ws_server_code_error"), text),
            revision=text,
            not_checked=(text, text),
        ),
        replace(
            diagnosis,
            causes=tuple(
                replace(cause, summary=text, counterfactual=text) for cause in diagnosis.causes
            ),
            whys=tuple(replace(why, question=text, answer=text) for why in diagnosis.whys),
            ruled_out=tuple(replace(one, reason=text) for one in diagnosis.ruled_out),
            unknowns=(Unknown(question=text, experiment=text),),
            findings=tuple(
                replace(one, title=text, location=text, issue=text, impact=text)
                for one in diagnosis.findings
            ),
            next_steps=tuple(replace(step, title=text) for step in diagnosis.next_steps),
        ),
    )


def _soaked(value: Json, text: str) -> Json:
    match value:
        case str():
            return text
        case dict():
            return {key: _soaked(item, text) for key, item in value.items()}
        case list():
            return [_soaked(item, text) for item in value]
        case _:
            return value


HOSTILE = {
    "mentions": "<!channel> <!here> <@U0ADA0001> <#C1|general> <http://x.test|click> @everyone",
    "markup": "*b* _i_ ~s~ `c` ```pre``` [l](http://x.test) ![i](http://x.test) <img src=x> | $x$",
    "entities": "&amp; & < > &lt;!channel&gt; \"quoted\" 'single' ]]> <![CDATA[ <!-- -->",
    "control": "a\x00b\x07c\x1b[31mred\x9b0m \ud800 \uffff \x7f end",
    "bidi": "user\u202etxt.exe \u2066isolate\u2069 \u200f mark",
    "lines": "one\ntwo\r\nthree\rfour\u2028five\n\n\n# six\n- seven\n```\nend",
    "emoji": "\U0001f469\u200d\U0001f4bb" * 500,
    "letters": "ж" * 2_000,
    "wide": "日本語のエラー" * 300,
    "space": " \t\n ",
    "long": "x" * 40_000,
    "words": "word " * 8_000,
    "backticks": "`" * 300,
    "heading": "# heading",
    "quote": "> quote",
    "bullet": "- item",
    "number": "12) twelve",
    "box": "[x] done",
    "rule": "===",
}
"""What a target can send to break a report, by kind."""
