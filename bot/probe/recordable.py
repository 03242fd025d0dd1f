"""Making what the target said fit to be kept: masked, bounded, and always valid JSON text."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from bot.masking import HIDDEN, is_credible, names_a_secret
from bot.model import Json

Mask = Callable[[str], str]

TEXT_LIMIT = 500
"""Characters of one recorded text; the middle is cut, because an error hides at either end."""

_DEEPEST = 8
_MOST_ITEMS = 40
# Longer than any secret in any disguise we know of: a part of one that the cut left standing
# lies in this margin, and the margin is dropped.
_MARGIN = 4_096
# Up to here a text is masked whole, which costs well under a millisecond.
_SMALL = 16_384
# Beyond this an integer is an id or a trick; 64-bit columns and JavaScript cannot hold it.
_LARGEST_INT = 2**63 - 1

# Control characters would drive a terminal, NUL is refused by PostgreSQL, a lone surrogate
# cannot be encoded, and the bidirectional marks make a line read otherwise than it is.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def recordable(value: Any, mask: Mask, *, limit: int = TEXT_LIMIT) -> Json:
    """Return `value` as JSON that can be stored and shown: every text in it masked and cut."""
    return _tame(value, mask, limit, _DEEPEST)


def show(text: str, mask: Mask, limit: int = TEXT_LIMIT) -> str:
    """Return `text` masked, free of control characters, and cut in the middle to `limit`.

    Masking comes first, so that the cut cannot leave one half of a secret unrecognised.
    """
    if len(text) <= _SMALL:
        return cut_middle(_UNFIT.sub("\ufffd", mask(text)), limit)
    head = mask(text[: limit + _MARGIN])[:-_MARGIN]
    tail = mask(text[-(limit + _MARGIN) :])[_MARGIN:]
    missing = f" … [{len(text) - len(head) - len(tail)} characters cut] … "
    return cut_middle(_UNFIT.sub("\ufffd", head + missing + tail), limit)


def cut_middle(text: str, limit: int) -> str:
    """Return `text` in at most `limit` characters; both ends stay, the end the longer half."""
    if len(text) <= limit:
        return text
    mark = f" … [{len(text) - limit} characters cut] … "
    kept = max(0, limit - len(mark))
    head = kept * 2 // 5
    return (text[:head] + mark + text[len(text) - (kept - head) :])[:limit]


def _tame(value: Any, mask: Mask, limit: int, depth: int) -> Json:
    match value:
        case None | bool():
            return value
        case str():
            return show(value, mask, limit)
        case int():
            return value if abs(value) <= _LARGEST_INT else "[a very large integer]"
        case float():
            return value if math.isfinite(value) else str(value)
        case Mapping() if depth:
            return _tame_items(value, mask, limit, depth)
        case list() | tuple() if depth:
            tamed = [_tame(item, mask, limit, depth - 1) for item in value[:_MOST_ITEMS]]
            if len(value) > _MOST_ITEMS:
                tamed.append(f"[{len(value) - _MOST_ITEMS} more]")
            return tamed
        case Mapping() | list() | tuple():
            return "[nested too deeply]"
        case _:
            return show(str(value), mask, limit)


def _tame_items(value: Mapping[Any, Any], mask: Mask, limit: int, depth: int) -> Json:
    tamed: dict[str, Json] = {}
    for position, (key, item) in enumerate(value.items()):
        if position == _MOST_ITEMS:
            tamed["…"] = f"[{len(value) - _MOST_ITEMS} more]"
            break
        name, kept = show(str(key), mask, 100), _tame(item, mask, limit, depth - 1)
        # What the name gives away, the text alone may not.
        is_hidden = kept == item and isinstance(item, str) and names_a_secret(str(key))
        tamed[name] = HIDDEN if is_hidden and is_credible(str(item)) else kept
    return tamed
