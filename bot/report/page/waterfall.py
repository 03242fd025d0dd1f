"""The steps of a run on one line of time, its experiments below them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import Status, StepResult
from bot.report.beside import is_beside, tried_words
from bot.report.document import Report
from bot.report.page.markup import Html, joined, sentence, tag
from bot.report.words import seconds

_WIDTH = 1000
_LEAST = 4
"""So that a step of no time at all can be seen, in units of `_WIDTH`."""

CLOCK_S = 1.0

MARKS = {
    Status.PASSED: "✓",
    Status.DEGRADED: "!",
    Status.FAILED: "✗",
    Status.ERRORED: "?",
    Status.SKIPPED: "–",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """When something began and how long it took, in seconds since the run began."""

    step: StepResult
    begun_s: float

    @property
    def ended_s(self) -> float:
        return self.begun_s + self.step.duration_s


def waterfall(report: Report) -> Html:
    """Return the steps as a table in which each has its bar; they are read as a table too."""
    bars = bars_of(report)
    total_s = max([report.duration_s, *(bar.ended_s for bar in bars)]) or 1.0
    steps, experiments = bars[: len(report.steps)], bars[len(report.steps) :]
    titles = ("Step", "Outcome", "Time", f"From the start to {seconds(total_s)}", "What happened")
    head = tag("tr", *(tag("th", title, scope="col") for title in titles))
    groups = [tag("tbody", *(_row(bar, report, total_s) for bar in steps))]
    if experiments:
        words = "Experiments, made afterwards to tell causes apart"
        heading = tag("tr", tag("th", words, colspan="5", scope="colgroup"))
        groups.append(tag("tbody", heading, *(_tried(bar, report, total_s) for bar in experiments)))
    table = tag("table", tag("thead", head), *groups, class_="waterfall")
    return tag("div", table, class_="wide", tabindex="0", role="region", aria_label="Steps")


def bars_of(report: Report) -> tuple[Bar, ...]:
    """Return when each step and experiment began: as it was seen, else when the one before ended.

    A step ends with the last that was seen of it, so it began its own time earlier.
    """
    last_seen = dict(_last_seen(report))
    bars: list[Bar] = []
    for step in (*report.steps, *report.experiments):
        before_s = bars[-1].ended_s if bars else 0.0
        # What was heard of after the run had ended was dated by another clock.
        is_seen = (
            step.status is not Status.SKIPPED
            and last_seen.get(step.name, math.inf) <= report.duration_s + CLOCK_S
        )
        begun_s = last_seen[step.name] - step.duration_s if is_seen else before_s
        bars.append(Bar(step=step, begun_s=max(0.0, begun_s)))
    return tuple(bars)


def _last_seen(report: Report) -> Iterator[tuple[str, float]]:
    """Yield step -> when it was last heard of, later ones last."""
    seen: Sequence[tuple[datetime, str]] = sorted(
        [
            *((line.at, line.step) for line in report.transcript),
            *((fact.at, fact.step) for fact in report.observations),
        ]
    )
    for at, step in seen:
        yield step, (at - report.started_at) / timedelta(seconds=1)


def _row(bar: Bar, report: Report, total_s: float) -> Html:
    step = bar.step
    took = "" if step.status is Status.SKIPPED else seconds(step.duration_s)
    aside = tag("span", "not the cause", class_="note") if is_beside(step, report) else ""
    outcome = joined((badge(step.status), " " if aside else "", aside))
    return _cells(bar, total_s, outcome, took, str(step.status))


def _tried(bar: Bar, report: Report, total_s: float) -> Html:
    outcome = tag("span", tried_words(bar.step, report), class_="badge skipped")
    return _cells(bar, total_s, outcome, seconds(bar.step.duration_s), "tried")


def _cells(bar: Bar, total_s: float, outcome: Html, took: str, kind: str) -> Html:
    left = min(_WIDTH * bar.begun_s / total_s, _WIDTH - _LEAST)
    width = max(_LEAST, min(_WIDTH * bar.step.duration_s / total_s, _WIDTH - left))
    shape = tag("rect", x=f"{left:.1f}", y="0", width=f"{width:.1f}", height="10", class_=kind)
    picture = tag(
        "svg", shape, viewBox=f"0 0 {_WIDTH} 10", preserveAspectRatio="none", aria_hidden="true"
    )
    return tag(
        "tr",
        tag("th", sentence(bar.step.title), scope="row"),
        tag("td", outcome),
        tag("td", took, class_="number"),
        tag("td", picture if took else "", class_="bar"),
        tag("td", sentence(bar.step.detail)),
    )


def badge(status: Status) -> Html:
    """Return a status as mark and word: never by colour alone."""
    mark = tag("span", MARKS[status], aria_hidden="true")
    return tag("span", joined((mark, " ", str(status))), class_=f"badge {status}")
