"""Nuisances of words and of eras: the same is said otherwise.

The third voice and the other names of codes are held back: they show whether rules that were
written with the rest in view understand what they read.
"""

from bot.sandbox.behaviour import Era
from bot.sandbox.nuisances.nuisance import Nuisance

_STATES = {"healthy": "ok", "ready": "up"}


def _era(era: Era, summary: str) -> Nuisance:
    return Nuisance(name=f"era-{era.value.replace(' ', '-')}", summary=summary, server={"era": era})


WORD_NUISANCES = (
    Nuisance(
        name="reworded",
        summary="Messages, details and close reasons are in other words; codes stay.",
        server={"voice": "second"},
    ),
    Nuisance(
        name="reworded-again",
        summary="Messages, details and close reasons are in still other words; codes stay.",
        server={"voice": "third"},
        held_back=True,
    ),
    Nuisance(
        name="other-codes",
        summary="Error codes have other names; messages stay.",
        server={"other_codes": True},
        held_back=True,
    ),
    Nuisance(
        name="reworded-with-other-codes",
        summary="Neither words nor error codes are the usual ones.",
        server={"voice": "third", "other_codes": True},
        held_back=True,
    ),
    Nuisance(
        name="other-health-states",
        summary="Health says ok and up where it usually says healthy and ready.",
        server={"other_states": _STATES},
        held_back=True,
    ),
    Nuisance(
        name="exchange-variant-a",
        summary="The exchange is the first version, which says the same in other words.",
        server={"exchange_variant": "A"},
        # It refused whatever was not staging, the second only what was production.
        not_with=frozenset({"exchange-in-production"}),
    ),
    _era(Era.ACCEPT_FIRST, "Refused tokens get a raw error frame and 1008."),
    _era(Era.AUTH_REQUIRED, "Refused tokens get AUTH_REQUIRED, the reason in its details."),
    _era(Era.INTERNAL_CLOSE, "Refused tokens get the usual frame and 1011."),
    _era(Era.MAIN_MODE, "Refused tokens get AUTH_FAILED, the reason in its details."),
)
