"""What a fault is, and what a combination of faults must look like from the client's side."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.sandbox.faults.stages import Stage, Stops


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A cause that the evidence must lead to."""

    label: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """How a run must end, and why; `causes[0]` is the answer."""

    status: str
    causes: tuple[Expected, ...]


class Area(StrEnum):
    """What a fault is about, for who looks for one in a list of some hundred."""

    WAY = "way to the target"
    DEPLOY = "deploy and start-up"
    IDENTITY = "keys, tokens and users"
    HANDSHAKE = "handshake"
    SOCKET = "open socket"
    PIPELINE = "pipeline and agents"
    OURS = "our own side"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way the simulated staging is broken on purpose.

    Status and causes are not written down but follow from what the fault stops, so that they
    hold for every combination too (`expectation`).
    """

    name: str
    summary: str
    area: Area
    label: str = ""
    """The cause that a careful person concludes from what a client can see."""
    stage: Stage = Stage.BACKEND_TARGET
    stops: frozenset[Stops] = frozenset()
    """Empty: it stops nothing, and the run is only not a proper one."""
    told_at: Stage | None = None
    """The stage whose answers give it away, if that is an earlier one than `stage`."""
    hides: frozenset[Stage] = frozenset()
    """Stages that a run does not go through while this fault is there."""
    server: Mapping[str, object] = field(default_factory=dict)
    """Fields of `Behaviour` that differ."""
    client: Mapping[str, object] = field(default_factory=dict)
    """Settings of the target that differ; ``secrets`` in it are what the client holds."""
    excludes: frozenset[Stage] = frozenset()
    """Stages whose faults would look otherwise beside it, such as those of the service that it
    leads to by mistake: such a pair is not declared."""
    parts: tuple["Fault", ...] = ()
    """The faults it is made of; such a fault has nothing of its own."""

    @property
    def status(self) -> str:
        return expectation([self]).status

    @property
    def causes(self) -> tuple[Expected, ...]:
        return expectation([self]).causes


_HEALTHY = Expected(label="healthy", role="sufficient")
_CANNOT_TELL = "insufficient_evidence"
_BEST = ("passed", "degraded", "failed", "errored")
_ROLES = ("sufficient", "contributing", "incidental")


def elements(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return the faults with those made of parts taken apart, each once."""
    taken_apart = (part for fault in faults for part in (fault.parts or (fault,)))
    return tuple({part.name: part for part in taken_apart}.values())


def expectation(faults: Iterable[Fault]) -> Expectation:
    """Return how a run must end and why, by counterfactual over the faults that can be seen.

    A cause is *sufficient* if the run would end better without it alone, *contributing* if it
    brings about this end by itself but others do too, and *incidental* otherwise.

    The answer is what a person should look at first: sufficient causes come before contributing
    ones, and those before incidental ones. Among equals the one whose removal gets the run
    furthest comes first; then the one that is met earlier in a run, since what comes later can
    follow from it. Faults with one label are one cause, fixed or not as a whole: a report names a
    cause once. "Cannot tell" is none beside a cause that can be told.
    A run that our own side spoiled says nothing about the target: only ours are its causes. What
    is wrong on our side and stood in no way is no cause.
    """
    there = elements(faults)
    seen, mints = _seen(_reached(there)), _mints(there)
    status = _status(seen, mints=mints)
    ours = tuple(fault for fault in seen if Stops.CHECK in fault.stops)
    if status != "errored":
        seen = tuple(fault for fault in seen if fault not in ours)
    if not seen:
        return Expectation(status=status, causes=(_HEALTHY,))

    seen = tuple(fault for fault in seen if fault.label != _CANNOT_TELL) or seen

    def rank(fault: Fault) -> tuple[int, int, Stage, str]:
        without = _BEST.index(_without(fault, seen, mints=mints))
        return _ROLES.index(_role(fault, seen, mints=mints)), without, fault.stage, fault.name

    causes: dict[str, Expected] = {}
    for one in sorted(ours if status == "errored" else seen, key=rank):
        said = Expected(label=one.label, role=_role(one, seen, mints=mints))
        causes.setdefault(one.label, said)
    return Expectation(status=status, causes=tuple(causes.values()))


def _status(faults: Sequence[Fault], *, mints: bool) -> str:
    """Return how a run ends under `faults`, by a client that `mints` tokens or cannot."""
    if any(_spoils_the_check(fault, faults) for fault in faults):
        return "errored"
    if _stopper(faults) is not None or not (mints or _exchanged(faults)):
        return "failed"
    proper = _exchanged(faults) and all(fault.stops for fault in faults)
    return "passed" if proper else "degraded"


def _mints(faults: Sequence[Fault]) -> bool:
    """Tell whether the client could make a token of its own."""
    return not any(Stops.MINTING in fault.stops for fault in faults)


def _exchanged(faults: Sequence[Fault]) -> bool:
    """Tell whether the bypass key gives a token."""
    return not any(Stops.EXCHANGE in fault.stops for fault in faults)


def _fatal(faults: Sequence[Fault]) -> frozenset[Stops]:
    """Return what it takes to stop the run."""
    return frozenset({Stops.RUN, Stops.EXCHANGED if _exchanged(faults) else Stops.MINTED})


def _spoils_the_check(fault: Fault, faults: Sequence[Fault]) -> bool:
    """Tell whether `fault` is our own, and it is what keeps this run from something."""
    is_met = Stops.EXCHANGE in fault.stops or fault is _stopper(faults)
    return Stops.CHECK in fault.stops and is_met


def _stopper(faults: Sequence[Fault]) -> Fault | None:
    """Return the fault at which the run stops."""
    stoppers = [fault for fault in faults if _fatal(faults) & fault.stops]
    return min(stoppers, key=lambda fault: (fault.stage, fault.name), default=None)


def _reached(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """Return the faults whose stage is gone through at all."""

    def reached(fault: Fault) -> bool:
        return not any(fault.stage in other.hides for other in faults if other is not fault)

    return tuple(fault for fault in faults if reached(fault))


def _seen(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """Return the faults that a run gets to meet."""
    if any(fault.stage is Stage.OURS for fault in faults):
        return tuple(fault for fault in faults if fault.stage is Stage.OURS)
    # What concerns a token that this run never shows is not met.
    unused = {Stops.MINTED if _exchanged(faults) or not _mints(faults) else Stops.EXCHANGED}
    unused |= set() if _exchanged(faults) else {Stops.EXCHANGED}
    used = [fault for fault in faults if not (fault.stops and fault.stops <= unused | _OURS)]
    ends = _Ends.of(used, has_token=_exchanged(faults) or _mints(faults))
    return tuple(fault for fault in used if ends.after(fault))


_OURS = frozenset({Stops.CHECK})


@dataclass(frozen=True, slots=True)
class _Ends:
    """The last stage that a run gets to on each of its ways."""

    exchange: Stage
    health: Stage
    """Of the backend's health, which is asked with or without a token."""
    socket: Stage
    """Of the run itself; before every socket where there is no token to connect with."""

    @classmethod
    def of(cls, faults: Sequence[Fault], *, has_token: bool) -> "_Ends":
        refusals = [fault.stage for fault in faults if Stops.EXCHANGE in fault.stops]
        away = [f.stage for f in faults if Stops.RUN in f.stops and f.stage <= Stage.BACKEND]
        stopper = _stopper(faults)
        last = Stage.CONTENT if stopper is None else max(stopper.stage, Stage.SOCKET_TARGET)
        return cls(
            exchange=min(refusals, default=Stage.KEY),
            health=min(away, default=Stage.HEALTH),
            # Whether a broken stream brings an answer all the same, its own `hides` says.
            socket=(Stage.CONTENT if last is Stage.STREAM else last) if has_token else _NOWHERE,
        )

    def after(self, fault: Fault) -> bool:
        """Tell whether a run meets `fault` before it ends, or hears of it."""
        if fault.stage in (Stage.KEY_HELD, Stage.FRONTEND):
            return True
        if fault.stage.on_auth_road:
            return fault.stage <= self.exchange
        if Stage.HEALTH in (fault.stage, fault.told_at):
            return self.health is Stage.HEALTH
        if fault.stage < Stage.HEALTH:
            return fault.stage <= self.health
        is_told = fault.told_at is not None and fault.told_at < self.socket
        return fault.stage <= self.socket or is_told


_NOWHERE = Stage.FRONTEND


def _without(fault: Fault, seen: Sequence[Fault], *, mints: bool) -> str:
    return _status([other for other in seen if other.label != fault.label], mints=mints)


def _role(fault: Fault, seen: Sequence[Fault], *, mints: bool) -> str:
    status = _status(seen, mints=mints)
    if _BEST.index(_without(fault, seen, mints=mints)) < _BEST.index(status):
        return "sufficient"
    alike = [other for other in seen if other.label == fault.label]
    return "contributing" if _status(alike, mints=mints) == status else "incidental"
