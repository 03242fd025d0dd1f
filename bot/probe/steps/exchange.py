"""Exchange: the bypass key for a token of the auth service."""

import base64
import json
import re
import secrets
from typing import Any

from bot.model import Status
from bot.probe.http import Answer, Headers, parse_json
from bot.probe.key_places import record_acceptance, record_places
from bot.probe.keys import KEY_KEYS, is_sendable, lint, record_key
from bot.probe.session import Session, Token
from bot.probe.step import Verdict, failed, passed, step
from bot.probe.trouble import Kind
from bot.target import Target

EXCHANGE_KEYS = (
    *KEY_KEYS,
    *("url", "status", "detail", "body", "allow", "error", "error_text", "latency_ms"),
    "retry_after_s",
    *("token_issued", "user_id", "expires_in"),
    *("judged_by", "dummy_status"),
)

# A token that goes into a header: no white space, no control characters, not absurdly long.
_USABLE_TOKEN = re.compile(r"[\x21-\x7e]{8,8192}")
NOT_JSON = b"this is not JSON, on purpose"
# Of a body that is no JSON: what a server says that has let the key pass, or looks at no key.
_PAST_THE_KEY = (200, 400, 415, 422)
_NO_KEY_SEEN = re.compile(r"required|missing|not provided|absent", re.IGNORECASE)


@step("exchange", title="Bypass key is exchanged", observes=EXCHANGE_KEYS)
async def exchange(session: Session) -> Verdict:
    """Exchange the key for a token; without one the check goes on with a token of our own."""
    if refusal := _without_key(session):
        return refusal
    target = session.target
    answer = await send_key(session, _key(session), content=exchange_body(target))
    session.exchange = answer
    _record(session, answer)
    if answer.trouble is not None or answer.status != 200:
        return _refused(session, answer)
    token = token_of(session, answer)
    session.observe("token_issued", token is not None)
    if token is None:
        session.observe("error", Kind.DECODE.value)
        return failed(f"200, but no usable {target.exchange.token_field} in the answer")
    session.issued = token
    record_acceptance(session, accepted=True)
    session.observe_known(user_id=token.subject, expires_in=_seconds(answer))
    return passed(f"a token for {token.subject or 'an unnamed user'} was issued")


@step("exchange", title="Bypass key is accepted", observes=EXCHANGE_KEYS)
async def key_accepted(session: Session) -> Verdict:
    """Have the key judged without a token being issued, by a body that is not JSON."""
    if refusal := _without_key(session):
        return refusal
    answer = await send_key(session, _key(session), content=NOT_JSON)
    session.exchange = answer
    _record(session, answer)
    if answer.trouble is None and answer.status in _PAST_THE_KEY:
        return await _past_the_key(session, answer)
    return _refused(session, answer)


async def _past_the_key(session: Session, answer: Answer) -> Verdict:
    """Tell whether a wrong key would have come as far; if so, only an exchange can tell."""
    dummy = await send_key(session, dummy_key(), content=NOT_JSON)
    session.observe_known(dummy_status=dummy.status)
    if (dummy.status, said(dummy)) != (answer.status, said(answer)):
        record_acceptance(session, accepted=True)
        session.observe("judged_by", "a body that is no JSON")
        return passed(
            f"the server accepts the key (HTTP {answer.status} to a body that is no JSON), without"
            " a token being issued"
        )
    session.observe("judged_by", "a token, since the server looks at the body before the key")
    answer = await send_key(session, _key(session), content=exchange_body(session.target))
    session.exchange = answer
    _record(session, answer)
    if answer.trouble is not None or answer.status != 200 or not token_of(session, answer):
        return _refused(session, answer)
    session.observe("token_issued", True)
    record_acceptance(session, accepted=True)
    return passed("the server accepts the key; it looks at the body first, so a token was issued")


def dummy_key() -> str:
    """Return a key that is certainly wrong."""
    return f"stagecheck-dummy-{secrets.token_hex(8)}"


async def send_key(session: Session, key: str | None, *, content: bytes) -> Answer:
    """POST `content` to the exchange with `key` in its header, or without the header if None."""
    target = session.target
    url = target.auth_url.rstrip("/") + target.exchange.path
    headers: Headers = (("content-type", "application/json"),)
    if key is not None:
        headers += ((target.exchange.header, key),)
    return await session.ask("POST", url, headers=headers, content=content)


def exchange_body(target: Target) -> bytes:
    """Return what is sent along with the key."""
    body = {"email": target.user.email, "name": target.user.name, **target.exchange.body}
    return json.dumps(body).encode()


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


def _without_key(session: Session) -> Verdict | None:
    """Record the key; return the verdict if there is none that could be sent."""
    problem = record_key(session)
    record_places(session)
    if problem:
        held = session.target.bypass_key
        # A key that is there and cannot be read is no key that nobody set: it is our own trouble.
        status = Status.ERRORED if held is not None and held.unreadable else Status.FAILED
        return Verdict(status=status, detail=f"no key was sent: {problem}")
    key = _key(session)
    if is_sendable(key):
        return None
    text = f"the key cannot stand in a header: {', '.join(lint(key)) or 'control characters'}"
    session.observe("error", Kind.CONFIG.value)
    session.observe("error_text", text)
    return failed(text)


def _key(session: Session) -> str:
    key = session.target.bypass_key
    return key.value or "" if key is not None else ""


def _record(session: Session, answer: Answer) -> None:
    trouble = answer.trouble
    session.observe_known(
        url=answer.url,
        status=answer.status,
        detail=said(answer),
        body=answer.body if answer.status != 200 else None,
        allow=answer.headers.get("allow"),
        error=trouble and trouble.kind.value,
        error_text=trouble and trouble.text,
        latency_ms=answer.latency_ms,
        retry_after_s=answer.retry_after_s,
    )


def _refused(session: Session, answer: Answer) -> Verdict:
    trouble = answer.trouble
    if trouble is not None:
        status = Status.ERRORED if session.blames_us(trouble) else Status.FAILED
        return Verdict(status=status, detail=f"{trouble.kind}: {trouble.text}")
    if answer.status in (401, 403) and not _NO_KEY_SEEN.search(said(answer)):
        record_acceptance(session, accepted=False)
    return failed(f"HTTP {answer.status} {said(answer)}".strip())


def token_of(session: Session, answer: Answer) -> Token | None:
    """Return the token that the exchange gave; None if it gave none that can be used."""
    body = answer.json if isinstance(answer.json, dict) else {}
    value = body.get(session.target.exchange.token_field)
    if not isinstance(value, str) or not _USABLE_TOKEN.fullmatch(value):
        return None
    claims = claims_of(value)
    user = body.get("user")
    named = user.get("id") if isinstance(user, dict) else None
    # Who is on the wire is what the token says; the answer around it is only a label.
    subject = claims.get("sub") or (named if isinstance(named, str) else "")
    return Token(value=value, source="exchanged", subject=str(subject)[:200], claims=claims)


def claims_of(token: str) -> dict[str, Any]:
    """Return what a JWT says, unverified; empty if it is none."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        raw = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
    except ValueError:
        return {}
    claims = parse_json(raw.decode("utf-8", "replace"))
    return claims if isinstance(claims, dict) else {}


def _seconds(answer: Answer) -> int | float | None:
    value = answer.json.get("expires_in") if isinstance(answer.json, dict) else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
