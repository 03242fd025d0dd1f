"""The raw transcript as lines: when, what direction, what step, and what was said."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import chain

from bot.model import Json, Observation, TranscriptLine
from bot.report.document import Report
from bot.report.parts import Verbatim
from bot.report.visible import visible


def run_lines(report: Report) -> Verbatim:
    """Return what the run itself said and heard, one line per line of text.

    The lines in which those observations were made that the reasoning rests on are kept.
    """
    names = _experiments(report)
    return _verbatim([said for said in report.transcript if said.step not in names], report)


def experiment_lines(report: Report) -> Verbatim:
    """Return what the experiments said and heard afterwards, in the same way."""
    names = _experiments(report)
    said = [said for said in report.transcript if said.step in names]
    return replace(_verbatim(said, report), minor=True)


def reasoned_from(report: Report) -> frozenset[str]:
    """Return the ids of the observations that the reasoning rests on."""
    citing = [one.evidence for one in report.key_issues]
    citing += [one.evidence for one in report.whys]
    citing += [one.evidence for one in report.causes]
    citing += [one.evidence for one in report.ruled_out]
    return frozenset(chain.from_iterable(citing))


def _experiments(report: Report) -> frozenset[str]:
    return frozenset(experiment.name for experiment in report.experiments)


def _verbatim(transcript: Sequence[TranscriptLine], report: Report) -> Verbatim:
    width = max((len(said.step) for said in transcript), default=0)
    cited = reasoned_from(report)
    seen = [one for one in report.observations if one.id in cited]
    by_line = _seen_in(transcript, seen)
    lines: list[str] = []
    kept: set[int] = set()
    for number, said in enumerate(transcript):
        laid_out = _lines(said, report, width)
        kept.update(len(lines) + at for at in _telling(laid_out, by_line.get(number, ())))
        lines += laid_out
    return Verbatim(lines=tuple(lines), kept=frozenset(kept))


def _lines(said: TranscriptLine, report: Report, width: int) -> list[str]:
    since_s = (said.at - report.started_at) / timedelta(seconds=1)
    first, *rest = visible(said.text).split("\n")
    start = f"{since_s:7.3f} {said.step:<{width}} {said.direction} " if report.executed else ""
    indent = " " * len(start)
    return [f"{start}{first}".rstrip(), *(f"{indent}{line}".rstrip() for line in rest)]


def _seen_in(
    transcript: Sequence[TranscriptLine], seen: Sequence[Observation]
) -> dict[int, list[Observation]]:
    """Return the numbers of the lines in which observations were made, with those."""
    found: dict[int, list[Observation]] = {}
    answers = [number for number, said in enumerate(transcript) if said.direction != ">"]
    for one in seen:
        heard = [number for number in answers if transcript[number].step == one.step]
        # A frame may come while an earlier step still has the socket.
        among = heard or answers
        telling = [number for number in among if holds(transcript[number].text, one.value)]
        # What was observed was heard just before; a fact of our own stands in no line at all.
        before = [number for number in telling or heard if transcript[number].at <= one.at]
        for number in before[-1:] or telling[:1]:
            found.setdefault(number, []).append(one)
    return found


def _telling(lines: Sequence[str], seen: Sequence[Observation]) -> Iterator[int]:
    """Yield which of the lines that were said at once hold what was `seen`; or else the first."""
    for one in seen:
        held = [number for number, line in enumerate(lines) if holds(line, one.value)]
        yield from held[:1] or [0]


def holds(text: str, value: Json) -> bool:
    """Tell whether `value` stands in `text`, as it is or in JSON."""
    if isinstance(value, str):
        return bool(value) and (value in text or json.dumps(value)[1:-1] in text)
    return isinstance(value, bool | int | float) and json.dumps(value) in text
