"""Shapes of secrets that nobody told us about: in a target's output or in a pasted log.

Every pattern is linear: what it has looked at it either takes or never looks at again, and every
repetition before a decision is bounded. The texts come from outside and may be hostile.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A pattern whose group `secret` is to be hidden; most are not even tried without a hint."""

    mark: str
    hints: tuple[str, ...]
    """Lower-case pieces of text, one of which is there when the pattern can match."""
    pattern: re.Pattern[str]
    folded: bool = False
    """Whether the pattern is for lower-case text: much faster than ignoring case in it."""
    only_random: bool = False
    """Whether an ordinary word may stand in the secret's place and is to be left alone."""

    def spans(self, text: str, lowered: str) -> Iterator[tuple[int, int]]:
        """Yield where in `text` secrets of this shape stand; `lowered` is of the same length."""
        if not any(hint in lowered for hint in self.hints):
            return
        for found in self.pattern.finditer(lowered if self.folded else text):
            start, end = found.span("secret")
            if start < end and not (self.only_random and not _is_random(text[start:end])):
                yield start, end


def _is_random(word: str) -> bool:
    """Tell a credential from a word: digits, or capitals that change faster than CamelCase."""
    changes = sum(a.isupper() != b.isupper() for a, b in pairwise(word))
    return any(char.isdigit() for char in word) or changes >= 0.3 * len(word)


def _shape(mark: str, hints: str, pattern: str, *, only_random: bool = False) -> Shape:
    folded = pattern.startswith("(?i)")
    return Shape(
        mark=mark,
        hints=tuple(hints.split()),
        pattern=re.compile(pattern.removeprefix("(?i)")),
        folded=folded,
        only_random=only_random,
    )


SHAPES: Sequence[Shape] = (
    # The second branch takes a run that is no token, so that it is not scanned from every "eyJ".
    _shape(
        "[redacted token]",
        "eyj",
        r"(?P<secret>eyJ[A-Za-z0-9_-]{6,}+\.[A-Za-z0-9_-]{4,}+(?:\.[A-Za-z0-9_-]*+){0,3}+)"
        r"|eyJ[A-Za-z0-9_-]*+",
    ),
    # "eyJ" in base64 again: a token offered as a WebSocket subprotocol.
    _shape("[redacted token]", "zxlk", r"(?P<secret>ZXlK[A-Za-z0-9+/_-]{20,}+={0,2})"),
    _shape(
        "[redacted Slack token]",
        "xox xapp-",
        r"(?P<secret>(?:xox[a-z](?:\.xox[a-z])?|xapp)-[A-Za-z0-9-]{8,}+)",
    ),
    _shape(
        "[redacted Slack address]",
        "hooks.slack",
        r"hooks\.slack(?:-gov)?\.com/(?P<secret>[A-Za-z0-9/_-]{8,}+)",
    ),
    _shape(
        "[redacted]",
        "authorization x-",
        r"(?i)(?:authorization|x-[a-z0-9-]{0,30}(?:key|token|secret))[\"']?[ \t]{0,4}[:=][ \t]{0,4}"
        r"[\"']?(?:(?:bearer|basic)[ \t]{1,4})?(?P<secret>[^\s\"',;\[\]]{8,}+)",
    ),
    _shape(
        "[redacted]",
        "bearer basic",
        r"(?i)(?:bearer|basic)(?:[ \t]|%20|\+){1,3}(?P<secret>[A-Za-z0-9._~+/=-]{12,}+)",
        only_random=True,
    ),
    _shape(
        "[redacted]",
        "cookie",
        r"(?i)cookie[\"']?[ \t]{0,4}[:=][ \t]{0,4}[\"']?(?P<secret>[^\r\n\"'\[\]]{8,}+)",
    ),
    # NAME=value, as in an environment or a query.
    _shape(
        "[redacted]",
        "secret passw token key",
        r"(?i)(?:secret|passw(?:or)?d|token|(?:api|bypass|simulation|access|private|signing)[_-]?key)"
        r"[a-z0-9_]{0,30}=[\"']?(?P<secret>[^\s\"'&,;\[\]<>{}()]{8,}+)",
    ),
    # "name": "value", as in JSON.
    _shape(
        "[redacted]",
        "secret passw token key",
        r"(?i)(?:secret|passw(?:or)?d|token|(?:api|bypass|simulation|access|private|signing)[_-]?key)"
        r"\\?\"[ \t]{0,4}:[ \t]{0,4}\\?\"(?P<secret>[^\s\"\\\[\]]{8,}+)",
    ),
    _shape(
        "[redacted private key]",
        "-----begin",
        r"(?P<secret>-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:(?!-----END)[\s\S])*+"
        r"(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?)",
    ),
    _shape("[redacted]", "://", r"://[^/\s:@\[\]]{1,100}:(?P<secret>[^/\s@\[\]]{1,200})@"),
    _shape(
        "[redacted]",
        "akia ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ aiza sk- ya29.",
        r"(?P<secret>AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,}+|github_pat_[A-Za-z0-9_]{20,}+"
        r"|AIza[A-Za-z0-9_-]{35}|(?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{20,}+|ya29\.[A-Za-z0-9_-]{20,}+)",
        only_random=True,
    ),
)
