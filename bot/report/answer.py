"""The answer: at most five lines that a person reads at three in the morning."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bot.labels import Label
from bot.model import Cause, Diagnosis, NextStep, Role, Run, Status, StepResult
from bot.report.document import AnswerLine, Proof
from bot.report.words import (
    STATUS_WORDS,
    confidence_words,
    count,
    label_words,
    listed,
    seconds,
)

# A line for a person, not a paragraph: longer summaries are in the report below.
MOST_OTHERS = 3


def failing_step(run: Run) -> StepResult | None:
    """Return the step at which the run stopped working, or None when it worked.

    That is the last one that failed: a step that failed and was got round comes before it.
    """
    if run.status.works:
        return None
    broken = [step for step in run.steps if step.status in (Status.FAILED, Status.ERRORED)]
    return broken[-1] if broken else None


def write_headline(run: Run) -> str:
    """Return the one line with the status first."""
    subject = f"{run.check} on {run.target}" if run.executed else "pasted log"
    words = f"{STATUS_WORDS[run.status]}: {subject}"
    broken = failing_step(run)
    return f"{words}, at “{broken.title}”" if broken else words


def write_answer(
    run: Run,
    diagnosis: Diagnosis,
    proof: Proof,
    changed: Sequence[str],
    last_pass_at: datetime | None,
) -> tuple[AnswerLine, ...]:
    """Return verdict, cause, what else is wrong, what changed and what to do: five at most."""
    lines = [("Verdict", _verdict(run))]
    if run.status is Status.PASSED:
        lines.append(("Proof", proof.statement))
    else:
        lines.append(("Cause", _main_cause(diagnosis.causes)))
        lines.append(("Also", _others(diagnosis.causes)))
    if run.executed and (changed or run.status is not Status.PASSED):
        lines.append(("Changed", _changed(run, changed, last_pass_at)))
    lines.append(("Next", _next(diagnosis.next_steps)))
    return tuple(AnswerLine(label=label, text=text) for label, text in lines if text)


def _verdict(run: Run) -> str:
    who = run.target if run.executed else "The pasted run"
    broken = failing_step(run)
    text = f"{who} works"
    match run.status:
        case Status.PASSED if run.steps:
            passed = sum(step.status is Status.PASSED for step in run.steps)
            text = f"{who} works: {passed} of {count(len(run.steps), 'step')} passed"
        case Status.PASSED:
            pass
        case Status.DEGRADED:
            text = f"{who} works, but not by the proper way{_not_passed(run.steps)}"
        case Status.FAILED:
            text = f"{who} does not work{_where(run, broken)}"
        case Status.ERRORED:
            text = f"{who} could not be checked{_where(run, broken)}"
        case Status.SKIPPED:
            text = f"{who} was not checked"
    text += f", in {seconds(run.duration_s)}." if run.executed else "."
    if run.status is Status.ERRORED:
        text += f" This is our own doing and says nothing about {run.target}."
    return text


def _where(run: Run, broken: StepResult | None) -> str:
    if broken is None:
        return ""
    position = run.steps.index(broken) + 1
    return f": “{broken.title}” {broken.status.value}, step {position} of {len(run.steps)}"


def _not_passed(steps: Iterable[StepResult]) -> str:
    titles = [f"“{step.title}”" for step in steps if step.status is not Status.PASSED]
    return f": {listed(titles)} did not pass" if titles else ""


def _main_cause(causes: Sequence[Cause]) -> str:
    if not causes:
        return "No cause was found."
    cause = causes[0]
    if cause.label is Label.INSUFFICIENT_EVIDENCE:
        return f"Cannot tell from this evidence. {cause.summary}".strip()
    return f"{cause_words(cause)}."


def _others(causes: Sequence[Cause]) -> str:
    words = [
        f"{cause_words(cause)}: {_STANDING[cause.role]}"
        for cause in causes[1:MOST_OTHERS]
        if cause.label is not Label.INSUFFICIENT_EVIDENCE
    ]
    more = len(causes) - MOST_OTHERS
    if more > 0:
        words.append(f"{more} more in the report")
    return f"{'; '.join(words)}." if words else ""


_STANDING = {
    Role.SUFFICIENT: "it would do alone",
    Role.CONTRIBUTING: "it stands in the way too",
    Role.INCIDENTAL: "real, but not the reason",
}


def cause_words(cause: Cause) -> str:
    """Return a cause as words, then its label with confidence word and number."""
    words = cause.summary.rstrip(". ") or label_words(cause.label).capitalize()
    return f"{words} ({cause.label.value}, {confidence_words(cause.confidence)})"


def _changed(run: Run, changed: Sequence[str], last_pass_at: datetime | None) -> str:
    if last_pass_at is None:
        return "No earlier pass is stored to compare with."
    since = run.started_at - last_pass_at
    when = f"last passed {seconds(since / timedelta(seconds=1))} before this run"
    if run.status is Status.ERRORED:
        return f"{when.capitalize()}; nothing can be compared."
    if not changed:
        return f"{when.capitalize()}; nothing else that we record differs."
    more = f" (and {len(changed) - 1} more)" if len(changed) > 1 else ""
    return f"{changed[0].rstrip('.')}{more}; {when}."


def _next(steps: Sequence[NextStep]) -> str:
    return f"{steps[0].title.rstrip('.')}." if steps else ""
