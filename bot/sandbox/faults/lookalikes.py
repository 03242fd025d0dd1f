"""Faults that no client can tell apart, and who could."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookalikes:
    """Faults that look the same to every client.

    The right answer names their common surface, or all of `labels`, and gives `experiment` as
    what would tell them apart. `labels` are the true causes.
    """

    faults: tuple[str, ...]
    labels: frozenset[str]
    experiment: str


LOOKALIKES: tuple[Lookalikes, ...] = ()
