"""The raw transcript as lines: when, what direction, what step, and what was said."""

from collections.abc import Sequence
from datetime import timedelta

from bot.model import TranscriptLine
from bot.report.document import Report
from bot.report.visible import visible


def run_lines(report: Report) -> tuple[str, ...]:
    """Return what the run itself said and heard, one line per line of text."""
    names = _experiments(report)
    return _laid_out([said for said in report.transcript if said.step not in names], report)


def experiment_lines(report: Report) -> tuple[str, ...]:
    """Return what the experiments said and heard afterwards."""
    names = _experiments(report)
    return _laid_out([said for said in report.transcript if said.step in names], report)


def _experiments(report: Report) -> frozenset[str]:
    return frozenset(experiment.name for experiment in report.experiments)


def _laid_out(transcript: Sequence[TranscriptLine], report: Report) -> tuple[str, ...]:
    width = max((len(said.step) for said in transcript), default=0)
    return tuple(line for said in transcript for line in _lines(said, report, width))


def _lines(said: TranscriptLine, report: Report, width: int) -> list[str]:
    since_s = (said.at - report.started_at) / timedelta(seconds=1)
    first, *rest = visible(said.text).split("\n")
    start = f"{since_s:7.3f} {said.step:<{width}} {said.direction} " if report.executed else ""
    indent = " " * len(start)
    return [f"{start}{first}".rstrip(), *(f"{indent}{line}".rstrip() for line in rest)]
