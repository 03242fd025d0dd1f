"""What a run means as a whole: the answer, the roles, the whys, and what is not known."""

from dataclasses import replace

import pytest

from bot.diagnosis import diagnose
from bot.model import Diagnosis, Json, Run, Severity, WhyKind
from tests.evidence import (
    EXCHANGED,
    HEALTHY,
    KEY_REFUSED,
    answer,
    asked,
    labels,
    refused,
    run,
    upgrade_refused,
)
from tests.founding import FOUNDING, PASSED, TYPE_CHECK, WORDED_AS_AUTH

DEGRADED = run(
    asked(KEY_REFUSED, names=["agent_started", "agent_completed"], end="terminal"),
    status="degraded",
    failed=("exchange",),
    degraded=("token",),
)


@pytest.fixture
def founding() -> Diagnosis:
    """The failure that this product was founded on."""
    return diagnose(FOUNDING)


def test_the_founding_failure_is_a_code_error_and_the_key_is_incidental(
    founding: Diagnosis,
) -> None:
    assert labels(founding) == [
        ("ws_server_code_error", "sufficient"),
        ("bypass_key_mismatch", "incidental"),
    ]
    assert all(cause.confidence >= 0.95 for cause in founding.causes)


def test_the_founding_failure_is_the_same_without_any_experiment() -> None:
    bare = refused(KEY_REFUSED, "AUTH_REQUIRED", WORDED_AS_AUTH, TYPE_CHECK, close_code=1008)
    assert labels(diagnose(bare))[0] == ("ws_server_code_error", "sufficient")


def test_the_reason_why_the_key_is_incidental_is_given(founding: Diagnosis) -> None:
    reason = founding.causes[1].counterfactual
    assert "would still fail" in reason
    assert "garbage one is refused differently (VALIDATION_FAILED)" in reason
    assert "type check inside the server" in reason


def test_five_whys_lead_from_the_symptom_to_where_the_evidence_ends(founding: Diagnosis) -> None:
    told = founding.whys
    assert told[0].question == "Why did the run fail?"
    assert "AUTH_REQUIRED" in told[0].answer
    assert TYPE_CHECK in told[1].answer
    assert "speak of authentication" in told[2].question
    assert "another class" in told[3].answer
    assert [why.kind for why in told] == ["observed", "observed", "inferred", "inferred", "unknown"]


def test_every_why_that_claims_something_cites_what_was_observed(founding: Diagnosis) -> None:
    known = {observation.id for observation in FOUNDING.observations}
    for why in founding.whys:
        assert set(why.evidence) <= known
        assert why.evidence or why.kind is WhyKind.UNKNOWN


def test_the_end_of_the_evidence_names_what_would_carry_on(founding: Diagnosis) -> None:
    assert "stack trace" in founding.whys[-1].answer
    assert "stack trace" in founding.unknowns[0].experiment


def test_what_looked_possible_is_ruled_out_with_a_reason(founding: Diagnosis) -> None:
    out = {one.label.value: one.reason for one in founding.ruled_out}
    assert {"jwt_rejected", "jwt_token_absent", "jwt_expired"} <= out.keys()
    assert "exception of the program" in out["jwt_rejected"]


def test_nothing_that_is_a_cause_is_ruled_out(founding: Diagnosis) -> None:
    found = {cause.label for cause in founding.causes}
    assert not found & {one.label for one in founding.ruled_out}


def test_wording_an_exception_as_auth_is_a_finding_of_its_own(founding: Diagnosis) -> None:
    titles = {finding.title: finding.severity for finding in founding.findings}
    assert titles["Exceptions are worded as authentication failures"] is Severity.MEDIUM
    assert titles["Code error in the socket's path"] is Severity.CRITICAL


def test_an_incidental_cause_weighs_less_than_its_label(founding: Diagnosis) -> None:
    severities = {finding.title: finding.severity for finding in founding.findings}
    assert severities["Bypass key differs"] is Severity.MEDIUM


def test_the_next_steps_start_with_the_answer_and_end_with_running_again(
    founding: Diagnosis,
) -> None:
    assert "fix what raises it" in founding.next_steps[0].title
    assert founding.next_steps[-1].command == "run staging"
    assert "verify-key staging" in [step.command for step in founding.next_steps]


def test_a_fixed_key_leaves_the_founding_failure_as_it_was() -> None:
    fixed = refused(EXCHANGED, "AUTH_REQUIRED", WORDED_AS_AUTH, TYPE_CHECK, close_code=1008)
    assert labels(diagnose(fixed)) == [("ws_server_code_error", "sufficient")]


def test_a_degraded_run_is_the_exchanges_doing() -> None:
    diagnosis = diagnose(DEGRADED)
    assert labels(diagnosis) == [("bypass_key_mismatch", "sufficient")]
    assert diagnosis.whys[0].question == "Why is the run only degraded?"
    assert "It worked only with the fallback token for staging-e2e-user-001" in (
        diagnosis.whys[0].answer
    )


def test_a_run_that_passed_is_healthy_with_its_proof() -> None:
    diagnosis = diagnose(PASSED)
    assert labels(diagnosis) == [("healthy", "sufficient")]
    assert "nonce" in diagnosis.whys[1].answer
    assert diagnosis.causes[0].confidence >= 0.95


def test_a_pass_that_lasted_as_long_as_its_window_proves_little() -> None:
    seen = asked(EXCHANGED, end="terminal", equals_window=True, duration_s=15.5, window_s=15.0)
    diagnosis = diagnose(run(seen, status="passed"))
    assert diagnosis.causes[0].confidence < 0.75
    assert diagnosis.findings[0].title == "The listening window was used up to the end"


def test_a_run_about_which_nothing_is_known_says_so() -> None:
    diagnosis = diagnose(run({}, failed=("events",)))
    assert labels(diagnosis) == [("insufficient_evidence", "sufficient")]
    assert diagnosis.unknowns[0].experiment
    assert diagnosis.whys[0].kind is WhyKind.UNKNOWN


def test_what_was_not_reached_is_left_open() -> None:
    diagnosis = diagnose(upgrade_refused(EXCHANGED, 500))
    assert any("Not reached: Request, Events" in one.question for one in diagnosis.unknowns)
    assert "was not reached: Request, Events" in diagnosis.causes[0].counterfactual


OURS = {
    "dns_temporary": "resolver does not answer",
    "unreachable": "no route from here",
    "portal": "wants somebody to sign in",
    "local": "ran out of something",
    "config": "with this configuration",
    "dns": "None of the target's names",
}


def ours(kind: str) -> Run:
    """Return a run that trouble of our own kept from being carried out."""
    seen = {"health.backend.error": kind, "health.backend.error_text": "x", "connect.error": kind}
    return run(seen, status="errored", errored=("health",))


@pytest.mark.parametrize("kind", OURS)
def test_trouble_of_our_own_blames_nobody_else(kind: str) -> None:
    diagnosis = diagnose(ours(kind))
    assert labels(diagnosis) == [("runner_environment", "sufficient")]
    assert OURS[kind] in diagnosis.whys[0].answer


OUR_CLOCK = run(
    {**HEALTHY, "health.skew_s": 4000.0, "events.error_code": "TOKEN_EXPIRED"},
    status="errored",
    failed=("events",),
)
OUR_MISTAKE = run({"health.broke": "KeyError: 'x'"}, status="errored", errored=("health",))


UNEXPLAINED = run({}, status="errored", errored=("health",))


def test_a_run_of_ours_that_broke_for_no_recorded_reason_is_still_ours() -> None:
    assert labels(diagnose(UNEXPLAINED)) == [("runner_environment", "sufficient")]


def test_a_clock_of_ours_that_is_off_is_ours() -> None:
    assert labels(diagnose(OUR_CLOCK)) == [("runner_environment", "sufficient")]


def test_a_mistake_in_stagecheck_is_called_that_and_quoted() -> None:
    assert "stagecheck itself broke: KeyError: 'x'" in diagnose(OUR_MISTAKE).whys[0].answer


def keyless(**more: Json) -> Run:
    """Return a run without any token: the key refused, and no fallback."""
    seen = {
        **KEY_REFUSED,
        "token.source": "none",
        "token.secret_present": False,
        "token.secret_problem": "No secret is configured.",
        "token.secret_source": None,
        **more,
    }
    return run(seen, failed=("exchange", "token"), skipped=("connect", "request", "events"))


def test_a_refused_key_without_a_fallback_is_the_only_cause() -> None:
    diagnosis = diagnose(keyless())
    assert labels(diagnosis) == [("bypass_key_mismatch", "sufficient")]
    assert "no token to connect with" in diagnosis.whys[0].answer


UNREADABLE = keyless(**{"token.secret_source": "env:JWT", "token.secret_problem": "JWT not set"})
UNMINTABLE = keyless(
    **{
        "token.secret_source": "env:JWT",
        "token.secret_present": True,
        "token.secret_problem": "The algorithm RS512 needs a private key.",
    }
)


def test_a_secret_that_cannot_be_used_is_told_with_its_reason() -> None:
    told = diagnose(UNMINTABLE).causes[1]
    assert told.label == "jwt_token_absent"
    assert "RS512 needs a private key" in told.summary


def test_a_fallback_secret_that_cannot_be_read_would_do_alone_as_well() -> None:
    assert labels(diagnose(UNREADABLE)) == [
        ("bypass_key_mismatch", "sufficient"),
        ("jwt_token_absent", "sufficient"),
    ]


KEY_CHECK = run(
    {path: value for path, value in KEY_REFUSED.items() if not path.startswith("token")},
    failed=("exchange",),
    steps=("health", "exchange"),
)


def test_a_key_check_that_failed_is_the_keys_doing() -> None:
    assert labels(diagnose(KEY_CHECK)) == [("bypass_key_mismatch", "sufficient")]


def test_a_key_is_not_enough_where_the_socket_would_not_open_anyway() -> None:
    dead = {
        "health.backend.status": 503,
        "health.backend.edge": True,
        "health.backend.latency_ms": 9,
    }
    assert labels(diagnose(keyless(**dead))) == [
        ("bypass_key_mismatch", "contributing"),
        ("backend_5xx", "contributing"),
    ]


def test_a_key_is_enough_where_only_health_fails() -> None:
    unwell = {"health.backend.status": 500, "health.backend.latency_ms": 9}
    assert labels(diagnose(keyless(**unwell))) == [
        ("bypass_key_mismatch", "sufficient"),
        ("backend_5xx", "incidental"),
    ]


def test_an_owner_named_by_the_target_is_asked_first() -> None:
    checked = replace(DEGRADED, owners={"bypass_key_mismatch": "@secrets"})
    assert diagnose(checked).next_steps[0].title.endswith("(@secrets)")


def test_the_targets_own_words_for_the_impact_are_used() -> None:
    checked = replace(FOUNDING, impact="Blocks every authenticated test")
    assert diagnose(checked).findings[0].impact == "Blocks every authenticated test"


def test_long_values_are_cut_in_the_middle() -> None:
    long = "name 'x' is not defined " + "a" * 600 + " the end"
    told = diagnose(refused(EXCHANGED, "E", "x", long)).whys[1].answer
    assert len(told) < 500
    assert "the end" in told
    assert answer(refused(EXCHANGED, "E", "x", long)) == "ws_server_code_error"
