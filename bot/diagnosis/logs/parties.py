"""Whom a line is about: an upgrade, the exchange of the key, or a service by its job."""

import re

# Nobody in particular answered: the line does not say who.
UNNAMED = "unnamed"
UPGRADED = "upgrade"

UPGRADE = re.compile(
    r"web ?socket|\bwss?\b|/ws\b|\bupgrade\b|connection rejected|handshake|invalidstatus"
    r"|unexpected server response"
)
EXCHANGE = re.compile(
    r"test[ _-]?token|test-auth|e2e (?:test )?auth|bypass|token (?:exchange|request)|exchange"
    r"|(?<!tests)(?<!test)/e2e[/-]|simulation"
    r"|/(?:qa|test|testing|automation|synthetics?|smoke|probe)[/_-](?:auth|log-?in|sign-?in"
    r"|token|session"
    r"|impersonat\w*)|impersonat",
)
_AUTH = re.compile(
    r"\bauth(?:entication)?\b|\bauth[._-]|[/._-]auth\b|oauth|/token\b|\b(?:login|sso|idp|identity"
    r"|accounts?)\."
)
_FRONTEND = re.compile(r"front-?end|\bapp\.[\w-]+\.|\bui\b")
_BACKEND = re.compile(r"back-?end|\bapi\b")
# The telling ones first: an upgrade names the backend's address, and an exchange the auth's.
_TELLING = (
    ("exchange", EXCHANGE),
    ("upgrade", UPGRADE),
    ("backend", _BACKEND),
    ("frontend", _FRONTEND),
    ("auth", _AUTH),
)


def who(text: str) -> str:
    """Return what `text` is about: an upgrade, the exchange, or a service by its job."""
    low = text.lower()
    return next((name for name, words in _TELLING if words.search(low)), UNNAMED)
