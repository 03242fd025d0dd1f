"""Which key a target last accepted is known by the newest run that saw it."""

from datetime import timedelta

import pytest

from bot.store import Store
from bot.target import AcceptedKey
from tests.storing import NOON, file_url, store, url

__all__ = ["file_url", "store", "url"]


def seen(fingerprint: str, minute: int) -> AcceptedKey:
    at = NOON + timedelta(minutes=minute)
    return AcceptedKey(
        fingerprint=fingerprint, source=f"env:AT_{minute}", run_id=f"run-{minute:04}", at=at
    )


@pytest.mark.parametrize(
    ("remembered", "last"),
    [
        ([("aaaa", 1), ("aaaa", 3), ("aaaa", 2)], ("aaaa", 3)),
        ([("aaaa", 1), ("aaaa", 2)], ("aaaa", 2)),
        ([("aaaa", 3), ("bbbb", 2)], ("aaaa", 3)),
        ([("aaaa", 1), ("bbbb", 2), ("aaaa", 4), ("bbbb", 3)], ("aaaa", 4)),
    ],
)
async def test_a_run_that_ends_late_does_not_take_the_place_of_a_newer_one(
    store: Store, remembered: list[tuple[str, int]], last: tuple[str, int]
) -> None:
    for fingerprint, minute in remembered:
        await store.keys.remember("staging", seen(fingerprint, minute))
    assert await store.keys.last("staging") == seen(*last)


async def test_each_target_has_accepted_keys_of_its_own(store: Store) -> None:
    await store.keys.remember("staging", seen("aaaa", 1))
    assert await store.keys.last("another") is None
