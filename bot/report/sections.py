"""The full report as sections, in their fixed order; a run that passed proves itself in fewer."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import chain

from bot.model import Status, StepResult
from bot.phrases import count
from bot.report.beside import aside_words, tried_words
from bot.report.document import Claim, Report
from bot.report.keys import TITLE as KEY_TITLE
from bot.report.keys import has_key, key_section
from bot.report.meaning import causes, findings, next_steps, whys
from bot.report.parts import (
    Fields,
    Item,
    Items,
    Paragraph,
    Part,
    Section,
    Table,
    Verbatim,
)
from bot.report.provenance import inherited_words, set_on_purpose
from bot.report.token import TITLE as TOKEN_TITLE
from bot.report.token import has_claims, token_section
from bot.report.transcript import experiment_lines, reasoned_from, run_lines
from bot.report.words import asked, called, cited, evidence_line, moment, seconds

# The most telling come first; who needs all of them reads the JSON report.
MOST_CHANGES = 10
# Whatever the report of a passed run says besides would only bury its proof.
_PROVING = ("Summary", "Validation of real execution", "What was not checked", "Evidence")


def sections(report: Report, *, also: Collection[str] = ()) -> tuple[Section, ...]:
    """Return the report's sections in the order of `SECTIONS`.

    A run that passed has few; those called `also` are among them all the same.
    """
    return tuple(
        Section(title=title, parts=tuple(body(report)))
        for title, body in _bodies(report)
        if report.status is not Status.PASSED
        or title in (*_PROVING, *also)
        or title in _eventful(report)
    )


def _bodies(report: Report) -> Iterator[tuple[str, Callable[[Report], Iterator[Part]]]]:
    """Yield the sections, and those on the key and the token where something is known of them."""
    for title, body in SECTIONS.items():
        if title == _BEFORE_PROVENANCE and has_key(report):
            yield KEY_TITLE, key_section
        if title == _BEFORE_PROVENANCE and has_claims(report):
            yield TOKEN_TITLE, token_section
        yield title, body


_BEFORE_PROVENANCE = "Configuration provenance"


def _eventful(report: Report) -> Iterator[str]:
    """Yield the titles that a passed run needs all the same, because there is something in them."""
    if report.findings:
        yield "Critical findings"
    yield KEY_TITLE
    if report.changed_since_last_pass:
        yield "What changed since the last pass"


def _summary(report: Report) -> Iterator[Part]:
    who = asked(report.trigger, report.asker or called(report.caller.id))
    if report.executed:
        pairs = [
            ("Target", report.target),
            ("Check", report.check),
            ("Revision", report.revision or "the target does not say"),
            ("When", moment(report.started_at)),
            ("How long", seconds(report.duration_s)),
            ("Who asked", who),
            ("Identity sent", report.identity),
            ("Run", report.run_id),
        ]
    else:
        pairs = [
            ("Source", "a log; nothing was executed"),
            ("Read", " ".join(step.detail for step in report.steps)),
            ("Revision", report.revision),
            ("When", moment(report.started_at) if report.is_dated else ""),
            ("Who asked", who),
            ("Identity sent", report.identity),
        ]
    yield Fields(pairs=tuple((name, value) for name, value in pairs if value))
    if report.executed and report.steps:
        rows = [_step_row(step, report) for step in report.steps]
        rows += [_experiment_row(step, report) for step in report.experiments]
        yield Table(columns=("Step", "Outcome", "Time", "What happened"), rows=tuple(rows))


def _step_row(step: StepResult, report: Report) -> tuple[str, ...]:
    took = "" if step.status is Status.SKIPPED else seconds(step.duration_s)
    return step.title, f"{step.status.value}{aside_words(step, report)}", took, step.detail


def _experiment_row(step: StepResult, report: Report) -> tuple[str, ...]:
    outcome, took = tried_words(step, report), seconds(step.duration_s)
    return f"Experiment: {step.title}", outcome, took, step.detail


def _transcript(report: Report) -> Iterator[Part]:
    run = run_lines(report)
    if run.lines:
        yield run
    elif report.executed:
        yield Paragraph(text="Nothing crossed the wire.")
    else:
        yield Paragraph(text="There was no text.")
    # Apart, so that what explains the failure never pushes out the failure itself.
    experiments = experiment_lines(report)
    if experiments.lines:
        yield Paragraph(text="", label="Experiments, made afterwards to tell causes apart")
        yield experiments


def _validation(report: Report) -> Iterator[Part]:
    yield Paragraph(text=report.proof.statement)
    if report.proof.proven:
        yield Items(items=tuple(_claims(report.proof.proven)))
    if report.proof.missing:
        yield Paragraph(text="", label="What is missing or speaks against it")
        yield Items(items=tuple(_claims(report.proof.missing)))


def _key_issues(report: Report) -> Iterator[Part]:
    if report.key_issues:
        yield Items(items=tuple(_claims(report.key_issues)), ordered=True)
    else:
        yield Paragraph(text="No step reported an issue of its own.", is_void=True)


def _claims(claims: Iterable[Claim]) -> Iterator[Item]:
    for claim in claims:
        yield Item(text=f"{claim.text}{cited(claim.evidence)}")


def _changes(report: Report) -> Iterator[Part]:
    if not report.executed:
        yield Paragraph(text="A log is not compared with any run.", is_void=True)
        return
    if report.last_pass is None:
        yield Paragraph(
            text="No earlier pass of this check is stored to compare with.", is_void=True
        )
        return
    base = report.last_pass
    yield Paragraph(text=f"Compared with run {base.run_id} of {moment(base.started_at)}.")
    if report.status is Status.ERRORED:
        yield Paragraph(text="This run says nothing about the target, so nothing is compared.")
    elif report.changed_since_last_pass:
        shown = report.changes[:MOST_CHANGES]
        yield Items(items=tuple(Item(text=f"{one.sentence}{cited(one.evidence)}") for one in shown))
        if more := len(report.changes) - len(shown):
            yield Paragraph(text=f"{count(more, 'change')} more in the JSON report.")
    else:
        yield Paragraph(text="Nothing that we record differs, apart from the outcome.")


def _provenance(report: Report) -> Iterator[Part]:
    if not report.provenance:
        yield Paragraph(text="No configuration was used.", is_void=True)
        return
    if report.provenance_problems:
        yield Items(items=tuple(Item(text=text) for text in report.provenance_problems))
    else:
        number = count(len(report.provenance), "setting")
        yield Paragraph(text=f"Each of {number} has exactly one source; no conflict was found.")
    if chosen := set_on_purpose(report.provenance):
        yield Table(
            columns=("Setting", "Source", "Value"),
            rows=tuple((one.key, one.source, one.value or "not shown here") for one in chosen),
        )
    if rest := inherited_words(report.provenance):
        yield Paragraph(text=rest)


def _impact(report: Report) -> Iterator[Part]:
    if not report.executed:
        yield Paragraph(text="Not known: no target was checked.", is_void=True)
    elif not report.impact:
        yield Paragraph(text="The target's configuration states none.", is_void=True)
    elif report.status is Status.FAILED:
        yield Paragraph(text=report.impact, label="As configured for this target")
    else:
        yield Paragraph(text=report.impact, label="As configured for this target when it fails")


def _not_checked(report: Report) -> Iterator[Part]:
    if report.not_checked:
        yield Items(items=tuple(Item(text=text) for text in report.not_checked))
    else:
        yield Paragraph(text="The run names nothing that it left out.", is_void=True)


def _evidence(report: Report) -> Iterator[Part]:
    ids = _cited_ids(report)
    lines = tuple(evidence_line(seen) for seen in report.observations if seen.id in ids)
    if lines:
        yield Verbatim(lines=lines, exact=False)
    else:
        yield Paragraph(text="Nothing above cites an observation.", is_void=True)


def _cited_ids(report: Report) -> frozenset[str]:
    citing: list[tuple[str, ...]] = [
        *(one.evidence for one in report.proof.proven),
        *(one.evidence for one in report.proof.missing),
    ]
    citing += [one.evidence for one in report.findings]
    if report.status is not Status.ERRORED:
        citing += [one.evidence for one in report.changes[:MOST_CHANGES]]
    # A check that passed has its proof; of a pasted log, the cause is all that is cited.
    if report.status is not Status.PASSED or not report.executed:
        citing.append(tuple(reasoned_from(report)))
    return frozenset(chain.from_iterable(citing))


SECTIONS: Mapping[str, Callable[[Report], Iterator[Part]]] = {
    "Summary": _summary,
    "Raw transcript": _transcript,
    "Validation of real execution": _validation,
    "Key issues": _key_issues,
    "Five whys": whys,
    "Causes": causes,
    "Critical findings": findings,
    "What changed since the last pass": _changes,
    "Next steps": next_steps,
    "Configuration provenance": _provenance,
    "Impact": _impact,
    "What was not checked": _not_checked,
    "Evidence": _evidence,
}
"""Every section in order. Evidence resolves each id that was cited above it."""
