"""A program's own exception is recognised in text, and a refusal is not taken for one."""

import time

import pytest

from bot.diagnosis import Mistake, program_error
from tests.program_errors import EXCEPTIONS

NOT_EXCEPTIONS = (
    "Authentication failed: Valid JWT token required for WebSocket connection",
    '{"detail":"Invalid E2E bypass key"}',
    "Token validation failed | Debug: 373 chars, 2 dots",
    "Invalid user_id format: e2e must be a valid object id",
    "user_id must be a string",
    "The variable REDIS_URL is not defined",
    "jwt.exceptions.ExpiredSignatureError: Signature has expired",
    "InvalidTokenError: Not enough segments",
    "redis.exceptions.ConnectionError: Error -3 connecting to 10.0.0.1:6379",
    "asyncio.TimeoutError",
    "sqlalchemy.exc.OperationalError: connection refused",
    "HTTPException: 403",
    "RateLimitError: 429",
    "OSError: [Errno 24] Too many open files",
    "IOError",
    "UserNotFoundError: e2e-7",
    "SessionExpiredError",
    "ConfigurationError: no region",
    "BrokenPipeError: [Errno 32]",
    "1 validation error for AccessTokenData\nsub",
    "1 validation error for StartAgentRequest\nuser_request",
    "Request.content must be a string",
    "UNEXPECTED_ERROR",
    "Internal Server Error",
    "Service startup incomplete",
    "maximum number of WebSocket managers (20)",
    "Expected 3 failures, got 0",
    "",
)
REFUSALS = (
    "Expected Bearer, got Digest",
    "Authentication failed: Invalid audience, expected StagingPlatform got None",
    "The scope of this user is not defined",
    "Authentication failed: role is not defined",
    "Group of this member is not defined here",
    "Claims has no attribute 'svc_id'",
    "The signature is not an instance of this environment",
    "This bearer must be a staging instance one",
    "argument 'token' must be a str",
    "TypeError: alg not among RS256, ES256",
    "ValueError: malformed claim",
    "InvalidIssuedAtError: in the future",
    "jwt.exceptions.InvalidAlgorithmError: HS512",
    "InvalidJTIError",
    "InvalidKeyError: could not verify",
    "InvalidSubjectError: Subject must be a string",
    "PyJWKClientError: no match",
    "jose.exceptions.JWSError: no padding",
    "JWEDecryptionError",
    "InsufficientScopeError",
    "InvalidGrantError: revoked",
    "AccessDeniedException",
    "AccountLockedException: 3 attempts",
    "NotAuthenticatedError",
    "UnauthorizedException",
    "BadCredentialsException",
    "InvalidAudienceError: expected StagingPlatform got None",
    "Expected Access, got Refresh",
    "the session is not an instance of production",
    "This account must be a live instance",
    "OTPRequiredException",
    "EmailNotVerifiedError",
    "UserNotRegisteredException",
    "TenantMismatchError",
    "InvalidClientError",
    "NonceReusedError",
    "CSRFError",
    "OriginNotAllowedException",
    'Traceback (most recent call last):\n  File "/app/a.py", line 4, in decode\n'
    "jwt.exceptions.ImmatureSignatureError: not yet",
    "JsonWebTokenError: malformed\n    at verify (/app/node_modules/x.js:3:1)",
    "Error: invalid signature\n    at verify (/app/node_modules/x.js:3:1)",
    'Traceback (most recent call last):\n  File "/app/a.py", line 4, in decode\n'
    "ValueError: Invalid token format",
)
RUN_TIME_WORDS = (
    "'Verifier' object has no attribute 'decode'",
    "module 'app.clock' has no attribute 'now'",
    "name 'time' is not defined",
    "'NoneType' object is not subscriptable",
    "decode() missing 1 required positional argument: 'key'",
    "list index out of range",
    "Object of type datetime is not JSON serializable",
)
WORDED_ALIKE = (
    "user_context must be a UserExecutionContext instance",
    "state is not an instance of dict",
    "Expected UserContext, got ExecutionContext",
    "buildContext is not defined",
    "manager has no attribute 'send'",
    "KeyError: 'sub'",
    "2 validation errors for ConnectionState",
)


@pytest.mark.parametrize("text", EXCEPTIONS)
def test_an_exception_is_recognised_by_its_kind(text: str) -> None:
    found = program_error(text)
    assert found is not None
    assert found.mistake is EXCEPTIONS[text]


@pytest.mark.parametrize("text", NOT_EXCEPTIONS)
def test_what_is_no_exception_of_the_program_is_left_alone(text: str) -> None:
    assert program_error(text) is None


@pytest.mark.parametrize("text", REFUSALS)
def test_a_refusal_that_is_worded_like_an_exception_is_left_alone(text: str) -> None:
    assert program_error(text) is None


@pytest.mark.parametrize("text", WORDED_ALIKE)
def test_what_a_refusal_could_be_worded_like_is_not_certain(text: str) -> None:
    found = program_error(text)
    assert found is not None
    assert not found.is_certain


@pytest.mark.parametrize("text", RUN_TIME_WORDS)
def test_the_words_of_a_run_time_are_certain_whatever_stands_beside_them(text: str) -> None:
    found = program_error(f"Token validation failed: {text}")
    assert found is not None
    assert found.is_certain


def test_a_class_that_the_check_asks_for_counts_behind_words_about_a_token() -> None:
    found = program_error("JWT check failed: context must be a RunContext instance")
    assert found is not None
    assert found.mistake is Mistake.WRONG_CLASS


def test_words_about_a_token_in_the_next_sentence_do_not_count() -> None:
    assert program_error("KeyError: 'tenant'. Valid JWT token required") is not None
    assert program_error('{"error":"KeyError: 1","message":"Invalid token"}') is not None


@pytest.mark.parametrize(
    "part", ["a.", "Aa", "Error", "A", "9", "must be ", "KeyError: ", "Expected Aa", "\n  at x"]
)
def test_a_long_text_is_read_in_time_that_grows_with_its_length(part: str) -> None:
    def cpu_s(size: int) -> float:
        text = part * (size // len(part))
        start = time.process_time()
        program_error(text)
        return time.process_time() - start

    assert cpu_s(200_000) < 2.0


def test_the_line_around_an_exception_is_quoted() -> None:
    log = "12:00 INFO ok\n12:01 ERROR loop: name 'time' is not defined\n12:02 INFO ok"
    found = program_error(log)
    assert found is not None
    assert found.text == "12:01 ERROR loop: name 'time' is not defined"


def test_a_program_exception_behind_a_refused_token_is_found() -> None:
    found = program_error("InvalidTokenError: bad; while handling: KeyError: 'sub'")
    assert found is not None
    assert found.mistake is Mistake.NAMED


def test_a_very_long_line_is_quoted_in_part() -> None:
    found = program_error("a" * 9_000 + " name 'x' is not defined " + "b" * 9_000)
    assert found is not None
    assert "name 'x' is not defined" in found.text
    assert len(found.text) < 300
