"""What is left of a secret that was cut, and what stands between its letters: none of it shows."""

import io
import json
import logging
import re
import string
from pathlib import Path

import pytest
import structlog
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.masking import Masker, Secret, fingerprint
from bot.masking.disguises import LONG
from bot.masking.lexicon import LEAST_OF_LONG
from bot.masking.words import is_wordy
from tests.logged import logging_to

PEPPER = b"a pepper"
VALUE = "Zq8vK3nT7wXp2LmR9sYd4Bq1"
WORDY = "staging-e2e-bypass-4f7Qz0Lx9"
WHOLE = f"[redacted key #{fingerprint(VALUE, PEPPER)}]"
PART = f"[redacted part of key #{fingerprint(VALUE, PEPPER)}]"
RANDOM = st.text(string.ascii_letters + string.digits, min_size=16, max_size=40).filter(
    lambda text: not is_wordy(text)
)


def knowing(*values: str) -> Masker:
    held = [Secret(name="key", source="env:KEY", value=value) for value in values]
    return Masker(held, pepper=PEPPER)


@given(st.data())
def test_a_long_piece_of_a_token_is_masked_wherever_it_was_cut(data: st.DataObject) -> None:
    letters = string.ascii_letters + string.digits + "-_"
    token = data.draw(
        st.text(letters, min_size=LONG + 1, max_size=500).filter(lambda one: len(set(one)) > 40)
    )
    first = data.draw(st.integers(0, len(token) - LEAST_OF_LONG))
    before = data.draw(st.text("(<=[", max_size=9))
    piece = token[first : first + LEAST_OF_LONG]
    assume(piece.isalnum() and not is_wordy(piece))
    assert piece not in knowing(token).mask(f"{before}{piece}>")


# -- cut in the middle


@pytest.mark.parametrize(
    "sign", ["…", "...", "....", "***", "••••", "xxxxxxxx", "\\u2026", "&hellip;", "[REDACTED]"]
)
@pytest.mark.parametrize("around", ["{}", '"{}"', " {} ", "<{}>", "`{}`"])
def test_the_ends_of_a_secret_beside_what_was_left_out_are_masked(sign: str, around: str) -> None:
    text = f"Not known: {around.format(VALUE[:5] + sign + VALUE[-5:])}, 24 characters"
    masked = knowing(VALUE).mask(text)
    assert masked == text.replace(VALUE[:5], PART).replace(VALUE[-5:], PART)


@given(
    value=RANDOM,
    ends=st.tuples(st.integers(4, 10), st.integers(0, 10)),
    sign=st.sampled_from(["…", "...", "***", " ... ", "[…]", "********************"]),
)
def test_no_end_of_a_random_secret_shows_beside_a_sign(
    value: str, ends: tuple[int, int], sign: str
) -> None:
    head, tail = value[: ends[0]], value[len(value) - ends[1] :]
    assume(not is_wordy(head))
    masked = knowing(value).mask(f"key {head}{sign}{tail}.")
    assert head not in masked
    # What is shorter may be any three letters.
    assert len(tail) < 4 or is_wordy(tail) or tail not in re.sub(r"\[redacted[^\]]*\]", "", masked)
    assert "[redacted" in masked


@pytest.mark.parametrize(
    "text", ["deploying to staging...", "...the bypass", "e2e-bypass…", "4f7Q is short", "xxxx 0Lx"]
)
def test_words_beside_a_sign_stay(text: str) -> None:
    assert knowing(WORDY).mask(text) == text


def test_words_at_both_sides_of_a_sign_are_the_ends_of_a_secret() -> None:
    masked = knowing("able-4f7Qz0Lx9-wood").mask("got able…wood, not abode…")
    assert masked.count("[redacted part of key") == 2
    assert "abode…" in masked


def test_of_a_token_its_head_is_nothing_that_tells() -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJlLWhlcmU"
    masked = knowing(token).mask("got eyJhbG…, signed …LWhlcmU")
    assert masked.startswith("got eyJhbG…, signed …[redacted part of key")


# -- with something between


JOINTS = ("-", ", ", ":", "+", " | ", "**", "/", "_", '", "', "' + '", "\n", "\n+", "\\n", " … ")


@given(
    value=RANDOM,
    size=st.integers(1, 10),
    joint=st.sampled_from(JOINTS) | st.text(string.punctuation + " \n", min_size=1, max_size=4),
)
def test_whatever_stands_between_the_pieces_of_a_secret_none_is_shown(
    value: str, size: int, joint: str
) -> None:
    pieces = [value[at : at + size] for at in range(0, len(value), size)]
    masked = knowing(value).mask(f"<{joint.join(pieces)}>")
    # A mark may say "key": the pieces are looked for beside it.
    left = re.sub(r"\[redacted[^\]]*\]", "", masked)
    assert re.sub(r"[^A-Za-z0-9]", "", left) in ("", value[-1:])
    assert "[redacted" in masked


@pytest.mark.parametrize(
    "begins", ["data: ", "remote: ", "12| ", "3: ", " 4. ", "00000010\t", "0a1f: ", "17 "]
)
def test_lines_that_each_begin_with_something_spell_no_secret(begins: str) -> None:
    lines = [begins + VALUE[at : at + 5] for at in range(0, len(VALUE), 5)]
    masked = knowing(VALUE).mask("\n".join(["started", *lines, "done"]))
    assert masked == f"started\n{begins}{WHOLE}\ndone"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (WORDY, "staging, e2e, bypass"),
        (WORDY, "`staging` + `e2e` + `bypass` are its words"),
        (WORDY, "staging/e2e/bypass"),
        ("netra-auth-service-secret-for-staging", "netra auth: service_secret (for staging)"),
        (VALUE, "1: Zq8v\n2: nothing\n3: of\n4: it"),
        (VALUE, "<b>Zq8v</b><i>nT7w</i>"),
    ],
)
def test_words_stay_whatever_stands_between_them(value: str, text: str) -> None:
    assert knowing(value).mask(text) == text


def test_what_is_masked_is_all_that_is_masked() -> None:
    text = "before\n<b>Zq8vK3</b><b>nT7wXp</b><b>2LmR9s</b><b>Yd4Bq1</b> <i>after</i> 100% \\u0041"
    masked = knowing(VALUE).mask(text)
    assert masked == f"before\n<b>{WHOLE}</b> <i>after</i> 100% \\u0041"


def test_an_escape_far_away_does_not_move_the_mark() -> None:
    masked = knowing(VALUE).mask(f"%41{'.' * 2_000}<%5A{VALUE[1:]}>{'.' * 2_000}%42")
    assert masked == f"%41{'.' * 2_000}<{PART}>{'.' * 2_000}%42"


# -- over fields and lines of the log


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_secret_in_pieces_over_fields_and_lines_of_the_log_is_not_spelled(form: str) -> None:
    written = io.StringIO()
    with logging_to(written, knowing(VALUE), form):
        ours, theirs = structlog.get_logger("ours"), logging.getLogger("theirs")
        ours.info("got", a=VALUE[:8], b=VALUE[8:16], c=VALUE[16:])
        theirs.info("first %s", VALUE[:10])
        ours.info("something else")
        theirs.info("%s", VALUE[10:20])
        theirs.info("%s", VALUE[20:])
    said = written.getvalue()
    # The first piece was said before anyone could know what it is the beginning of.
    assert said.count(VALUE[:8]) == 1
    assert VALUE[8:16] not in said
    assert VALUE[10:20] not in said
    assert VALUE[20:] not in said
    assert "something else" in said


def test_lines_of_the_log_that_spell_nothing_are_as_they_were() -> None:
    written = io.StringIO()
    with logging_to(written, knowing(VALUE, WORDY), "json"):
        for word in ("staging", "e2e", "bypass", "Zq8v", "key"):
            logging.getLogger("theirs").info(word)
    told = [json.loads(line)["event"] for line in written.getvalue().splitlines()]
    assert told == ["staging", "e2e", "bypass", "Zq8v", "key"]


# -- what is no secret


def test_nothing_is_masked_in_ordinary_texts_because_secrets_are_known() -> None:
    """Known random secrets and wordy ones make no difference to our own documents."""
    folder = Path(__file__).parent.parent
    masker, plain = knowing(VALUE, "staging-e2e-key-9Kd2Wm4Tz7", "d8e3f1a04b6c4f2e"), knowing()
    for path in (*folder.glob("*.md"), *folder.glob("docs/*.md"), *folder.glob("bot/*.py")):
        text = path.read_text()
        assert masker.mask(text) == plain.mask(text), path.name
