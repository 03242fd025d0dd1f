"""`stagecheck explain`: diagnose a pasted log; reads a file or standard input, nothing else."""

import sys
from collections import deque
from pathlib import Path
from typing import BinaryIO

from bot.cli.delivery import EXIT_CODES, delivery
from bot.diagnosis import diagnose
from bot.diagnosis.logs import read_log
from bot.errors import NotFound, UsageError
from bot.model import Trigger
from bot.report import build_report

_BLOCK = 1024 * 1024
# Of a log larger than this only beginning and end are read; what happened is in the end.
_MOST_FIRST_BLOCKS = 2
_MOST_LAST_BLOCKS = 8


def explain(file: Path | None, *, format: str, output: Path | None) -> int:
    """Diagnose the log in `file`, or on standard input; return the exit code."""
    deliver = delivery(format, output)
    run = read_log(_read(file), caller="shell", trigger=Trigger.SHELL)
    report = build_report(run, diagnose(run))
    deliver(report)
    return EXIT_CODES[report.status]


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
