"""Blocks in which a service says how the parts it stands on are, and how it is itself."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from bot.diagnosis.logs.facts import Fact
from bot.diagnosis.logs.fields import Field, Scalar

_PARTS = tuple(
    (part, re.compile(names, re.IGNORECASE))
    for part, names in (
        ("clickhouse", r"clickhouse"),
        ("redis", r"redis|cache$"),
        ("database", r"postgres|database|^db$|^sql|mysql"),
        ("llm", r"^llm|language_model|openai|gemini|anthropic"),
        ("auth", r"^auth"),
    )
)
_STATE_NAMES = frozenset(("status", "state", "health", "connected", "healthy", "available", "ok"))
_TIME_NAMES = frozenset(("response_time_ms", "latency_ms", "responsetimems", "latency"))
_WELL = frozenset(
    ("healthy", "ok", "up", "connected", "ready", "available", "pass", "green", "operational")
)
_RESULT_NAMES = frozenset(("result", "outcome", "verdict", "conclusion"))
_PASSED = frozenset(("passed", "pass", "success", "succeeded", "ok", "green"))
_NOT_PASSED = frozenset(("failed", "fail", "failure", "error", "errored", "red"))
_LIMPING = frozenset(("degraded", "slow", "warning", "warn", "partial"))
# A part that needs longer than this to say that it is there is not well.
_SLOW_MS = 5000.0


def read_dependencies(fields: Sequence[Field]) -> Iterator[Fact]:
    """Yield ``dependency_status.PART``, ``part_down.PART`` and ``part_slow.PART``, and "
    "``state``."""
    for one in fields:
        name = one.name.lower()
        part = _part(one)
        if not part and name == "database_status":
            part, name = "database", "status"
        if not part:
            is_result = name in _RESULT_NAMES or name == "status"
            if is_result and _word(one.value) in _PASSED and len(one.path) <= 1:
                yield Fact("result_well", one.line, one.value)
            if name in _RESULT_NAMES and _word(one.value) in _NOT_PASSED and len(one.path) <= 1:
                yield Fact("state_down", one.line, one.value)
            if name in ("status", "state") and isinstance(one.value, str) and len(one.path) <= 1:
                yield from _own_state(one)
            continue
        if name in _STATE_NAMES or _part_named(one.name) == part:
            yield from _part_state(part, one)
        elif name == "error" and one.value not in (None, "", False):
            yield Fact(f"part_down.{part}", one.line, one.value)
        elif name in _TIME_NAMES and isinstance(one.value, int | float) and one.value > _SLOW_MS:
            yield Fact(f"part_slow.{part}", one.line, one.value)


def _part_state(part: str, one: Field) -> Iterator[Fact]:
    word = _word(one.value)
    if word is None:
        return
    yield Fact(f"dependency_status.{part}", one.line, word)
    if word in _LIMPING:
        yield Fact(f"part_slow.{part}", one.line, word)
    elif word not in _WELL:
        yield Fact(f"part_down.{part}", one.line, word)


def _own_state(one: Field) -> Iterator[Fact]:
    word = _word(one.value)
    if word in _WELL or word == "alive":
        yield Fact("state_well", one.line, word)
    elif word in _LIMPING:
        yield Fact("state_degraded", one.line, word)
    elif word in ("unhealthy", "not_ready", "down", "failed", "error", "critical", "not ready"):
        yield Fact("state_down", one.line, word)


def _part(one: Field) -> str:
    for name in reversed(one.path):
        if part := _part_named(name):
            return part
    return _part_named(one.name) if _word(one.value) in _KNOWN_WORDS else ""


@lru_cache(maxsize=1024)
def _part_named(name: str) -> str:
    return next((part for part, names in _PARTS if names.search(name)), "")


def _word(value: Scalar) -> str | None:
    if isinstance(value, bool):
        return "ok" if value else "not ok"
    if isinstance(value, str) and 0 < len(value) <= 40:
        return value.strip().strip("✅❌✓✗ ").lower()
    return None


_KNOWN_WORDS = _WELL | _LIMPING | {
    "unhealthy", "failed", "down", "error", "disconnected", "unavailable", "timeout", "not "
    "connected",
    "offline", "critical", "unreachable", "fail", "failure",
}  # fmt: skip
