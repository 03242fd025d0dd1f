"""Conditions about the last run that passed: what was there then, and what is another by now."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.diagnosis.compare.durations import is_slow
from bot.diagnosis.compare.places import days_left, places
from bot.diagnosis.compare.settings import changed
from bot.diagnosis.conditions import Ids
from bot.diagnosis.index import Index


@dataclass(frozen=True, slots=True)
class HadBefore:
    """Something was observed at `path` in the last run that passed."""

    path: str

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path,)

    def support(self, index: Index) -> Ids | None:
        return index.near(self.path) if index.before and index.before.find(self.path) else None


@dataclass(frozen=True, slots=True)
class SettingChanged:
    """The setting `key` is another than in the last run that passed; it shows at `path`."""

    key: str
    path: str

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path,)

    def support(self, index: Index) -> Ids | None:
        if index.before is None or changed(self.key, index.run, index.before.run) is None:
            return None
        return tuple(seen.id for seen in index.find(self.path)[-1:])


@dataclass(frozen=True, slots=True)
class SlowerThanUsual:
    """A step took, or was given, clearly more time than it usually takes."""

    step: str

    @property
    def paths(self) -> tuple[str, ...]:
        return ()

    def support(self, index: Index) -> Ids | None:
        usual = index.usual.get(self.step)
        took = (step.duration_s for step in index.run.steps if step.name == self.step)
        if usual is None or not any(is_slow(duration_s, usual) for duration_s in took):
            return None
        return index.near(self.step)


@dataclass(frozen=True, slots=True)
class NewRevision:
    """The target says that it runs another revision, and the same service says so."""

    @property
    def paths(self) -> tuple[str, ...]:
        return ("health.revision", "health.revision_source")

    def support(self, index: Index) -> Ids | None:
        return tuple(o.id for o in index.find(self.paths[0])[-1:]) if is_new(index) else None


def is_new(index: Index) -> bool:
    """Tell whether the revision is another one; those of two services are not compared."""
    if index.before is None:
        return False
    (now, then), sources = (
        (index.value(path), index.before.value(path))
        for path in ("health.revision", "health.revision_source")
    )
    return bool(now and then and now != then) and sources[0] == sources[1]


@dataclass(frozen=True, slots=True)
class Moved:
    """The host of the URL at `path` has none of the addresses that it had."""

    path: str

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path,)

    def support(self, index: Index) -> Ids | None:
        url = index.find(self.path)
        if index.before is None or not url:
            return None
        host = _netloc(url[-1].value).rpartition("@")[2].partition(":")[0]
        now, then = places(index).get(host), places(index.before).get(host)
        if not now or not then or now & then:
            return None
        seen = (*index.find("health.addresses")[-1:], *index.find("proof.addresses")[-1:])
        return (url[-1].id, *(each.id for each in seen))


@dataclass(frozen=True, slots=True)
class MetCertificate:
    """The last run that passed met a certificate where `step` is refused one now.

    With `is_over` only one that has ended since.
    """

    step: str
    is_over: bool = False

    @property
    def paths(self) -> tuple[str, ...]:
        return (f"{self.step}.error", f"{self.step}.url")

    def support(self, index: Index) -> Ids | None:
        error, url = (index.find(path)[-1:] for path in self.paths)
        if index.before is None or not url or not error or error[0].value != "tls":
            return None
        met = index.before.value("proof.tls")
        shown = met.get(_netloc(url[0].value)) if isinstance(met, Mapping) else None
        if not isinstance(shown, Mapping):
            return None
        left = days_left(shown, index.run.started_at)
        if self.is_over and (left is None or left >= 0):
            return None
        return (error[0].id, url[0].id)


def _netloc(url: object) -> str:
    return str(url).partition("://")[2].partition("/")[0]
