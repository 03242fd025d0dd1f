"""Undoing escapes in a text, and knowing where each character of the result came from."""

import html
import re
from collections.abc import Callable, Iterator, Sequence

Places = tuple[Sequence[int], Sequence[int]]
"""Where each character of a text begins in another one, and where it ends."""
View = tuple[str, Callable[[], Places]]
"""A text, and what tells where its characters stand in another one."""

# However often it was escaped: &amp;gt; and %253E are a > too, and so is \\u003e in JSON in JSON.
# What it begins with comes first and alone: only there is the rest tried.
_ESCAPE = re.compile(
    "[&%\\\\\x1b^\u00ad\u200b-\u200f\u2060\ufeff\uff01-\uff5e]"
    r"(?:(?<=&)(?:amp;){0,3}(?:#[xX][0-9a-fA-F]{1,6}|#[0-9]{1,7}|lt|gt|amp|quot|apos);"
    r"|(?<=%)(?:25){0,3}[0-9a-fA-F]{2}"
    r"|(?<=\\)\\*+(?:[uU](?:0000)?00[0-9a-fA-F]{2}|u\{0{0,4}[0-9a-fA-F]{2}\}|[xX][0-9a-fA-F]{2}"
    r"|0?1[0-7]{2}|0?[0-7]{2}|[nrt])"
    # Colours of a terminal, as they are or as they are shown.
    r"|(?:(?<=\x1b)|(?<=\^)|(?<=\\)e)\[[0-9;:]{0,16}[a-zA-Z]"
    # These cannot even be seen; or are as wide as Chinese letters.
    "|(?<=[\u00ad\u200b-\u200f\u2060\ufeff\uff01-\uff5e]))"
)
# What there is where there is an escape.
_SIGNS = ("%", "&", "\\", "\x1b", "^[")
_WIDE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff\uff01-\uff5e]")
_WIDENED_BY = 0xFEE0
# So much beside an escape is looked at together with it.
_BESIDE = 256


def unescaped(text: str) -> Iterator[View]:
    """Yield those parts of `text` that have escapes in them, with the escapes undone."""
    if not any(sign in text for sign in _SIGNS) and (text.isascii() or not _WIDE.search(text)):
        return
    first, last = -1, -1
    for found in _ESCAPE.finditer(text):
        if first >= 0 and found.start() > last + 2 * _BESIDE:
            yield exchanged(_ESCAPE, text, first, last + _BESIDE, _meant)
            first = -1
        first = max(0, found.start() - _BESIDE) if first < 0 else first
        last = found.end()
    if first >= 0:
        yield exchanged(_ESCAPE, text, first, last + _BESIDE, _meant)


def exchanged(
    pattern: re.Pattern[str], text: str, first: int, last: int, meant: Callable[[str], str]
) -> View:
    """Return a part of `text`, what matches in it exchanged for one character or for none."""
    part = text[first:last]

    def places() -> Places:
        begins: list[int] = []
        ends: list[int] = []
        done = 0
        for each in pattern.finditer(part):
            begins += range(done, each.start())
            ends += range(done + 1, each.start() + 1)
            begins += [each.start()] * len(meant(each[0]))
            ends += [each.end()] * len(meant(each[0]))
            done = each.end()
        begins += range(done, len(part))
        ends += range(done + 1, len(part) + 1)
        return [first + at for at in begins], [first + at for at in ends]

    return pattern.sub(lambda each: meant(each[0]), part), places


def _meant(escape: str) -> str:
    match escape[0]:
        case "&":
            char = html.unescape(f"&{escape.replace('&', '').rpartition('amp;')[2] or 'amp;'}")
            return char if len(char) == 1 else "?"
        case "%":
            return chr(int(escape[-2:], 16))
        case "\\" if "[" not in escape:
            return _of_backslash(escape.lstrip("\\"))
        case char if "\uff01" <= char <= "\uff5e":
            return chr(ord(char) - _WIDENED_BY)
        case _:
            return ""


def _of_backslash(code: str) -> str:
    if code in "nrt":
        return "\t" if code == "t" else "\n"
    if code[0] in "01234567":
        return chr(int(code, 8))
    return chr(int(code.strip("uUxX{}"), 16))
