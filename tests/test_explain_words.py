"""Words are looked for all at once, and what the search leaves out has nothing to say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.diagnosis import Mistake
from bot.diagnosis.logs import read_log
from bot.diagnosis.logs.needles import Needles
from bot.diagnosis.logs.signatures import SIGNATURES
from tests.program_errors import EXCEPTIONS

LETTERS = st.text(alphabet="ab. [", max_size=30)


@given(st.lists(LETTERS.filter(bool), min_size=1, max_size=12), LETTERS)
def test_words_are_found_wherever_they_stand_and_however_they_overlap(
    words: list[str], text: str
) -> None:
    found = list(Needles(words).find(text))
    expected = {
        (at, word) for at in range(len(text)) for word in words if text.startswith(word, at)
    }
    assert set(found) == expected
    assert len(found) == len(expected)
    assert [at for at, _ in found] == sorted(at for at, _ in found)


@pytest.mark.parametrize(("said", "mistake"), EXCEPTIONS.items(), ids=lambda value: str(value))
def test_every_exception_that_is_known_is_read_from_a_log(said: str, mistake: Mistake) -> None:
    line = said.split("\n")[0]
    keys = {one.key.split(".")[0] for one in read_log(f"server: {line}").observations}
    is_of_its_class_alone = mistake in (Mistake.NAMED, Mistake.TRACE)
    assert keys & {"exception", "library_misused", "traceback"} or is_of_its_class_alone


def test_signatures_of_lines_in_lower_case_ask_for_no_capital() -> None:
    for one in SIGNATURES:
        bare = one.pattern.pattern.replace("\\S", "").replace("\\W", "").replace("\\D", "")
        assert one.case or bare == bare.lower()
        assert all(hint == hint.lower() for hint in one.hints)
