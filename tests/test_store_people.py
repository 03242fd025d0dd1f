"""What Slack calls people is remembered when they ask, and forgotten when they no longer do."""

from datetime import timedelta

from bot.store import Store
from tests.storing import NOON, file_url, store, url

__all__ = ["file_url", "store", "url"]


async def test_the_newest_name_counts_and_nobody_is_made_up(store: Store) -> None:
    for minute, name in enumerate(("ada", "", "ada.l")):
        at = NOON + timedelta(minutes=minute)
        await store.people.remember("U1", name, team="T1", at=at)
    assert await store.people.names(["U1", "U2", ""]) == {"U1": "ada.l"}


async def test_two_of_one_name_are_told_apart_and_one_id_of_two_people_has_none(
    store: Store,
) -> None:
    for who, team, name in (("U1", "T1", "ada"), ("U2", "T1", "ada"), ("U3", "T1", "a")):
        await store.people.remember(who, name, team=team, at=NOON)
    await store.people.remember("U3", "b", team="T2", at=NOON)
    assert await store.people.names(["U1", "U2", "U3"]) == {"U1": "ada (U1)", "U2": "ada (U2)"}


async def test_who_has_not_asked_for_long_is_forgotten(store: Store) -> None:
    await store.people.remember("U1", "ada", team="T1", at=NOON)
    await store.people.remember("U2", "grace", team="T1", at=NOON)
    await store.people.remember("U2", "grace", team="T1", at=NOON + timedelta(days=2))
    await store.people.prune(NOON + timedelta(days=1))
    assert await store.people.names(["U1", "U2"]) == {"U2": "grace"}
