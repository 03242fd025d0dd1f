"""A run on which a rule speaks, beside its nearest look-alike, on which it must not."""

from dataclasses import dataclass

from bot.model import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """`fires` is answered with `label`, and `looks_alike` with something else."""

    promise: str
    label: str
    fires: Run
    looks_alike: Run

    def __str__(self) -> str:
        return self.promise.replace(" ", "_")
