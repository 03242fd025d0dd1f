"""Other keys: whether staging accepts another one than that which the check uses.

None gives a token to anybody: the body is not JSON, which a server looks at only after the key.
"""

from collections.abc import Iterator

from bot.probe.key_places import places
from bot.probe.keys import decoded, is_sendable, stripped
from bot.probe.session import Session
from bot.probe.step import Verdict, passed, step
from bot.probe.steps.exchange import NOT_JSON, dummy_key, said, send_key
from bot.target import KEY_CHECK

OTHER_KEYS = ("tried", "accepted_source", "accepted_fingerprint")
# Each is one request; a server may count wrong keys.
MOST_TRIED = 4


@step("other_keys", title="Other keys that we hold are tried", observes=OTHER_KEYS)
async def other_keys(session: Session) -> Verdict:
    """Have each other key judged that we hold, and what the used one is base64 of."""
    others = dict(list(_others(session))[:MOST_TRIED])
    if not others:
        return passed("there is no other key")
    if session.fact("exchange.key_accepted") is None:
        return passed("none was tried, since the exchange judged no key")
    dummy = await send_key(session, dummy_key(), content=NOT_JSON)
    tried = []
    for key, source in others.items():
        answer = await send_key(session, key, content=NOT_JSON)
        # What a wrong key gets as well tells nothing.
        judged = (answer.status, said(answer)) != (dummy.status, said(dummy))
        accepted = judged and answer.status in (200, 400, 415, 422)
        fingerprint = session.masker.fingerprint(key)
        row = {"source": source, "fingerprint": fingerprint, "accepted": accepted}
        tried.append({**row, "status": answer.status, "detail": said(answer)})
        if accepted:
            session.observe("accepted_source", source)
            session.observe("accepted_fingerprint", fingerprint)
    session.observe("tried", tried)
    good = [str(row["source"]) for row in tried if row["accepted"]]
    return passed(f"accepted: {', '.join(good)}" if good else "none of them is accepted")


def has_other_keys(session: Session) -> bool:
    """The key was refused, and we hold others that could be the right one."""
    refused = session.fact("exchange.key_accepted") is False
    return refused and session.check != KEY_CHECK and any(_others(session))


def _others(session: Session) -> Iterator[tuple[str, str]]:
    """Yield other keys that can be sent, each with where it is from."""
    used = session.target.bypass_key
    mine = stripped(used.value or "") if used else ""
    seen = {mine}
    for place in places(session):
        key = stripped(place.secret.value or "")
        if key and key not in seen and is_sendable(key):
            seen.add(key)
            yield key, place.secret.source
    if used and (key := decoded(mine)) and key not in seen and is_sendable(key):
        yield key, f"{used.source}, decoded from base64"
