"""The observations of a run, found by path: what conditions and sentences look things up in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from bot.model import Json, Observation, Run, Status, Usual

NOTHING_USUAL: Mapping[str, Usual] = MappingProxyType({})
"""What is known of latencies where no history is at hand."""

# What says best that a step ran, when the fact that is missing cannot be cited itself.
_TELLING_KEYS = ("status", "outcome", "error", "end", "sent", "source", "url")


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """A run's observations by path, and those of the last run that passed, if there is one."""

    run: Run
    before: "Index | None" = None
    usual: Mapping[str, Usual] = field(default_factory=dict)
    """How long each step takes otherwise."""
    by_path: Mapping[str, tuple[Observation, ...]] = field(repr=False)

    @classmethod
    def of(
        cls,
        run: Run,
        previous: Run | None = None,
        usual: Mapping[str, Usual] = NOTHING_USUAL,
    ) -> "Index":
        """Return the index of `run`, with that of `previous` as `before`."""
        by_path: dict[str, tuple[Observation, ...]] = {}
        for observation in run.observations:
            found = by_path.get(observation.path, ())
            by_path[observation.path] = (*found, observation)
        before = cls.of(previous) if previous else None
        return cls(run=run, before=before, usual=usual, by_path=by_path)

    def find(self, path: str) -> tuple[Observation, ...]:
        """Return what was observed at `path`, oldest first; ``*`` in it stands for anything."""
        if "*" not in path:
            return self.by_path.get(path, ())
        shape, beginning = _shape(path), path[: path.index("*")]
        found = (
            many
            for name, many in self.by_path.items()
            if name.startswith(beginning) and shape.fullmatch(name)
        )
        return tuple(observation for many in found for observation in many)

    def value(self, path: str) -> Json:
        """Return the latest value at `path`, or None if nothing was observed there."""
        found = self.find(path)
        return found[-1].value if found else None

    def near(self, path: str) -> tuple[str, ...]:
        """Return the id of an observation that shows that the step of `path` ran, if any does."""
        step, _, key = path.partition(".")
        area = key.rpartition(".")[0]
        for prefix in dict.fromkeys((f"{step}.{area}" if area else step, step)):
            for telling in _TELLING_KEYS:
                if found := self.find(f"{prefix}.{telling}"):
                    return (found[-1].id,)
        return tuple(o.id for o in self.find(f"{step}.*")[-1:])

    def status(self, step: str) -> Status | None:
        """Return how a step or an experiment ended; None if it is not part of the run."""
        for result in (*self.run.steps, *self.run.experiments):
            if result.name == step:
                return result.status
        return None


@lru_cache(maxsize=512)
def _shape(path: str) -> re.Pattern[str]:
    return re.compile(re.escape(path).replace(r"\*", ".*"))
