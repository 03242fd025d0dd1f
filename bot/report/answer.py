"""The answer: at most five lines that a person reads at three in the morning."""

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta

from bot.labels import Label
from bot.model import Cause, Diagnosis, Role, Run, Status, StepResult, Trigger, WhyKind
from bot.phrases import count, listed
from bot.report.document import AnswerLine, Baseline
from bot.report.proof import judge_proof
from bot.report.transcript import holds
from bot.report.visible import one_line
from bot.report.words import STATUS_WORDS, confidence_words, label_words, seconds
from bot.target import DEFAULT_CHECK, KEY_CHECK

# A line for a person, not a paragraph: longer summaries are in the report below.
MOST_OTHERS = 3
MOST_DEEPER = 200
_CANNOT_TELL = Label.INSUFFICIENT_EVIDENCE


def failing_step(run: Run) -> StepResult | None:
    """Return the step at which the run stopped working, or None when it worked.

    That is the last one that failed: a step that failed and was got round comes before it.
    """
    if run.status.works:
        return None
    broken = [step for step in run.steps if step.status in (Status.FAILED, Status.ERRORED)]
    return broken[-1] if broken else None


def again_command(check: str, target: str) -> str:
    """Return the line of the grammar that does the same check again."""
    if check == KEY_CHECK:
        return f"verify-key {target}"
    return f"run {target}" if check == DEFAULT_CHECK else f"run {target} --check {check}"


def write_headline(run: Run, causes: Sequence[Cause]) -> str:
    """Return the one line with the status first."""
    if not run.executed:
        if _shows_no_end(run, causes):
            return f"Cannot tell: {log_words(run)}"
        return f"{STATUS_WORDS[run.status]}: the run in {log_words(run)}"
    words = f"{STATUS_WORDS[run.status]}: {run.check} on {run.target}"
    broken = failing_step(run)
    return f"{words}, at “{broken.title}”" if broken else words


def write_answer(
    run: Run,
    diagnosis: Diagnosis,
    changed: Sequence[str],
    last_pass: Baseline | None,
) -> tuple[AnswerLine, ...]:
    """Return verdict, cause, what else is wrong, what changed and what to do: five at most.

    `changed` is what may be a reason; what only followed from the failure is in the report.
    """
    lines = [("Verdict", _verdict(run) if run.executed else _pasted(run, diagnosis.causes))]
    if run.status is Status.PASSED:
        lines.append(("Proof", judge_proof(run).statement))
    else:
        lines.append(("Cause", f"{_main_cause(diagnosis.causes)} {_deeper(diagnosis)}".strip()))
        lines.append(("Also", _others(diagnosis.causes)))
    if not run.executed and not run.status.works:
        lines.append(("Line", _deciding_line(run, diagnosis)))
    if last_pass and (changed or run.status is not Status.PASSED):
        lines.append(("Changed", _changed(run, changed, last_pass)))
    lines.append(("Next", _next(run, diagnosis)))
    return tuple(AnswerLine(label=label, text=text) for label, text in lines if text)


def _verdict(run: Run) -> str:
    if run.check != DEFAULT_CHECK:
        return _verdict_of_part(run)
    target, took = run.target, seconds(run.duration_s)
    match run.status:
        case Status.PASSED:
            passed = sum(step.status is Status.PASSED for step in run.steps)
            steps = f": {passed} of {count(len(run.steps), 'step')} passed" if run.steps else ""
            return f"{target} works{steps}, in {took}."
        case Status.DEGRADED:
            aside = _not_passed(run.steps)
            return f"{target} works, but not by the proper way{aside}. It took {took}."
        case Status.FAILED:
            return f"{target} does not work{_where(run)}, after {took}."
        case Status.ERRORED:
            return (
                f"{target} could not be checked{_where(run)}, after {took}. "
                f"This is our own doing and says nothing about {target}."
            )
        case Status.SKIPPED:
            return f"{target} was not checked."


def _verdict_of_part(run: Run) -> str:
    """Judge a check that looks at a part only, such as the key: it does not judge the target."""
    ended = {
        Status.PASSED: "passed",
        Status.DEGRADED: f"passed, but not by the proper way{_not_passed(run.steps)}",
        Status.FAILED: f"did not pass{_where(run)}",
        Status.ERRORED: f"could not be done{_where(run)}; this is our own doing",
        Status.SKIPPED: "was not done",
    }[run.status]
    return f"The {run.check} check of {run.target} {ended}."


def log_words(run: Run) -> str:
    """Return what was read instead of a run: a log is pasted only where somebody pasted it."""
    return "the log" if run.trigger is Trigger.SHELL else "the pasted log"


_PASTED = {
    Status.PASSED: "shows a run that passed",
    Status.DEGRADED: "shows a run that worked, but not by the proper way",
    Status.FAILED: "shows a run that failed",
    Status.ERRORED: "shows a run that broke on the side that ran it",
    Status.SKIPPED: "shows a run that was skipped",
}


def _pasted(run: Run, causes: Sequence[Cause]) -> str:
    """Judge a pasted log: a run that shows no failure did not fail because nothing is known."""
    words = _PASTED[run.status]
    if run.status is Status.FAILED and causes:
        if causes[0].label is Label.FAKE_EXECUTION:
            words = "claims a pass that proves nothing"
        elif _shows_no_end(run, causes):
            words = "does not show how the run ended"
    return f"{log_words(run).capitalize()} {words}."


def _deciding_line(run: Run, diagnosis: Diagnosis) -> str:
    """Return the line of a log that the cause rests on, unless the cause quotes it already."""
    told = _main_cause(diagnosis.causes)
    cited = diagnosis.causes[0].evidence if diagnosis.causes else ()
    for seen in run.observations:
        number = _LINE.search(seen.key)
        words = one_line(seen.value) if isinstance(seen.value, str) else ""
        # A cause that quotes a line needs another only if that says more than a name or a number.
        is_needless = words[:_QUOTED] in told if len(words) >= _MESSAGE else '"' in told
        if number is None or seen.id not in cited or is_needless:
            continue
        holding = [said.text.strip() for said in run.transcript if holds(said.text, seen.value)]
        place = int(number[1]) - 1
        lines = [said.text.strip() for said in run.transcript[place : place + 1]]
        found = [line for line in lines if line in holding] or holding
        if len(set(found)) == 1:
            return f"{number[1]}: {found[0]}"
    return ""


# What a cause quotes it may cut short.
_QUOTED = 40
_MESSAGE = 20
_LINE = re.compile(r"\.line_(\d+)$")


def _shows_no_end(run: Run, causes: Sequence[Cause]) -> bool:
    """Tell whether a text says nothing at all: it is no pass, and no failure was seen in it."""
    is_failed = run.status is Status.FAILED and bool(causes)
    return is_failed and causes[0].label is _CANNOT_TELL and not causes[0].evidence


def _where(run: Run) -> str:
    broken = failing_step(run)
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
    if cause.label is _CANNOT_TELL:
        return f"Cannot tell from this evidence. {cause.summary}".strip()
    return f"{cause_words(cause)}."


def why_words(diagnosis: Diagnosis) -> str:
    """Return what the answer says beside the cause's name: its summary, and what is below it."""
    told = diagnosis.causes[0].summary if diagnosis.causes else ""
    return f"{told} {_deeper(diagnosis)}".strip()


def _deeper(diagnosis: Diagnosis) -> str:
    """Return what the chain found below the cause it names, unless it is a paragraph."""
    known = [why for why in diagnosis.whys if why.kind is not WhyKind.UNKNOWN]
    if not known or not diagnosis.causes or diagnosis.causes[0].label is _CANNOT_TELL:
        return ""
    deepest, told = known[-1].answer, diagnosis.causes[0].summary
    is_below = any(why.answer.startswith(told) for why in known[:-1])
    is_new = is_below and not _is_quoted(deepest, told)
    return deepest if is_new and len(deepest) <= MOST_DEEPER else ""


def _is_quoted(sentence: str, told: str) -> bool:
    """Tell whether a sentence does little but quote what was quoted already."""
    return any(
        len(said) > len(sentence) / 2 and said[:_QUOTED] in told
        for said in re.findall(r'"([^"]+)"', sentence)
    )


def _others(causes: Sequence[Cause]) -> str:
    words = [
        f"{_sure(cause)}: {_standing(cause)}"
        for cause in causes[1:MOST_OTHERS]
        if cause.label is not _CANNOT_TELL
    ]
    more = len(causes) - MOST_OTHERS
    if more > 0:
        words.append(f"{more} more in the report")
    return f"{'; '.join(words)}." if words else ""


def _standing(cause: Cause) -> str:
    if cause.is_role_open:
        return "real; whether it is the reason is not known"
    return _STANDING[cause.role]


_STANDING = {
    Role.SUFFICIENT: "fixing it alone would be enough, too",
    Role.CONTRIBUTING: "it stands in the way too",
    Role.INCIDENTAL: "real, but not the reason",
}


def cause_words(cause: Cause) -> str:
    """Return what the cause is called, what it is here, and how sure that is."""
    # A summary may lean on the question it answers; the title before it stands alone.
    return f"{_sure(cause)}. {cause.summary}".rstrip(". ")


def _sure(cause: Cause) -> str:
    return f"{label_words(cause.label)} ({confidence_words(cause.confidence)})"


def _changed(run: Run, changed: Sequence[str], last_pass: Baseline) -> str:
    since = run.started_at - last_pass.started_at
    when = f"last passed {seconds(since / timedelta(seconds=1))} before this run"
    if run.status is Status.ERRORED:
        return f"{when.capitalize()}."
    if not changed:
        same = "with the same revision, keys and settings as far as they are recorded"
        return f"{when.capitalize()}, {same}."
    more = f" (and {len(changed) - 1} more)" if len(changed) > 1 else ""
    return f"{changed[0].rstrip('.')}{more}; {when}."


def _next(run: Run, diagnosis: Diagnosis) -> str:
    if run.executed and run.status is Status.PASSED and run.check == DEFAULT_CHECK:
        return ""  # what works needs nobody to do anything
    is_open = bool(diagnosis.causes) and diagnosis.causes[0].label is _CANNOT_TELL
    if is_open and diagnosis.unknowns:  # what would tell is the next step, by its own words
        return f"{diagnosis.unknowns[0].experiment.rstrip('.')}."
    return f"{diagnosis.next_steps[0].title.rstrip('.')}." if diagnosis.next_steps else ""
