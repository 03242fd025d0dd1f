"""Other keys: whether staging accepts another one than that which the check uses.

None gives a token to anybody: the body is not JSON, which a server looks at only after the key.
"""

from collections.abc import Iterator

from bot.probe.http import Answer
from bot.probe.key_places import places
from bot.probe.key_requests import (
    NOT_JSON,
    Control,
    are_alike,
    ask_control,
    is_past_the_key,
    is_refusal,
    is_settled,
    said,
    send_key,
)
from bot.probe.keys import decoded, is_sendable, stripped
from bot.probe.session import Session
from bot.probe.step import Verdict, passed, step
from bot.target import KEY_CHECK

OTHER_KEYS = ("tried", "not_tried", "accepted_source", "accepted_fingerprint")
# Each is one request; a server may count wrong keys.
MOST_TRIED = 4


@step("other_keys", title="Other keys", observes=OTHER_KEYS)
async def other_keys(session: Session) -> Verdict:
    """Have each other key judged that we hold, and what the used one is base64 of."""
    others = list(_others(session))
    if not others:
        return passed("there is no other key")
    if session.fact("exchange.key_accepted") is None:
        return _none_tried(session, others, "the exchange judged no key")
    wrong = await ask_control(session, Control.WRONG_KEY)
    if not is_refusal(wrong):
        return _none_tried(session, others, "a made-up key is not refused either by what is asked")
    tried: list[dict[str, object]] = []
    for key, source in others[:MOST_TRIED]:
        answer = await send_key(session, key, content=NOT_JSON, control=f"key from {source}")
        accepted = _judged(answer, wrong)
        fingerprint = session.masker.fingerprint(key)
        row = {"source": source, "fingerprint": fingerprint, "accepted": accepted}
        tried.append({**row, "status": answer.status, "detail": said(answer)})
        if accepted:
            session.observe("accepted_source", source)
            session.observe("accepted_fingerprint", fingerprint)
        if not is_settled(answer):
            break  # it fails, or wants to be left alone
    session.observe("tried", tried)
    left = [source for _, source in others[len(tried) :]]
    session.observe_known(not_tried=left or None)
    return passed(_summed_up(tried, left))


def has_other_keys(session: Session) -> bool:
    """The key was refused, and we hold others that could be the right one."""
    refused = session.fact("exchange.key_accepted") is False
    return refused and session.check != KEY_CHECK and any(_others(session))


def _none_tried(session: Session, others: list[tuple[str, str]], why: str) -> Verdict:
    session.observe("not_tried", [source for _, source in others])
    return passed(f"none was tried, since {why}")


def _judged(answer: Answer, wrong: Answer) -> bool | None:
    """Tell whether a key was accepted; None if what it was answered does not tell."""
    if is_past_the_key(answer):
        return True
    return False if are_alike(answer, wrong) else None


def _summed_up(tried: list[dict[str, object]], left: list[str]) -> str:
    good = [str(row["source"]) for row in tried if row["accepted"]]
    unknown = [str(row["source"]) for row in tried if row["accepted"] is None]
    parts = [f"accepted: {', '.join(good)}" if good else f"accepted: none of {len(tried)}"]
    if unknown:
        parts.append(f"not judged: {', '.join(unknown)}")
    if left:
        parts.append(f"not tried: {', '.join(left)}")
    return "; ".join(parts)


def _others(session: Session) -> Iterator[tuple[str, str]]:
    """Yield other keys that can be sent, each with where it is from."""
    used = session.target.bypass_key
    mine = stripped(used.value or "") if used else ""
    seen = {mine}
    # First: that ours can be decoded says more than that there is another.
    if used and (key := decoded(mine)) and key not in seen and is_sendable(key):
        seen.add(key)
        yield key, f"{used.source}, decoded from base64"
    for place in places(session):
        value = place.secret.value or ""
        key, source = stripped(value), place.secret.source
        if key and key not in seen and is_sendable(key):
            seen.add(key)
            yield key, source if key == value else f"{source}, without what surrounds it"
