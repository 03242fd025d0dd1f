"""The full report as sections, in their fixed order; a run that passed proves itself in fewer."""

from collections.abc import Iterable, Iterator
from itertools import chain

from bot.model import Cause, Status, StepResult
from bot.report.document import Claim, Report
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
from bot.report.transcript import transcript_lines
from bot.report.words import (
    KIND_WORDS,
    ROLE_WORDS,
    TRIGGER_WORDS,
    cited,
    confidence_words,
    evidence_line,
    label_words,
    moment,
    seconds,
)

SECTIONS = (
    "Summary",
    "Raw transcript",
    "Validation of real execution",
    "Key issues",
    "Five whys",
    "Causes",
    "Critical findings",
    "What changed since the last pass",
    "Next steps",
    "Configuration provenance",
    "Impact",
    "What was not checked",
    "Evidence",
)
"""Every title, in order. Evidence resolves each id that was cited above it."""


def sections(report: Report) -> tuple[Section, ...]:
    """Return the report's sections in the order of `SECTIONS`."""
    bodies = {
        "Summary": _summary(report),
        "Raw transcript": _transcript(report),
        "Validation of real execution": _validation(report),
        "Key issues": _key_issues(report),
        "Five whys": _whys(report),
        "Causes": _causes(report),
        "Critical findings": _findings(report),
        "What changed since the last pass": _changes(report),
        "Next steps": _next_steps(report),
        "Configuration provenance": _provenance(report),
        "Impact": _impact(report),
        "What was not checked": _not_checked(report),
        "Evidence": _evidence(report),
    }
    return tuple(
        Section(title=title, parts=tuple(bodies[title]))
        for title in SECTIONS
        if report.status is not Status.PASSED or title in _proving(report)
    )


def _proving(report: Report) -> frozenset[str]:
    """Return the titles that the report of a passed run needs: proof, and what is not empty."""
    extra = {
        "Critical findings": report.findings,
        "What changed since the last pass": report.changed_since_last_pass,
    }
    return frozenset(
        ("Summary", "Validation of real execution", "What was not checked", "Evidence")
    ) | {title for title, body in extra.items() if body}


def _summary(report: Report) -> Iterator[Part]:
    pairs = [
        ("Target", report.target),
        ("Check", report.check),
        ("Revision", report.revision or "the target does not say"),
        ("When", moment(report.started_at)),
        ("How long", seconds(report.duration_s)),
        ("Who asked", f"{report.caller.id}, {TRIGGER_WORDS[report.trigger]}"),
        ("Identity sent", report.identity),
        ("Run", report.run_id),
    ]
    yield Fields(pairs=tuple((name, value) for name, value in pairs if value))
    if report.steps or report.experiments:
        rows = [_step_row(step, "") for step in report.steps]
        rows += [_step_row(step, "experiment: ") for step in report.experiments]
        yield Table(columns=("Step", "Outcome", "Time", "What happened"), rows=tuple(rows))


def _step_row(step: StepResult, prefix: str) -> tuple[str, ...]:
    took = "" if step.status is Status.SKIPPED else seconds(step.duration_s)
    return f"{prefix}{step.title}", step.status.value, took, step.detail


def _transcript(report: Report) -> Iterator[Part]:
    if report.transcript:
        yield Verbatim(lines=transcript_lines(report))
    else:
        yield Paragraph(text="Nothing crossed the wire.")


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
        yield Paragraph(text="No step reported an issue of its own.")


def _claims(claims: Iterable[Claim]) -> Iterator[Item]:
    for claim in claims:
        yield Item(text=f"{claim.text}{cited(claim.evidence)}")


def _whys(report: Report) -> Iterator[Part]:
    lines = {seen.id: evidence_line(seen) for seen in report.observations}
    yield Items(
        ordered=True,
        items=tuple(
            Item(
                label=why.question,
                text=f"{why.answer} ({KIND_WORDS[why.kind]})",
                evidence=tuple(map(lines.__getitem__, why.evidence)),
            )
            for why in report.whys
        ),
    )
    if report.unknowns:
        yield Paragraph(text="", label="What the evidence does not tell")
        yield Items(
            items=tuple(
                Item(text=f"{unknown.question} To find out: {unknown.experiment}")
                for unknown in report.unknowns
            )
        )
    elif len(report.whys) < 5:
        yield Paragraph(text="The chain ends here because the evidence does.")


def _causes(report: Report) -> Iterator[Part]:
    if report.causes:
        causes = tuple(_cause(cause, report) for cause in report.causes)
        yield Items(items=causes, ordered=True)
    else:
        yield Paragraph(text="No cause was found.")
    if report.ruled_out:
        yield Paragraph(text="", label="Ruled out")
        yield Items(
            items=tuple(
                Item(label=one.label.value, text=f"{one.reason}{cited(one.evidence)}".strip())
                for one in report.ruled_out
            )
        )


def _cause(cause: Cause, report: Report) -> Item:
    owner = report.owners.get(cause.label.value)
    notes = (
        f"Role: {ROLE_WORDS[cause.role]}.",
        f"If only this were fixed: {cause.counterfactual}" if cause.counterfactual else "",
        f"Owner: {owner}" if owner else "",
    )
    summary = cause.summary or f"{label_words(cause.label).capitalize()}."
    return Item(
        label=f"{cause.label.value} ({confidence_words(cause.confidence)})",
        text=f"{summary}{cited(cause.evidence)}",
        notes=tuple(note for note in notes if note),
    )


def _findings(report: Report) -> Iterator[Part]:
    if not report.findings:
        yield Paragraph(text="None.")
        return
    yield Items(
        ordered=True,
        items=tuple(
            Item(
                label=f"{one.title} ({one.severity.value})",
                text=f"Location: {one.location}",
                notes=(f"Issue: {one.issue}{cited(one.evidence)}", f"Impact: {one.impact}"),
            )
            for one in report.findings
        ),
    )


def _changes(report: Report) -> Iterator[Part]:
    if report.last_pass is None:
        yield Paragraph(text="No earlier pass of this check is stored to compare with.")
        return
    base = report.last_pass
    yield Paragraph(text=f"Compared with run {base.run_id} of {moment(base.started_at)}.")
    if report.changed_since_last_pass:
        yield Items(items=tuple(Item(text=text) for text in report.changed_since_last_pass))
    else:
        yield Paragraph(text="Nothing that we record differs, apart from the outcome.")


def _next_steps(report: Report) -> Iterator[Part]:
    if report.next_steps:
        items = (Item(text=step.title, command=step.command) for step in report.next_steps)
        yield Items(items=tuple(items), ordered=True)
    else:
        yield Paragraph(text="Nothing is left to do.")


def _provenance(report: Report) -> Iterator[Part]:
    if report.provenance_problems:
        yield Items(items=tuple(Item(text=text) for text in report.provenance_problems))
    elif report.provenance:
        yield Paragraph(text="Each setting has exactly one source.")
    if report.provenance:
        yield Table(
            columns=("Setting", "Source", "Value", "Note"),
            rows=tuple((one.key, one.source, one.value, one.note) for one in report.provenance),
        )
    else:
        yield Paragraph(text="No configuration was used.")


def _impact(report: Report) -> Iterator[Part]:
    if not report.impact:
        yield Paragraph(text="The target's configuration states none.")
    elif report.status is Status.FAILED and report.executed:
        yield Paragraph(text=report.impact, label="As configured for this target")
    else:
        yield Paragraph(text=report.impact, label="As configured for this target when it fails")


def _not_checked(report: Report) -> Iterator[Part]:
    if report.not_checked:
        yield Items(items=tuple(Item(text=text) for text in report.not_checked))
    else:
        yield Paragraph(text="Everything that this check covers was looked at.")


def _evidence(report: Report) -> Iterator[Part]:
    ids = _cited_ids(report)
    lines = tuple(evidence_line(seen) for seen in report.observations if seen.id in ids)
    if lines:
        yield Verbatim(lines=lines, exact=False)
    else:
        yield Paragraph(text="Nothing above cites an observation.")


def _cited_ids(report: Report) -> frozenset[str]:
    citing: list[tuple[str, ...]] = [
        *(one.evidence for one in report.proof.proven),
        *(one.evidence for one in report.proof.missing),
    ]
    citing += [one.evidence for one in report.findings]
    if report.status is not Status.PASSED:
        citing += [one.evidence for one in report.key_issues]
        citing += [one.evidence for one in report.whys]
        citing += [one.evidence for one in report.causes]
        citing += [one.evidence for one in report.ruled_out]
    return frozenset(chain.from_iterable(citing))
