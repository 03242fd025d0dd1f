"""Shapes of secrets that nobody told us about: in a target's output or in a pasted log.

Every pattern is linear: what it has looked at it either takes or never looks at again, and every
repetition before a decision is bounded. The texts come from outside and may be hostile.
"""

import re
from collections.abc import Iterator, Sequence

from bot.masking.places import IN_ADDRESSES, IN_COMMANDS, IN_SENTENCES
from bot.masking.shape import HIDDEN, Shape, shape
from bot.masking.words import is_wordy

__all__ = ["HIDDEN", "SHAPES", "is_credible", "names_a_secret", "shaped"]

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
    shape(
        "[redacted token]",
        "eyj",
        r"(?P<secret>eyJ[A-Za-z0-9_-]{6,}+\.(?:[A-Za-z0-9_-]{4,}+|\.[A-Za-z0-9_-]{8,}+)"
        r"(?:\.[A-Za-z0-9_-]*+){0,3}+)"
        r"|eyJ[A-Za-z0-9_-]*+",
    ),
    # "eyJ" in base64 again: a token offered as a WebSocket subprotocol.
    shape("[redacted token]", "zxlk", r"(?P<secret>ZXlK[A-Za-z0-9+/_-]{20,}+={0,2})"),
    shape(
        "[redacted Slack token]",
        "xox xapp- xwfp-",
        r"(?P<secret>(?:xox[a-z](?:\.xox[a-z])?|xapp|xwfp)-[A-Za-z0-9-]{8,}+)",
    ),
    shape(
        "[redacted Slack address]",
        "hooks.slack",
        r"hooks\.slack(?:-gov)?\.com/(?P<secret>[A-Za-z0-9/_-]{8,}+)",
    ),
    shape(
        "[redacted]",
        "authorization x-",
        r"(?i)(?:authorization|x-[a-z0-9-]{0,30}(?:key|token|secret|auth))[\"']?[ \t]{0,4}[:=]"
        r"[ \t]{0,4}[\"']?(?:(?:bearer|basic)[ \t]{1,4})?(?P<secret>[^\s\"',;\[\]]{8,}+)",
    ),
    shape(
        "[redacted]",
        "bearer basic",
        r"(?i)(?:bearer|basic)(?:[ \t]|%20|\+){1,3}(?P<secret>[A-Za-z0-9._~+/=-]{12,}+)",
        only_random=True,
    ),
    shape(
        "[redacted]",
        "cookie",
        r"(?i)cookie[\"']?[ \t]{0,4}[:=][ \t]{0,4}[\"']?(?P<secret>[^\r\n\"'\[\]]{8,}+)",
    ),
    # Other ways to authorize: their fields, or one word.
    shape(
        "[redacted]",
        "authorization",
        r"(?i)authorization[\"']?[ \t]{0,4}[:=][ \t]{0,4}[\"']?(?:digest|aws4-hmac-sha256|hawk"
        r"|oauth|ntlm|negotiate|token|api-?key|key)[ \t]{1,4}(?P<secret>(?:[a-z0-9_-]{1,24}=\\?"
        r"(?:\"[^\"\\\r\n\[\]]{0,300}\\?\"|[^\s\",\[\]]{1,300}),?[ \t]{0,2}){1,16}"
        r"|[^\s\"',;\[\]]{8,})",
        no_words=True,
    ),
    # NAME=value, as in an environment or a query.
    shape(
        "[redacted]",
        _NAMES,
        rf"(?i){_NAME}=[\"']?(?P<secret>[^\s\"'&,;\[\]<>{{}}()]{{8,}}+)",
        at_hint=True,
    ),
    # "name": "value", as in JSON; 'name': 'value', as Python shows it.
    shape(
        "[redacted]",
        _NAMES,
        rf"(?i){_NAME}\\?[\"'][ \t]{{0,4}}:[ \t]{{0,4}}\\?[\"'](?P<secret>[^\s\"'\\\[\]]{{8,}}+)",
        at_hint=True,
    ),
    # NAME: value, as in YAML; the token is value, as in a sentence.
    shape(
        "[redacted]",
        _NAMES,
        rf"(?i){_NAME}[\"'`]?(?::[ \t]{{0,4}}|[ \t](?:is|was|=)[ \t]{{1,4}})"
        r"[\"'`]?(?P<secret>[^\s\"'`,;\[\]<>{}()]{12,}+)",
        at_hint=True,
        no_words=True,
    ),
    shape(
        "[redacted private key]",
        "-----begin",
        r"(?P<secret>-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?:(?!-----END)[\s\S])*+"
        r"(?:-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----)?)",
    ),
    shape(
        "[redacted]",
        _VENDOR_HINTS,
        f"(?i)(?P<secret>{'|'.join(_VENDORS)})",
        at_hint=True,
        only_random=True,
    ),
    *IN_ADDRESSES,
    *IN_COMMANDS,
    *IN_SENTENCES,
    # A bot of Telegram; the key of a store of Azure, and an address that it signed.
    shape("[redacted]", ":aa", r"(?P<secret>(?<=\d):AA[A-Za-z0-9_-]{32,}+)"),
    shape(
        "[redacted]",
        "accountkey=",
        r"(?i)accountkey=(?P<secret>[a-z0-9+/=%]{20,}+)",
        at_hint=True,
    ),
    # Not any signature: the links to our own pages are signed, and meant to be followed.
    shape(
        "[redacted]",
        "sv=20",
        r"(?i)sv=20\d\d-[^\s\"'<>]{1,300}?&sig=(?P<secret>[a-z0-9+/=%]{20,}+)",
        at_hint=True,
    ),
)

# Most texts have none of the hints; that is told at once for all shapes together.
_SHAPES_OF = {
    hint: tuple(number for number, one in enumerate(SHAPES) if hint in one.hints)
    for hint in sorted({hint for one in SHAPES for hint in one.hints})
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
        one = SHAPES[number]
        for start, end in one.spans(text, lowered, hinted[number]):
            yield start, end, one.mark
