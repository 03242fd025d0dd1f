"""Which steps took longer than they usually do."""

from collections.abc import Iterator, Mapping

from bot.diagnosis.compare.change import Change, ChangeKind
from bot.diagnosis.index import Index
from bot.diagnosis.wording import usually
from bot.model import StepResult, Usual

ENOUGH = 10
"""Passes from which on it is known what is usual; with fewer the last one has to do."""
# So far above what 19 of 20 runs took that it is no matter of chance any more.
_BEYOND_P95 = 1.5
# So far above the one run that there is to compare with.
_BEYOND_LAST = 2.0
# A person would notice; beside a single run, which may have been a fast one, even more so.
_NOTICEABLE_S = 0.5
_NOTICEABLE_BESIDE_ONE_S = 1.0


def durations(now: Index, then: Index, usual: Mapping[str, Usual]) -> Iterator[Change]:
    """Yield the steps that were slow, the slowest first."""
    before = {step.name: step.duration_s for step in then.run.steps if step.status.works}
    found = [
        (step.duration_s, change)
        for step in now.run.steps
        # A step that failed took until it failed, which is no latency.
        if step.status.works
        and (change := _slower(step, before.get(step.name), usual.get(step.name), now))
    ]
    yield from (change for _, change in sorted(found, key=lambda each: -each[0]))


def is_slow(duration_s: float, usual: Usual) -> bool:
    """Tell whether a step took clearly longer than usual; False if too little is known."""
    return (
        usual.count >= ENOUGH
        and duration_s >= usual.p95_s * _BEYOND_P95
        and duration_s - usual.p95_s >= _NOTICEABLE_S
    )


def _slower(
    step: StepResult, before_s: float | None, usual: Usual | None, now: Index
) -> Change | None:
    if usual is not None and usual.count >= ENOUGH:
        words = usually(usual) if is_slow(step.duration_s, usual) else ""
    else:
        words = _beside_last(step.duration_s, before_s)
    if not words:
        return None
    return Change(
        kind=ChangeKind.LATENCY,
        what=f"“{step.title}”",
        before=words,
        after=f"{step.duration_s:.1f} s",
        evidence=now.near(step.name),
    )


def _beside_last(duration_s: float, before_s: float | None) -> str:
    """Return how a duration compares with that of the last run; empty if it is not longer."""
    if not before_s or duration_s < before_s * _BEYOND_LAST:
        return ""
    if duration_s - before_s < _NOTICEABLE_BESIDE_ONE_S:
        return ""
    factor = duration_s / before_s
    return f"{factor:.1f} times as long as the {before_s:.1f} s it took then"
