"""Making text shorter without losing its end: the middle goes, and a mark says so."""

import re
from collections.abc import Iterator

_HEAD_SHARE = 0.6
_FENCE = "```"
# A cut through <@U123>, <https://…|label> or &amp; would show a fragment of it.
_CUT_ESCAPE_BEFORE = re.compile(r"(<[^<>\s]{0,300}|&[a-z]{0,3})$")
_CUT_ESCAPE_AFTER = re.compile(r"^([^<>\s]{0,300}>|[a-z]{0,3};)")


def size(text: str) -> int:
    """Return the length of `text` as Slack's servers and clients count: in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def clean(text: str) -> str:
    """Return `text` without what cannot be sent: half surrogate pairs and NUL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


def shorten(text: str, most: int) -> str:
    """Return `text` in at most `most` units; what is too much is taken from its middle."""
    if size(text) <= most:
        return text
    mark = " … "
    if "\n" in text and most >= 200:
        mark = f"\n… about {size(text) - most:,} characters left out …\n"
    if _FENCE in text and most >= 40:
        mark = f"\n{_FENCE}{mark}{_FENCE}\n"
    room = most - size(mark)
    if room < 2:
        return take(text, most)
    head = take(text, int(room * _HEAD_SHARE))
    tail = take_end(text, room - size(head))
    if _FENCE in mark and head.count(_FENCE) % 2 == 0:
        mark = mark.replace(_FENCE, "")
    return _CUT_ESCAPE_BEFORE.sub("", head) + mark + _CUT_ESCAPE_AFTER.sub("", tail)


def pieces(text: str, most: int) -> Iterator[str]:
    """Yield `text` in pieces of at most `most` units, cut at line ends or spaces where possible.

    A code block that is cut is closed in one piece and opened again in the next.
    """
    opened = ""
    while size(opened + text) > most:
        head = take(opened + text, most - len(_FENCE) - 1)
        cuts = (head.rfind("\n") + 1, head.rfind(" ") + 1, len(_CUT_ESCAPE_BEFORE.sub("", head)))
        head = head[: next((cut for cut in cuts if cut > len(head) // 2), len(head))]
        text = (opened + text)[len(head) :]
        opened = f"{_FENCE}\n" if head.count(_FENCE) % 2 else ""
        yield f"{head.rstrip()}\n{_FENCE}" if opened else head
    if text.strip():
        yield opened + text


def take(text: str, most: int) -> str:
    """Return the longest beginning of `text` that has at most `most` units."""
    kept = text[:most]
    while size(kept) > most:
        kept = kept[: -max(1, (size(kept) - most) // 2)]
    return kept


def take_end(text: str, most: int) -> str:
    """Return the longest end of `text` that has at most `most` units."""
    return take(text[::-1], most)[::-1]
