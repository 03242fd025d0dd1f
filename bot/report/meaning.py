"""What the run means, as parts: whys, causes, findings and next steps."""

from collections.abc import Iterator

from bot.labels import Label
from bot.model import Cause, Role
from bot.report.document import Report
from bot.report.parts import Item, Items, Paragraph, Part
from bot.report.words import (
    KIND_WORDS,
    cited,
    confidence_words,
    evidence_line,
    label_words,
    role_words,
)


def whys(report: Report) -> Iterator[Part]:
    """Yield the chain of questions, each answer with its evidence, and where it ends."""
    lines = {seen.id: evidence_line(seen) for seen in report.observations}
    if report.whys:
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
    # The end of the chain is an unknown of its own; said once is enough.
    asked = {why.question for why in report.whys}
    if unknowns := [one for one in report.unknowns if one.question not in asked]:
        yield Paragraph(text="", label="What the evidence does not tell")
        yield Items(
            items=tuple(
                Item(text=f"{one.question} To find out: {one.experiment}") for one in unknowns
            )
        )
    elif not report.whys:
        yield Paragraph(text="There is nothing to ask about.", is_void=True)
    elif len(report.whys) < 5 and not report.unknowns:
        yield Paragraph(text="The chain ends here because the evidence does.")


def causes(report: Report) -> Iterator[Part]:
    """Yield what caused the outcome, what each cause has to do with it, and what was ruled out."""
    if report.causes:
        items = tuple(_cause(cause, report) for cause in report.causes)
        yield Items(items=items, ordered=True)
    else:
        yield Paragraph(text="No cause was found.")
    if report.ruled_out:
        yield Paragraph(text="", label="Ruled out")
        yield Items(
            items=tuple(
                Item(label=_titled(one.label), text=f"{one.reason}{cited(one.evidence)}".strip())
                for one in report.ruled_out
            )
        )


def findings(report: Report) -> Iterator[Part]:
    """Yield what needs a person: where it is, what is wrong and what it does."""
    if not report.findings:
        yield Paragraph(text="None.", is_void=True)
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


def next_steps(report: Report) -> Iterator[Part]:
    """Yield what to do, each with the line that does it."""
    if report.next_steps:
        items = (Item(text=step.title, command=step.command) for step in report.next_steps)
        yield Items(items=tuple(items), ordered=True)
    else:
        yield Paragraph(text="No next step is known.", is_void=True)


def _titled(label: Label) -> str:
    return f"{label_words(label)} ({label.value})"


def _cause(cause: Cause, report: Report) -> Item:
    owner = report.owners.get(cause.label.value, "")
    # That nothing can be told is no cause, nor is that it works: there is nothing to fix.
    is_told = cause.label not in (Label.INSUFFICIENT_EVIDENCE, Label.HEALTHY)
    notes = [f"Role: {role_words(cause)}."] if is_told else []
    if is_told and cause.counterfactual:
        notes.append(f"If only this were fixed: {cause.counterfactual}")
    if owner and cause.role is Role.INCIDENTAL:
        # Nobody is called at night for what is not the reason.
        notes.append(f"Owner: {owner}")
        owner = ""
    summary = cause.summary or f"{label_words(cause.label)}."
    return Item(
        label=f"{_titled(cause.label)}, {confidence_words(cause.confidence)}",
        text=f"{summary}{cited(cause.evidence)}",
        notes=tuple(notes),
        owner=owner,
    )
