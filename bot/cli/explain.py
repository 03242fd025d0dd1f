"""`stagecheck explain`: diagnose a log from a file or standard input; asks nobody else."""

import os
import sys
from pathlib import Path

from bot.cli.caller import login
from bot.cli.delivery import EXIT_CODES, delivery
from bot.cli.terminal import saying
from bot.config import secrets_at_hand, where
from bot.diagnosis import diagnose
from bot.diagnosis.logs import MOST_BYTES, decoded, read_log, unreadable
from bot.errors import NotFound, UsageError
from bot.masking import Masker
from bot.model import Trigger
from bot.phrases import count
from bot.report import build_report

# One more than is read, which tells that there is more.
_MOST = MOST_BYTES + 1


def explain(file: Path | None, *, format: str, output: Path | None) -> int:
    """Diagnose the log in `file`, or on standard input; return the exit code."""
    deliver = delivery(format, output)
    log = _read(file)
    if (found := unreadable(log)) is not None:
        raise UsageError(found.problem, hint=found.hint)
    lines = count(log.count(b"\n") + 1, "line")
    with saying(f"Reading {lines}") as say:
        run = read_log(_masked(log), caller=login(), trigger=Trigger.SHELL)
        say("Looking for the cause")
        report = build_report(run, diagnose(run))
    deliver(report)
    return EXIT_CODES[report.status]


def _masked(log: bytes) -> str:
    """Return the text of `log` without the secrets that this machine knows, or anything like one.

    Before it is read: half a secret is not recognised, and the run's id is a hash of all of it.
    """
    # No database is opened for a pepper; so the same log gives the same report everywhere.
    masker = Masker(secrets_at_hand(where(os.environ), env=os.environ), pepper=b"")
    return masker.mask("\n".join(line.removesuffix("\n") for line in decoded(log)))


def _read(file: Path | None) -> bytes:
    if file is None or str(file) == "-":
        # A shell may start a program with its standard input closed.
        if sys.stdin is None or sys.stdin.isatty():
            raise UsageError(
                "There is no log to explain.",
                hint="Name a file, or send the log: pytest 2>&1 | stagecheck explain",
            )
        return sys.stdin.buffer.read(_MOST)
    try:
        with file.open("rb") as log:
            return log.read(_MOST)
    except FileNotFoundError as error:
        raise NotFound(
            f"There is no file {file}.", hint="Name a log file, or `-` for standard input."
        ) from error
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read: {error.strerror}.", hint="Name a file with a log in it."
        ) from error
