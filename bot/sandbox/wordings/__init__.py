"""The same things said in other words: two more voices for every text of the services.

Status, label and role of a run rest on what is said, not on how: a reader who knows only the
usual texts fails here.
"""

import re
from collections.abc import Mapping

from bot.sandbox.wordings.closes import CLOSES
from bot.sandbox.wordings.failures import FAILURES
from bot.sandbox.wordings.refusals import REFUSALS

VOICES = ("", "second", "third")
_TEXTS = (*REFUSALS, *CLOSES, *FAILURES)

# What the error codes are called where not even those stay.
_CODES = {
    "NO_TOKEN": "TOKEN_MISSING",
    "INVALID_FORMAT": "TOKEN_MALFORMED",
    "VALIDATION_FAILED": "TOKEN_INVALID",
    "TOKEN_EXPIRED": "JWT_EXPIRED",
    "AUTH_SERVICE_ERROR": "UPSTREAM_AUTH_FAILURE",
    "AUTH_CIRCUIT_BREAKER_OPEN": "UPSTREAM_AUTH_SUSPENDED",
    "WEBSOCKET_AUTH_ERROR": "WS_AUTH_FAULT",
    "WEBSOCKET_AUTH_EXCEPTION": "WS_AUTH_FAULT",
    "INVALID_WEBSOCKET_STATE": "WS_STATE_FAULT",
    "UNEXPECTED_ERROR": "UNKNOWN",
    "AUTH_REQUIRED": "UNAUTHENTICATED",
    "AUTH_FAILED": "UNAUTHORIZED",
    "STARTUP_INCOMPLETE": "NOT_STARTED_YET",
    "SERVICE_UNAVAILABLE": "COMPONENT_MISSING",
    "SERVICE_INIT_FAILED": "INIT_FAULT",
    "CONNECTION_ERROR": "SOCKET_FAULT",
    "FORMAT_ERROR": "BAD_MESSAGE",
    "JSON_PARSE_ERROR": "BAD_JSON",
    "AGENT_REQUEST_ERROR": "AGENT_CALL_FAULT",
}


def _pattern(text: str) -> re.Pattern[str]:
    """Return what matches `text`, each ``{}`` in it standing for anything."""
    return re.compile("(.*)".join(map(re.escape, text.split("{}"))), re.DOTALL)


_VOICED = tuple((_pattern(usual), {"second": s, "third": t}) for usual, s, t in _TEXTS)


def reworded(text: str, voice: str) -> str:
    """Return `text` in another voice; a text that is not known stays as it is."""
    for pattern, words in _VOICED if voice else ():
        if found := pattern.fullmatch(text):
            return words[voice].format(*found.groups())
    return text


def revoiced(body: object, voice: str, *, codes: bool) -> object:
    """Return a JSON value with every text in it in another voice, and its codes renamed too."""
    match body:
        case str():
            return _CODES.get(body, reworded(body, voice)) if codes else reworded(body, voice)
        case Mapping():
            return {key: revoiced(value, voice, codes=codes) for key, value in body.items()}
        case list():
            return [revoiced(value, voice, codes=codes) for value in body]
        case _:
            return body
