"""The rules hang together: reachable, about declared facts, shown by a case, and speakable."""

import re
from collections.abc import Iterator

import pytest

from bot.diagnosis import CATALOGUE, ROOTS, RULES, Rule, diagnose
from bot.diagnosis.combined import AllOf
from bot.diagnosis.conditions import Condition
from bot.diagnosis.exclusions import EXCLUSIONS
from bot.diagnosis.healthy import PROOFS
from bot.diagnosis.index import Index
from bot.diagnosis.notices import NOTICES
from bot.diagnosis.reasons import REASONS
from bot.diagnosis.whys import trace
from bot.diagnosis.wording import slots
from bot.labels import Label
from bot.probe import OBSERVABLE
from tests.evidence_cases import CASES

# What a client that runs the check itself can meet; the others are read in pasted logs only.
PASTED_ONLY = {Label.TEST_CODE_ERROR}
# Said without a rule: about a run that passed, or one that no rule speaks about.
WITHOUT_RULE = {Label.HEALTHY, Label.INSUFFICIENT_EVIDENCE}
COMMANDS = {"run", "verify-key", "history", "show", "status", "targets", "help"}
OF_PASTED_TEXT = re.compile(r"^log\b")


def live(rule: Rule) -> bool:
    """Tell whether a rule is about a run of ours, and not about pasted text only."""
    paths = [path for condition in rule.when for path in condition.paths]
    return not any(OF_PASTED_TEXT.match(path) for path in paths)


def named_paths() -> Iterator[str]:
    """Yield every observation path that anything in the diagnosis asks for or quotes."""
    conditions: list[Condition] = [
        *(condition for root in ROOTS for condition in root.when),
        *(condition for rule in RULES for condition in rule.when),
        *(sign.when for rule in RULES for sign in rule.signs),
        *(one.looked for one in EXCLUSIONS),
        *(one.against for one in EXCLUSIONS),
        *(one.when for one in (*NOTICES, *REASONS, *PROOFS)),
    ]
    texts = [
        *(rule.answer for rule in RULES),
        *(sign.says for rule in RULES for sign in rule.signs),
        *(
            text
            for rule in RULES
            if rule.open
            for text in (rule.open.question, rule.open.experiment)
        ),
        *(one.reason for one in EXCLUSIONS),
        *(text for one in NOTICES for text in (one.issue, one.location)),
        *(one.says for one in (*REASONS, *PROOFS)),
    ]
    for condition in conditions:
        yield from condition.paths
    for text in texts:
        yield from slots(text)


def declared(path: str) -> bool:
    """Tell whether some step or experiment may record `path`."""
    step, _, key = path.partition(".")
    for pattern in OBSERVABLE.get(step, ()):
        shape = re.escape(pattern).replace(r"\*", r"[^.]+")
        if re.fullmatch(shape, key):
            return True
    return False


def test_every_fact_that_is_asked_for_can_be_recorded() -> None:
    asked = {path for path in named_paths() if not OF_PASTED_TEXT.match(path)}
    assert [path for path in sorted(asked) if not declared(path)] == []


def test_every_rule_can_be_reached_from_a_symptom() -> None:
    reached = {root.effect for root in ROOTS}
    while more := {rule.cause for rule in RULES if rule.effect in reached} - reached:
        reached |= more
    assert [rule.cause for rule in RULES if rule.effect not in reached] == []


def test_every_symptom_has_a_rule() -> None:
    effects = {rule.effect for rule in RULES}
    assert [root.effect for root in ROOTS if root.effect not in effects] == []


def test_every_live_rule_is_shown_by_a_case() -> None:
    shown = {id(rule) for index in CASES.values() for rule in _spoken(index)}
    silent = [rule for rule in RULES if live(rule) and id(rule) not in shown]
    assert [f"{rule.effect} -> {rule.cause}" for rule in silent] == []


def _spoken(index: Index) -> Iterator[Rule]:
    for root in ROOTS:
        if AllOf(*root.when).support(index) is not None:
            yield from (link.rule for link in trace(root, index).links)


def test_no_sentence_about_a_case_has_a_hole_in_it() -> None:
    told = [repr(diagnose(index.run)) for index in CASES.values()]
    assert [re.findall(r".{60}not recorded", text) for text in told if "not recorded" in text] == []


def test_every_label_has_an_entry_with_something_to_do() -> None:
    assert set(CATALOGUE) == set(Label)
    assert all(entry.remedies for entry in CATALOGUE.values())


def test_every_label_that_a_run_can_meet_has_a_rule() -> None:
    named = {rule.label for rule in RULES if rule.label and live(rule)}
    assert set(Label) - named - PASTED_ONLY - WITHOUT_RULE == set()


@pytest.mark.parametrize("label", Label)
def test_every_command_of_a_remedy_is_one_that_exists(label: Label) -> None:
    for remedy in CATALOGUE[label].remedies:
        assert not remedy.command or remedy.command.split()[0] in COMMANDS


def test_every_confidence_is_a_probability_short_of_certainty() -> None:
    stated = [rule.confidence for rule in RULES]
    signs = (sign.confidence for rule in RULES for sign in rule.signs)
    stated += [confidence for confidence in signs if confidence is not None]
    assert all(0 < confidence < 1 for confidence in stated)


def test_every_link_but_the_first_asks_a_question() -> None:
    roots = {root.effect for root in ROOTS}
    assert [rule.cause for rule in RULES if not rule.question and rule.effect not in roots] == []


def test_no_rule_knows_a_project_or_a_host() -> None:
    text = repr(RULES) + repr(EXCLUSIONS) + repr(CATALOGUE)
    assert not re.search(
        r"netra|acme|run\.app|googleapis|example\.(?:com|test)", text, re.IGNORECASE
    )


def test_every_sentence_ends_and_none_shouts() -> None:
    told = [rule.answer for rule in RULES] + [sign.says for rule in RULES for sign in rule.signs]
    assert [text for text in told if text and not text.endswith((".", "?"))] == []
    assert [text for text in told if "!" in text] == []
