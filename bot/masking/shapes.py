"""Shapes of secrets that nobody told us about: in a target's output or in a pasted log.

Every pattern is linear: what it has looked at it either takes or never looks at again, and every
repetition before a decision is bounded. The texts come from outside and may be hostile.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.masking.words import is_wordy


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A pattern whose group `secret` is to be hidden; most are not even tried without a hint."""

    mark: str
    hints: tuple[str, ...]
    """Lower-case pieces of text, one of which is there when the pattern can match."""
    pattern: re.Pattern[str]
    folded: bool = False
    """Whether the pattern is for lower-case text: much faster than ignoring case in it."""
    at_hint: bool = False
    """Whether the pattern begins where a hint does: much faster where the hints are rare."""
    only_random: bool = False
    """Whether an ordinary word may stand in the secret's place and is to be left alone."""
    no_words: bool = False
    """Whether several words and numbers may stand there too, such as ``staging-user-001``."""

    def spans(self, text: str, lowered: str, hints: list[str]) -> Iterator[tuple[int, int]]:
        """Yield where in `text` secrets of this shape stand.

        `lowered` is it in small letters, of the same length; `hints` are those that are in it.
        """
        looked_at = lowered if self.folded else text
        found = self._at(hints, looked_at, lowered) if self.at_hint else None
        for match in self.pattern.finditer(looked_at) if found is None else found:
            start, end = match.span("secret")
            if start < end and self._is_secret(text[start:end]):
                yield start, end

    def _at(self, hints: list[str], looked_at: str, lowered: str) -> Iterator[re.Match[str]]:
        for hint in hints:
            at = lowered.find(hint)
            while at >= 0:
                # What was taken is not looked at again, or a hostile text would take for ever.
                if match := self.pattern.match(looked_at, at):
                    yield match
                at = lowered.find(hint, max(at + 1, match.end() if match else 0))

    def _is_secret(self, word: str) -> bool:
        if self.no_words and is_wordy(word):
            return False
        return not (self.only_random or self.no_words) or _is_random(word)


HIDDEN = "[redacted]"
_TELLING_NAME = re.compile(
    r"secret|passw|pwd|token|cookie|credential|authorization"
    r"|(?:api|bypass|simulation|access|private|signing|encryption)[_-]?key",
    re.IGNORECASE,
)


def names_a_secret(name: str) -> bool:
    """Tell whether what is called `name` is meant to be secret."""
    return bool(_TELLING_NAME.search(name))


def is_credible(text: str) -> bool:
    """Tell whether `text` may be a secret: one piece, and not made of words."""
    one_piece = 8 <= len(text) <= _LONGEST and not any(char.isspace() for char in text)
    return one_piece and ":" not in text and not is_wordy(text)


_LONGEST = 8_192


def _is_random(word: str) -> bool:
    """Tell a credential from a word: digits, or capitals that change faster than CamelCase."""
    changes = sum(a.isupper() != b.isupper() for a, b in pairwise(word))
    return any(char.isdigit() for char in word) or changes >= 0.3 * len(word)


def _shape(
    mark: str,
    hints: str,
    pattern: str,
    *,
    at_hint: bool = False,
    only_random: bool = False,
    no_words: bool = False,
) -> Shape:
    folded = pattern.startswith("(?i)")
    return Shape(
        mark=mark,
        hints=tuple(hints.split()),
        pattern=re.compile(pattern.removeprefix("(?i)")),
        folded=folded,
        at_hint=at_hint,
        only_random=only_random,
        no_words=no_words,
    )


# Where a name that says what follows begins, or the last part of it.
_NAMES = "secret passw token key pwd"
_KEYS = "|".join(
    f"(?<={kind}{joint})"
    for kind in ("api", "bypass", "simulation", "access", "private", "signing", "encryption")
    for joint in ("", "_", "-")
)
_NAME = rf"(?:secret|passw(?:or)?d|token|pwd|(?:{_KEYS})key)[a-z0-9_]{{0,30}}"
# How the tokens of those begin who let one tell.
_VENDORS = (
    *(r"a[ks]ia[0-9a-z]{16}", r"gh[pousr]_[a-z0-9]{20,}+", r"github_pat_[a-z0-9_]{20,}+"),
    *(r"aiza[a-z0-9_-]{35}", r"(?<![a-z0-9])sk-[a-z0-9_-]{20,}+", r"ya29\.[a-z0-9_-]{20,}+"),
    *(r"gocspx-[a-z0-9_-]{20,}+", r"glpat-[a-z0-9_-]{20,}+", r"npm_[a-z0-9]{30,}+"),
    *(r"pypi-age[a-z0-9_-]{20,}+", r"hf_[a-z]{30,}+", r"[sr]k_(?:live|test)_[a-z0-9]{16,}+"),
    *(
        r"whsec_[a-z0-9+/=]{20,}+",
        r"sg\.[a-z0-9_-]{16,}\.[a-z0-9_-]{16,}+",
        r"hv[sb]\.[a-z0-9_-]{20,}+",
    ),
    *(r"dop_v1_[a-f0-9]{40,}+", r"atatt3[a-z0-9_=-]{20,}+", r"shp[a-z]{2}_[a-f0-9]{32}"),
    *(r"age-secret-key-1[a-z0-9]{20,}+", r"lin_api_[a-z0-9]{20,}+"),
)
_VENDOR_HINTS = (
    "akia asia ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ aiza sk- ya29. gocspx- glpat- npm_ pypi-age hf_"
    " sk_live_ sk_test_ rk_live_ rk_test_ whsec_ sg. hvs. hvb. dop_v1_ atatt3 shpat_ shpss_ shpca_"
    " age-secret-key-1 lin_api_"
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
        _NAMES,
        rf"(?i){_NAME}=[\"']?(?P<secret>[^\s\"'&,;\[\]<>{{}}()]{{8,}}+)",
        at_hint=True,
    ),
    # "name": "value", as in JSON; 'name': 'value', as Python shows it.
    _shape(
        "[redacted]",
        _NAMES,
        rf"(?i){_NAME}\\?[\"'][ \t]{{0,4}}:[ \t]{{0,4}}\\?[\"'](?P<secret>[^\s\"'\\\[\]]{{8,}}+)",
        at_hint=True,
    ),
    # NAME: value, as in YAML; the token is value, as in a sentence.
    _shape(
        "[redacted]",
        _NAMES,
        rf"(?i){_NAME}[\"'`]?(?::|[ \t](?:is|was|=))[ \t]{{1,4}}"
        r"[\"'`]?(?P<secret>[^\s\"'`,;\[\]<>{}()]{12,}+)",
        at_hint=True,
        no_words=True,
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
        _VENDOR_HINTS,
        f"(?i)(?P<secret>{'|'.join(_VENDORS)})",
        at_hint=True,
        only_random=True,
    ),
    # A bot of Telegram; the key of a store of Azure, and an address that it signed.
    _shape("[redacted]", ":aa", r"(?P<secret>(?<=\d):AA[A-Za-z0-9_-]{32,}+)"),
    _shape(
        "[redacted]",
        "accountkey=",
        r"(?i)accountkey=(?P<secret>[a-z0-9+/=%]{20,}+)",
        at_hint=True,
    ),
    # Not any signature: the links to our own pages are signed, and meant to be followed.
    _shape(
        "[redacted]",
        "sv=20",
        r"(?i)sv=20\d\d-[^\s\"'<>]{1,300}?&sig=(?P<secret>[a-z0-9+/=%]{20,}+)",
        at_hint=True,
    ),
)

# Most texts have none of the hints; that is told at once for all shapes together.
_SHAPES_OF = {
    hint: tuple(number for number, shape in enumerate(SHAPES) if hint in shape.hints)
    for hint in sorted({hint for shape in SHAPES for hint in shape.hints})
}


def shaped(text: str, lowered: str) -> Iterator[tuple[int, int, str]]:
    """Yield where in `text` something shaped like a secret stands, and its mark.

    `lowered` is `text` in small letters, of the same length.
    """
    hinted: dict[int, list[str]] = {}
    for hint, numbers in _SHAPES_OF.items():
        if hint in lowered:
            for number in numbers:
                hinted.setdefault(number, []).append(hint)
    for number in sorted(hinted):
        shape = SHAPES[number]
        for start, end in shape.spans(text, lowered, hinted[number]):
            yield start, end, shape.mark
