"""Texts in the words of many runners, frameworks and people, each with the cause it shows."""

import pytest

from tests.explaining import DATA, first_cause

PARTS = (DATA / "wordings.txt").read_text().split("\n##### ")[1:]
TEXTS = [part.partition("\n")[::2] for part in PARTS]


@pytest.mark.parametrize(
    ("cause", "text"), TEXTS, ids=[f"{n}-{cause}" for n, (cause, _) in enumerate(TEXTS, start=1)]
)
def test_first_cause_is_what_the_text_shows(cause: str, text: str) -> None:
    assert first_cause(f"{text}\n") == cause
