"""Symptoms that another symptom brings with it: a consequence is no cause of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.diagnosis.whys import Chain
from bot.labels import Label

# That a service does not answer properly, and not why.
_SHALLOW: frozenset[Label | None] = frozenset(
    {
        None,
        Label.BACKEND_5XX,
        Label.BACKEND_UNRESPONSIVE,
        Label.AUTH_SERVICE_UNAVAILABLE,
        Label.WRONG_TARGET,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """`symptom`, a root or the cause it leads to at once, is what `root` brings with it.

    Only if that chain goes through `cause`, where one is given; and only if the symptom itself
    says nothing deeper than `shallow`, unless whatever it says comes with `root`.
    """

    symptom: str
    root: str
    cause: str = ""
    shallow: frozenset[Label | None] | None = _SHALLOW


ECHOES = (
    Echo(symptom="backend unhealthy", root="path broken", cause="backend down"),
    Echo(symptom="backend not ready", root="path broken", cause="backend down"),
    Echo(symptom="backend not ready", root="backend unhealthy"),
    Echo(symptom="dependencies untold", root="path broken", cause="backend down"),
    Echo(symptom="dependencies untold", root="backend unhealthy"),
    *(
        Echo(symptom="auth unhealthy", root="proper token missing", cause=cause)
        for cause in (
            "auth service failing",
            "auth schema missing",
            "auth database down",
            "auth redis down",
        )
    ),
    Echo(symptom="frontend does not reach backend", root="path broken", cause="backend down"),
    Echo(symptom="frontend does not reach backend", root="backend unhealthy"),
    Echo(symptom="frontend does not reach backend", root="backend not ready"),
    Echo(symptom="frontend does not reach auth", root="auth unhealthy"),
    Echo(symptom="foreign events", root="identity differs", shallow=None),
)


def without_echoes(chains: Sequence[Chain]) -> list[Chain]:
    """Leave out what another chain brings with it: a consequence is no cause of its own."""
    through = {chain.root.effect: {link.rule.cause for link in chain.links} for chain in chains}

    def is_echo(chain: Chain) -> bool:
        symptoms = (chain.root.effect, chain.links[0].rule.cause)
        return any(
            echo.symptom in symptoms
            and echo.root in through
            and (echo.shallow is None or chain.label in echo.shallow)
            and (not echo.cause or echo.cause in through[echo.root])
            for echo in ECHOES
        )

    return [chain for chain in chains if not is_echo(chain)]
