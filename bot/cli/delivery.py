"""How a report leaves the shell: in which format, where to, and with which exit code."""

import os
import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import typer
from rich.console import Console

from bot.cli.looks import show_brief, show_card, show_report
from bot.cli.printing import known_format, show
from bot.errors import UsageError
from bot.model import Status
from bot.report import RENDERERS, Report

EXIT_CODES: Mapping[Status, int] = MappingProxyType(
    {
        Status.PASSED: 0,
        Status.DEGRADED: 0,
        Status.FAILED: 1,
        Status.ERRORED: 4,
        Status.SKIPPED: 4,
    }
)


def delivery(
    format: str, output: Path | None, *, config: Path | None = None
) -> Callable[[Report], None]:
    """Return what prints a report, or writes it to `output`.

    Without a format it is text, of which a terminal shows the short form.
    The next steps that text names are typed in a shell, with the `config` that was given here.
    UsageError at once if that cannot work: nobody waits minutes for a report that is then lost.
    """
    form = known_format(format or "text", RENDERERS)
    render = RENDERERS[form]
    if output is not None and (problem := _problem(output)):
        raise _unwritable(output, problem)

    def deliver(report: Report) -> None:
        if output is None and form == "text" and sys.stdout.isatty():
            show_on_terminal = show_report if format else show_brief
            show_on_terminal(Console(), _typed(report, config))
            return
        if output is None:
            # A pipe gets the same text everywhere.
            text = render(_typed(report, config) if form == "text" else report)
            show(text.rstrip("\n"))
            return
        text = render(report)
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise _unwritable(output, error.strerror or "the system gave no reason") from error
        if sys.stderr.isatty():
            show_card(Console(stderr=True), _typed(report, config))
        else:
            typer.echo(report.headline, err=True)
        typer.echo(f"The report is in {output}", err=True)

    return deliver


def _typed(report: Report, config: Path | None) -> Report:
    """Return `report` with commands that mean the same where they are typed next."""
    if config is None:
        return report
    option = f" --config {shlex.quote(str(config))}"
    steps = (
        replace(step, command=f"{step.command}{option}") if step.command else step
        for step in report.next_steps
    )
    return replace(report, next_steps=tuple(steps))


def _problem(output: Path) -> str:
    if output.is_dir():
        return "it is a folder"
    if not output.parent.is_dir():
        return "its folder does not exist"
    target = output if output.exists() else output.parent
    return "" if os.access(target, os.W_OK) else "its rights do not allow it"


def _unwritable(output: Path, problem: str) -> UsageError:
    return UsageError(
        f"The report cannot be written to {output}: {problem}.",
        hint="Give --output a file in a folder that exists and may be written to.",
    )
