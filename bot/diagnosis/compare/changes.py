"""Everything in which two runs differ, the most telling first; what varies anyway is left out."""

from collections.abc import Iterator, Mapping

from bot.diagnosis.compare.change import Change, ChangeKind
from bot.diagnosis.compare.conversation import events, token, welcome
from bot.diagnosis.compare.durations import durations
from bot.diagnosis.compare.places import addresses, certificates, programs
from bot.diagnosis.compare.settings import settings
from bot.diagnosis.index import NOTHING_USUAL, Index
from bot.diagnosis.wording import cut, plain
from bot.model import Run, Status, Usual

_ORDER = tuple(ChangeKind)


def changes(
    run: Run, previous: Run, usual: Mapping[str, Usual] = NOTHING_USUAL
) -> tuple[Change, ...]:
    """Return what differs between `run` and `previous`, the last one that passed.

    `usual` says how long each step takes otherwise. Ids, nonces, times of day, ports of ours and
    latencies within the usual differ in every run and are no change.
    """
    now, then = Index.of(run), Index.of(previous)
    found = (
        *_secrets(now, then),
        *settings(run, previous),
        *_revision(now, then),
        *certificates(now, then),
        *addresses(now, then),
        *programs(now, then),
        *token(now, then),
        *welcome(now, then),
        *_outcomes(now, then),
        *_states(now, then),
        *events(now, then),
        *durations(now, then, usual),
    )
    return tuple(sorted(found, key=lambda change: _ORDER.index(change.kind)))


def _secrets(now: Index, then: Index) -> Iterator[Change]:
    for kind, what, path in (
        (ChangeKind.KEY, "The bypass key", "exchange.key"),
        (ChangeKind.SECRET, "The fallback's secret", "token.secret"),
    ):
        new, old = now.value(f"{path}_fingerprint"), then.value(f"{path}_fingerprint")
        if not new or not old or new == old:
            continue
        sizes = [index.value(f"{path}_length") for index in (then, now)]
        shown = [f", {size} characters" if sizes[0] != sizes[1] and size else "" for size in sizes]
        yield Change(
            kind=kind,
            what=f"{what}'s fingerprint",
            before=f"{plain(old)}{shown[0]}",
            after=f"{plain(new)}{shown[1]}",
            evidence=tuple(seen.id for seen in now.find(f"{path}_fingerprint")[-1:]),
        )


def _revision(now: Index, then: Index) -> Iterator[Change]:
    new, old = now.run.revision, then.run.revision
    sources = [index.value("health.revision_source") for index in (now, then)]
    # Where another service names it, because the first is silent, two things would be compared.
    if new and old and new != old and sources[0] == sources[1]:
        yield Change(
            kind=ChangeKind.REVISION,
            what="The revision",
            before=cut(old),
            after=cut(new),
            evidence=tuple(seen.id for seen in now.find("health.revision")[-1:]),
        )


def _outcomes(now: Index, then: Index) -> Iterator[Change]:
    for result in (*now.run.steps, *now.run.experiments):
        old = then.status(result.name)
        # A step that was not reached follows from the one that failed.
        if old is None or old is result.status or result.status is Status.SKIPPED:
            continue
        yield Change(
            kind=ChangeKind.OUTCOME,
            what=f"“{result.title}”",
            before=old.value,
            after=result.status.value,
            evidence=now.near(result.name),
        )
    for experiment in now.run.experiments:
        path = f"{experiment.name}.outcome"
        yield from _other(ChangeKind.OUTCOME, f"“{experiment.title}”", path, now, then)


def _states(now: Index, then: Index) -> Iterator[Change]:
    """Yield what services and dependencies say of themselves now, where they said else."""
    told: set[str] = set()
    for path in now.by_path:
        step, _, key = path.partition(".")
        name, _, fact = key.rpartition(".")
        if step != "health" or name in told or fact not in _STATES:
            continue
        what = _STATES[fact].format(name=name.removeprefix("dependency."))
        if found := tuple(_other(ChangeKind.STATE, what, path, now, then)):
            told.add(name)
            yield from found


# In the order in which they are recorded: a service's HTTP status comes before its own words.
_STATES = {"status": "The status of {name}", "state": "The state of {name}"}


def _other(kind: ChangeKind, what: str, path: str, now: Index, then: Index) -> Iterator[Change]:
    new, old = now.value(path), then.value(path)
    if new is not None and old is not None and new != old:
        yield Change(
            kind=kind,
            what=what,
            before=cut(plain(old)),
            after=cut(plain(new)),
            evidence=tuple(seen.id for seen in now.find(path)[-1:]),
        )
