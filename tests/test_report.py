"""What a report says: the answer, the proof, what changed, and nothing beyond the evidence."""

from dataclasses import replace

import pytest
from samples import (
    PASSED_DIAGNOSIS,
    PASSED_RUN,
    PASTED_RUN,
    PROOF,
    SAMPLES,
    SEED_DIAGNOSIS,
    SEED_FACTS,
    SEED_RUN,
    observed,
)

from bot.diagnosis import changes, diagnose
from bot.diagnosis.logs import read_log
from bot.labels import Label
from bot.model import (
    Cause,
    Diagnosis,
    Json,
    NextStep,
    Observation,
    Role,
    Run,
    Status,
    Trigger,
    Unknown,
    Why,
    WhyKind,
)
from bot.phrases import count, listed
from bot.report import RENDERERS, Report, build_report
from bot.report.beside import is_beside, tried_words
from bot.report.document import ProofLevel
from bot.report.words import confidence_words, seconds, shown
from bot.target import Setting


def report_of(name: str, *, previous: Run | None = PASSED_RUN) -> Report:
    run, diagnosis = SAMPLES[name]
    return build_report(run, diagnosis, previous=previous)


def answer_of(report: Report) -> dict[str, str]:
    return {line.label: line.text for line in report.answer}


def seen(run: Run, path: str, value: Json) -> Run:
    """Return `run` with what was observed at `path` set to `value`."""
    step, key = path.split(".", 1)
    others = tuple(one for one in run.observations if one.path != path)
    new = Observation(id="o99", at=run.started_at, step=step, key=key, value=value)
    return replace(run, observations=(*others, new))


@pytest.mark.parametrize("name", SAMPLES)
def test_the_answer_takes_at_most_five_lines_and_begins_with_the_verdict(name: str) -> None:
    lines = report_of(name).answer
    assert len(lines) <= 5
    assert lines[0].label == "Verdict"


@pytest.mark.parametrize(
    ("below", "is_told"),
    [("Its clock is an hour ahead.", True), ('The error is "no route to db:5432".', False)],
)
def test_the_answer_says_what_lies_below_the_cause_unless_it_quotes_the_same(
    below: str, is_told: bool
) -> None:
    cause = replace(SEED_DIAGNOSIS.causes[0], summary='It stopped: "no route to db:5432".')
    whys = [
        Why(question="Why?", answer=answer, kind=WhyKind.OBSERVED, evidence=cause.evidence)
        for answer in (cause.summary, below)
    ]
    told = replace(SEED_DIAGNOSIS, causes=(cause,), whys=tuple(whys))
    assert answer_of(build_report(SEED_RUN, told))["Cause"].endswith(below) is is_told


def test_the_answer_names_the_failing_step_cause_confidence_and_next_step() -> None:
    answer = answer_of(report_of("seed"))
    assert "“Event stream” failed, step 6 of 6" in answer["Verdict"]
    assert answer["Cause"].startswith(
        "Code error in the socket's path (confirmed, confidence 0.97)"
    )
    assert answer["Next"].startswith("Ask @backend")


def test_an_incidental_cause_is_named_and_said_not_to_be_the_reason() -> None:
    also = answer_of(report_of("seed"))["Also"]
    assert "Bypass key differs" in also
    assert "not the reason" in also


def test_the_failing_step_is_not_the_one_that_was_got_round() -> None:
    report = report_of("seed")
    assert report.failing_step is not None
    assert report.failing_step.name == "events"
    assert report.headline == "Failed: pipeline on staging, at “Event stream”"


def test_a_degraded_run_never_reads_as_plain_success() -> None:
    verdict = answer_of(report_of("degraded"))["Verdict"]
    assert "works, but not by the proper way" in verdict
    assert "“Bypass-key exchange”" in verdict


def test_an_errored_run_does_not_blame_the_target() -> None:
    verdict = answer_of(report_of("errored"))["Verdict"]
    assert "our own doing and says nothing about staging" in verdict
    assert "does not work" not in verdict


def test_a_pasted_log_is_never_said_to_have_been_executed() -> None:
    report = build_report(PASTED_RUN, SEED_DIAGNOSIS)
    assert report.headline == "Failed: the run in the pasted log"
    assert report.proof.level is ProofLevel.NOT_EXECUTED
    assert report.proof.proven == ()


@pytest.mark.parametrize("status", Status)
def test_a_check_of_a_part_does_not_judge_the_whole_target(status: Status) -> None:
    run = replace(SEED_RUN, check="key", status=status)
    verdict = build_report(run, SEED_DIAGNOSIS).answer[0].text
    assert verdict.startswith("The key check of staging ")


def test_the_key_issues_of_a_pasted_log_are_what_stands_in_it() -> None:
    report = build_report(PASTED_RUN, SEED_DIAGNOSIS)
    assert [claim.text for claim in report.key_issues] == [
        why.answer for why in SEED_DIAGNOSIS.whys if why.kind is WhyKind.OBSERVED
    ]


def test_cannot_tell_is_said_instead_of_a_cause() -> None:
    cause = Cause(
        label=Label.INSUFFICIENT_EVIDENCE,
        role=Role.SUFFICIENT,
        confidence=0.2,
        evidence=(),
        summary="The stream was cut before its first frame.",
    )
    report = build_report(SEED_RUN, replace(SEED_DIAGNOSIS, causes=(cause,)))
    assert answer_of(report)["Cause"].startswith("Cannot tell from this evidence.")


def test_where_nothing_can_be_told_the_next_step_is_what_would_tell() -> None:
    cause = Cause(
        label=Label.INSUFFICIENT_EVIDENCE,
        role=Role.SUFFICIENT,
        confidence=0.4,
        evidence=(),
        summary="The text names no cause.",
    )
    unknown = Unknown(question="What was raised?", experiment="Collect the whole traceback")
    found = replace(SEED_DIAGNOSIS, causes=(cause,), unknowns=(unknown,))
    report = build_report(PASTED_RUN, found)
    assert answer_of(report)["Next"] == "Collect the whole traceback."
    # No failure was seen in the text, so it is not called one.
    assert report.headline == "Cannot tell: the pasted log"


def test_a_run_without_any_cause_says_so() -> None:
    report = build_report(SEED_RUN, Diagnosis(causes=(), whys=()))
    assert answer_of(report)["Cause"] == "No cause was found."


def test_what_changed_comes_from_the_comparison_with_the_last_pass() -> None:
    report = report_of("seed")
    assert report.changed_since_last_pass == tuple(
        change.sentence for change in changes(SEED_RUN, PASSED_RUN)
    )
    assert "last passed 3 h 39 min before this run" in answer_of(report)["Changed"].lower()


def test_how_a_failure_shows_itself_is_not_called_a_change() -> None:
    silent = replace(PASSED_RUN, revision=SEED_RUN.revision, observations=SEED_RUN.observations)
    changed = build_report(SEED_RUN, SEED_DIAGNOSIS, previous=silent)
    assert any("“Event stream”" in text for text in changed.changed_since_last_pass)
    assert "with the same revision, keys and settings" in answer_of(changed)["Changed"]


def test_a_run_that_passed_asks_nobody_to_do_anything() -> None:
    run, diagnosis = SAMPLES["passed"]
    steps = (NextStep(title="Compare with earlier runs", command="history staging"),)
    report = build_report(run, replace(diagnosis, next_steps=steps))
    assert "Next" not in answer_of(report)


def test_a_failed_step_is_said_not_to_be_the_cause_only_where_that_is_known() -> None:
    exchange = SEED_RUN.steps[1]
    assert is_beside(exchange, report_of("seed"))
    cause, beside = SEED_DIAGNOSIS.causes
    for causes in (
        (cause,),
        (cause, replace(beside, role=Role.CONTRIBUTING)),
        (cause, replace(beside, is_role_open=True)),
        (replace(cause, evidence=(*cause.evidence, *beside.evidence)), beside),
    ):
        report = build_report(SEED_RUN, replace(SEED_DIAGNOSIS, causes=causes))
        assert not is_beside(exchange, report)


def test_an_experiment_says_whether_it_came_to_the_same() -> None:
    run = replace(
        SEED_RUN,
        experiments=tuple(replace(one, status=Status.PASSED) for one in SEED_RUN.experiments),
    )
    report = build_report(run, SEED_DIAGNOSIS)
    words = {one.name: tried_words(one, report) for one in run.experiments}
    assert words["token_full_claims"] == "same result"
    assert words["key_non_json"] == "made"
    other = seen(run, "token_full_claims.same", False)
    assert tried_words(other.experiments[2], build_report(other, SEED_DIAGNOSIS)) == "other result"


def test_without_an_earlier_pass_nothing_is_compared() -> None:
    report = report_of("seed", previous=None)
    assert report.changed_since_last_pass == ()
    assert "Changed" not in answer_of(report)


def test_a_citation_of_an_observation_that_does_not_exist_is_dropped() -> None:
    cause = replace(SEED_DIAGNOSIS.causes[0], evidence=("o16", "o4711"))
    report = build_report(SEED_RUN, replace(SEED_DIAGNOSIS, causes=(cause,)))
    assert report.causes[0].evidence == ("o16",)


def test_the_identity_on_the_wire_is_the_token_that_was_sent() -> None:
    assert report_of("seed").identity == "a fallback token minted here, as e2e-test-7f3a91c2"
    assert "welcomed as e2e-staging" in report_of("passed").identity


def test_key_issues_are_what_was_seen_before_anything_is_explained() -> None:
    issues = [claim.text for claim in report_of("seed").key_issues]
    assert issues[0] == "“Bypass-key exchange” failed: 401 Invalid E2E bypass key."
    assert "Required events did not arrive: agent_started, agent_completed." in issues


def test_a_step_that_was_not_reached_is_listed_as_not_checked() -> None:
    assert report_of("errored").not_checked == ("Bypass-key exchange: not run.",)


LOCALHOST = """VALIDATION FAILURE: Configuration validation failed for environment 'staging'.
Errors: [
  'frontend_url contains localhost in staging environment',
]. This may cause system instability."""


@pytest.mark.parametrize(
    ("log", "line"),
    [
        (LOCALHOST, "3: 'frontend_url contains localhost in staging environment',"),
        ('{\n  "backend": {\n    "status": 503,\n    "url": "https://b.test/health"\n  }\n}', "3:"),
    ],
)
def test_the_line_of_a_log_that_decides_is_quoted(log: str, line: str) -> None:
    run = read_log(log)
    assert answer_of(build_report(run, diagnose(run)))["Line"].startswith(line)


def test_a_line_that_the_cause_quotes_is_not_quoted_again() -> None:
    run = read_log(
        "FAILED test_x - redis.exceptions.ConnectionError: Error -3 connecting to r:6379"
    )
    answer = answer_of(build_report(run, diagnose(run)))
    assert "Error -3" in answer["Cause"]
    assert "Line" not in answer


# Proof of execution


def test_ids_of_the_server_and_bytes_prove_the_execution() -> None:
    proof = report_of("passed").proof
    assert proof.level is ProofLevel.PROVEN
    assert any("connection_id ws_e2e-test" in claim.text for claim in proof.proven)
    assert proof.missing == ()


def test_the_proof_counts_what_is_new_in_each_answer_and_names_the_rest() -> None:
    traces = [f"{number:032x}/1;o=1" for number in range(6)]
    run = seen(PASSED_RUN, "proof.server_ids", {"connection_id": "ws_1", "traces": traces})
    run = seen(run, "proof.edge_headers", {"server": "Google Frontend", "x-trace": traces[0]})
    told = " ".join(claim.text for claim in build_report(run, PASSED_DIAGNOSIS).proof.proven)
    assert "connection_id ws_1 and 6 trace ids, by which its logs can be searched" in told
    assert "server (Google Frontend) and x-trace." in told
    assert not any(trace in told for trace in traces)


def test_bytes_that_are_tied_to_nothing_prove_only_a_part() -> None:
    proof = build_report(seen(PASSED_RUN, "proof.server_ids", {}), PASSED_DIAGNOSIS).proof
    assert proof.level is ProofLevel.PARTLY_PROVEN


def test_a_nonce_that_comes_back_proves_the_execution_without_any_id() -> None:
    run = seen(seen(PASSED_RUN, "proof.server_ids", {}), "proof.nonce_echoed", True)
    assert build_report(run, PASSED_DIAGNOSIS).proof.level is ProofLevel.PROVEN


def test_time_alone_proves_nothing() -> None:
    run = replace(PASSED_RUN, observations=(), duration_s=15.0)
    assert build_report(run, PASSED_DIAGNOSIS).proof.level is ProofLevel.NOT_PROVEN


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("proof.addresses", {"api": "127.0.0.1", "auth": "::1"}, "loopback"),
        ("proof.tls", {}, "No TLS was used"),
        ("proof.nonce_echoed", False, "nonce made for this run did not come back"),
        ("proof.bytes_received", 0, "Not one byte came back"),
        ("events.equals_window", True, "a time-out, not a proof"),
        ("events.canned", ["response_generator"], "mock handlers (response_generator)"),
        ("events.identity_match", "other", "welcomed somebody else"),
        ("events.foreign_ids", ["run-7"], "Frames of other runs"),
    ],
)
def test_what_speaks_against_the_proof_is_said(path: str, value: Json, words: str) -> None:
    proof = build_report(seen(PASSED_RUN, path, value), PASSED_DIAGNOSIS).proof
    assert any(words in claim.text for claim in proof.missing)


def test_without_a_terminal_event_the_pipeline_is_not_said_to_have_run() -> None:
    assert any("no terminal event" in claim.text for claim in report_of("seed").proof.missing)


def test_facts_of_unexpected_types_do_not_break_the_proof() -> None:
    for value in (None, "x", [1], -1, {"a": None}):
        facts = [("proof", key, value) for key in (*PROOF, "nonce_echoed")]
        run = replace(SEED_RUN, observations=observed([*SEED_FACTS, *facts]))
        assert build_report(run, SEED_DIAGNOSIS).proof.statement


# Configuration


@pytest.mark.parametrize(
    ("note", "sentence"),
    [
        ("B is also set, to a different value, and not used", "Conflict: bypass_key comes from"),
        ("B is also set, to the same value", "Duplicate: bypass_key comes from"),
        ("environment variable A is not set", "Problem: bypass_key comes from"),
    ],
)
def test_what_is_wrong_with_a_setting_is_named(note: str, sentence: str) -> None:
    run = replace(SEED_RUN, provenance=(Setting(key="bypass_key", source="env:A", note=note),))
    [problem] = build_report(run, SEED_DIAGNOSIS).provenance_problems
    assert problem.startswith(sentence)


def test_a_setting_with_two_sources_is_a_conflict() -> None:
    both = (
        Setting(key="api_url", source="a.yaml:1", value="https://a.test"),
        Setting(key="api_url", source="b.yaml:1", value="https://b.test"),
    )
    [problem] = build_report(replace(SEED_RUN, provenance=both), SEED_DIAGNOSIS).provenance_problems
    assert problem == "Conflict: api_url is set in 2 places, a.yaml:1 and b.yaml:1."


def test_an_optional_setting_left_out_is_no_problem() -> None:
    run = replace(SEED_RUN, provenance=(Setting(key="ca_file", source="default", note="not set"),))
    assert build_report(run, SEED_DIAGNOSIS).provenance_problems == ()


# Words


@pytest.mark.parametrize(
    ("confidence", "words"),
    [
        (1.0, "confirmed, confidence 1.00"),
        (0.999, "confirmed, confidence 0.99"),
        (0.95, "confirmed, confidence 0.95"),
        (0.9499, "likely, confidence 0.94"),
        (0.75, "likely, confidence 0.75"),
        (0.7, "possible, confidence 0.70"),
        (0.0, "possible, confidence 0.00"),
    ],
)
def test_confidence_has_a_word_and_is_never_rounded_up(confidence: float, words: str) -> None:
    assert confidence_words(confidence) == words


@pytest.mark.parametrize(
    ("duration_s", "words"),
    [
        (0.0, "0 ms"),
        (0.4124, "412 ms"),
        (0.9996, "1.0 s"),
        (2.94, "2.9 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (3_599.6, "1 h"),
        (116.2, "1 min 56 s"),
        (2_529.0, "42 min"),
        (13_140, "3 h 39 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_durations_read_as_people_say_them(duration_s: float, words: str) -> None:
    assert seconds(duration_s) == words


def test_small_wordings() -> None:
    assert count(1, "step") == "1 step"
    assert count(2_000, "step") == "2,000 steps"
    assert (count(1, "pass"), count(2, "pass")) == ("1 pass", "2 passes")
    assert listed([]) == ""
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert shown({"a": [1, None], "b": ""}) == "a=1, null, b=(empty)"


@pytest.mark.parametrize("trigger", Trigger)
@pytest.mark.parametrize("status", Status)
def test_every_status_and_trigger_makes_a_report(status: Status, trigger: Trigger) -> None:
    for run in (SEED_RUN, PASTED_RUN):
        changed = replace(run, status=status, trigger=trigger, steps=())
        assert build_report(changed, SEED_DIAGNOSIS, previous=PASSED_RUN).headline


def test_role_that_the_evidence_leaves_open_is_not_claimed() -> None:
    first, second = SEED_DIAGNOSIS.causes
    causes = (first, replace(second, is_role_open=True))
    report = build_report(SEED_RUN, replace(SEED_DIAGNOSIS, causes=causes))
    assert "not the reason" not in answer_of(report)["Also"]
    for render in ("text", "markdown"):
        told = " ".join(RENDERERS[render](report).split())
        assert "Role: not known" in told.replace("*", "")


def why(answer: str, kind: WhyKind = WhyKind.OBSERVED) -> Why:
    return Why(question="Why?", answer=answer, kind=kind)


@pytest.mark.parametrize(
    ("below", "is_told"),
    [
        ((why("It was built twice.", WhyKind.INFERRED),), True),
        ((why("It was built twice."), why("Unknown: where.", WhyKind.UNKNOWN)), True),
        ((), False),
        ((why("It was built twice." * 20),), False),
        ((why("Unknown: It was built twice.", WhyKind.UNKNOWN),), False),
    ],
)
def test_the_answer_goes_as_deep_as_is_known(below: tuple[Why, ...], is_told: bool) -> None:
    named = why(f"{SEED_DIAGNOSIS.causes[0].summary} Another token is refused, too.")
    found = replace(SEED_DIAGNOSIS, whys=(why("It ended."), named, *below))
    cause = answer_of(build_report(SEED_RUN, found))["Cause"]
    assert ("built twice" in cause) is is_told
