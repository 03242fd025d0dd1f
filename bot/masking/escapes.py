"""Undoing escapes in a text, and knowing where each character of the result came from."""

import html
import re

# However often it was escaped: &amp;gt; and %253E are a > too, and so is \\u003e in JSON in JSON.
_ESCAPE = re.compile(
    r"&(?:amp;){0,3}(?:#x[0-9a-f]{1,6}|#[0-9]{1,7}|lt|gt|amp|quot|apos);"
    r"|%(?:25){0,3}[0-9a-f]{2}"
    r"|[\u00ad\u200b-\u200f\u2060\ufeff]"  # these cannot even be seen
    r"|\\++(?:u00[0-9a-f]{2}|x[0-9a-f]{2})",
    re.IGNORECASE,
)
_LAST_BYTE = -2
# What there is where there is an escape; of what cannot be seen, that which editors insert.
_SIGNS = ("%", "&", "\\u", "\\x")
_UNSEEN = ("\u200b", "\u2060", "\ufeff", "\u00ad", "\u200c", "\u200d", "\u200e", "\u200f")


def unescaped(text: str) -> tuple[str, list[int]] | None:
    """Return `text` with its escapes undone, and where each character of that began in `text`.

    The list has one more entry: the length of `text`. None if there is nothing to undo.
    """
    signs = _SIGNS if text.isascii() else (*_SIGNS, *_UNSEEN)
    if not any(sign in text for sign in signs):
        return None
    pieces, starts, done = [], [], 0
    for found in _ESCAPE.finditer(text):
        meant = _meant(found[0])
        pieces += [text[done : found.start()], meant]
        starts += [*range(done, found.start()), *([found.start()] if meant else ())]
        done = found.end()
    if not done:
        return None
    pieces.append(text[done:])
    starts += [*range(done, len(text)), len(text)]
    return "".join(pieces), starts


def _meant(escape: str) -> str:
    if escape[0] == "&":
        char = html.unescape(f"&{escape.replace('&', '').rpartition('amp;')[2] or 'amp;'}")
        return char if len(char) == 1 else "?"
    return chr(int(escape[_LAST_BYTE:], 16)) if escape[0] in "%\\" else ""
