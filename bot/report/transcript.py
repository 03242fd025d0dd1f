"""The raw transcript as lines: when, what direction, what step, and what was said."""

from datetime import timedelta

from bot.model import TranscriptLine
from bot.report.document import Report
from bot.report.visible import visible


def transcript_lines(report: Report) -> tuple[str, ...]:
    """Return the whole transcript, one line per line of text; the renderer cuts to its size."""
    return tuple(line for said in report.transcript for line in _lines(said, report))


def _lines(said: TranscriptLine, report: Report) -> list[str]:
    since_s = (said.at - report.started_at) / timedelta(seconds=1)
    first, *rest = visible(said.text).split("\n")
    if report.executed:
        start = f"{since_s:7.3f} {said.step:<9}{said.direction} "
    else:
        start = f"{said.direction} "
    indent = " " * len(start)
    return [f"{start}{first}".rstrip(), *(f"{indent}{line}".rstrip() for line in rest)]
