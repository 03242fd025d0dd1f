"""Where a bypass key can come from, place by place: what is there, and which one counts."""

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
    disagreeing, spaced = _disagreeing(found, used)
    session.observe_known(key_disagree=disagreeing or None, key_differ_in_space=spaced or None)
    mine = next((place for place in found if place.secret.source == _source(used)), None)
    if mine and mine.twins:
        session.observe("key_same_as", list(mine.twins))
    if last := session.last_key:
        session.observe("key_last_accepted_at", f"{last.at:%Y-%m-%d %H:%M:%S} UTC")
        session.observe("key_last_accepted_fingerprint", last.fingerprint)
        session.observe("key_last_accepted_source", last.source)
        session.observe("key_last_accepted_run", last.run_id)


def record_acceptance(session: Session, *, accepted: bool) -> None:
    """Record that the key was judged: each run does so once at most."""
    session.observe("key_accepted", accepted)


def record_since(session: Session) -> None:
    """Record whose side changed since a key was last accepted, as far as that is seen.

    That ours is another one is seen in any case; how staging's is, only where it judged a key.
    """
    last, mine = session.last_key, session.fact("exchange.key_fingerprint")
    if last is None or not mine:
        return
    is_same = last.fingerprint == mine
    match session.fact("exchange.key_accepted"), is_same:
        case True, True:
            since = "nothing"
        case True, False:
            since = "ours_accepted"
        case False, True:
            since = "theirs"
        case _, True:
            since = "not_ours"
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


def _disagreeing(found: tuple[KeyPlace, ...], used: Secret | None) -> tuple[list[str], list[str]]:
    """Return the places of another key than the one used; and those where only space differs."""
    mine = (used.value or "") if used else ""
    another: list[str] = []
    spaced: list[str] = []
    for place in found:
        value = place.secret.value or ""
        if not (mine.strip() and value.strip()) or value == mine:
            continue
        (spaced if value.strip() == mine.strip() else another).append(place.secret.source)
    return another, spaced


def _source(secret: Secret | None) -> str:
    return secret.source if secret else ""
