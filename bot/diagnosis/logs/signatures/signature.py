"""What a signature is: words that must be on a line, and a pattern that then is looked for."""

import re
from dataclasses import dataclass

# How a part that does not work is spoken of.
FAILS = (
    r"(?:tim(?:e[ds]?|ing)[ -]?out|unavailable|unreachable|not (?:available|reachable|accessible"
    r"|connected|responding|ready)|refused|fail(?:ed|ing|ure|ures|s)?\b|errors?\b|cannot connect"
    r"|could not (?:connect|reach)|can't connect|unable to (?:connect|reach)|disconnected|\bdown\b"
    r"|offline|unhealthy|\blost\b|breaker[^a-z]{0,4}(?:is )?open)"
)


@dataclass(frozen=True, slots=True)
class Signature:
    """A line with one of `hints` (in lower case) that matches `pattern` is a fact `key`.

    Its value is the sentence around the match.
    """

    key: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]


def row(key: str, hints: str, *patterns: str, case: bool = False) -> Signature:
    """Return a signature; `hints` are separated by ``|`` and case counts only if `case`."""
    whole = "|".join(patterns)
    flags = 0 if case else re.IGNORECASE
    return Signature(key, tuple(hints.lower().split("|")), re.compile(whole, flags))


def ails(what: str) -> tuple[str, str]:
    """Return patterns for `what` not working; not across the parts of a JSON object."""
    return (
        rf"{what}[^{{}}\"\n]{{0,80}}?{FAILS}",
        r"(?:fail\w{0,30}|unable|could not|couldn't|cannot|can't|errors?|time[d]?[ -]?out)"
        r"[^{}\"\n]{0,40}?(?:connect|reach|ping|initiali[sz]|access|query|talk)[^{}\"\n]{0,40}?"
        + what,
    )
