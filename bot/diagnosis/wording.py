"""Sentences with observed values in them: ``{step.key}`` is replaced by what was observed."""

import json
import re
from collections.abc import Collection

from bot.diagnosis.index import Index
from bot.model import Json

# A sentence stays readable with a value of this length in it; the whole value is in the evidence.
LONGEST_VALUE = 180

_SLOT = re.compile(r"\{([^{}]+)\}")


def fill(template: str, index: Index, prefer: Collection[str] = ()) -> str:
    """Return `template` with each ``{path}`` replaced by its value, long ones cut in the middle.

    ``{a.b|c.d|'nothing'}`` takes the first path that was observed, or the words in quotes; an
    observation whose id is in `prefer` goes before all others.
    """
    return _SLOT.sub(lambda slot: _shown(slot[1], index, prefer), template)


def slots(template: str) -> tuple[str, ...]:
    """Return the paths that `template` quotes."""
    parts = (part for slot in _SLOT.findall(template) for part in slot.split("|"))
    return tuple(part for part in parts if not part.startswith("'"))


def cut(text: str, limit: int = LONGEST_VALUE) -> str:
    """Return `text` on one line, cut in the middle to `limit` characters: both ends can matter."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    head = (limit - 3) * 2 // 3
    return f"{line[:head]} … {line[len(line) - (limit - 3 - head) :]}"


def plain(value: Json) -> str:
    """Return a JSON value as a person would write it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case float():
            return f"{value:.3f}".rstrip("0").rstrip(".")
        case list() | tuple():
            return ", ".join(plain(item) for item in value) or "none"
        case _:
            return json.dumps(value, ensure_ascii=False, default=str)


def _shown(slot: str, index: Index, prefer: Collection[str]) -> str:
    found = [observation for path in slot.split("|") for observation in index.find(path)[-1:]]
    preferred = [o for path in slot.split("|") for o in index.find(path) if o.id in prefer]
    if not found:
        words = slot.rpartition("|")[2]
        return words.strip("'") if words.startswith("'") else "not recorded"
    return cut(plain((preferred or found)[0].value))
