"""What a signature is: words that must be on a line, and phrases that are looked for then."""

import re
from dataclasses import dataclass
from functools import cache

# How a part that does not work is spoken of.
FAILS = (
    r"(?:tim(?:e[ds]?|ing)[ -]?out|unavailable|unreachable"
    r"|not (?:available|reachable|accessible|connected|responding|ready)|refused"
    r"|fail(?:ed|ing|ures?|s)?\b|errors?\b|cannot connect|could not (?:connect|reach)"
    r"|can't connect|unable to (?:connect|reach)|disconnected|\bdown\b|offline|unhealthy|\blost\b"
    r"|breaker\W{0,4}(?:is )?open|connection (?:was )?(?:reset|closed|aborted)|reset by peer"
    r"|broken pipe|i/o timeout|no route to host|gone away"
    r"|does(?: not|n't) (?:answer|respond|reply)|read-?only replica)"
)
# How many characters may stand where a phrase leaves a gap: a few words, not a paragraph.
_GAPS = {"…": r"[^\n{}]{0,80}?", "‥": r"[^\n{}\"]{0,80}?"}
# Nothing may repeat without end: a line of 4,000 letters must not take a second.
_BOUNDS = {r"\w*": r"\w{0,30}", r"\w+": r"\w{1,30}", r"\d+": r"\d{1,12}", r"\S+": r"\S{1,120}"}

# A capital letter, and not one that an escape is written with.
_LETTER = re.compile(r"\\.|[A-Z]")


@dataclass(frozen=True, slots=True)
class Signature:
    """A line with one of `hints` (in lower case) that matches `pattern` is a fact `key`.

    Its value is the sentence around the match.
    """

    key: str
    hints: tuple[str, ...]
    phrases: str
    case: bool = False
    """Whether the pattern is for the line as it stands; else it is for the line in lower case,
    which is much faster than to ignore case."""

    @property
    def pattern(self) -> re.Pattern[str]:
        """The phrases as one pattern, made when it is first needed: most logs need few."""
        return _compiled(self.phrases)


@cache
def _compiled(phrases: str) -> re.Pattern[str]:
    return re.compile(phrases)


def row(key: str, hints: str, *phrases: str, case: bool = False) -> Signature:
    r"""Return a signature; `hints` are separated by ``|``, and case counts only if `case`.

    A phrase is a regular expression in which ``…`` leaves a gap on the same line, and ``‥`` one
    that does not go beyond a quotation mark. ``\w+`` and its like are bounded here.
    """
    whole = "|".join(phrases)
    for short, long in (_GAPS | _BOUNDS).items():
        whole = whole.replace(short, long)
    if not case:
        whole = _LETTER.sub(
            lambda found: found[0].lower() if len(found[0]) == 1 else found[0], whole
        )
    return Signature(key, tuple(hints.lower().split("|")), whole, case)


def ails(what: str) -> tuple[str, ...]:
    """Return phrases for `what` not working; not across the parts of a JSON object."""
    network = (
        r"(?:connection (?:refused|reset|timed out|attempts failed)|i/o timeout|no route to host"
        r"|econn(?:refused|reset)|etimedout|broken pipe|dial tcp|connecterror|connecttimeout)"
    )
    little = r"[^{}\"\n]{0,40}?"
    well = r"(?:(?<!not )\b(?:ok|healthy|passed)\b|[✓✔✅])"
    return (
        rf"{what}(?:(?!{well})[^\n{{}}\"]){{0,80}}?{FAILS}",
        # What only a network says may stand in another field of the same object.
        rf"{what}(?:(?!{well})[^{{}}\n]){{0,80}}?{network}"
        rf"|{network}[^{{}}\n]{{0,60}}?{what}(?!\W{{1,3}}(?:is )?{well})",
        r"(?:fail|unable|could(?: not|n't)|cannot|can't|errors?|timed? ?out)"
        rf"{little}(?:connect|reach|ping|initiali[sz]|access|query|talk){little}{what}",
    )
