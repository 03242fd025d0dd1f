"""Experiments on the exchange and on health: each differs from the run's request in one thing.

Those on the key give no token to anybody: the body is not JSON, which the server looks at only
after it has judged the key.
"""

import asyncio

from bot.probe.http import Answer
from bot.probe.key_requests import (
    NOT_JSON,
    Control,
    ask_control,
    exchange_body,
    is_past_the_key,
    is_refusal,
    said,
    send_key,
)
from bot.probe.keys import is_sendable, pared
from bot.probe.minting import forged
from bot.probe.session import Session
from bot.probe.step import Verdict, passed, skipped
from bot.probe.steps.exchange import token_of
from bot.probe.steps.health import health_urls

EXCHANGE_PROBE_KEYS = ("status", "detail", "error", "latency_ms", "same")
VERIFY_KEYS = ("url", "status", "valid", "forged_valid", "detail", "error", "latency_ms")
JUDGED_KEYS = (*EXCHANGE_PROBE_KEYS, "wrong_refused")
HEALTH_PROBE_KEYS = (*EXCHANGE_PROBE_KEYS, "service", "attempts", "recovered_after_s")

SERVICES = ("backend", "auth", "ready")
_TRANSIENT_ERRORS = ("timeout", "reset", "refused", "protocol")
# Enough to see a start through that is nearly done; a crash loop is not waited out.
_MOST_ATTEMPTS = 18
_PAUSE_S = 0.1


async def key_non_json(session: Session) -> Verdict:
    """Send the key with a body that is not JSON: 422 says that it was accepted, or not seen."""
    return await _told_apart(session, _held(session) or "", control="body not JSON")


async def key_dummy(session: Session) -> Verdict:
    """Send a key that is certainly wrong: a server without a key of its own answers otherwise."""
    return _told(session, await ask_control(session, Control.WRONG_KEY))


async def key_none(session: Session) -> Verdict:
    """Leave the header out: the route, if it is there, says that a key is required."""
    return _told(session, await ask_control(session, Control.NO_KEY))


async def key_stripped(session: Session) -> Verdict:
    """Send the key without what is stuck to it, and a wrong one: if it is refused, that tells."""
    key = pared(_held(session) or "")
    return await _told_apart(session, key, control="key without what surrounds it")


async def exchange_again(session: Session) -> Verdict:
    """Send the check's own request once more; a token it gives is kept for later experiments."""
    answer = await send_key(session, _held(session), content=exchange_body(session.target))
    before = session.exchange
    _record(session, answer)
    session.observe("same", before is not None and _outcome(answer) == _outcome(before))
    if answer.status == 200 and (token := token_of(session, answer)):
        session.issued = token
    return _carried_out(answer)


async def token_verified(session: Session) -> Verdict:
    """Ask the auth service about the run's token; and about a forged one, which it must refuse."""
    token = session.token.value if session.token else ""
    answer, valid = await _verdict_on(session, token)
    session.observe("url", answer.url)
    _record(session, answer)
    if valid is None:
        return _carried_out(answer)
    session.observe("valid", valid)
    if valid:
        _, forged_valid = await _verdict_on(session, forged(token), control="altered token")
        if forged_valid is not None:
            session.observe("forged_valid", forged_valid)
    return passed(f"the auth service calls the token {'valid' if valid else 'not valid'}")


async def _verdict_on(
    session: Session, token: str, *, control: str = ""
) -> tuple[Answer, bool | None]:
    """Return the auth service's answer about `token`, and its verdict, if it is one."""
    session.learn(token)
    url = session.target.auth_url.rstrip("/") + session.target.token.verify_path
    headers = (("authorization", f"Bearer {token}"),)
    answer = await session.ask("GET", url, headers=headers, control=control)
    valid = answer.json.get("valid") if isinstance(answer.json, dict) else None
    return answer, valid if isinstance(valid, bool) else None


async def health_again(session: Session) -> Verdict:
    """Ask a service that was down again, for some seconds: a cold start ends, a crash loop not."""
    name = next(name for name in SERVICES if is_unwell(session, name))
    url = health_urls(session.target)[name]
    began = session.clock()
    answer = await session.ask("GET", url)
    attempts = 1
    while (answer.status or 0) >= 500 and attempts < _MOST_ATTEMPTS:
        # One that our own deadline would cut off tells nothing of the service.
        if session.clock() + _PAUSE_S + 2 * answer.latency_ms / 1000 >= session.deadline:
            break
        await asyncio.sleep(_PAUSE_S)
        answer = await session.ask("GET", url)
        attempts += 1
    _record(session, answer)
    session.observe("service", name)
    session.observe("attempts", attempts)
    before = (session.fact(f"health.{name}.status"), session.fact(f"health.{name}.error") or "")
    session.observe("same", _outcome(answer) == before)
    if answer.status == 200:
        session.observe("recovered_after_s", round(session.clock() - began, 2))
    return _carried_out(answer)


def is_unwell(session: Session, name: str) -> bool:
    """Tell whether a service was not there, or answered like one whose instances are not up."""
    status, error = session.fact(f"health.{name}.status"), session.fact(f"health.{name}.error")
    return error in _TRANSIENT_ERRORS or (isinstance(status, int) and status >= 500)


async def _told_apart(session: Session, key: str, *, control: str) -> Verdict:
    """Have `key` judged; where it seems to be accepted, see whether a wrong one is refused."""
    if not (key and is_sendable(key)):
        return skipped("The key cannot stand in a header.")
    answer = await send_key(session, key, content=NOT_JSON, control=control)
    verdict = _told(session, answer)
    if is_past_the_key(answer):
        wrong = await ask_control(session, Control.WRONG_KEY)
        session.observe("wrong_refused", is_refusal(wrong))
    return verdict


def _told(session: Session, answer: Answer) -> Verdict:
    _record(session, answer)
    return _carried_out(answer)


def _record(session: Session, answer: Answer) -> None:
    session.observe_known(
        status=answer.status,
        detail=said(answer),
        error=answer.trouble and answer.trouble.kind.value,
        latency_ms=answer.latency_ms,
    )


def _carried_out(answer: Answer) -> Verdict:
    if answer.trouble is not None:
        return passed(f"{answer.trouble.kind}: {answer.trouble.text}")
    return passed(f"HTTP {answer.status} {said(answer)}".strip())


def _outcome(answer: Answer) -> tuple[int | None, str]:
    return answer.status, answer.trouble.kind if answer.trouble else ""


def _held(session: Session) -> str | None:
    key = session.target.bypass_key
    return key.value if key is not None else None
