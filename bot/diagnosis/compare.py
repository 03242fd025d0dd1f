"""What is different from the last run that passed: each difference as one sentence."""

from collections.abc import Iterator, Mapping

from bot.diagnosis.index import Index
from bot.diagnosis.wording import cut, plain
from bot.model import Json, Run

# A step counts as slower from this factor on, and only if a person would notice.
_SLOWER = 2.0
_NOTICEABLE_S = 0.5


def changes(run: Run, previous: Run) -> tuple[str, ...]:
    """Return what differs between `run` and `previous`, the last one that passed."""
    now, then = Index.of(run), Index.of(previous)
    return (
        *_outcomes(run, previous),
        *_revision(run, previous),
        *_settings(run, previous),
        *_one("The bypass key's fingerprint", "exchange.key_fingerprint", now, then),
        *_each("The address of", "proof.addresses", now, then),
        *_each("The certificate of", "proof.tls", now, then, part="fingerprint"),
        *_events(now, then),
        *_durations(run, previous),
    )


def _outcomes(run: Run, previous: Run) -> Iterator[str]:
    before = {step.name: step.status for step in previous.steps}
    for step in run.steps:
        if step.name in before and before[step.name] is not step.status:
            yield f"“{step.title}” is {step.status.value}; it was {before[step.name].value}."


def _revision(run: Run, previous: Run) -> Iterator[str]:
    if run.revision and previous.revision and run.revision != previous.revision:
        yield f"The revision is {run.revision}; it was {previous.revision}."


def _settings(run: Run, previous: Run) -> Iterator[str]:
    before = {setting.key: setting for setting in previous.provenance}
    for setting in run.provenance:
        old = before.get(setting.key)
        if old is None or (setting.value, setting.source) == (old.value, old.source):
            continue
        if setting.value != old.value:
            yield f"The setting {setting.key} is {cut(setting.value)}; it was {cut(old.value)}."
        else:
            yield f"The setting {setting.key} comes from {setting.source}, no longer {old.source}."


def _one(what: str, path: str, now: Index, then: Index) -> Iterator[str]:
    new, old = now.value(path), then.value(path)
    if new and old and new != old:
        yield f"{what} is {cut(plain(new))}; it was {cut(plain(old))}."


def _each(what: str, path: str, now: Index, then: Index, part: str = "") -> Iterator[str]:
    new, old = now.value(path), then.value(path)
    if not isinstance(new, Mapping) or not isinstance(old, Mapping):
        return
    for host in new.keys() & old.keys():
        fresh, stale = _part(new[host], part), _part(old[host], part)
        if fresh and stale and fresh != stale:
            yield f"{what} {host} is {cut(plain(fresh))}; it was {cut(plain(stale))}."


def _part(value: Json, part: str) -> Json:
    return value.get(part) if part and isinstance(value, Mapping) else value


def _events(now: Index, then: Index) -> Iterator[str]:
    new, old = now.value("events.names"), then.value("events.names")
    if not isinstance(new, list | tuple) or not isinstance(old, list | tuple):
        return
    gone = [name for name in dict.fromkeys(old) if name not in new]
    come = [name for name in dict.fromkeys(new) if name not in old]
    if gone:
        yield f"Events that no longer come: {', '.join(gone)}."
    if come:
        yield f"Events that did not come then: {', '.join(come)}."


def _durations(run: Run, previous: Run) -> Iterator[str]:
    before = {step.name: step.duration_s for step in previous.steps if step.status.works}
    for step in run.steps:
        old = before.get(step.name, 0.0)
        slower = old > 0 and step.duration_s >= old * _SLOWER
        if step.status.works and slower and step.duration_s - old >= _NOTICEABLE_S:
            factor = step.duration_s / old
            yield (
                f"“{step.title}” took {step.duration_s:.1f} s, {factor:.1f} times as long as the"
                f" {old:.1f} s it took then."
            )
