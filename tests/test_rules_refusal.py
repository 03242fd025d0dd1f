"""What a server says when it refuses is told apart by its words, and by what experiments add."""

from dataclasses import replace

import pytest

from bot.diagnosis import diagnose
from bot.model import Json, Run
from tests.evidence import EXCHANGED, KEY_REFUSED, answer, labels, refused, run
from tests.evidence_pairs import Pair

TYPE_CHECK = "user_context must be a UserExecutionContext instance"


def frame(code: str, message: str = "Authentication failed", detail: str = "", **more: Json) -> Run:
    """Return a run with a token from the exchange that an error frame ended."""
    return refused(EXCHANGED, code, message, detail, close_code=1008, **more)


def minted(
    code: str, message: str = "Authentication failed", detail: str = "", **more: Json
) -> Run:
    """Return a run with the fallback token that an error frame ended."""
    return refused(KEY_REFUSED, code, message, detail, close_code=1008, **more)


def garbage(code: str, *, same: bool) -> dict[str, Json]:
    """Return what a garbage token showed."""
    return {
        "token_garbage__outcome": "error_frame",
        "token_garbage__error_code": code,
        "token_garbage__same": same,
    }


BARE = frame("AUTH_REQUIRED", "Authentication failed: Valid JWT token required")
INVALID = frame("VALIDATION_FAILED", "Token validation failed | Debug: 373 chars, 2 dots")
EXPIRED = frame("TOKEN_EXPIRED", "Token expired")
NO_TOKEN = frame("NO_TOKEN", "No JWT token found in WebSocket headers")
SERVICE_ERROR = frame("AUTH_SERVICE_ERROR", "Authentication service error")
INTERNAL = frame("UNEXPECTED_ERROR", "Something went wrong")


def lacking(part: str) -> Run:
    """Return a run that was refused because the server lacks a part of its own."""
    return refused(
        EXCHANGED,
        "SERVICE_UNAVAILABLE",
        "WebSocket connection error",
        error_details={"missing_service": part},
        close_code=1011,
    )


PAIRS = (
    Pair(
        promise="token that fares as garbage does, in unknown words",
        label="jwt_rejected",
        fires=frame("E1234", "Go away", **garbage("E1234", same=True), token_none__same=False),
        looks_alike=frame("E1234", "Go away", **garbage("E1234", same=True), token_none__same=True),
    ),
    *(
        Pair(
            promise=f"server that lacks its {part}",
            label=label,
            fires=lacking(part),
            looks_alike=lacking("supervisor"),
        )
        for part, label in (
            ("redis", "dependency_redis_down"),
            ("clickhouse", "dependency_clickhouse_down"),
            ("llm_manager", "dependency_llm_unavailable"),
            ("database", "dependency_db_down"),
            ("auth_service", "auth_service_unavailable"),
        )
    ),
    Pair(
        promise="token that came in the subprotocol only",
        label="jwt_rejected",
        fires=frame("VALIDATION_FAILED", authorization_present=False),
        looks_alike=frame("NO_TOKEN", authorization_present=False),
    ),
    Pair(
        promise="no header, in words that name no token",
        label="jwt_token_absent",
        fires=frame("E1234", authorization_present=False, token_none__same=True),
        looks_alike=frame("E1234", authorization_present=False, token_none__same=False),
    ),
    Pair(
        promise="type check worded as auth",
        label="ws_server_code_error",
        fires=frame("AUTH_REQUIRED", detail=TYPE_CHECK),
        looks_alike=BARE,
    ),
    Pair(
        promise="missing await",
        label="ws_server_code_error",
        fires=frame("CONNECTION_ERROR", "x", "object Manager can't be used in 'await' expression"),
        looks_alike=INTERNAL,
    ),
    Pair(
        promise="none value",
        label="ws_server_code_error",
        fires=frame("CONNECTION_ERROR", "x", "'NoneType' object has no attribute 'send'"),
        looks_alike=INTERNAL,
    ),
    Pair(
        promise="missing argument",
        label="ws_server_code_error",
        fires=frame(
            "CONNECTION_ERROR",
            "x",
            "create_message() missing 1 required positional argument: 'data'",
        ),
        looks_alike=frame("FORMAT_ERROR", "missing required field user_request"),
    ),
    Pair(
        promise="missing module",
        label="ws_server_code_error",
        fires=frame("CONNECTION_ERROR", "x", "No module named 'app.manager'"),
        looks_alike=INTERNAL,
    ),
    Pair(
        promise="undefined name",
        label="ws_server_code_error",
        fires=frame("CONNECTION_ERROR", "x", "name 'time' is not defined"),
        looks_alike=INTERNAL,
    ),
    Pair(
        promise="missing attribute",
        label="ws_server_code_error",
        fires=frame("CONNECTION_ERROR", "x", "'Bridge' object has no attribute 'handle'"),
        looks_alike=INTERNAL,
    ),
    Pair(
        promise="unserialisable enum",
        label="ws_server_code_error",
        fires=frame("CONNECTION_ERROR", "x", "Object of type State is not JSON serializable"),
        looks_alike=INTERNAL,
    ),
    Pair(
        promise="use before accept",
        label="ws_server_code_error",
        fires=frame(
            "CONNECTION_ERROR", "x", 'WebSocket is not connected. Need to call "accept" first.'
        ),
        looks_alike=INTERNAL,
    ),
    Pair(
        promise="named exception",
        label="ws_server_code_error",
        fires=frame("AUTH_FAILED", detail="KeyError: 'session'"),
        looks_alike=frame("AUTH_FAILED", detail="InvalidTokenError: bad signature"),
    ),
    Pair(
        promise="part of the program named",
        label="ws_server_code_error",
        fires=refused(
            EXCHANGED,
            "",
            "",
            close_code=1011,
            end="closed",
            close_reason="Factory SSOT validation failed",
        ),
        looks_alike=refused(
            EXCHANGED, "", "", close_code=1011, end="closed", close_reason="Internal error"
        ),
    ),
    Pair(
        promise="start-up exception",
        label="startup_code_error",
        fires=frame("SERVICE_INIT_FAILED", "Startup failed", "name 'Registry' is not defined"),
        looks_alike=frame("CONNECTION_ERROR", "x", "name 'Registry' is not defined"),
    ),
    Pair(
        promise="exception of a part that every connection initialises",
        label="ws_server_code_error",
        fires=frame(
            "SERVICE_INIT_FAILED",
            "Service initialization failed",
            "name 'Registry' is not defined",
        ),
        looks_alike=frame(
            "SERVICE_INIT_FAILED",
            "Service initialization failed",
            "name 'Registry' is not defined",
            health__backend__status=503,
            health__backend__latency_ms=9,
        ),
    ),
    Pair(
        promise="missing setting",
        label="startup_config_invalid",
        fires=frame("SERVICE_INIT_FAILED", "missing required config SECRET_KEY"),
        looks_alike=frame("SERVICE_INIT_FAILED", "Service not ready"),
    ),
    Pair(
        promise="unfinished start",
        label="startup_race",
        fires=frame("STARTUP_INCOMPLETE", "Service startup incomplete"),
        looks_alike=INTERNAL,
    ),
    Pair(
        promise="service identity",
        label="service_auth_misconfigured",
        fires=frame(
            "AUTH_SERVICE_ERROR",
            "Authentication service error",
            "403: Not authenticated (service:backend)",
        ),
        looks_alike=SERVICE_ERROR,
    ),
    Pair(
        promise="service identity in the details",
        label="service_auth_misconfigured",
        fires=frame(
            "AUTH_FAILED",
            "403: Not authenticated",
            error_details={"user": "service:backend", "error": "403: Not authenticated"},
        ),
        looks_alike=frame(
            "AUTH_FAILED", "403: Not authenticated", error_details={"user": "e2e-e2e"}
        ),
    ),
    Pair(
        promise="auth service unreachable",
        label="auth_service_unavailable",
        fires=SERVICE_ERROR,
        looks_alike=BARE,
    ),
    Pair(
        promise="auth service that is only called so",
        label="auth_service_unavailable",
        fires=frame("AUTH_FAILED", "Authentication service temporarily unavailable"),
        looks_alike=frame("AUTH_FAILED", "Authentication refused by the service for good"),
    ),
    Pair(
        promise="connection that failed while a token was checked",
        label="auth_service_unavailable",
        fires=frame("AUTH_FAILED", "Authentication failed: dial tcp 10.1.2.3:8081: i/o timeout"),
        looks_alike=frame("AUTH_FAILED", "Authentication failed: token of 10.1.2.3:8081"),
    ),
    Pair(
        promise="database that listens where it is not reached",
        label="dependency_db_down",
        fires=frame("AUTH_FAILED", "Authentication failed: connect ECONNREFUSED 10.0.0.5:5432"),
        looks_alike=frame("AUTH_FAILED", "Authentication failed: connect ECONNREFUSED 10.0.0.5:80"),
    ),
    Pair(
        promise="signature that does not match",
        label="jwt_rejected",
        fires=frame("E401", "signature mismatch"),
        looks_alike=frame("E401", "checksum mismatch"),
    ),
    *(
        Pair(
            promise=f"exception of another run time behind auth words: {error[:24]}",
            label="ws_server_code_error",
            fires=frame("AUTH_FAILED", f"Authentication failed: {error}", exception=error),
            looks_alike=frame("AUTH_FAILED", "Authentication failed: no value for the instance"),
        )
        for error in (
            "Object reference not set to an instance of an object.",
            "called `Option::unwrap()` on a `None` value",
            "Call to a member function getId() on null",
            "undefined method `[]' for nil:NilClass",
        )
    ),
    Pair(
        promise="unknown operation",
        label="pipeline_request_invalid",
        fires=frame("E400", "unknown operation 'job.create'", welcome_type="hello"),
        looks_alike=frame("E400", "unknown reason for 'job.create'", welcome_type="hello"),
    ),
    Pair(
        promise="breaker before the auth service",
        label="auth_service_unavailable",
        fires=frame("AUTH_CIRCUIT_BREAKER_OPEN", "Authentication circuit breaker is open"),
        looks_alike=frame("SERVICE_UNAVAILABLE", "circuit breaker open"),
    ),
    Pair(
        promise="breaker before the database",
        label="dependency_db_down",
        fires=frame("SERVICE_UNAVAILABLE", "database circuit breaker open"),
        looks_alike=frame("SERVICE_UNAVAILABLE", "circuit breaker open"),
    ),
    Pair(
        promise="breaker before Redis",
        label="dependency_redis_down",
        fires=frame("SERVICE_UNAVAILABLE", "redis circuit breaker open"),
        looks_alike=frame("SERVICE_UNAVAILABLE", "circuit breaker open"),
    ),
    Pair(promise="expired token", label="jwt_expired", fires=EXPIRED, looks_alike=INVALID),
    Pair(promise="refused token", label="jwt_rejected", fires=INVALID, looks_alike=NO_TOKEN),
    Pair(
        promise="refused for no named reason",
        label="jwt_rejected",
        fires=BARE,
        looks_alike=INTERNAL,
    ),
    Pair(
        promise="token that did not arrive",
        label="jwt_token_absent",
        fires=NO_TOKEN,
        looks_alike=INVALID,
    ),
    Pair(
        promise="user id",
        label="user_id_rejected",
        fires=frame("VALIDATION_FAILED", "Invalid user_id format: e2e-x"),
        looks_alike=INVALID,
    ),
    Pair(
        promise="unknown user",
        label="user_not_found",
        fires=frame("AUTH_FAILED", detail="User not found in database"),
        looks_alike=BARE,
    ),
    Pair(
        promise="database behind the socket",
        label="dependency_db_down",
        fires=frame("SERVICE_UNAVAILABLE", "x", "connection to server at postgres failed"),
        looks_alike=frame("AUTH_FAILED", detail="User not found in database"),
    ),
    Pair(
        promise="database that cannot be connected to",
        label="dependency_db_down",
        fires=frame("SERVICE_UNAVAILABLE", "x", "Failed to connect to the database"),
        looks_alike=frame("AUTH_FAILED", detail="Failed to find the user in the database"),
    ),
    Pair(
        promise="redis behind the socket",
        label="dependency_redis_down",
        fires=frame("SERVICE_UNAVAILABLE", "x", "Error -3 connecting to 10.0.0.1:6379"),
        looks_alike=INTERNAL,
    ),
    Pair(
        promise="clickhouse behind the socket",
        label="dependency_clickhouse_down",
        fires=frame("SERVICE_UNAVAILABLE", "x", "ClickHouse connection timeout"),
        looks_alike=INTERNAL,
    ),
    Pair(
        promise="missing table behind the socket",
        label="db_schema_missing",
        fires=frame("SERVICE_UNAVAILABLE", "x", "no such table: sessions"),
        looks_alike=INTERNAL,
    ),
    Pair(
        promise="no model behind the socket",
        label="dependency_llm_unavailable",
        fires=frame("SERVICE_UNAVAILABLE", "x", "LLM manager not available"),
        looks_alike=INTERNAL,
    ),
    Pair(
        promise="quota behind the socket",
        label="llm_quota",
        fires=frame("SERVICE_UNAVAILABLE", "x", "LLM call failed: insufficient_quota"),
        looks_alike=frame("RATE_LIMITED", "Rate limit exceeded"),
    ),
    Pair(
        promise="unknown type",
        label="pipeline_request_invalid",
        fires=frame("FORMAT_ERROR", "Unknown message type: execute_agent"),
        looks_alike=INTERNAL,
    ),
    Pair(
        promise="too many connections",
        label="ws_quota_exceeded",
        fires=frame("LIMIT", "Too many concurrent connections"),
        looks_alike=frame("LIMIT", "Rate limit exceeded"),
    ),
    Pair(
        promise="rate limit",
        label="rate_limited",
        fires=frame("LIMIT", "Rate limit exceeded"),
        looks_alike=frame("LIMIT", "Too many concurrent connections"),
    ),
)


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_a_refusal_is_traced_to_its_cause(pair: Pair) -> None:
    assert labels(diagnose(pair.fires))[0] == (pair.label, "sufficient")


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_a_look_alike_of_a_refusal_gets_another_answer(pair: Pair) -> None:
    assert answer(pair.looks_alike) != pair.label


def test_an_exception_is_not_taken_for_a_refused_token_whatever_the_code_says() -> None:
    checked = frame("VALIDATION_FAILED", "Token validation failed", TYPE_CHECK)
    assert answer(checked) == "ws_server_code_error"


def test_a_garbage_token_refused_in_another_way_clears_the_token() -> None:
    checked = frame("AUTH_REQUIRED", detail=TYPE_CHECK, **garbage("VALIDATION_FAILED", same=False))
    assert diagnose(checked).causes[0].confidence >= 0.95


def test_words_that_fit_both_leave_a_refused_token_open_where_garbage_gets_them_too() -> None:
    checked = frame("AUTH_FAILED", detail=TYPE_CHECK, **garbage("AUTH_FAILED", same=True))
    diagnosis = diagnose(checked)
    assert answer(checked) == "ws_server_code_error"
    assert "jwt_rejected" not in {one.label for one in diagnosis.ruled_out}
    assert "or does it refuse the token" in diagnosis.unknowns[0].question


def test_a_refusal_that_is_worded_like_an_exception_is_a_refused_token() -> None:
    assert answer(frame("AUTH_FAILED", "Auth failed: Expected Bearer, got Digest")) == (
        "jwt_rejected"
    )
    assert answer(frame("AUTH_FAILED", detail="InvalidIssuedAtError: later")) == "jwt_rejected"


def test_a_refused_key_and_a_refused_fallback_are_both_reason_enough_the_key_first() -> None:
    checked = minted("VALIDATION_FAILED", "Token validation failed")
    both = [("bypass_key_mismatch", "sufficient"), ("jwt_rejected", "sufficient")]
    assert labels(diagnose(checked)) == both


def test_the_whys_lead_from_the_refused_fallback_to_the_refused_key() -> None:
    told = diagnose(minted("VALIDATION_FAILED", "Token validation failed")).whys
    assert "VALIDATION_FAILED" in told[0].answer
    assert "fallback token for staging-e2e-user-001" in told[1].answer
    assert "Invalid E2E bypass key" in told[2].answer


def test_a_refusal_in_unknown_words_is_not_given_a_cause() -> None:
    checked = refused(EXCHANGED, "E1234", "Something went wrong")
    diagnosis = diagnose(checked)
    assert labels(diagnosis) == [("insufficient_evidence", "sufficient")]
    assert diagnosis.unknowns


REFUSED_KEY_REFUSED_FALLBACK = minted("VALIDATION_FAILED", "Token validation failed")
ACCEPTED_ONCE_EXCHANGED = minted("VALIDATION_FAILED", token_exchanged__outcome="greeted")


def deeper(checked: Run) -> str:
    """Return the last answer that is not an admission of not knowing."""
    return [why.answer for why in diagnose(checked).whys if why.kind != "unknown"][-1]


ONE_LINK_DEEPER = {
    "claims": (
        frame("VALIDATION_FAILED", token_full_claims__outcome="greeted"),
        "lacks one the server wants",
    ),
    "accepted a moment later": (
        frame(
            "VALIDATION_FAILED", connect_again__outcome="greeted", token_minted__outcome="greeted"
        ),
        "A moment later the same token is accepted",
    ),
    "auth secret": (
        frame("VALIDATION_FAILED", token_minted__outcome="greeted"),
        "signs with another secret",
    ),
    "every token": (
        frame("VALIDATION_FAILED", token_minted__outcome="error_frame"),
        "the backend's own secret or its check is wrong",
    ),
    "accepted by the auth service": (
        minted("VALIDATION_FAILED", token_verified__valid=True, token_verified__forged_valid=False),
        "calls the very same token valid",
    ),
    "exchanged only": (INVALID, "checks with another secret or wants other claims"),
    "behind the signature": (
        frame("VALIDATION_FAILED", token_minted__outcome="error_frame", **garbage("X", same=False)),
        "this one was accepted, and what was refused lies behind it",
    ),
    "clock": (
        frame("VALIDATION_FAILED", health__backend__skew_s=-600.0),
        "The backend's clock is -600 s from ours",
    ),
    "clock ahead": (
        frame("TOKEN_EXPIRED", health__backend__skew_s=3600.2),
        "The backend's clock is 3600.2 s ahead of ours",
    ),
    "born expired": (
        frame("TOKEN_EXPIRED", token__claims={"exp": 1_757_000_000}),
        "an expiry that was over when we got it",
    ),
    "still good everywhere": (
        frame("TOKEN_EXPIRED", token__claims={"exp": 1_797_000_000}),
        "the server answers from memory",
    ),
    "still good here": (
        frame("TOKEN_EXPIRED", token__claims={"exp": 1_797_000_000}, health__backend__skew_s=None),
        "By our clock the token is still good",
    ),
    "short life": (frame("TOKEN_EXPIRED", token__ttl_s=5), "made to live for 5 s only"),
    "header dropped": (NO_TOKEN, "dropped between here and the application"),
    "header never sent": (
        frame("NO_TOKEN", connect__authorization_sent=False),
        "did not send an Authorization header",
    ),
    "subprotocol works": (
        frame("NO_TOKEN", subprotocol_token__outcome="greeted"),
        "only the Authorization header is dropped",
    ),
    "class": (frame("AUTH_REQUIRED", detail=TYPE_CHECK), "made from another class"),
}


@pytest.mark.parametrize("case", ONE_LINK_DEEPER)
def test_a_refusal_is_followed_one_link_deeper(case: str) -> None:
    checked, words = ONE_LINK_DEEPER[case]
    assert words in deeper(checked)


NEAR = {
    "closed beside a message": frame("E1234", "Required service missing", error_details=None),
    "closed by fault beside a message": refused(
        EXCHANGED, "E1234", "circuit breaker open", close_code=1011
    ),
    "closed beside a message with details": refused(
        EXCHANGED,
        "SERVICE_UNAVAILABLE",
        "Required service missing",
        error_details={"missing_service": "supervisor"},
        close_code=1011,
    ),
    "policy beside a message with details": frame(
        "E1234", "Required service missing", error_details={"missing_service": "supervisor"}
    ),
    "refused after the greeting": frame(
        "AUTH_FAILED", "Insufficient permissions", welcome_type="connection_established"
    ),
    "own part that is about a token": frame("E", "Token manager failed"),
    "exchanged after all, though exchanged before": frame(
        "VALIDATION_FAILED", token_exchanged__outcome="greeted"
    ),
    "minted accepted, though minted before": minted(
        "VALIDATION_FAILED", token_minted__outcome="greeted"
    ),
    "minted refused, as before": minted("VALIDATION_FAILED", token_minted__outcome="error_frame"),
    "refused by the auth service too": minted("VALIDATION_FAILED", token_verified__valid=False),
    "called valid, as a forged one is": minted(
        "VALIDATION_FAILED", token_verified__valid=True, token_verified__forged_valid=True
    ),
    "exchanged, and called valid": frame(
        "VALIDATION_FAILED", token_verified__valid=True, token_verified__forged_valid=False
    ),
    "another clock, by which it fares the same": frame(
        "VALIDATION_FAILED", health__backend__skew_s=-600.0, token_server_time__same=True
    ),
    "minted and born expired": minted("TOKEN_EXPIRED", token__claims={"exp": 1_757_000_000}),
    "exchanged, claims unknown": frame("TOKEN_EXPIRED"),
    "not known whether it was sent": frame("NO_TOKEN", connect__authorization_sent=None),
    "accepted by the agent only": frame("STARTUP_INCOMPLETE", connect_again__outcome="closed"),
}
CONFIDENCE = {
    "not started, started a moment later": (
        frame("STARTUP_INCOMPLETE", connect_again__outcome="greeted"),
        0.97,
    ),
    "auth service down for us too": (frame("AUTH_SERVICE_ERROR", health__auth__status=503), 0.95),
    "auth service well for us": (SERVICE_ERROR, 0.75),
    "another user id accepted": (
        frame("VALIDATION_FAILED", "Invalid user_id format", fresh_user__outcome="greeted"),
        0.97,
    ),
    "the server's details say that no header came": (
        frame("NO_TOKEN", authorization_present=False),
        0.96,
    ),
    "run-time words": (frame("AUTH_FAILED", detail="tuple index out of range"), 0.93),
    "run-time words, garbage the same": (
        frame("AUTH_FAILED", detail="pop index out of range", **garbage("AUTH_FAILED", same=True)),
        0.93,
    ),
    "a refusal could be worded so": (frame("AUTH_FAILED", detail=TYPE_CHECK), 0.75),
    "a refusal could be worded so, garbage different": (
        frame("AUTH_FAILED", detail=TYPE_CHECK, **garbage("X", same=False)),
        0.97,
    ),
    "a refusal could be worded so, garbage the same": (
        frame("AUTH_FAILED", detail=TYPE_CHECK, **garbage("AUTH_FAILED", same=True)),
        0.6,
    ),
    "auth words, garbage the same": (frame("AUTH_REQUIRED", **garbage("X", same=True)), 0.75),
    "auth words, garbage different": (frame("AUTH_REQUIRED", **garbage("X", same=False)), 0.5),
    "auth words, another token accepted": (
        frame("AUTH_REQUIRED", token_minted__outcome="greeted"),
        0.96,
    ),
}


@pytest.mark.parametrize("sign", CONFIDENCE)
def test_what_else_was_seen_of_a_refusal_moves_the_confidence(sign: str) -> None:
    checked, confidence = CONFIDENCE[sign]
    assert diagnose(checked).causes[0].confidence == confidence


MEANINGS = {
    "object Manager can't be used in 'await' expression": "an await is missing",
    "'NoneType' object has no attribute 'send'": "never initialised",
    TYPE_CHECK: "made from another class",
    "create() missing 1 required positional argument: 'data'": "changed apart",
    "No module named 'app.manager'": "not in the image",
    "name 'time' is not defined": "an assignment is missing",
    "'Bridge' object has no attribute 'handle'": "lacks what the code asks of it",
    "Object of type State is not JSON serializable": "no JSON form",
    'WebSocket is not connected. Need to call "accept" first.': "an order that one of them forbids",
    "got Future <Future pending> attached to a different loop": "belongs to one event loop",
    "OrderedDict mutated during iteration": "other code goes through it",
    "maximum recursion depth exceeded while calling a Python object": "calls itself without end",
    "unsupported operand type(s) for +: 'int' and 'str'": "that this value does not allow",
    "RunContext.thread_id must be a non-empty string, got None": "an object of its own",
}
SETTINGS = (
    ("CONNECTION_ERROR", "x"),
    ("AUTH_FAILED", "x"),
    ("SERVICE_INIT_FAILED", "Startup failed"),
)
MISTAKES = tuple(
    (frame(code, message, error), words)
    for error, words in MEANINGS.items()
    for code, message in SETTINGS
)


def revised(checked: Run) -> Run:
    """Return `checked` at another revision than `OLDER`."""
    newer = replace(run({"health.revision": "r8"}).observations[0], id="newer")
    return replace(checked, observations=(*checked.observations, newer))


OLDER = run({"health.revision": "r7"}, status="passed")


def test_a_new_revision_is_named_where_the_exception_was_not_there_before() -> None:
    checked = revised(frame("CONNECTION_ERROR", "x", "name 'time' is not defined"))
    told = [why.answer for why in diagnose(checked, previous=OLDER).whys]
    assert "met r7, this run r8. It likely came with the new one" in " ".join(told)


@pytest.mark.parametrize(("checked", "words"), MISTAKES)
def test_what_an_exception_means_for_the_program_is_told(checked: Run, words: str) -> None:
    assert words in deeper(checked)


def test_what_was_said_beside_a_close_is_quoted_and_not_called_nothing() -> None:
    for near in NEAR:
        if near.startswith(("closed ", "policy ")):
            told = diagnose(NEAR[near]).causes[0].summary
            assert "does not say" not in told
            assert "Required service missing" in told or "circuit breaker open" in told
    assert "supervisor" in diagnose(NEAR["closed beside a message with details"]).causes[0].summary


def test_words_about_authentication_are_quoted_with_their_message() -> None:
    told = diagnose(frame("AUTH_FAILED", "Come back tomorrow")).causes[0].summary
    assert "Come back tomorrow" in told


def test_a_token_whose_signature_was_accepted_is_not_laid_on_the_secret() -> None:
    checked = minted("VALIDATION_FAILED", **garbage("X", same=False))
    asked = " ".join(one.question for one in diagnose(checked).unknowns)
    assert "What behind the signature is refused" in asked
    assert "Is it the secret or a claim?" not in asked
