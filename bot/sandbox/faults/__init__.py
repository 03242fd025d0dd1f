"""Ways to break the simulated staging on purpose, and what a run must make of each.

`FAULTS` is the table, one row per fault; `expected` says what a combination must look like.
"""

import difflib
from collections.abc import Iterable, Mapping

from bot.errors import UsageError
from bot.sandbox.faults.agents import AGENT_FAULTS, DEPENDENCY_FAULTS
from bot.sandbox.faults.closes import CLOSE_FAULTS
from bot.sandbox.faults.deploy import DEPLOY_FAULTS
from bot.sandbox.faults.eras import ERA_FAULTS
from bot.sandbox.faults.events import EVENT_FAULTS, REQUEST_FAULTS, SOCKET_FAULTS
from bot.sandbox.faults.fault import Area, Expectation, Expected, Fault, elements, expectation
from bot.sandbox.faults.handshake import HANDSHAKE_FAULTS
from bot.sandbox.faults.identity import TOKEN_FAULTS
from bot.sandbox.faults.keys import KEY_FAULTS
from bot.sandbox.faults.lookalikes import LOOKALIKES, Lookalikes
from bot.sandbox.faults.ours import OUR_FAULTS
from bot.sandbox.faults.runs import RUN_FAULTS
from bot.sandbox.faults.services import SERVICE_FAULTS
from bot.sandbox.faults.stages import Stage, Stops
from bot.sandbox.faults.target import TARGET_FAULTS
from bot.sandbox.faults.tokens import CLAIM_FAULTS
from bot.sandbox.faults.way import WAY_FAULTS

__all__ = [
    "FAULTS",
    "LOOKALIKES",
    "Expectation",
    "Expected",
    "Fault",
    "Lookalikes",
    "Stage",
    "clash",
    "expected",
    "faults_named",
]

_SINGLE = {
    fault.name: fault
    for fault in (
        *TARGET_FAULTS,
        *DEPLOY_FAULTS,
        *KEY_FAULTS,
        *TOKEN_FAULTS,
        *HANDSHAKE_FAULTS,
        *SOCKET_FAULTS,
        *DEPENDENCY_FAULTS,
        *REQUEST_FAULTS,
        *EVENT_FAULTS,
        *AGENT_FAULTS,
        *WAY_FAULTS,
        *SERVICE_FAULTS,
        *CLAIM_FAULTS,
        *ERA_FAULTS,
        *CLOSE_FAULTS,
        *RUN_FAULTS,
        *OUR_FAULTS,
    )
}

_STACKED = (
    Fault(
        name="seed",
        summary="The founding failure: a refused key, and a class check worded as an auth failure.",
        area=Area.IDENTITY,
        parts=(_SINGLE["bypass-key-mismatch"], _SINGLE["context-type-check"]),
    ),
    Fault(
        name="bypass-key-mismatch-stale-secret",
        summary="The key is refused, and the fallback is minted with an old secret.",
        area=Area.IDENTITY,
        parts=(_SINGLE["bypass-key-mismatch"], _SINGLE["fallback-secret-stale"]),
    ),
    Fault(
        name="bypass-key-mismatch-missing-claim",
        summary="The key is refused, and the fallback lacks a claim that the server wants.",
        area=Area.IDENTITY,
        parts=(_SINGLE["bypass-key-mismatch"], _SINGLE["token-type-required"]),
    ),
    Fault(
        name="our-clock-behind-minting",
        summary="The key is not set, and our clock makes the fallback token expired.",
        area=Area.OURS,
        parts=(_SINGLE["bypass-key-missing"], _SINGLE["our-clock-behind"]),
    ),
    Fault(
        name="our-clock-ahead-minting",
        summary="The key is not set, and our clock makes the fallback token come from the future.",
        area=Area.OURS,
        parts=(_SINGLE["bypass-key-missing"], _SINGLE["our-clock-ahead"]),
    ),
)

FAULTS: Mapping[str, Fault] = {
    **{fault.name: fault for fault in _STACKED[:1]},
    **_SINGLE,
    **{fault.name: fault for fault in _STACKED[1:]},
}


def faults_named(names: Iterable[str]) -> tuple[Fault, ...]:
    """Return the faults of these names, those made of parts taken apart.

    Raises UsageError for a name that is unknown, or faults that cannot be there together.
    """
    found = []
    for name in names:
        if name not in FAULTS:
            nearest = difflib.get_close_matches(name, FAULTS, n=1)
            hint = f"Did you mean {nearest[0]}?" if nearest else "See: stagecheck faults"
            raise UsageError(f"There is no fault {name}.", hint=hint)
        found.append(FAULTS[name])
    faults = elements(found)
    for at, fault in enumerate(faults):
        for other in faults[:at]:
            _refuse_clash(other, fault)
    return faults


def expected(names: Iterable[str]) -> Expectation:
    """Return how a run must end under these faults together, and why."""
    return expectation(faults_named(names))


def _refuse_clash(one: Fault, other: Fault) -> None:
    """Raise UsageError if two faults would speak at the same moment of a run, or for each other."""
    told_before = one.told_at is not None and other.told_at is not None
    speak_at_once = one.stage == other.stage and _overlap(one, other) and not told_before
    excluded = one.stage in other.excludes or other.stage in one.excludes
    if (
        speak_at_once
        or excluded
        or clash(one.server, other.server)
        or clash(one.client, other.client)
    ):
        raise UsageError(
            f"The faults {one.name} and {other.name} cannot be combined.",
            hint="Both take hold at the same place; choose one.",
        )


def _overlap(one: Fault, other: Fault) -> bool:
    """Tell whether a run can be stopped by either; what stops every run stops every token's."""
    tokens = {Stops.EXCHANGED, Stops.MINTED}
    either = [
        fault.stops | tokens if Stops.RUN in fault.stops else fault.stops for fault in (one, other)
    ]
    return bool(either[0] & either[1])


def clash(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    """Tell whether both set the same thing to different values."""
    for key in one.keys() & other.keys():
        left, right = one[key], other[key]
        if isinstance(left, Mapping) and isinstance(right, Mapping):
            if clash(left, right):
                return True
        elif left != right:
            return True
    return False
