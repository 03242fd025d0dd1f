"""What must not change the answer: `NUISANCES` is the table, one row per nuisance."""

import difflib
from collections.abc import Iterable, Mapping

from bot.errors import UsageError
from bot.sandbox.faults import Fault, clash
from bot.sandbox.nuisances.http import HTTP_NUISANCES
from bot.sandbox.nuisances.nuisance import Nuisance
from bot.sandbox.nuisances.socket import SOCKET_NUISANCES
from bot.sandbox.nuisances.words import WORD_NUISANCES

__all__ = ["NUISANCES", "Nuisance", "nuisances_named"]

NUISANCES: Mapping[str, Nuisance] = {
    nuisance.name: nuisance for nuisance in (*HTTP_NUISANCES, *SOCKET_NUISANCES, *WORD_NUISANCES)
}


def nuisances_named(names: Iterable[str], faults: Iterable[Fault] = ()) -> tuple[Nuisance, ...]:
    """Return the nuisances of these names, each once.

    Raises UsageError for a name that is unknown, or one that cannot be there together with
    another or with one of `faults`.
    """
    found: list[Nuisance] = []
    for name in dict.fromkeys(names):
        if name not in NUISANCES:
            nearest = difflib.get_close_matches(name, NUISANCES, n=1)
            hint = f"Did you mean {nearest[0]}?" if nearest else "See: stagecheck faults"
            raise UsageError(f"There is no nuisance {name}.", hint=hint)
        found.append(NUISANCES[name])
    faults = tuple(faults)
    for at, nuisance in enumerate(found):
        others: tuple[Nuisance | Fault, ...] = (*found[:at], *faults)
        for other in others:
            _refuse_clash(other, nuisance)
    return tuple(found)


def _refuse_clash(one: Nuisance | Fault, nuisance: Nuisance) -> None:
    """Raise UsageError if a nuisance cannot be there beside a fault or another nuisance."""
    covers_up = one.name in nuisance.not_with
    if covers_up or clash(one.server, nuisance.server) or clash(one.client, nuisance.client):
        raise UsageError(
            f"The nuisance {nuisance.name} cannot be combined with {one.name}.",
            hint="Both take hold at the same place, or one would cover up the other.",
        )
