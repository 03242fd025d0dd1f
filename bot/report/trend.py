"""What many runs of one check come to: how often it works, how long it takes, why it fails.

Every chart comes with its takeaway in words. Runs that ended on our own side say nothing about
the target: they are counted apart, never against it.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from bot.labels import Label
from bot.model import PastRun, Status
from bot.phrases import count, listed
from bot.report.chart import MOST_POINTS, Chart, ChartKind, Series
from bot.report.words import label_words, seconds

PERIODS: Mapping[str, tuple[int, int]] = {"7d": (7, 1), "30d": (30, 3)}
"""Name -> how many days, and how many of them make one point."""
MOST_CAUSES = 3
"""With the others together four: more are not told apart by their colours."""
# Below this a percentile is an accident, and so is what two halves differ by.
LEAST_COMPARED = 10
_MARKED = 1.2
_WHOLE = "Whole run"
STEP_TITLES: Mapping[str, str] = {
    "health": "Service health",
    "exchange": "Bypass key",
    "token": "Access token",
    "connect": "WebSocket",
    "request": "Pipeline request",
    "events": "Event stream",
    "other_keys": "Other keys",
}
"""Step -> what people call it, as in a report; what is kept of past runs has no titles."""
_JUDGING = (Status.PASSED, Status.DEGRADED, Status.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """The charts of a period, and what they say together; `charts` are empty without runs."""

    target: str
    check: str
    period: str
    takeaways: tuple[str, ...]
    availability: Chart | None = None
    causes: Chart | None = None
    durations: Chart | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bucket:
    name: str
    runs: tuple[PastRun, ...]

    @property
    def judging(self) -> list[PastRun]:
        return [run for run in self.runs if run.status in _JUDGING]


def begin_of(period: str, now: datetime) -> datetime:
    """Return when `period` began: a midnight in UTC, today counted as one of its days."""
    days, _ = PERIODS[period]
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=days - 1)


def build_trend(
    runs: Sequence[PastRun], *, target: str, check: str, period: str, now: datetime
) -> Trend:
    """Count those of `runs`, in order, that began within `period` before `now` (in UTC)."""
    buckets = tuple(_buckets(runs, period, now))
    runs = [run for bucket in buckets for run in bucket.runs]
    judging = [run for run in runs if run.status in _JUDGING]
    if not runs:
        words = f"No run of {check} on {target} in {_days(period)}."
        return Trend(target=target, check=check, period=period, takeaways=(words,))
    availability = _availability(buckets, target, judging, period)
    causes = _causes(buckets, runs)
    durations = _durations(judging)
    charts = [chart for chart in (availability, causes, durations) if chart]
    ours = len(runs) - len(judging)
    notes = (
        *(
            [f"Not held against {target}: {count(ours, 'run')} that ended on our own side."]
            if ours
            else []
        ),
        *_unchecked(buckets, period),
    )
    return Trend(
        target=target,
        check=check,
        period=period,
        takeaways=(*(chart.summary for chart in charts), *notes),
        availability=_drawn(availability),
        causes=_drawn(causes),
        durations=durations,
    )


def _drawn(chart: Chart | None) -> Chart | None:
    """Return a chart over time; one bar alone shows no more than its sentence says."""
    return chart if chart and len(chart.categories) > 1 else None


def _days(period: str) -> str:
    return f"the last {PERIODS[period][0]} days"


def _buckets(runs: Sequence[PastRun], period: str, now: datetime) -> Iterator[_Bucket]:
    days, width = PERIODS[period]
    begin = begin_of(period, now)
    for first in range(0, days, width):
        start = begin + timedelta(days=first)
        end = start + timedelta(days=width)
        inside = tuple(run for run in runs if start <= run.started_at < end)
        yield _Bucket(name=f"{start:%b} {start.day}", runs=inside)


def _unchecked(buckets: Sequence[_Bucket], period: str) -> Iterator[str]:
    empty = [bucket.name for bucket in buckets if not bucket.runs]
    if empty and len(empty) < len(buckets):
        days = PERIODS[period][1]
        names = listed(empty) if len(empty) <= 3 else f"{empty[0]} to {empty[-1]} among them"
        yield f"Not shown: {count(len(empty) * days, 'day')} without a run ({names})."


def _availability(
    buckets: Sequence[_Bucket], target: str, judging: Sequence[PastRun], period: str
) -> Chart | None:
    shown = [bucket for bucket in buckets if bucket.judging]
    if not shown:
        return None
    shares = {bucket.name: _share(bucket.judging) for bucket in shown}
    worst = min(shares, key=lambda name: shares[name])
    degraded = sum(run.status is Status.DEGRADED for run in judging)
    words = f"{target} worked in {percent(_share(judging))} of {count(len(judging), 'run')}"
    if degraded:
        words += f" ({degraded} of them only degraded)"
    if shares[worst] < 100 and len(shares) > 1:
        days = PERIODS[period][1]
        when = f"on {worst}" if days == 1 else f"in the {days} days from {worst}"
        words += f"; worst {when}: {percent(shares[worst])}"
    return Chart(
        kind=ChartKind.BAR,
        title="Availability",
        summary=f"{words}.",
        categories=tuple(shares),
        series=(Series(name="worked", values=tuple(round(one, 1) for one in shares.values())),),
        y_label="% of runs",
    )


def worked_percent(runs: Sequence[PastRun]) -> float | None:
    """Return how many of the runs that say something about their target worked, in percent."""
    judging = [run for run in runs if run.status in _JUDGING]
    return _share(judging) if judging else None


def _share(runs: Sequence[PastRun]) -> float:
    """Return how many of `runs` worked, in percent."""
    return 100 * sum(run.status.works for run in runs) / len(runs)


def percent(share: float) -> str:
    """Return a share in percent; never rounded up to all, nor down to none."""
    if share in (0, 100):
        return f"{share:.0f} %"
    return f"{min(max(share, 0.1), 99.9):.1f} %"


def _causes(buckets: Sequence[_Bucket], runs: Sequence[PastRun]) -> Chart | None:
    failed = [run for run in runs if _is_failed(run)]
    if not failed:
        return None
    totals = Counter(_cause(run) for run in failed)
    named = [name for name, _ in totals.most_common(MOST_CAUSES)]
    shown = [bucket for bucket in buckets if bucket.runs]
    rows = {name: [0] * len(shown) for name in named}
    others = [0] * len(shown)
    for number, bucket in enumerate(shown):
        for run in bucket.runs:
            if _is_failed(run):
                rows.get(_cause(run), others)[number] += 1
    series = [Series(name=name, values=tuple(row)) for name, row in rows.items()]
    if any(others):
        series.append(Series(name="other causes", values=tuple(others)))
    most, times = totals.most_common(1)[0]
    first, last = (
        next(run for run in order if _cause(run) == most).started_at
        for order in (failed, failed[::-1])
    )
    when = f"on {_day(first)}"
    if _day(first) != _day(last):
        when = f"from {_day(first)} to {_day(last)}"
    told = f"{times} of {count(len(failed), 'run')} that did not work"
    return Chart(
        kind=ChartKind.BAR,
        title="Why runs did not work",
        summary=f"Most often: {most}, {told}, {when}.",
        categories=tuple(bucket.name for bucket in shown),
        series=tuple(series),
        y_label="runs",
    )


def _is_failed(run: PastRun) -> bool:
    return run.status in (Status.FAILED, Status.ERRORED)


def _day(at: datetime) -> str:
    return f"{at:%b} {at.day}"


def _cause(run: PastRun) -> str:
    if run.cause is None or run.cause is Label.INSUFFICIENT_EVIDENCE:
        return "cannot tell"
    return label_words(run.cause)


def _durations(judging: Sequence[PastRun]) -> Chart | None:
    """Return how long steps took where they worked, and whole runs that worked."""
    worked = [run for run in judging if run.status.works]
    took: dict[str, list[float]] = {_WHOLE: [run.duration_s for run in worked]} if worked else {}
    # In the order of the check, which none of the runs need have kept.
    for step in dict.fromkeys((*STEP_TITLES, *(step for run in judging for step in run.steps))):
        durations = [run.steps[step] for run in judging if step in run.steps]
        if durations:
            took.setdefault(STEP_TITLES.get(step, step), []).extend(durations)
    if not took:
        return None
    steps = {step: sorted(each) for step, each in list(took.items())[:MOST_POINTS]}
    shares = {"median": 0.5, "p95": 0.95, "slowest": 1.0}
    return Chart(
        kind=ChartKind.BAR,
        title="How long steps take where they work",
        summary=_pace(steps, worked),
        categories=tuple(steps),
        series=tuple(
            Series(name=name, values=tuple(round(rank(each, share), 3) for each in steps.values()))
            for name, share in shares.items()
        ),
        y_label="seconds",
    )


def rank(ordered: Sequence[float], share: float) -> float:
    """Return the value at `share` of the way, by nearest rank; the median as statistics has it."""
    if share == 0.5:
        return median(ordered)
    return ordered[math.ceil(len(ordered) * share) - 1]


def _pace(steps: Mapping[str, Sequence[float]], worked: Sequence[PastRun]) -> str:
    parts = [step for step in steps if step != _WHOLE]
    slowest = max(parts, default=_WHOLE, key=lambda step: median(steps[step]))
    if not worked:
        took = seconds(median(steps[slowest]))
        return f"No run worked; of the steps that did, {slowest} takes longest, {took}."
    whole = steps[_WHOLE]
    words = f"A run that works takes {seconds(median(whole))} in the median"
    if len(whole) >= LEAST_COMPARED:
        words += f", {seconds(rank(whole, 0.95))} at most in 95 of 100"
    if slowest != _WHOLE:
        words += f"; its longest step is {slowest}, {seconds(median(steps[slowest]))}"
    return f"{words}{_drift(worked)}."


def _drift(worked: Sequence[PastRun]) -> str:
    """Say how the second half of the runs differs from the first, if it does markedly."""
    half = len(worked) // 2
    if half < LEAST_COMPARED:
        return ""
    before = median(run.duration_s for run in worked[:half])
    after = median(run.duration_s for run in worked[half:])
    if before <= 0 or 1 / _MARKED < after / before < _MARKED:
        return ""
    word = "slower" if after > before else "faster"
    return f"; of late it is {word}: {seconds(after)} after {seconds(before)}"
