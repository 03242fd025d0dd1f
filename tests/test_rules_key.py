"""Which of the two keys changed, and which one would be accepted, is said as far as it was seen."""

from collections.abc import Mapping

import pytest

from bot.diagnosis import diagnose
from bot.model import Json, Run
from tests.key_refusals import INVALID, OTHER_KEY_BEFORE, SAME_KEY_BEFORE, carried

LAST: Mapping[str, Json] = {
    "key_accepted": False,
    "key_last_accepted_at": "2026-03-01 12:00:00 UTC",
    "key_last_accepted_fingerprint": "0a0b0c0d0e0f",
    "key_last_accepted_source": "env:E2E_KEY",
    "key_last_accepted_run": "r0123456789",
}
CASES: Mapping[str, Run] = {
    "staging's changed": carried(**LAST, key_since="theirs"),
    "ours changed": carried(**LAST, key_since="ours"),
    "wrong variable": carried(key_same_as=["jwt_secret"]),
    "another key, verified": carried(
        other_keys__accepted_source="env:NEXT", other_keys__accepted_fingerprint="0a0b"
    ),
    "another key, tried": carried(
        key_others__accepted_source="env:NEXT", key_others__accepted_fingerprint="0a0b"
    ),
}
SAID: Mapping[str, str] = {
    "staging's changed": "Our key is the one that was accepted at 2026-03-01 12:00:00 UTC",
    "ours changed": "Our key is another one than that accepted at 2026-03-01 12:00:00 UTC",
    "wrong variable": "What env:KEY holds is the value of jwt_secret",
    "another key, verified": "The one from env:NEXT (#0a0b), which we hold and did not use",
    "another key, tried": "The one from env:NEXT (#0a0b), which we hold and did not use",
}


def answers(run: Run, *, previous: Run | None = None) -> str:
    return "\n".join(why.answer for why in diagnose(run, previous=previous).whys)


@pytest.mark.parametrize("case", CASES)
def test_what_is_known_of_the_two_keys_is_said(case: str) -> None:
    assert SAID[case] in answers(CASES[case])
    assert SAID[case] not in answers(INVALID)


def test_a_later_acceptance_counts_more_than_the_last_run_that_passed() -> None:
    theirs = answers(CASES["staging's changed"], previous=OTHER_KEY_BEFORE)
    assert "the server's has changed" in theirs
    assert "Our change is likely why" not in theirs
    ours = answers(CASES["ours changed"], previous=SAME_KEY_BEFORE)
    assert "Our change is likely why" in ours
    assert "the server's has changed" not in ours
