"""A message made to fit Slack's limits: it loses some of its middle, but it is never refused.

The renderers keep the limits by themselves. This is the last look before Slack, for the day when
one of them, or what a target sent, does not; a message that fits is left exactly as it is.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from bot.model import Json
from bot.report import Message
from bot.slack.limits import BLOCKS, MOST_BLOCKS, MOST_CHARTS, MOST_SECTION, MOST_TABLE_CHARS
from bot.slack.shorten import clean, pieces, shorten, size

# Slack refuses blocks of about 13,200 characters (msg_blocks_too_long, not documented), of which
# each block takes some; and chat.update refuses a text of more than 4,000 bytes.
MOST_JSON = 12_000
MOST_CHARS = 12_500
BLOCK_CHARS = 125
MOST_TEXT = 790  # as `&amp;` each takes five bytes

_TOO_HEAVY = 4_000
_IDS = ("action_id", "block_id", "task_id")
_SHOWN_KEYS = frozenset({"text", "title", "fallback", "alt_text", "caption", "name"})


def fit(message: Message) -> Message:
    """Return `message` as Slack takes it. A message that fits comes back equal."""
    fitted = (part for block in message.blocks for part in _fit_block(block))
    blocks = _lightened(_few(_distinct(list(_countable(fitted)), set())))
    text = clean(message.text)
    if not text.strip():
        text = next(_words(blocks), "") or "stagecheck"
    return Message(text=shorten(text, MOST_TEXT), blocks=tuple(blocks))


def plain(blocks: Iterable[Json]) -> list[Json]:
    """Return what `blocks` say as plain text, with their buttons: for a Slack that refuses them."""
    return _few([one for block in blocks for one in _plain_block(block)])


def with_note(message: Message, note: str) -> Message:
    """Return `message` with a small line of plain text below it."""
    line = {"type": "context", "elements": [{"type": "plain_text", "text": note}]}
    return replace(message, blocks=(*message.blocks, line))


def _fit_block(block: Json) -> Iterator[Json]:
    kind = block.get("type") if isinstance(block, dict) else None
    rule = BLOCKS.get(kind) if isinstance(kind, str) else None
    parts = _split_section(block) if kind == "section" else [block]
    for part in parts:
        fitted = rule(part) if rule else None
        if fitted is None:
            yield from _as_text(part)
        elif kind == "table":
            table = _fit_table(fitted)
            yield from [table] if _chars(table) <= MOST_TABLE_CHARS else _as_text(table)
        else:
            yield fitted


def _split_section(block: Json) -> list[Json]:
    """Return a section with too much text as several, one after the other."""
    text = block.get("text")
    content = text.get("text") if isinstance(text, dict) else None
    if not isinstance(content, str) or size(content) <= MOST_SECTION:
        return [block]
    texts = [{**text, "text": piece} for piece in pieces(content, MOST_SECTION)]
    first = {key: value for key, value in block.items() if key != "fields"} | {"text": texts[0]}
    rest = [{"type": "section", "text": piece} for piece in texts[1:]]
    fields = [{"type": "section", "fields": block["fields"]}] if "fields" in block else []
    return [first, *rest, *fields]


def _fit_table(block: Json) -> Json:
    """Return the table with rows of one width, and no more characters than Slack takes."""
    rows = block["rows"]
    width = max(len(row) for row in rows)
    nothing = {"type": "raw_text", "text": "–"}
    rows = [[*row, *([nothing] * (width - len(row)))] for row in rows]
    for most in (600, 240):
        if _chars(rows) > MOST_TABLE_CHARS:
            rows = _shortened(rows, most)
    while len(rows) > 2 and _chars(rows) > MOST_TABLE_CHARS:
        del rows[len(rows) // 2]
    fitted = {**block, "rows": rows}
    if "column_settings" in block:
        fitted["column_settings"] = block["column_settings"][:width]
    return fitted


def _countable(blocks: Iterable[Json]) -> Iterator[Json]:
    """Yield `blocks`, the second table and the third chart and those after them as text."""
    left = {"table": 1, "data_visualization": MOST_CHARTS}
    for block in blocks:
        kind = block["type"]
        if kind in left:
            left[kind] -= 1
        if left.get(kind, 0) < 0:
            yield from _as_text(block)
        else:
            yield block


def _distinct(value: Json, taken: set[tuple[str, str]]) -> Json:
    """Return `value` with ids that none in `taken` has yet, at any depth."""
    if isinstance(value, list):
        return [_distinct(item, taken) for item in value]
    if not isinstance(value, dict):
        return value
    done = {}
    for key, item in value.items():
        if key == "block_id" and (key, item) in taken:
            continue  # Slack makes one up
        done[key] = _other(key, item, taken) if key in _IDS else _distinct(item, taken)
    return done


def _other(key: str, id: str, taken: set[tuple[str, str]]) -> str:
    """Return `id`, numbered if it is taken; it is taken from now on."""
    name, number = id, 1
    while (key, name) in taken:
        number += 1
        name = f"{id[:240]}-{number}"
    taken.add((key, name))
    return name


def _few(blocks: list[Json]) -> list[Json]:
    if len(blocks) <= MOST_BLOCKS:
        return blocks
    return _cut(blocks, MOST_BLOCKS - 1)


def _cut(blocks: list[Json], keep: int) -> list[Json]:
    """Return `keep` of the blocks, and a line that tells how many are gone from the middle."""
    tail = keep // 2
    head = keep - tail
    gone = len(blocks) - keep
    words = f"… {gone} parts of this message left out here …"
    note = {"type": "context", "elements": [{"type": "plain_text", "text": words}]}
    return [*blocks[:head], note, *blocks[len(blocks) - tail :]]


def _lightened(blocks: list[Json]) -> list[Json]:
    """Return `blocks` at a weight Slack takes: long texts first, then blocks in the middle."""
    for most in (3_000, 1_500, 600, 240):
        if _light(blocks):
            return blocks
        blocks = [_shortened(block, most) for block in blocks]
    whole, keep = blocks, len(blocks)
    while not _light(blocks) and keep > 2:
        keep -= 1
        blocks = _cut(whole, keep)
    if _light(blocks):
        return blocks
    return [
        fitted
        for block in blocks
        for fitted in ([block] if len(_json(block)) < _TOO_HEAVY else _as_text(block, 2_000))
    ]


def _light(blocks: Sequence[Json]) -> bool:
    chars = sum(_chars(block) + BLOCK_CHARS for block in blocks)
    return chars <= MOST_CHARS and size(_json(blocks)) <= MOST_JSON


def _shortened(value: Json, most: int, key: str = "") -> Json:
    match value:
        case str() if key in _SHOWN_KEYS:
            return shorten(value, most)
        case list():
            return [_shortened(item, most) for item in value]
        case dict():
            return {name: _shortened(item, most, name) for name, item in value.items()}
        case _:
            return value


def _plain_block(block: Json) -> list[Json]:
    if block["type"] == "data_visualization":  # of a picture, words would be but numbers
        return []
    return [block] if block["type"] == "actions" else _as_text(block)


def _as_text(block: Json, most: int = MOST_SECTION) -> list[Json]:
    """Return what `block` says as plain text, if it says anything."""
    words = shorten(clean("\n".join(_words(block))).strip(), most)
    return [{"type": "section", "text": {"type": "plain_text", "text": words}}] if words else []


def _words(value: Json, key: str = "") -> Iterator[str]:
    match value:
        case str():
            if key in _SHOWN_KEYS and value.strip():
                yield value.strip()
        case list() | tuple():
            for item in value:
                yield from _words(item)
        case dict():
            for name, item in value.items():
                yield from _words(item, str(name))
        case _:  # a number or null says nothing to people
            pass


def _chars(value: Json) -> int:
    match value:
        case str():
            return size(value)
        case list():
            return sum(map(_chars, value))
        case dict():
            return sum(_chars(item) for name, item in value.items() if name != "type")
        case _:
            return 0


def _json(value: Iterable[Json]) -> str:
    return json.dumps(value, ensure_ascii=False)
