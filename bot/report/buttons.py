"""The buttons of a report: what a person can do about it with one press."""

from collections.abc import Iterator
from dataclasses import replace

from bot.labels import KEY_LABELS
from bot.model import NextStep
from bot.report.answer import again_command
from bot.report.blocks import offered
from bot.report.document import Report
from bot.report.parts import Button
from bot.target import KEY_CHECK

MOST_BUTTONS = 3


def main_buttons(report: Report) -> tuple[Button, ...]:
    """Return at most three buttons; the one that helps most comes first and may be primary."""
    unique: dict[str, Button] = {}
    for button in _wanted(report):
        unique.setdefault(button.command, button)
    first, others = list(unique.values())[:1], list(unique.values())[1:]
    if not report.status.works:
        first = [replace(button, style="primary") for button in first]
    return offered((*first, *others), MOST_BUTTONS)


def again_button(check: str, target: str) -> Button:
    """Return the button that makes `check` of `target` again."""
    command = again_command(check, target)
    return Button(label=_LABELS[command.split(" ", 1)[0]], command=command)


def _wanted(report: Report) -> Iterator[Button]:
    if report.executed:
        again = NextStep(title="", command=again_command(report.check, report.target))
        verify = NextStep(title="", command=again_command(KEY_CHECK, report.target))
        steps = [again]
        if any(cause.label in KEY_LABELS for cause in report.causes):
            steps.insert(0 if report.causes[0].label in KEY_LABELS else 1, verify)
        yield from (_button(step, report) for step in steps)
    yield from (_button(step, report) for step in report.next_steps if step.command)


def _button(step: NextStep, report: Report) -> Button:
    verb = step.command.split(" ", 1)[0]
    label = _LABELS.get(verb, step.title)
    if verb == "run" and step.command != again_command(report.check, report.target):
        label = "Run Full Check"
    return Button(label=label, command=step.command)


# Verbs in title case, as Slack's own buttons have them; other commands keep their step's title.
_LABELS = {
    "run": "Re-run Check",
    "verify-key": "Verify Bypass Key",
    "show": "Show Report",
    "history": "Show History",
    "status": "Show Status",
    "targets": "List Targets",
    "mute": "Mute Alerts",
    "unmute": "Unmute Alerts",
    "ack": "Acknowledge",
    "resolve": "Resolve Incident",
}
