"""What a nuisance is: something that a run meets and that must not change its answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Nuisance:
    """One way in which a staging differs that is no fault.

    Whatever the faults beside it, status and causes are those of the faults alone.
    """

    name: str
    summary: str
    server: Mapping[str, object] = field(default_factory=dict)
    """Fields of `Behaviour` that differ."""
    client: Mapping[str, object] = field(default_factory=dict)
    """Settings of the target that differ."""
    held_back: bool = False
    """Not to be looked at while rules are written: it shows whether they generalise."""
    not_with: frozenset[str] = frozenset()
    """Faults that it would cover up: together they cannot be told from the outside."""
