"""Whatever a target says becomes JSON that can be stored and shown, and never holds a secret."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.masking import Masker, Secret
from bot.probe.recordable import cut_middle, recordable, show
from tests.test_probe_frames import JSON

SECRET = "tok-3f9a1c77e2b04d58"
MASK = Masker([Secret(name="key", source="env:KEY", value=SECRET)], pepper=b"pepper").mask


def plain(text: str) -> str:
    return text


@given(JSON)
def test_anything_becomes_strict_json(value: Any) -> None:
    stored = json.dumps(recordable(value, plain), allow_nan=False, ensure_ascii=False)
    assert "\x00" not in stored.encode().decode()


@given(st.text(), st.integers(min_value=0, max_value=600))
def test_a_text_is_never_longer_than_its_limit(text: str, limit: int) -> None:
    assert len(show(text, plain, limit)) <= max(limit, 0)
    assert len(cut_middle(text, limit)) <= limit


@given(
    st.integers(min_value=0, max_value=40_000),
    st.integers(min_value=0, max_value=40_000),
    st.integers(min_value=20, max_value=2_000),
)
def test_no_cut_leaves_a_part_of_a_secret(before: int, after: int, limit: int) -> None:
    shown = show("." * before + SECRET + "." * after, MASK, limit)
    assert not any(SECRET[at : at + 8] in shown for at in range(len(SECRET) - 8))


def test_many_secrets_before_the_cut_do_not_bring_half_of_one_into_view() -> None:
    shown = show((SECRET + " ") * 20_000, MASK, 500)
    assert SECRET[:8] not in shown


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
