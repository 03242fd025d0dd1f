"""Whatever a target says becomes JSON that can be stored and shown, and never holds a secret."""

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.masking import Masker, Secret
from bot.probe.recordable import cut_middle, recordable, show
from tests.frame_strategies import JSON

SECRET = "tok-3f9a1c77e2b04d58"
MASK = Masker([Secret(name="key", source="env:KEY", value=SECRET)], pepper=b"pepper").mask


def plain(text: str) -> str:
    return text


@settings(deadline=None, max_examples=60)
@given(JSON)
def test_anything_becomes_strict_json(value: Any) -> None:
    stored = json.dumps(recordable(value, plain), allow_nan=False, ensure_ascii=False)
    assert "\x00" not in stored.encode().decode()


@settings(deadline=None, max_examples=60)
@given(st.text(), st.integers(min_value=0, max_value=600))
def test_a_text_is_never_longer_than_its_limit(text: str, limit: int) -> None:
    assert len(show(text, plain, limit)) <= max(limit, 0)
    assert len(cut_middle(text, limit)) <= limit


@pytest.mark.parametrize("length", [600, 40_000], ids=["masked whole", "masked in parts"])
@pytest.mark.parametrize("limit", [100, 500])
def test_no_cut_leaves_a_part_of_a_secret(length: int, limit: int) -> None:
    """Wherever the secret stands: across a cut of the masker's or of ours, or away from both."""
    parts = {SECRET[at : at + 6] for at in range(len(SECRET) - 5)}
    places = [*range(limit + 60), *range(length - limit - 60, length)]
    places += [place + 4_096 for place in range(limit - 30, limit + 30) if length > 30_000]
    for before in places:
        text = "." * before + SECRET + "." * (length - before)
        shown = show(text, MASK, limit)
        assert not any(part in shown for part in parts), before


def test_many_secrets_before_the_cut_do_not_bring_half_of_one_into_view() -> None:
    """A long secret shrinks to its mark, which moves what comes after it into view."""
    long = "".join(hashlib.sha256(bytes([n])).hexdigest() for n in range(8))
    mask = Masker([Secret(name="key", source="env:KEY", value=long)], pepper=b"pepper").mask
    for spaces in range(1, 400, 7):
        shown = show((long + " " * spaces) * 200, mask, 900)
        assert not any(long[at : at + 8] in shown for at in range(len(long) - 8)), spaces


def test_both_ends_stay_and_the_end_is_the_longer_half() -> None:
    shown = cut_middle("a" * 500 + "b" * 500, 100)
    assert shown.startswith("aaa")
    assert shown.endswith("bbb")
    assert shown.count("b") > shown.count("a")
    assert "characters cut" in shown


@pytest.mark.parametrize("unfit", ["\x00", "\x1b[31m", "\ud800", "\u202e", "\x07"])
def test_what_drives_a_terminal_or_breaks_a_database_is_replaced(unfit: str) -> None:
    assert unfit[0] not in show(f"before{unfit}after", plain)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (2**70, "[a very large integer]"),
        (True, True),
        (2**53, 2**53),
        (b"bytes", "b'bytes'"),
        ({1: 2}, {"1": 2}),
    ],
)
def test_numbers_and_strangers_are_kept_as_json(value: Any, kept: Any) -> None:
    assert recordable(value, plain) == kept


def test_what_is_too_deep_or_too_much_is_cut_and_says_so() -> None:
    deep: Any = "bottom"
    for _ in range(50):
        deep = {"in": [deep]}
    assert "nested too deeply" in json.dumps(recordable(deep, plain))
    assert recordable(list(range(100)), plain)[-1] == "[60 more]"
    assert recordable({str(n): n for n in range(100)}, plain)["…"] == "[60 more]"


def test_keys_are_masked_too() -> None:
    assert SECRET not in json.dumps(recordable({SECRET: {SECRET: SECRET}}, MASK))
