"""The cases: which faults meet which nuisances, and what is true of each by the injector's word.

Nothing here comes from `bot.diagnosis`: status, causes and roles are `bot.sandbox`'s.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from typing import TypeVar

from bot.errors import UsageError
from bot.sandbox import FAULTS, LOOKALIKES, NUISANCES, Expectation, Lookalikes, Staging, expected
from bot.sandbox.faults.fault import Fault
from bot.sandbox.faults.stages import Stage, Stops

PAIRS = 300
NUISANCES_OF_A_FAULT = 2
FAULTS_OF_A_NUISANCE = 10
# A run that says nothing about the target.
_OURS = "errored"
CANNOT_TELL = "insufficient_evidence"

Name = TypeVar("Name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One run to make, and what a careful person would have to say of it."""

    group: str
    faults: tuple[str, ...]
    nuisances: tuple[str, ...] = ()
    status: str
    causes: tuple[tuple[str, str], ...]
    """Label and role of each true cause, the answer first."""
    firsts: frozenset[str]
    """What may be the answer: more than one where only the faults' names put one first."""
    alike: frozenset[str] = frozenset()
    """The true causes that no client can tell apart here; empty where one can.

    `causes` then holds what they have in common, as far as a client can see.
    """
    experiment: str = ""
    """What would tell them apart."""
    untold: frozenset[str] = frozenset()
    """True causes whose role nobody can know: what the token would have met that they kept from
    being issued."""

    @property
    def name(self) -> str:
        parts = "+".join(self.faults) or "healthy"
        return f"{parts} ~ {'+'.join(self.nuisances)}" if self.nuisances else parts


def case(group: str, faults: Sequence[str], nuisances: Sequence[str] = ()) -> Case:
    """Return the case of these faults and nuisances together; UsageError if they clash."""
    Staging(faults, nuisances)
    truth = expected(faults)
    alike = _alike(faults, truth.causes[0].label)
    return Case(
        group=group,
        faults=tuple(faults),
        nuisances=tuple(nuisances),
        status=truth.status,
        causes=_said(truth),
        firsts=_firsts(faults, truth),
        alike=alike.labels,
        experiment=alike.experiment,
        untold=_untold(faults, truth),
    )


def _parts(names: Sequence[str]) -> list[Fault]:
    return [part for name in names for part in (FAULTS[name].parts or (FAULTS[name],))]


# What a token is refused for that was made here, where another one could have fared better.
_ABOUT_THE_TOKEN = frozenset({"jwt_rejected", "user_id_rejected", "ws_quota_exceeded"})


def _untold(names: Sequence[str], truth: Expectation) -> frozenset[str]:
    """Return what kept a token from being issued, where a minted one is refused in its place."""
    labels = {cause.label for cause in truth.causes}
    kept = {part.label for part in _parts(names) if Stops.EXCHANGE in part.stops}
    return frozenset(kept & labels) if labels & _ABOUT_THE_TOKEN else frozenset()


def _asks_nobody(names: Sequence[str]) -> bool:
    """Tell whether even the auth service cannot say whose fault it is that a token is refused.

    It cannot be asked, or the claim that is missing is none that it asks for.
    """
    away = any(part.stage <= Stage.AUTH_SERVICE for part in _parts(names))
    return away or any(part.name == "service-id-required" for part in _parts(names))


def _firsts(names: Sequence[str], truth: Expectation) -> frozenset[str]:
    """Return what may be the answer: what is met at the same place and has the same role."""
    parts = _parts(names)
    first = truth.causes[0]
    untold = _untold(names, truth)
    if untold and _asks_nobody(names):
        return frozenset({first.label, *untold, *({c.label for c in truth.causes[:2]})})
    role_of = {cause.label: cause.role for cause in truth.causes}
    places = {part.stage for part in parts if part.label == first.label}
    others = {part.label for part in parts if part.stage in places}
    return frozenset({first.label, *(one for one in others if role_of.get(one) == first.role)})


def _alike(names: Sequence[str], answer: str) -> Lookalikes:
    """Return what cannot be told apart where the answer is about such a fault."""
    about = {name for name in names if FAULTS[name].label == answer}
    return next((one for one in LOOKALIKES if set(one.faults) & about), _NONE)


def _said(truth: Expectation) -> tuple[tuple[str, str], ...]:
    """Return the true causes; one that nobody can name is asked for only as the answer."""
    first, *others = ((cause.label, cause.role) for cause in truth.causes)
    return tuple(dict.fromkeys((first, *(one for one in others if one[0] != CANNOT_TELL))))


_NONE = Lookalikes(faults=(), labels=frozenset(), experiment="")


def alone(_: random.Random) -> Iterator[Case]:
    """Yield every fault of the target by itself."""
    yield from (case("alone", [name]) for name in _of_the_target())


def with_nuisances(rng: random.Random) -> Iterator[Case]:
    """Yield every fault with a few nuisances, so that every nuisance meets enough faults."""
    kinds = [name for name in NUISANCES if not NUISANCES[name].held_back]
    pairs: dict[tuple[str, str], Case] = {}
    met = dict.fromkeys(kinds, 0)
    for fault in _shuffled(_of_the_target(), rng):
        fitting = 0
        # The nuisance that met the fewest faults so far goes first.
        for kind in sorted(_shuffled(kinds, rng), key=lambda name: met[name]):
            if fitting < NUISANCES_OF_A_FAULT and (found := _fits("nuisance", fault, kind)):
                pairs[fault, kind] = found
                fitting, met[kind] = fitting + 1, met[kind] + 1
    for kind in kinds:
        for fault in _shuffled(_of_the_target(), rng):
            if met[kind] >= FAULTS_OF_A_NUISANCE:
                break
            if (fault, kind) not in pairs and (found := _fits("nuisance", fault, kind)):
                pairs[fault, kind] = found
                met[kind] += 1
    yield from pairs.values()


def in_pairs(rng: random.Random) -> Iterator[Case]:
    """Yield a sample of the pairs of faults that can be there together."""
    names = [name for name in FAULTS if not FAULTS[name].parts]
    every = _shuffled(list(combinations(names, 2)), rng)
    found = (_together("pairs", pair) for pair in every)
    yield from islice(filter(None, found), PAIRS)


def healthy(_: random.Random) -> Iterator[Case]:
    """Yield the healthy target, by itself and under each nuisance."""
    yield case("healthy", [])
    yield from (case("healthy", [], [name]) for name in NUISANCES)


def our_side(rng: random.Random) -> Iterator[Case]:
    """Yield what breaks on our own side, by itself and beside a fault of the target."""
    ours = [name for name in FAULTS if FAULTS[name].status == _OURS]
    yield from (case("our side", [name]) for name in ours)
    for name in ours:
        others = (_together("our side", (name, one)) for one in _shuffled(_of_the_target(), rng))
        yield from islice(filter(None, others), 3)


def lookalikes(_: random.Random) -> Iterator[Case]:
    """Yield the faults that no client can tell apart."""
    for alike in LOOKALIKES:
        yield from (case("lookalikes", [name]) for name in alike.faults)


def reworded(rng: random.Random) -> Iterator[Case]:
    """Yield every fault once under other words or codes: by nuisances no rule was written with."""
    kinds = [name for name in NUISANCES if NUISANCES[name].held_back]
    for at, fault in enumerate(_shuffled(_of_the_target(), rng)):
        turned = kinds[at % len(kinds) :] + kinds[: at % len(kinds)] if kinds else []
        found = (_fits("reworded", fault, kind) for kind in turned)
        yield from islice(filter(None, found), 1)


GROUPS: Mapping[str, Callable[[random.Random], Iterator[Case]]] = {
    "alone": alone,
    "nuisance": with_nuisances,
    "pairs": in_pairs,
    "healthy": healthy,
    "our side": our_side,
    "lookalikes": lookalikes,
    "reworded": reworded,
}


def matrix(groups: Sequence[str], *, seed: int, sample: int = 0) -> list[Case]:
    """Return the cases of `groups`; of each at most `sample`, if that is not 0."""
    found: list[Case] = []
    for group in groups:
        rng = random.Random(f"{seed} {group}")
        cases = list(GROUPS[group](rng))
        found += rng.sample(cases, sample) if 0 < sample < len(cases) else cases
    return found


def _of_the_target() -> list[str]:
    alike = {name for one in LOOKALIKES for name in one.faults}
    return [name for name in FAULTS if FAULTS[name].status != _OURS and name not in alike]


def _fits(group: str, fault: str, nuisance: str) -> Case | None:
    try:
        return case(group, [fault], [nuisance])
    except UsageError:
        return None


def _together(group: str, faults: Sequence[str]) -> Case | None:
    try:
        return case(group, faults)
    except UsageError:
        return None


def _shuffled(names: Sequence[Name], rng: random.Random) -> list[Name]:
    return rng.sample(list(names), len(names))
