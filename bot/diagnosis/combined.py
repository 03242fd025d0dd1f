"""Conditions made of conditions, and those about steps and about the last passed run."""

from dataclasses import dataclass

from bot.diagnosis.conditions import Condition, Ids
from bot.diagnosis.index import Index
from bot.model import Status


@dataclass(frozen=True, slots=True, init=False)
class AnyOf:
    """At least one of `conditions` holds; it rests on all of those that do."""

    conditions: tuple[Condition, ...]

    def __init__(self, *conditions: Condition) -> None:
        object.__setattr__(self, "conditions", conditions)

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(path for condition in self.conditions for path in condition.paths)

    def support(self, index: Index) -> Ids | None:
        found = [condition.support(index) for condition in self.conditions]
        holding = [ids for ids in found if ids is not None]
        return _joined(holding) if holding else None


@dataclass(frozen=True, slots=True, init=False)
class AllOf:
    """Every one of `conditions` holds."""

    conditions: tuple[Condition, ...]

    def __init__(self, *conditions: Condition) -> None:
        object.__setattr__(self, "conditions", conditions)

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(path for condition in self.conditions for path in condition.paths)

    def support(self, index: Index) -> Ids | None:
        holding: list[Ids] = []
        for condition in self.conditions:
            ids = condition.support(index)
            if ids is None:
                return None
            holding.append(ids)
        return _joined(holding)


@dataclass(frozen=True, slots=True)
class Not:
    """`condition` does not hold; it rests on what shows that there was something to look at."""

    condition: Condition

    @property
    def paths(self) -> tuple[str, ...]:
        return self.condition.paths

    def support(self, index: Index) -> Ids | None:
        if self.condition.support(index) is not None:
            return None
        found = [tuple(o.id for o in index.find(path)[-1:]) for path in self.condition.paths]
        near = [index.near(path) for path in self.condition.paths[:1]]
        return _joined(found) or _joined(near)


@dataclass(frozen=True, slots=True, init=False)
class Step:
    """A step, or an experiment, ended with one of `statuses`."""

    name: str
    statuses: tuple[Status, ...]

    def __init__(self, name: str, *statuses: Status) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "statuses", statuses)

    @property
    def paths(self) -> tuple[str, ...]:
        return ()

    def support(self, index: Index) -> Ids | None:
        return index.near(self.name) if index.status(self.name) in self.statuses else None


@dataclass(frozen=True, slots=True, init=False)
class RunIs:
    """The run ended with one of `statuses`."""

    statuses: tuple[Status, ...]

    def __init__(self, *statuses: Status) -> None:
        object.__setattr__(self, "statuses", statuses)

    @property
    def paths(self) -> tuple[str, ...]:
        return ()

    def support(self, index: Index) -> Ids | None:
        return () if index.run.status in self.statuses else None


@dataclass(frozen=True, slots=True)
class Executed:
    """stagecheck itself ran this, as opposed to a text that somebody pasted."""

    @property
    def paths(self) -> tuple[str, ...]:
        return ()

    def support(self, index: Index) -> Ids | None:
        return () if index.run.executed else None


@dataclass(frozen=True, slots=True)
class SameAsBefore:
    """The value at `path` is what it was in the last run that passed."""

    path: str

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path,)

    def support(self, index: Index) -> Ids | None:
        now = index.find(self.path)
        then = index.before.find(self.path) if index.before else ()
        return (now[-1].id,) if now and then and now[-1].value == then[-1].value else None


@dataclass(frozen=True, slots=True)
class OtherThanBefore:
    """The value at `path` is not what it was in the last run that passed."""

    path: str

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path,)

    def support(self, index: Index) -> Ids | None:
        now = index.find(self.path)
        then = index.before.find(self.path) if index.before else ()
        return (now[-1].id,) if now and then and now[-1].value != then[-1].value else None


def _joined(many: list[Ids]) -> Ids:
    return tuple(dict.fromkeys(cited for ids in many for cited in ids))
