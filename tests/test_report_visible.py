"""What a target sends is made fit to be shown: nothing hidden, nothing lost at the end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.report.columns import WIDTH, columned, width_of, wrapped
from bot.report.parts import Table
from bot.report.visible import clip, cut_lines, one_line, visible, weight, whole_sentences


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b", "a‹U+0000›b"),
        ("\x1b[31mred", "‹U+001B›[31mred"),
        ("user\u202etxt.exe", "user‹U+202E›txt.exe"),
        ("\ufeffkey", "‹U+FEFF›key"),
        ("\ud800", "‹U+D800›"),
        ("one\r\ntwo\tthree\n", "one\ntwo\tthree\n"),
        ("lone\rreturn", "lone‹U+000D›return"),
        ("\U0001f469\u200d\U0001f4bb нет 日本 é", "\U0001f469\u200d\U0001f4bb нет 日本 é"),
    ],
)
def test_what_cannot_be_seen_is_shown_and_what_can_be_stays(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_one_line_has_no_line_end_of_any_kind() -> None:
    assert one_line(" a\nb\r\nc\u2028d\te ") == "a b c‹U+2028›d e"


def test_clip_keeps_both_ends() -> None:
    clipped = clip("begin " + "x" * 1_000 + " end", 40)
    assert len(clipped) <= 40
    assert clipped.startswith("begin")
    assert clipped.endswith("end")
    assert "…" in clipped


@given(text=st.text(max_size=200), most=st.integers(2, 80))
def test_clip_never_exceeds_its_limits(text: str, most: int) -> None:
    clipped = clip(text, most)
    assert len(clipped) <= most
    assert weight(clipped) - 2 <= 4 * most
    assert "\n" not in clipped


def test_an_answer_that_is_too_long_loses_whole_sentences_and_not_half_of_two() -> None:
    told = 'It broke. It said "No. Never" (likely 0.93).'
    assert whole_sentences(f"{told} What lies below is a long story.", 60) == told
    assert whole_sentences(told, 60) == told
    # Too little would be left: both ends tell more than the first words alone.
    assert "…" in whole_sentences(f"It broke. It said {'x' * 100}.", 60)


@given(text=st.text(alphabet='aA. "\U0001f525', max_size=200), most=st.integers(2, 80))
def test_whole_sentences_never_exceed_the_limits_of_a_clip(text: str, most: int) -> None:
    kept = whole_sentences(text, most)
    assert len(kept) <= most
    assert weight(kept) - 2 <= 4 * most


@given(
    lines=st.lists(st.text(alphabet=st.characters(codec="utf-8"), max_size=80), max_size=60),
    most=st.integers(200, 2_000),
)
def test_cut_lines_keeps_the_end_and_stays_near_its_limit(lines: list[str], most: int) -> None:
    whole = [visible(line) for line in lines]
    cut = cut_lines(lines, most)
    # Beyond the limit there is only the mark that says what is gone.
    assert sum(len(line) + 1 for line in cut) <= most + 100
    if sum(len(line) + 1 for line in whole) <= most:
        assert list(cut) == whole or max(map(len, whole)) > most // 2
    else:
        assert cut[-1][-20:] == whole[-1][-20:]


@given(
    lines=st.lists(st.text(alphabet="ab ", max_size=80), min_size=2, max_size=60),
    most=st.integers(200, 2_000),
    kept=st.sets(st.integers(0, 80)),
)
def test_cut_lines_stays_near_its_limit_whatever_is_kept(
    lines: list[str], most: int, kept: set[int]
) -> None:
    cut = cut_lines(lines, most, kept=kept)
    marks = [line for line in cut if "cut from the middle" in line]
    assert sum(len(line) + 1 for line in cut if line not in marks) <= most + 100
    assert cut[-1][-20:] == lines[-1][-20:]


def test_what_is_kept_is_never_cut_and_each_gap_is_told() -> None:
    cut = cut_lines([f"{number:04}" for number in range(1_000)], 500, kept={300, 301, 700})
    assert {"0300", "0301", "0700"} <= set(cut)
    assert sum("cut from the middle" in line for line in cut) == 3


def test_a_cut_counts_what_is_gone() -> None:
    cut = cut_lines([f"{number:04}" for number in range(1_000)], 500)
    kept = len(cut) - 1
    assert cut[0] == "0000"
    assert cut[-1] == "0999"
    mark = f"… {1_000 - kept} lines, {4 * (1_000 - kept):,} characters, cut from the middle …"
    assert mark in cut


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("日本", 4), ("e\u0301", 1), ("", 0)])
def test_width_is_counted_in_columns(text: str, width: int) -> None:
    assert width_of(text) == width


def test_wide_characters_are_wrapped_by_their_width() -> None:
    lines = list(wrapped("日" * 120, first="  ", rest="  "))
    assert [len(line) for line in lines] == [51, 51, 24]
    assert max(map(width_of, lines)) == WIDTH


def test_wrapping_breaks_at_spaces_and_exact_wrapping_anywhere() -> None:
    text = " ".join(["word"] * 40)
    assert all(line.endswith("word") for line in wrapped(text))
    exact = "".join(wrapped("x" * 250, words=False))
    assert exact == "x" * 250


def test_a_table_wider_than_the_terminal_is_folded_and_loses_nothing() -> None:
    table = Table(columns=("Name", "What"), rows=(("n" * 70, "w " * 60), ("short", "")))
    lines = list(columned(table, indent="  "))
    assert max(map(len, lines)) <= WIDTH
    assert sum(line.count("n") for line in lines[2:]) == 70
    assert sum(line.count("w") for line in lines[2:]) == 60
