"""A run's first message in Slack: the plan while it runs, the answer when it has ended."""

from collections.abc import Sequence

from bot.model import Json, Progress, Status, StepProgress
from bot.phrases import count
from bot.report.beside import aside_words
from bot.report.blocks import (
    Message,
    actions,
    context,
    date,
    escaped,
    fallback,
    line,
    link,
    person,
    rich,
    said,
)
from bot.report.buttons import main_buttons
from bot.report.document import Report
from bot.report.visible import clip, weight, whole_sentences
from bot.report.words import asked

MOST_TASKS = 50  # Slack's limit for a plan
MOST_PLAN = 4_500  # as JSON, so that answer and buttons have room beside it
MOST_TITLE = 150
MOST_DETAIL = 160
# Five lines of this length are not folded away in a channel; of them the cause may be longest.
MOST_ANSWER = 240
MOST_CAUSE = 400

_MARKS = {
    Status.PASSED: "large_green_circle",
    Status.DEGRADED: "large_yellow_circle",
    Status.FAILED: "red_circle",
    Status.ERRORED: "warning",
    Status.SKIPPED: "white_circle",
}


def progress_message(progress: Progress) -> Message:
    """Return the message of a run under way: every step, and what it does now."""
    finished = sum(step.status is not None for step in progress.steps)
    now = next((step.title for step in progress.steps if step.name == progress.current), "")
    doing = f"Checking {progress.target}"
    if now:
        doing += f": {now} ({finished + 1} of {len(progress.steps)})"
    tasks = [
        _task(number, step.title, _live_status(step, progress.current), step.status, step.detail)
        for number, step in enumerate(progress.steps)
    ]
    revision = str(2 * finished + bool(now))
    return Message(
        text=fallback(f"{doing}. The outcome will replace this message."),
        blocks=(
            *_plan(doing, tasks, progress.run_id, revision),
            context(
                f"Check {escaped(progress.check, 80)}",
                f"run {escaped(progress.run_id, 80)}",
                f"started {date(progress.started_at)}",
            ),
        ),
    )


def outcome_message(report: Report, *, page: str = "") -> Message:
    """Return the message of a run that has ended: the answer first, buttons, then the plan.

    It links to the run's `page`, if there is one.
    """
    tasks = [
        _task(
            number,
            step.title,
            _ENDED[step.status],
            step.status,
            step.detail,
            aside_words(step, report),
        )
        for number, step in enumerate(report.steps)
    ]
    blocks: list[Json] = [answer_block(report)]
    if buttons := main_buttons(report):
        blocks.append(actions(buttons))
    if report.executed:  # a log has no steps of ours, and that it was read did not fail
        blocks += _plan(count(len(tasks), "step"), tasks, report.run_id, "end")
    read = [f"Not executed: {escaped(step.detail)}" for step in report.steps]
    blocks.append(
        context(
            *([] if report.executed else read),
            f"run {escaped(report.run_id, 80)}",
            f"asked by {asked(report.trigger, person(report.caller.id))}",
            *([date(report.started_at)] if report.is_dated else []),
            *([link(page, "Report page")] if page else []),
        )
    )
    return Message(text=outcome_text(report), blocks=tuple(blocks))


def outcome_text(report: Report) -> str:
    """Return outcome, cause and next step in one line, for notifications and screen readers."""
    wanted = ("Cause", "Next")
    told = (f"{one.label}: {one.text}" for one in report.answer if one.label in wanted)
    return fallback(" ".join((f"{report.headline}.", *(clip(text, 120) for text in told))))


def answer_block(report: Report) -> Json:
    """Return the at most five lines that answer."""
    elements: list[Json] = [{"type": "emoji", "name": _MARKS[report.status]}]
    for number, answer in enumerate(report.answer):
        label = report.headline.partition(":")[0] if number == 0 else answer.label
        elements.append(said(f"{' ' if number == 0 else chr(10)}{label}: ", style="bold"))
        most = MOST_CAUSE if answer.label == "Cause" else MOST_ANSWER
        elements.append(said(whole_sentences(answer.text, most), most=most))
    return rich(line(*elements))


def _plan(title: str, tasks: Sequence[Json], run_id: str, revision: str) -> list[Json]:
    if not tasks:
        return []
    shown = _fitting(tasks)
    if left := len(tasks) - len(shown):
        title = f"{title}; {left} more not shown"
    return [
        {
            "type": "plan",
            "block_id": f"plan_{clip(run_id, 100)}_{revision}",
            "title": clip(title, MOST_TITLE),
            "tasks": shown,
        }
    ]


def _fitting(tasks: Sequence[Json]) -> list[Json]:
    """Return the tasks a message can hold: their details go first, then those in the middle."""
    kept = list(tasks)
    if weight(kept) > MOST_PLAN:
        kept = [{key: task[key] for key in task if key != "details"} for task in kept]
    while weight(kept) > MOST_PLAN or len(kept) > MOST_TASKS:
        del kept[len(kept) // 2]
    return kept


def _task(
    number: int, title: str, state: str, status: Status | None, detail: str, aside: str = ""
) -> Json:
    sign = _SIGNS.get(status, "") if status else ""
    ended = _ENDED_AS.get(status, "") + aside if status else ""
    task: dict[str, Json] = {
        "type": "task_card",
        "task_id": f"step-{number}",
        "title": clip(f"{sign}{title}{ended}", MOST_TITLE) or "–",
        "status": state,
    }
    return task | {"details": rich(line(said(detail, most=MOST_DETAIL)))} if detail else task


def _live_status(step: StepProgress, current: str) -> str:
    if step.status is not None:
        return _ENDED[step.status]
    return "in_progress" if step.name == current else "pending"


_ENDED = {
    Status.PASSED: "complete",
    Status.DEGRADED: "complete",
    Status.FAILED: "error",
    Status.ERRORED: "error",
    Status.SKIPPED: "pending",
}

# Slack has no amber, and draws a tick beside what is complete.
_SIGNS = {Status.DEGRADED: "⚠ "}

# Never by icon alone: what is not plainly passed says so.
_ENDED_AS = {
    Status.DEGRADED: ": degraded",
    Status.FAILED: ": failed",
    Status.ERRORED: ": errored, our own doing",
    Status.SKIPPED: ": not run",
}
