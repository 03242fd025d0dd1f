"""What a client says when it gives up: the consequence of what stands above, and no cause."""

import re
from collections.abc import Callable

from bot.diagnosis.logs.facts import Fact, Facts

# Without the exchange there is no token: that it has none says no more.
_FOLLOWS = ("token_absent", "bypass_key_missing")
_REFUSALS = ("bypass_key_refused", "bypass_key_unset_server", "bypass_for_production")
_GIVES_UP = re.compile(
    r"\babort|\bgiv(?:e|es|ing) up\b|\bskip"
    r"|\b(?:cannot|can't|could not|unable to) (?:continue|go on|proceed|run)\b"
    r"|\bstopp(?:ed|ing)\b|\bexit(?:ed|ing)\b|\bbail",
    re.IGNORECASE,
)


def follows_from_refusal(facts: Facts) -> Callable[[Fact], bool]:
    """Return whether a fact only says that the run ended for want of what was refused above it."""
    refused_line = min((fact.line for key in _REFUSALS for fact in facts.of(key)), default=0)

    def follows(fact: Fact) -> bool:
        is_below = bool(refused_line) and fact.line > refused_line
        return is_below and fact.key in _FOLLOWS and bool(_GIVES_UP.search(str(fact.value)))

    return follows
