"""Whatever a value is made of, however deep a secret lies in it, masking leaves none in it."""

import io
import json
import logging
import subprocess
import sys
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot.masking import Masker, Secret
from tests.logged import logging_to

ROOT = Path(__file__).parent.parent
VALUE = "Zq8vK3nT7wXp2LmR9sYd4Bq1"
KNOWING = Masker([Secret(name="key", source="env:KEY", value=VALUE)], pepper=b"a pepper")


@dataclass(frozen=True)
class Held:
    """Something of ours or of a library's that shows what it holds."""

    value: object


class Shy:
    """Something that cannot be shown, and says so with what it holds."""

    def __repr__(self) -> str:
        raise ValueError(VALUE)


class Dying:
    """Something whose end goes wrong, where Python itself can only print that it did."""

    def __del__(self) -> None:
        raise ValueError(VALUE)


LEAVES = st.sampled_from(
    [
        *(VALUE, VALUE.encode(), ValueError(VALUE), {VALUE}, frozenset([VALUE]), Held(VALUE)),
        *(bytearray(VALUE.encode()), deque([VALUE]), 7, None, 1.5, True, "ordinary"),
    ]
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, inner),
        st.builds(Held, inner),
        st.dictionaries(st.sampled_from(["said", "inner", VALUE, VALUE.encode()]), inner),
    ),
    max_leaves=6,
)


@given(value=VALUES)
def test_no_value_holds_a_secret_afterwards_and_each_is_json(value: Any) -> None:
    masked = KNOWING.mask_json(value)
    assert VALUE not in json.dumps(masked)
    assert VALUE not in repr(masked)
    assert ("[redacted" in repr(masked)) == (VALUE in repr(value))


def test_what_is_no_json_becomes_the_text_that_shows_it() -> None:
    masked = KNOWING.mask_json({"raw": b"ordinary", "many": (1, Held("x")), "on": None})
    assert masked == {"raw": "b'ordinary'", "many": [1, "Held(value='x')"], "on": None}


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_line_that_cannot_be_logged_is_told_without_what_was_in_it(form: str) -> None:
    written = io.StringIO()
    with logging_to(written, KNOWING, form):
        library = logging.getLogger("library")
        library.info("%d items", VALUE)
        library.info("%s is shy", Shy())
        structlog.get_logger("ours").info("shy", thing=[Shy()])
    assert VALUE not in written.getvalue()
    assert written.getvalue().count("a line could not be logged") == 3
    assert "%d items" in written.getvalue()
    assert "[redacted key #" in written.getvalue()


def test_a_log_that_cannot_be_written_breaks_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    written = io.StringIO()
    with logging_to(written, KNOWING, "json"):
        written.close()
        logging.getLogger("library").info("said %s", VALUE)
        logging.getLogger("library").info("%d items", VALUE)
    assert VALUE not in "".join(capsys.readouterr())


def test_an_error_that_nobody_could_be_told_of_is_logged() -> None:
    script = (
        "from bot import journal\n"
        "from tests.test_masking_values import KNOWING, Dying\n"
        "journal.configure(KNOWING, format='json')\n"
        "journal.log_uncaught()\n"
        "Dying()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "an error could not be raised" in done.stderr
    assert VALUE not in done.stdout + done.stderr
