"""Judging a bypass key without showing it: what is stuck to it, and how it is sent."""

import base64
import binascii
import re

from bot.masking import Secret
from bot.probe.session import Session

# h11 and every other client refuse these in a header, so such a key cannot be sent as it is.
_UNSENDABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]|^[ \t]|[ \t]$|[\ud800-\udfff]")
_PLACEHOLDER = re.compile(
    r"change[-_ ]?me|your[-_ ]|^<.*>$|^x{3,}$|^\*+$|placeholder|^todo\b|^\.{3}$|\[redacted"
    r"|^(?:none|null|nil|undefined|secret|password|redacted|example|dummy|test)$",
    re.IGNORECASE,
)
# Of a shell, a workflow, a template, a password manager, a cloud: what should have become a key.
_REFERENCE = re.compile(
    r"\$\{|^\$\w+$|^\$\(|\{\{.*\}\}|^%\w+%$|^(?:op|vault|secret|ref|aws-sm|gcp-sm)://|^arn:aws"
    r"|^projects/[\w-]+/secrets/"
)
_ASSIGNMENT = re.compile(r"(?:export[ \t]+)?[A-Z][A-Z0-9_]{2,60}(?:=(?=[^=\s])|:[ \t]+(?=\S))")
_SCHEME = re.compile(r"(?:bearer|basic)[ \t]+", re.IGNORECASE)
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f\u00a0\u200b-\u200f\u2028-\u202f\u2060\u00ad]")
_JWT = re.compile(r"eyJ[\w-]{6,}\.[\w-]{4,}\.[\w-]*")
_ESCAPED_BREAK = re.compile(r"(?:\\[rn])+(?=[\"'`]?$)")
_PERCENT = re.compile(r"(?:%0[ad]|%20)+$|^(?:%20)+", re.IGNORECASE)
_QUOTES = ('"', "'", "`")
_CURLY = "\u2018\u2019\u201c\u201d\u00ab\u00bb"
_BOM = "\ufeff"
# Of base64 whose text is shorter one cannot tell that it is meant.
_LEAST_DECODED = 8

KEY_KEYS = (
    "key_present",
    "key_source",
    "key_problem",
    "key_fingerprint",
    "key_length",
    "key_lint",
    "key_same_as",
    "key_why",
    "key_places",
    "key_disagree",
    "key_differ_in_space",
    "key_accepted",
    "key_since",
    "key_last_accepted_at",
    "key_last_accepted_fingerprint",
    "key_last_accepted_source",
    "key_last_accepted_run",
)


SPOILS = frozenset(
    {
        *("leading_whitespace", "trailing_whitespace", "newline", "quoted", "bom", "assignment"),
        *("scheme", "unseen_character", "escaped_newline", "curly_quotes"),
        *("unmatched_quote", "trailing_punctuation", "percent_encoded"),
    }
)
"""What `pared` takes away."""


def lint(key: str) -> list[str]:
    """Return what looks wrong with `key`, by names that do not give it away."""
    bare = key.strip().strip(_BOM).strip()
    quotes = [bare[:1] in _QUOTES, bare[-1:] in _QUOTES]
    is_quoted = len(bare) > 1 and quotes[0] and bare[-1] == bare[0]
    found = {
        "leading_whitespace": key != key.lstrip(),
        "trailing_whitespace": key != key.rstrip(),
        "newline": "\n" in key or "\r" in key,
        "quoted": is_quoted,
        "bom": _BOM in key,
        "placeholder": bool(_PLACEHOLDER.search(bare)),
        "reference": bool(_REFERENCE.search(bare)),
        "assignment": bool(_ASSIGNMENT.match(bare)),
        "scheme": bool(_SCHEME.match(bare)),
        "token": bool(_JWT.fullmatch(bare)),
        "unseen_character": bool(_UNSEEN.search(bare)),
        "escaped_newline": bool(_ESCAPED_BREAK.search(bare)),
        "curly_quotes": bare[:1] in tuple(_CURLY) or bare[-1:] in tuple(_CURLY),
        "unmatched_quote": any(quotes) and not is_quoted and not _ASSIGNMENT.match(bare),
        "trailing_punctuation": bare[-1:] in (";", ","),
        "percent_encoded": bool(_PERCENT.search(bare)),
    }
    return [name for name, is_so in found.items() if is_so]


def decoded(key: str) -> str:
    """Return what `key` is base64 of, with padding or without, if that is plain text; else nothing.

    A key may be meant so: that it can be decoded is no more than a hint.
    """
    bare = stripped(key).rstrip("=")
    if not bare.isascii():
        return ""
    padded = bare.translate(_STANDARD) + "=" * (-len(bare) % 4)
    try:
        text = base64.b64decode(padded, validate=True).decode().strip()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return text if len(text) >= _LEAST_DECODED and text.isprintable() else ""


_STANDARD = str.maketrans("-_", "+/")


def stripped(key: str) -> str:
    """Return `key` without what is no part of it: white space, a BOM, quotes, ``NAME=``."""
    bare = key.strip().strip(_BOM).strip()
    for prefix in (_ASSIGNMENT, _SCHEME):
        bare = prefix.sub("", bare, count=1) if prefix.match(bare) else bare
    bare = _ESCAPED_BREAK.sub("", bare)
    if len(bare) > 1 and bare[0] in _QUOTES and bare[-1] == bare[0]:
        bare = bare[1:-1].strip()
    return _UNSEEN.sub("", bare.strip(_CURLY))


def pared(key: str) -> str:
    """Return `key` also without what a key may end in by chance: a lone quote, ``;``, ``%0A``."""
    bare = _PERCENT.sub("", stripped(stripped(key).rstrip(";,")))
    return bare.strip("".join(_QUOTES)).strip()


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
