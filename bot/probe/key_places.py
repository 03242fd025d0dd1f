"""Where a bypass key can come from, place by place: what is there, and which one counts."""

from collections.abc import Iterator
from typing import Any

from bot.masking import Secret
from bot.model import Run
from bot.probe.keys import decoded, lint
from bot.probe.session import Session
from bot.target import AcceptedKey, KeyPlace


def record_places(session: Session) -> None:
    """Record each place of the target's key, which one is used and why, and who disagrees."""
    found = places(session)
    used = session.target.bypass_key
    rows = [_row(session, place, used) for place in found]
    session.observe_known(key_why=_why(found, used))
    if rows:
        session.observe("key_places", rows)
    if disagreeing := list(_disagreeing(found, used)):
        session.observe("key_disagree", disagreeing)
    mine = next((place for place in found if place.secret.source == _source(used)), None)
    if mine and mine.twins:
        session.observe("key_same_as", list(mine.twins))
    if last := session.last_key:
        session.observe("key_last_accepted_at", f"{last.at:%Y-%m-%d %H:%M:%S} UTC")
        session.observe("key_last_accepted_fingerprint", last.fingerprint)
        session.observe("key_last_accepted_source", last.source)
        session.observe("key_last_accepted_run", last.run_id)


def record_acceptance(session: Session, *, accepted: bool) -> None:
    """Record whether the key was accepted, and whose side changed since one last was."""
    session.observe("key_accepted", accepted)
    last, mine = session.last_key, session.fact("exchange.key_fingerprint")
    if last is None or not mine:
        return
    is_same = last.fingerprint == mine
    match accepted, is_same:
        case True, True:
            since = "nothing"
        case True, False:
            since = "both"
        case False, True:
            since = "theirs"
        case _:
            since = "ours"
    session.observe("key_since", since)


def accepted_key(run: Run) -> AcceptedKey | None:
    """Return the key that `run` found to be accepted; None if it found none."""
    facts = {seen.path: seen.value for seen in run.observations}
    fingerprint = facts.get("exchange.key_fingerprint")
    if facts.get("exchange.key_accepted") is not True or not isinstance(fingerprint, str):
        return None
    source = str(facts.get("exchange.key_source") or "")
    return AcceptedKey(fingerprint=fingerprint, source=source, run_id=run.id, at=run.started_at)


def places(session: Session) -> tuple[KeyPlace, ...]:
    """Return every place the key can come from; of a target made by hand, the key it has."""
    target = session.target
    if target.keys or target.bypass_key is None:
        return target.keys
    return (KeyPlace(secret=target.bypass_key),)


def _row(session: Session, place: KeyPlace, used: Secret | None) -> dict[str, Any]:
    secret, value = place.secret, place.secret.value
    row: dict[str, Any] = {
        "source": secret.source,
        "rank": place.rank,
        "used": value is not None and secret.source == _source(used) and place.rank > 0,
    }
    if value is None:
        return {
            **row,
            "state": "unreadable" if secret.unreadable else "not set",
            "problem": secret.problem,
        }
    row |= {
        "state": "set",
        "fingerprint": session.masker.fingerprint(value),
        "length": len(value),
        "lint": [*lint(value), *(["base64_of_text"] if decoded(value) else [])],
    }
    if place.twins:
        row["same_as"] = list(place.twins)
    if secret.notes:
        row["notes"] = list(secret.notes)
    return row


def _why(found: tuple[KeyPlace, ...], used: Secret | None) -> str:
    """Say why one of the places counts, in one sentence."""
    listed = [place for place in found if place.rank]
    mine = next((place for place in listed if place.secret.source == _source(used)), None)
    if mine is None or mine.secret.value is None:
        return "no place that the configuration names has one" if listed else ""
    before = [place.secret.source for place in listed if place.rank < mine.rank]
    if before:
        return f"{mine.secret.source} is the first that is set: {', '.join(before)} has none"
    if len(listed) > 1:
        return f"{mine.secret.source} is set, and stands first in the configuration"
    return f"{mine.secret.source} is the one that the configuration names"


def _disagreeing(found: tuple[KeyPlace, ...], used: Secret | None) -> Iterator[str]:
    """Yield the places that hold another key than the one used, white space apart."""
    mine = (used.value or "").strip() if used else ""
    for place in found:
        value = (place.secret.value or "").strip()
        if mine and value and value != mine:
            yield place.secret.source


def _source(secret: Secret | None) -> str:
    return secret.source if secret else ""
