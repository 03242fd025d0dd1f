"""`stagecheck explain`: diagnose a pasted log; reads a file or standard input, nothing else."""

import sys
from collections import deque
from pathlib import Path
from typing import BinaryIO

import typer

from bot.diagnosis import diagnose
from bot.diagnosis.logs import read_log
from bot.errors import NotFound, UsageError
from bot.model import Status, Trigger
from bot.report import RENDERERS, Report, build_report

_BLOCK = 1024 * 1024
# Of a log larger than this only beginning and end are read; what happened is in the end.
_MOST_FIRST_BLOCKS = 2
_MOST_LAST_BLOCKS = 8

_EXIT_CODES = {
    Status.PASSED: 0,
    Status.DEGRADED: 0,
    Status.FAILED: 1,
    Status.ERRORED: 4,
    Status.SKIPPED: 4,
}


def explain(file: Path | None, *, format: str, output: Path | None) -> int:
    """Diagnose the log in `file`, or on standard input; return the exit code."""
    render = RENDERERS.get(format)
    if render is None:
        raise UsageError(
            f"There is no format {format}.", hint=f"Formats: {', '.join(sorted(RENDERERS))}"
        )
    run = read_log(_read(file), caller="shell", trigger=Trigger.SHELL)
    report = build_report(run, diagnose(run))
    _deliver(report, render(report), output)
    return _EXIT_CODES[report.status]


def _read(file: Path | None) -> bytes:
    if file is None or str(file) == "-":
        if sys.stdin.isatty():
            raise UsageError(
                "There is no log to explain.",
                hint="Name a file, or send the log: pytest 2>&1 | stagecheck explain",
            )
        return _both_ends(sys.stdin.buffer)
    try:
        with file.open("rb") as log:
            return _both_ends(log)
    except FileNotFoundError as error:
        raise NotFound(
            f"There is no file {file}.", hint="Name a log file, or `-` for standard input."
        ) from error
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read: {error.strerror}.", hint="Name a file with a log in it."
        ) from error


def _both_ends(log: BinaryIO) -> bytes:
    """Return all of `log`, or its two ends where it is larger than anyone pastes."""
    first = [block for _ in range(_MOST_FIRST_BLOCKS) if (block := log.read(_BLOCK))]
    last: deque[bytes] = deque(maxlen=_MOST_LAST_BLOCKS)
    dropped = 0
    while block := log.read(_BLOCK):
        if len(last) == _MOST_LAST_BLOCKS:
            dropped += len(last[0])
        last.append(block)
    gap = [f"\n… {dropped} bytes left out here …\n".encode()] if dropped else []
    return b"".join((*first, *gap, *last))


def _deliver(report: Report, text: str, output: Path | None) -> None:
    if output is None:
        typer.echo(text.rstrip("\n"))
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"The report cannot be written to {output}: {error.strerror}.",
            hint="Give --output a file in a folder that exists.",
        ) from error
    typer.echo(f"{report.headline}\nThe report is in {output}", err=True)
