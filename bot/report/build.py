"""Builds the one report of a run: what every renderer shows is decided here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import TypeVar

from bot.diagnosis import NOTHING_USUAL, Change, ChangeKind, changes
from bot.labels import KEY_LABELS, Label
from bot.model import (
    Cause,
    Diagnosis,
    Finding,
    RuledOut,
    Run,
    Status,
    StepResult,
    Usual,
    Why,
    WhyKind,
)
from bot.report.answer import (
    again_command,
    failing_step,
    write_answer,
    write_headline,
)
from bot.report.document import Baseline, Claim, Report
from bot.report.proof import judge_proof
from bot.report.provenance import provenance_problems
from bot.report.token import claims_in
from bot.report.words import seconds, shown
from bot.target import DEFAULT_CHECK, KEY_CHECK

Citing = TypeVar("Citing", Cause, Why, RuledOut, Finding, Claim)

# Enough to check a sentence; all of them are in the JSON report.
MOST_CITED = 4


def build_report(
    run: Run,
    diagnosis: Diagnosis,
    *,
    previous: Run | None = None,
    usual: Mapping[str, Usual] = NOTHING_USUAL,
    asker: str = "",
) -> Report:
    """Build the report of `run`.

    `previous` is the last run of the same check that passed, `usual` the latency of its steps;
    `asker` is what Slack calls who asked for it.
    """
    changed = changes(run, previous, usual) if previous else ()
    report = _report(run, _without_repetition(run, diagnosis), previous, changed)
    return replace(report, asker=asker)


def _report(
    run: Run, diagnosis: Diagnosis, previous: Run | None, changed: tuple[Change, ...]
) -> Report:
    last_pass = _baseline(previous) if previous else None
    known = frozenset(seen.id for seen in run.observations)
    return Report(
        headline=write_headline(run, diagnosis.causes),
        answer=write_answer(run, diagnosis, _for_answer(changed, diagnosis), last_pass),
        run_id=run.id,
        target=run.target,
        check=run.check,
        status=run.status,
        executed=run.executed,
        started_at=run.started_at,
        duration_s=run.duration_s,
        trigger=run.trigger,
        caller=run.caller,
        revision=run.revision,
        identity=_identity(run),
        failing_step=failing_step(run),
        steps=run.steps,
        experiments=run.experiments,
        observations=run.observations,
        transcript=run.transcript,
        proof=judge_proof(run),
        key_issues=_resolved(tuple(_key_issues(run, diagnosis)), known),
        causes=_resolved(diagnosis.causes, known),
        whys=_resolved(diagnosis.whys, known),
        ruled_out=_resolved(diagnosis.ruled_out, known),
        unknowns=diagnosis.unknowns,
        findings=_resolved(diagnosis.findings, known),
        changes=changed,
        last_pass=last_pass,
        next_steps=diagnosis.next_steps,
        provenance=run.provenance,
        provenance_problems=provenance_problems(run.provenance),
        impact=run.impact,
        owners=dict(run.owners or {}),
        not_checked=(*run.not_checked, *_not_run(run)),
    )


def _baseline(previous: Run) -> Baseline:
    return Baseline(
        run_id=previous.id, started_at=previous.started_at, claims=claims_in(previous.observations)
    )


# How the failure shows itself is the verdict already.
_SYMPTOMS = frozenset({ChangeKind.OUTCOME, ChangeKind.EVENTS, ChangeKind.LATENCY})
# These explain only what they are about; another cause has more to do with whatever else changed.
_ABOUT: Mapping[ChangeKind, frozenset[Label]] = {
    ChangeKind.KEY: KEY_LABELS,
    ChangeKind.SECRET: frozenset({Label.JWT_REJECTED, Label.JWT_TOKEN_ABSENT}),
    ChangeKind.CERTIFICATE: frozenset({Label.TLS_FAILURE}),
}


def _for_answer(changed: Sequence[Change], diagnosis: Diagnosis) -> list[str]:
    """Return what may be a reason, as sentences; what cannot be about the answer stands last."""
    label = diagnosis.causes[0].label if diagnosis.causes else None

    def is_beside(change: Change) -> bool:
        return change.kind in _ABOUT and label not in _ABOUT[change.kind]

    telling = [change for change in changed if change.kind not in _SYMPTOMS]
    return [change.sentence for change in sorted(telling, key=is_beside)]


def _without_repetition(run: Run, diagnosis: Diagnosis) -> Diagnosis:
    """Leave out of a check of the key the advice to check the key: that has just been done.

    What runs the usual check is not the same again, but the whole.
    """
    if run.check != KEY_CHECK:
        return diagnosis
    done = again_command(run.check, run.target)
    whole = again_command(DEFAULT_CHECK, run.target)
    steps = tuple(
        replace(step, title="Run the full check") if step.command == whole else step
        for step in diagnosis.next_steps
        if step.command != done
    )
    return replace(diagnosis, next_steps=steps)


def _resolved(citing: Sequence[Citing], known: frozenset[str]) -> tuple[Citing, ...]:
    """Drop citations of observations that the run does not have: they would prove nothing."""
    return tuple(
        replace(
            one, evidence=tuple(dict.fromkeys(cited for cited in one.evidence if cited in known))
        )
        for one in citing
    )


def _identity(run: Run) -> str:
    """Say who the run really was on the wire: the token sent, not the user intended."""
    facts = {seen.path: seen.value for seen in run.observations}
    source = facts.get("connect.identity", facts.get("token.source"))
    subject = facts.get("token.subject")
    words = {
        "exchanged": "the token from the exchange",
        "minted": "a fallback token minted here",
        "none": "no token at all",
    }.get(str(source), "")
    if words and subject and source != "none":
        words += f", as {shown(subject)}"
    if words and (welcomed := facts.get("events.welcome_user_id")):
        words += f"; welcomed as {shown(welcomed)}"
    return words


def _key_issues(run: Run, diagnosis: Diagnosis) -> Iterator[Claim]:
    """Yield what was seen to go wrong, step by step, before anything is explained."""
    if not run.executed:  # a text has no steps; what stands in it is in the observed answers
        seen_in_it = [why for why in diagnosis.whys if why.kind is WhyKind.OBSERVED]
        yield from (Claim(text=why.answer, evidence=why.evidence) for why in seen_in_it)
        return
    cited = _cited(diagnosis)
    facts: dict[str, list[str]] = {}
    for seen in run.observations:
        facts.setdefault(seen.step, []).append(seen.id)
    for step in run.steps:
        if step.status in (Status.PASSED, Status.SKIPPED):
            continue
        ids = [seen for seen in facts.get(step.name, ()) if seen in cited][:MOST_CITED]
        detail = step.detail.rstrip(". ") or f"{step.status.value} after {seconds(step.duration_s)}"
        yield Claim(text=f"“{step.title}” {step.status.value}: {detail}.", evidence=tuple(ids))
    for path, words in _STREAM_ISSUES.items():
        for seen in run.observations:
            if seen.path == path and seen.value not in (None, False, "", [], {}):
                yield Claim(text=words.format(value=shown(seen.value)), evidence=(seen.id,))


# What a stream can show beside the outcome of its step.
_STREAM_ISSUES: Mapping[str, str] = {
    "events.missing": "Required events did not arrive: {value}.",
    "events.violations": "The event contract was broken: {value}.",
    "events.canned": "Marks of mock handlers were in the stream: {value}.",
    "events.foreign_ids": "Frames with ids of other runs were in the stream: {value}.",
}


def _cited(diagnosis: Diagnosis) -> frozenset[str]:
    citing: tuple[Cause | Why | RuledOut | Finding, ...] = (
        *diagnosis.causes,
        *diagnosis.whys,
        *diagnosis.findings,
    )
    return frozenset(chain.from_iterable(one.evidence for one in citing))


def _not_run(run: Run) -> Iterator[str]:
    """Yield a sentence per step that was not reached, unless the run says it already."""
    said = " ".join(run.not_checked)
    for step in _skipped(run.steps):
        if step.title not in said:
            yield f"{step.title}: not run. {step.detail}".strip()


def _skipped(steps: Sequence[StepResult]) -> Iterator[StepResult]:
    return (step for step in steps if step.status is Status.SKIPPED)
