"""Exchange: the bypass key for a token of the auth service."""

import base64
import re
from typing import Any

from bot.model import Status
from bot.probe.http import Answer, parse_json
from bot.probe.key_places import record_acceptance, record_places, record_since
from bot.probe.key_requests import (
    NOT_JSON,
    Control,
    are_alike,
    ask_control,
    exchange_body,
    faults_key,
    is_past_the_key,
    is_refusal,
    is_settled,
    said,
    saw_no_key,
    send_key,
)
from bot.probe.keys import KEY_KEYS, is_sendable, lint, record_key
from bot.probe.session import Session, Token
from bot.probe.step import Verdict, failed, passed, step
from bot.probe.trouble import Kind
from bot.target import KEY_CHECK

EXCHANGE_KEYS = (
    *KEY_KEYS,
    *("url", "status", "detail", "body", "allow", "error", "error_text", "latency_ms"),
    "retry_after_s",
    *("token_issued", "user_id", "expires_in"),
    *("judged_by", "dummy_status", "none_status", "not_judged"),
)

# A token that goes into a header: no white space, no control characters, not absurdly long.
_USABLE_TOKEN = re.compile(r"[\x21-\x7e]{8,8192}")


@step("exchange", title="Bypass key", observes=EXCHANGE_KEYS)
async def exchange(session: Session) -> Verdict:
    """Exchange the key for a token; without one the check goes on with a token of our own."""
    verdict = _without_key(session) or await _exchanged(session)
    record_since(session)
    return verdict


@step("exchange", title="Bypass key", observes=EXCHANGE_KEYS)
async def key_accepted(session: Session) -> Verdict:
    """Have the key judged without a token being issued, by a body that is not JSON."""
    verdict = _without_key(session) or await _judged(session)
    record_since(session)
    return verdict


async def _exchanged(session: Session) -> Verdict:
    answer = await _asked(session, exchange_body(session.target))
    if answer.trouble is not None or answer.status != 200:
        return await _refused(session, answer)
    token = token_of(session, answer)
    session.observe("token_issued", token is not None)
    if token is None:
        session.observe("error", Kind.DECODE.value)
        return failed(f"200, but no usable {session.target.exchange.token_field} in the answer")
    session.issued = token
    record_acceptance(session, accepted=True)
    session.observe_known(user_id=token.subject, expires_in=_seconds(answer))
    return passed(f"a token for {token.subject or 'an unnamed user'} was issued")


async def _judged(session: Session) -> Verdict:
    answer = await _asked(session, NOT_JSON)
    if not is_past_the_key(answer):
        return await _refused(session, answer)
    wrong = await ask_control(session, Control.WRONG_KEY)
    session.observe_known(dummy_status=wrong.status)
    if not is_refusal(wrong):
        return await _judged_by_token(session, answer, wrong)
    record_acceptance(session, accepted=True)
    session.observe("judged_by", "a body that is no JSON")
    return passed(
        f"the server accepts the key (HTTP {answer.status} to a body that is no JSON, and"
        f" {wrong.status} with a made-up key), without a token being issued"
    )


async def _judged_by_token(session: Session, ours: Answer, wrong: Answer) -> Verdict:
    """Issue a token: a wrong key was not refused, so that coming as far proves nothing."""
    why = "since the server looks at the body before the key"
    if wrong.status != ours.status:
        got = f"HTTP {wrong.status}" if wrong.status else "no answer"
        why = f"since a made-up key got {got}, which is no refusal"
    session.observe("judged_by", f"a token, {why}")
    answer = await _asked(session, exchange_body(session.target))
    if answer.trouble is not None or answer.status != 200 or not token_of(session, answer):
        return await _refused(session, answer)
    session.observe("token_issued", True)
    record_acceptance(session, accepted=True)
    return passed(f"the server accepts the key; {why}, so a token was issued")


async def _asked(session: Session, content: bytes) -> Answer:
    answer = await send_key(session, _key(session), content=content)
    session.exchange = answer
    _record(session, answer)
    return answer


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


async def _refused(session: Session, answer: Answer) -> Verdict:
    trouble = answer.trouble
    if trouble is not None:
        status = Status.ERRORED if session.blames_us(trouble) else Status.FAILED
        return Verdict(status=status, detail=f"{trouble.kind}: {trouble.text}")
    if faults_key(answer):
        record_acceptance(session, accepted=False)
    elif is_refusal(answer) and saw_no_key(answer):
        session.observe("not_judged", "the words say that no key arrived")
    elif is_refusal(answer):
        await _look_behind(session, answer)
    return failed(f"HTTP {answer.status} {said(answer)}".strip())


async def _look_behind(session: Session, answer: Answer) -> None:
    """Tell whether a refusal that names no key is about it: one of a guard is the same for all."""
    if session.check != KEY_CHECK:
        # Here the experiments ask the same, after the run.
        session.observe("not_judged", "the words do not name the key")
        return
    none = await ask_control(session, Control.NO_KEY)
    session.observe_known(none_status=none.status)
    if are_alike(none, answer):
        session.observe("not_judged", "without a key the answer is the same")
        return
    wrong = await ask_control(session, Control.WRONG_KEY)
    session.observe_known(dummy_status=wrong.status)
    if is_settled(none) and are_alike(wrong, answer):
        record_acceptance(session, accepted=False)
    else:
        session.observe("not_judged", "a made-up key, or none, is not answered as one would expect")


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
