"""An edge's word that nothing answers behind it, about the service that was asked for above."""

import re
from collections.abc import Iterator

from bot.diagnosis.logs.facts import Fact
from bot.diagnosis.logs.matching import Text, quotable
from bot.diagnosis.logs.parties import UNNAMED, who

_WORDS = ("upstream", "no healthy", "bad gateway")
_SAID = re.compile(
    r"no healthy upstream|upstream connect error|upstream (?:request )?tim(?:ed|eout)|no live "
    r"upstreams|bad gateway"
)
_REQUEST = re.compile(r"\b(?:get|post|put|patch|head|options) (?:https?://|/)\S|https?://\S+/\S")
_ABOVE = 4
# Whoever gives no token, whatever it is called.
_AUTH = ("auth", "exchange")


def read_upstreams(text: Text) -> Iterator[Fact]:
    """Yield ``auth_service_down`` where it was the auth service that was asked."""
    for position in text.with_any(_WORDS):
        line = text.lines[position]
        if not _SAID.search(line.low) or who(line.low) not in (UNNAMED, *_AUTH):
            continue
        above = text.lines[max(0, position - _ABOVE) : position + 1]
        asked = next((one.low for one in reversed(above) if _REQUEST.search(one.low)), "")
        if who(asked) in _AUTH:
            yield Fact("auth_service_down", line.number, quotable(line.text))
