"""A program's own exception is recognised in text, and a refusal is not taken for one."""

import pytest

from bot.diagnosis import Mistake, program_error

EXCEPTIONS = {
    "user_context must be a UserExecutionContext instance": Mistake.WRONG_CLASS,
    "payload must be an instance of dict": Mistake.WRONG_CLASS,
    "Expected UserContext, got ExecutionContext": Mistake.WRONG_CLASS,
    "unsupported operand type(s) for +: 'int' and 'str'": Mistake.WRONG_CLASS,
    "'coroutine' object has no attribute 'get'": Mistake.NOT_AWAITED,
    "object Manager can't be used in 'await' expression": Mistake.NOT_AWAITED,
    "coroutine 'connect' was never awaited": Mistake.NOT_AWAITED,
    "asyncio.run() cannot be called from a running event loop": Mistake.NOT_AWAITED,
    "'NoneType' object has no attribute 'ask'": Mistake.NONE_VALUE,
    "Cannot read properties of undefined (reading 'id')": Mistake.NONE_VALUE,
    "runtime error: invalid memory address or nil pointer dereference": Mistake.NONE_VALUE,
    "create() missing 1 required positional argument: 'data'": Mistake.BAD_CALL,
    "Context.__init__() got an unexpected keyword argument 'metadata'": Mistake.BAD_CALL,
    "send() takes 2 positional arguments but 3 were given": Mistake.BAD_CALL,
    "handler is not a function": Mistake.BAD_CALL,
    "No module named 'auth_service'": Mistake.MISSING_MODULE,
    "cannot import name 'State' from 'app.state'": Mistake.MISSING_MODULE,
    "name 'time' is not defined": Mistake.UNDEFINED_NAME,
    "cannot access local variable 'is_production'": Mistake.UNDEFINED_NAME,
    "is_production is unbound": Mistake.UNDEFINED_NAME,
    "'URL' object has no attribute 'query_params'": Mistake.MISSING_ATTRIBUTE,
    "Object of type State is not JSON serializable": Mistake.NOT_SERIALISABLE,
    "cannot pickle 'module' object": Mistake.NOT_SERIALISABLE,
    'WebSocket is not connected. Need to call "accept" first.': Mistake.WRONG_ORDER,
    "Direct instantiation not allowed": Mistake.WRONG_ORDER,
    "Traceback (most recent call last):\n  ...": Mistake.TRACE,
    "thread 'main' panicked at src/main.rs:3": Mistake.TRACE,
    "TypeError": Mistake.NAMED,
    "app.errors.RegistryError: no supervisor": Mistake.NAMED,
    "java.lang.IllegalStateException: closed twice": Mistake.NAMED,
}
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
    "UNEXPECTED_ERROR",
    "Internal Server Error",
    "Service startup incomplete",
    "maximum number of WebSocket managers (20)",
    "Expected 3 failures, got 0",
    "",
)


@pytest.mark.parametrize("text", EXCEPTIONS)
def test_an_exception_is_recognised_by_its_kind(text: str) -> None:
    found = program_error(text)
    assert found is not None
    assert found.mistake is EXCEPTIONS[text]


@pytest.mark.parametrize("text", NOT_EXCEPTIONS)
def test_what_is_no_exception_of_the_program_is_left_alone(text: str) -> None:
    assert program_error(text) is None


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
