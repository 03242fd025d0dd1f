"""What a row of outcomes of one check says: how many failed, since when, how often it changed."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise, takewhile

from bot.alerting.events import RunEnded
from bot.alerting.model import Outcome
from bot.alerting.policy import Policy

Outcomes = tuple[Outcome, ...]


def looked_at(policy: Policy) -> int:
    """Return how many of the newest runs are looked at for failures."""
    return max(policy.failures_of, policy.failure_threshold)


def remembered(
    outcomes: Outcomes, newest: Outcome, policy: Policy, *, is_late: bool = False
) -> Outcomes:
    """Return the outcomes with `newest`, as many as any rule looks at.

    One that `is_late` stands where it belongs by its time.
    """
    most = max(looked_at(policy), policy.success_threshold, policy.flap_window, policy.flap_stable)
    later = next((n for n, one in enumerate(outcomes) if is_late and one.at > newest.at), None)
    if later is None:
        return (*outcomes, newest)[-most:]
    # What accounts for those after it accounts for it too.
    newest = replace(newest, settled=outcomes[later].settled)
    return (*outcomes[:later], newest, *outcomes[later:])[-most:]


def outdated_by(outcomes: Outcomes, run: RunEnded) -> Outcome | None:
    """Return the outcome that is newer than this run, of which was heard later; None if none is.

    One that lies in the future of whoever hears of the run outdates nothing: a clock was wrong.
    """
    heard_at = run.heard_at or run.at
    newest = max(outcomes, key=lambda one: one.at, default=None)
    return newest if newest and run.at < newest.at <= heard_at else None


def failures(outcomes: Outcomes, policy: Policy) -> int:
    """Return how many of the newest runs failed that no incident accounts for."""
    newest = outcomes[-looked_at(policy) :]
    return sum(one.failed and not one.settled for one in newest)


def since_first_failure(outcomes: Outcomes, newest: int) -> Outcomes:
    """Return the outcomes from the first failure on among the `newest` that no incident has.

    A row of failures that began before those is followed back to its beginning.
    """
    first = edge = len(outcomes)
    for index in reversed(range(edge)):
        in_a_row = first == index + 1
        if outcomes[index].settled or (index < edge - newest and not in_a_row):
            break
        if outcomes[index].failed:
            first = index
    return outcomes[first:]


def passes(outcomes: Outcomes) -> Outcomes:
    """Return the passes in a row that the outcomes end with."""
    row = list(takewhile(lambda one: not one.failed, reversed(outcomes)))
    return tuple(reversed(row))


def changes(outcomes: Outcomes, policy: Policy) -> int:
    """Return how often it changed between working and failing in the runs looked at for flaps."""
    newest = outcomes[-policy.flap_window :]
    return sum(one.failed is not other.failed for one, other in pairwise(newest))


def starts_to_flap(outcomes: Outcomes, policy: Policy) -> bool:
    """Return whether the newest outcome is a change, and one too many."""
    changed = len(outcomes) > 1 and outcomes[-1].failed is not outcomes[-2].failed
    return changed and changes(outcomes, policy) > policy.flap_changes


def fails_steadily(outcomes: Outcomes, policy: Policy) -> bool:
    """Return whether so many of the newest failed in a row that it does not flap any more."""
    newest = outcomes[-policy.flap_stable :]
    return len(newest) == policy.flap_stable and all(one.failed for one in newest)


def settled(outcomes: Mapping[str, Outcomes], *, forget: bool) -> Mapping[str, Outcomes]:
    """Return the outcomes as those of an incident that is over.

    `forget` drops them: what flapped and is stable now starts anew.
    """
    return {} if forget else dict(_settled(outcomes))


def _settled(outcomes: Mapping[str, Outcomes]) -> Iterator[tuple[str, Outcomes]]:
    for check, row in outcomes.items():
        yield check, tuple(one if one.settled else replace(one, settled=True) for one in row)
