"""Judging a bypass key without showing it: what is stuck to it, and how it is sent."""

import re

from bot.masking import Secret
from bot.probe.session import Session

# h11 and every other client refuse these in a header, so such a key cannot be sent as it is.
_UNSENDABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]|^[ \t]|[ \t]$|[\ud800-\udfff]")
_PLACEHOLDER = re.compile(
    r"change[-_ ]?me|your[-_ ]|^<.*>$|^x{3,}$|^\*+$|placeholder|^todo\b|^none$|^null$|\$\{|^\.{3}$",
    re.IGNORECASE,
)
_QUOTES = ('"', "'", "`")
_BOM = "\ufeff"

KEY_KEYS = (
    "key_present",
    "key_source",
    "key_problem",
    "key_fingerprint",
    "key_length",
    "key_lint",
)


def lint(key: str) -> list[str]:
    """Return what looks wrong with `key`, by names that do not give it away."""
    bare = key.strip().strip(_BOM).strip()
    found = {
        "leading_whitespace": key != key.lstrip(),
        "trailing_whitespace": key != key.rstrip(),
        "newline": "\n" in key or "\r" in key,
        "quoted": len(bare) > 1 and bare[0] in _QUOTES and bare[-1] == bare[0],
        "bom": _BOM in key,
        "placeholder": bool(_PLACEHOLDER.search(bare)),
    }
    return [name for name, is_so in found.items() if is_so]


def stripped(key: str) -> str:
    """Return `key` without what may be stuck to it: white space, a byte order mark, quotes."""
    bare = key.strip().strip(_BOM).strip()
    if len(bare) > 1 and bare[0] in _QUOTES and bare[-1] == bare[0]:
        bare = bare[1:-1].strip()
    return bare


def is_sendable(key: str) -> bool:
    """Tell whether `key` can stand in a header exactly as it is."""
    return not _UNSENDABLE.search(key)


def key_problem(key: Secret | None) -> str:
    """Say why there is no key to send; empty if there is one."""
    if key is None:
        return "No bypass key is configured."
    if key.value is None:
        return key.problem or f"{key.source} could not be read."
    return "" if key.value.strip() else f"{key.source} is empty."


def record_key(session: Session) -> str:
    """Record what can be said of the target's key; return why there is none to send, or empty."""
    key = session.target.bypass_key
    problem = key_problem(key)
    session.observe("key_present", not problem)
    if key is not None:
        session.observe("key_source", key.source)
    if problem:
        session.observe("key_problem", problem)
    elif key is not None and key.value is not None:
        session.observe("key_fingerprint", session.masker.fingerprint(key.value))
        session.observe("key_length", len(key.value))
        session.observe("key_lint", lint(key.value))
    return problem
