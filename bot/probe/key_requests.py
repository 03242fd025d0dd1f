"""What the exchange is asked about a key, and what its answers prove.

An answer proves something only beside another: that to a key which is certainly wrong, or to none.
"""

import json
import re
import secrets
from enum import StrEnum

from bot.probe.http import Answer, Headers
from bot.probe.session import Session
from bot.target import Target

NOT_JSON = b"this is not JSON, on purpose"
# Of a body that is no JSON: what a server says that has let the key pass, or looks at no key.
_PAST_THE_KEY = (200, 400, 415, 422)
_REFUSED = (401, 403)

_WRONG = (
    r"(?:invalid|wrong|incorrect|mismatch|unknown|unrecogni[sz]ed|not valid|does(?: not|n't) match"
    r"|revoked|expired|rejected|not accepted|no such)"
)
_FAULTS_KEY = re.compile(
    rf"key\b[^\n]{{0,40}}\b{_WRONG}\b|\b{_WRONG}\b[^\n]{{0,40}}key\b", re.IGNORECASE
)
_NO_KEY_SEEN = re.compile(
    r"required|missing|not provided|absent|\bno (?!such)[\w -]{0,20}key", re.IGNORECASE
)
# An id of the request, or the time: two answers that differ in nothing else are alike.
_NUMBERED = re.compile(r"[0-9a-f-]*\d[0-9a-f-]*", re.IGNORECASE)
_MOST_WORDS = 300


class Control(StrEnum):
    """What is sent in the key's place, to see what an answer is worth."""

    WRONG_KEY = "a made-up key"
    NO_KEY = "no key"


async def send_key(
    session: Session, key: str | None, *, content: bytes, control: str = ""
) -> Answer:
    """POST `content` to the exchange with `key` in its header, or without the header if None.

    Whatever key we hold is masked before it is sent: the answer may repeat it.
    """
    target = session.target
    url = target.auth_url.rstrip("/") + target.exchange.path
    headers: Headers = (("content-type", "application/json"),)
    if key is not None:
        headers += ((target.exchange.header, key),)
        if control != Control.WRONG_KEY and not any(key == one.value for one in target.secrets):
            session.learn(key, name="bypass_key")
    return await session.ask("POST", url, headers=headers, content=content, control=control)


async def ask_control(session: Session, control: Control) -> Answer:
    """Return what a body that is no JSON is answered with a wrong key, or none.

    A run asks each only once, since a server may count wrong keys.
    """
    known = session.controls.get(control)
    if known is None:
        key = dummy_key() if control is Control.WRONG_KEY else None
        known = await send_key(session, key, content=NOT_JSON, control=control.value)
        if is_settled(known):
            session.controls[control] = known
    return known


def is_settled(answer: Answer) -> bool:
    """Tell whether an answer is one that would be the same again a moment later."""
    return answer.status is not None and answer.status < 500 and answer.status != 429


def dummy_key() -> str:
    """Return a key that is certainly wrong."""
    return f"stagecheck-dummy-{secrets.token_hex(8)}"


def exchange_body(target: Target) -> bytes:
    """Return what is sent along with the key."""
    body = {"email": target.user.email, "name": target.user.name, **target.exchange.body}
    return json.dumps(body).encode()


def is_past_the_key(answer: Answer) -> bool:
    """Tell whether an answer to what is no JSON reads as if no key kept it from being looked at."""
    return answer.trouble is None and answer.status in _PAST_THE_KEY and not faults_key(answer)


def is_refusal(answer: Answer) -> bool:
    """Tell whether an answer turns somebody away."""
    return answer.trouble is None and answer.status in _REFUSED


def faults_key(answer: Answer) -> bool:
    """Tell whether the answer's words say that the key which was sent is a wrong one."""
    words = _words(answer)
    is_error = answer.status in (*_REFUSED, 400, 422)
    return is_error and bool(_FAULTS_KEY.search(words)) and not _NO_KEY_SEEN.search(words)


def saw_no_key(answer: Answer) -> bool:
    """Tell whether the answer's words say that no key arrived, and nothing about a wrong one."""
    words = _words(answer)
    return bool(_NO_KEY_SEEN.search(words)) and not _FAULTS_KEY.search(words)


def are_alike(one: Answer, other: Answer) -> bool:
    """Tell whether two answers differ in nothing but numbers, such as the id of a request."""
    if one.trouble or other.trouble or one.status != other.status:
        return False
    return _NUMBERED.sub("#", said(one)) == _NUMBERED.sub("#", said(other))


def said(answer: Answer) -> str:
    """Return the words with which a service explains its answer; empty if it does not."""
    if not isinstance(answer.json, dict):
        return ""
    listed = answer.json.get("errors")
    first = listed[0] if isinstance(listed, list) and listed else None
    # Some answers keep their errors in a list (GraphQL, JSON:API).
    layers = [layer for layer in (answer.json, answer.json.get("error"), first) if layer]
    found = (
        layer.get(key)
        for layer in layers
        if isinstance(layer, dict)
        for key in ("detail", "error", "message", "reason", "title")
    )
    said_at_all = (value for value in answer.json.values() if answer.status != 200)
    sentences = [text for text in said_at_all if isinstance(text, str) and " " in text.strip()]
    # In no field that we know, as where people call their fields in their own language.
    known = (text for text in found if isinstance(text, str) and text)
    return next(known, max(sentences, key=len, default=""))


def _words(answer: Answer) -> str:
    """Return what is said, or a body that is plain text and no page."""
    is_plain = answer.json is None and not answer.body.lstrip().startswith("<")
    return said(answer) or (answer.body[:_MOST_WORDS] if is_plain else "")
