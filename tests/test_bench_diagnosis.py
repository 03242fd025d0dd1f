"""The measurement of the diagnosis measures what it says: its scores on small made cases."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from bench.diagnosis.baselines import blame_first_failing_step, majority, search_last_error_line
from bench.diagnosis.cases import FAULTS_OF_A_NUISANCE, GROUPS, Case, matrix
from bench.diagnosis.cases import case as together
from bench.diagnosis.grounding import claimed, ungrounded
from bench.diagnosis.outcome import judge
from bench.diagnosis.running import Job, run_together
from bench.diagnosis.scoring import Score, brier, over_claims, reliability, score, set_score
from bench.diagnosis.tables import BEGIN, END, placed, wrong_cases
from bot.diagnosis import diagnose
from bot.labels import Label
from bot.model import Cause, Diagnosis, Role, Unknown
from bot.sandbox import NUISANCES
from tests.evidence import EXCHANGED, upgrade_refused
from tests.founding import FOUNDING, PASSED

KEY, CODE, QUOTA = "bypass_key_mismatch", "ws_server_code_error", "llm_quota"


def case(*causes: tuple[str, str], alike: frozenset[str] = frozenset()) -> Case:
    """Return a case of which these causes are true."""
    return Case(
        group="alone",
        faults=("made",),
        status="failed",
        causes=causes,
        firsts=frozenset({causes[0][0]}),
        alike=alike,
        experiment="Read the owner's log." if alike else "",
    )


def in_pairs_of(*faults: str) -> Case:
    """Return the case of these faults of the simulator together."""
    return together("pairs", faults)


def said(*causes: tuple[str, str, float], is_open: bool = False, unknown: str = "") -> Diagnosis:
    """Return a diagnosis that names these causes with role and confidence."""
    return Diagnosis(
        causes=tuple(
            Cause(
                label=Label(label),
                role=Role(role),
                confidence=confidence,
                evidence=("o1",),
                is_role_open=is_open,
            )
            for label, role, confidence in causes
        ),
        whys=(),
        unknowns=(Unknown(question="Which?", experiment=unknown),) if unknown else (),
    )


SEED = case((CODE, "sufficient"), (KEY, "incidental"))


@pytest.mark.parametrize(
    ("true", "named", "worth"),
    [
        (["a"], ["a"], 1.0),
        (["a", "b"], ["b", "a"], 1.0),
        (["a", "b"], ["a"], 0.0),
        (["a"], ["a", "b"], 0.5),
        (["a"], ["b"], 0.0),
    ],
)
def test_a_missing_cause_costs_all_and_a_false_one_its_share(
    true: list[str], named: list[str], worth: float
) -> None:
    assert set_score(true, named) == worth


def test_the_first_cause_must_be_the_true_first() -> None:
    turned = said((KEY, "incidental", 0.9), (CODE, "sufficient", 0.9))
    assert not score(SEED, "failed", turned).first
    assert score(SEED, "failed", turned).set_score == 1.0


def test_a_role_counts_only_with_its_cause() -> None:
    assert score(SEED, "failed", said((CODE, "sufficient", 0.9))).roles == 0.5
    wrong = said((CODE, "sufficient", 0.9), (KEY, "contributing", 0.9))
    assert score(SEED, "failed", wrong).roles == 0.5


def test_an_open_role_is_right_only_where_nobody_can_know_it() -> None:
    open_role = said((CODE, "sufficient", 0.9), (KEY, "sufficient", 0.6), is_open=True)
    assert score(SEED, "failed", open_role).roles == 0.5
    nobody_knows = replace(SEED, untold=frozenset({KEY}))
    assert score(nobody_knows, "failed", open_role).roles == 1.0


def test_whose_fault_a_refused_token_is_stays_open_where_the_exchange_gave_none() -> None:
    away = in_pairs_of("auth-service-down", "jwt-secret-drift")
    assert away.untold == {"auth_service_unavailable"}
    assert away.firsts == {"auth_service_unavailable", "jwt_rejected"}
    asked = in_pairs_of("bypass-key-mismatch", "jwt-secret-drift")
    assert asked.firsts == {"jwt_rejected"}
    assert not in_pairs_of("auth-service-down", "agent-error").untold


def test_what_is_likely_and_false_is_an_over_claim_and_what_is_possible_is_not() -> None:
    assert over_claims(SEED, said((QUOTA, "sufficient", 0.75))) == 1
    assert over_claims(SEED, said((QUOTA, "sufficient", 0.74))) == 0


def test_a_false_role_is_an_over_claim_unless_it_is_left_open() -> None:
    false = (KEY, "sufficient", 0.9)
    assert over_claims(SEED, said(false)) == 1
    assert over_claims(SEED, said(false, is_open=True)) == 0


ALIKE = case((KEY, "sufficient"), alike=frozenset({KEY, QUOTA}))


def test_one_of_those_alike_must_not_be_confirmed() -> None:
    assert over_claims(ALIKE, said((QUOTA, "sufficient", 0.95))) == 1
    assert over_claims(ALIKE, said((QUOTA, "sufficient", 0.9))) == 0


def test_where_causes_look_the_same_the_answer_says_what_would_tell_them_apart() -> None:
    claim = (KEY, "sufficient", 0.8)
    assert score(ALIKE, "failed", said(claim, unknown="Read the log.")).abstention
    assert not score(ALIKE, "failed", said(claim)).abstention
    assert not score(ALIKE, "failed", said((CODE, "sufficient", 0.8), unknown="Log.")).abstention


def test_beside_what_looks_the_same_another_cause_is_still_asked_for() -> None:
    beside = replace(ALIKE, causes=(*ALIKE.causes, (CODE, "incidental")))
    every = ((QUOTA, "sufficient", 0.5), (KEY, "sufficient", 0.5))
    assert score(beside, "failed", said(*every)).set_score == 0
    assert score(beside, "failed", said(*every, (CODE, "incidental", 0.5))).set_score == 1.0


def test_where_causes_look_the_same_their_surface_or_all_of_them_are_right() -> None:
    every = ((QUOTA, "sufficient", 0.5), (KEY, "sufficient", 0.5))
    assert score(ALIKE, "failed", said(*every)).first
    assert score(ALIKE, "failed", said(*every)).set_score == 1.0
    assert score(ALIKE, "failed", said((KEY, "sufficient", 0.8))).first
    assert not score(ALIKE, "failed", said((QUOTA, "sufficient", 0.8))).first


def test_what_can_be_known_must_not_be_left_open() -> None:
    assert not score(SEED, "failed", said(("insufficient_evidence", "sufficient", 0.3))).abstention


def made(confidence: float, *, first: bool) -> Score:
    """Return the score of an answer that was this sure."""
    right = score(SEED, "failed", said((CODE, "sufficient", confidence)))
    return replace(right, first=first)


def test_brier_punishes_being_sure_and_wrong_the_most() -> None:
    assert brier([made(1.0, first=True), made(0.0, first=False)]) == 0
    assert brier([made(1.0, first=False)]) == 1
    assert brier([made(0.5, first=True), made(0.5, first=False)]) == 0.25


def test_reliability_sets_what_was_claimed_beside_what_was_right() -> None:
    sure = [made(0.96, first=True), made(1.0, first=False), made(0.8, first=True)]
    assert reliability(sure) == [("0.75–0.95", 1, 0.8, 1.0), ("0.95–1.00", 2, 0.98, 0.5)]


def told(summary: str, *, cites: tuple[str, ...] | None = None) -> list[str]:
    """Return what is missing under the founding failure's answer, if it were worded so."""
    diagnosis = diagnose(FOUNDING)
    first = diagnosis.causes[0]
    cited = first.evidence if cites is None else cites
    planted = replace(first, summary=summary, evidence=cited, counterfactual="")
    return [
        one.missing
        for one in ungrounded(FOUNDING, replace(diagnosis, causes=(planted,)))
        if one.where.startswith("cause")
    ]


def test_an_honest_diagnosis_is_grounded() -> None:
    for run in (FOUNDING, PASSED, upgrade_refused(EXCHANGED, 500)):
        assert ungrounded(run, diagnose(run)) == []


@pytest.mark.parametrize(
    ("planted", "missing"),
    [
        ('The server said "out of memory".', "out of memory"),
        ("It was closed with 4242.", "4242"),
        ("The frame says QUOTA_EXCEEDED.", "QUOTA_EXCEEDED"),
        ("No answer came from db.example.test.", "db.example.test"),
        ("It never sent agent_finished.", "agent_finished"),
        ("Our key #0123456789ab was refused.", "0123456789ab"),
        ("A dummy key gets the same answer.", "an observation of key_dummy"),
    ],
)
def test_a_sentence_that_the_run_does_not_carry_is_found(planted: str, missing: str) -> None:
    assert told(planted) == [missing]


def test_a_citation_must_exist_and_there_must_be_one() -> None:
    assert told("The server refused.", cites=("o999",)) == ["no observation o999"]
    assert told("The server refused.", cites=()) == ["a citation"]


def test_a_quotation_that_was_cut_is_looked_up_in_its_parts() -> None:
    assert claimed('It said "the start … the end" with 1008.') == ["the start", "the end", "1008"]


def test_the_simple_ways_name_what_comes_to_mind() -> None:
    assert blame_first_failing_step(FOUNDING) == "bypass_key_mismatch"
    assert blame_first_failing_step(PASSED) == "healthy"
    assert search_last_error_line(PASSED) == "healthy"
    assert majority(["a", "b", "b"]) == "b"


def test_the_same_seed_gives_the_same_cases() -> None:
    once, again = (matrix(["pairs"], seed=7, sample=20) for _ in range(2))
    assert [one.name for one in once] == [one.name for one in again]
    assert once != matrix(["pairs"], seed=8, sample=20)


def test_every_nuisance_meets_enough_faults() -> None:
    met = Counter(one.nuisances[0] for one in matrix(["nuisance"], seed=1))
    open_to_all = [name for name in NUISANCES if not NUISANCES[name].held_back]
    assert set(met) == set(open_to_all)
    assert min(met.values()) >= FAULTS_OF_A_NUISANCE


async def test_a_sample_of_the_matrix_runs_through(tmp_path: Path) -> None:
    cases = matrix(["alone", "nuisance", "pairs"], seed=1, sample=3)
    cases += matrix(["healthy"], seed=1, sample=1)
    runs = await run_together([Job(case=one) for one in cases], tmp_path)
    outcomes = [judge(one, run) for one, run in zip(cases, runs, strict=True)]
    assert len(outcomes) == 10
    assert all(one.sentences for one in outcomes)
    assert not any(one.ungrounded for one in outcomes)


def test_the_tables_take_the_place_of_those_before() -> None:
    page = f"above\n{BEGIN}\nold\n{END}\nbelow\n"
    assert placed(page, "new") == f"above\n{BEGIN}\n\nnew\n{END}\nbelow\n"


async def test_what_only_the_crowd_spoiled_is_told_apart(tmp_path: Path) -> None:
    healthy = matrix(["healthy"], seed=1)[:1]
    (run,) = await run_together([Job(case=healthy[0])], tmp_path, at_a_time=1)
    right = judge(healthy[0], run)
    assert wrong_cases([right]) == ""
    assert "disturbed: right by itself" in wrong_cases([replace(right, is_disturbed=True)])


def test_every_group_can_be_asked_for() -> None:
    assert set(GROUPS) >= {"alone", "nuisance", "pairs", "healthy", "our side", "reworded"}
