"""Says what Slack would refuse in blocks, messages and views, and where. Stricter than slack_sdk.

The limits are data in `limits`, `blocks`, `elements` and `rich_text`; here stands only what
spans several blocks.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from bot.sandbox.blockkit.blocks import BLOCKS
from bot.sandbox.blockkit.limits import (
    BLOCK_CHARS,
    CHARTS,
    DATA_TABLE_CHARS,
    MARKDOWN_CHARS,
    MESSAGE_BLOCKS,
    MESSAGE_CHARS,
    SHAPES,
    TABLE_CHARS,
    TABLES,
    VIEW_BLOCKS,
    VIEWS,
)
from bot.sandbox.blockkit.rules import Items, Json, Look, Surface, Typed, wrong

# The keys under which a person reads something; ids, addresses and values are not text.
READ = frozenset(
    {
        *("text", "title", "subtitle", "body", "caption", "label"),
        *("hint", "fallback", "alt_text", "name", "description"),
    }
)


def problems(thing: Json, *, surface: Surface = Surface.MESSAGE) -> list[str]:
    """Everything Slack would refuse in a list of blocks, a view, or a message with its text.

    Each problem reads `must be less than 3001 characters [json-pointer:/blocks/0/text/text]`.
    """
    if isinstance(thing, list | tuple):
        return [*_in_blocks(thing, "/blocks", surface), *_spanning(thing, "/blocks")]
    if not isinstance(thing, dict):
        return [wrong("must be a list of blocks, a message or a view", "")]
    if thing.get("type") in tuple(VIEWS):
        return list(_in_view(thing))
    return list(_in_message(thing))


def too_long(blocks: Sequence[Json]) -> bool:
    """Slack would refuse the whole message with `msg_blocks_too_long`.

    A data_table does not count: it may hold more than that by itself.
    """
    counted = [block for block in blocks if block not in _of(blocks, "data_table")]
    return chars(counted) + BLOCK_CHARS * len(blocks) > MESSAGE_CHARS


def chars(thing: Json) -> int:
    """How many characters of text stand anywhere in blocks."""
    if isinstance(thing, dict):
        here = sum(len(thing[key]) for key in READ & set(thing) if isinstance(thing[key], str))
        return here + sum(chars(inner) for inner in thing.values())
    if isinstance(thing, list | tuple):
        return sum(chars(inner) for inner in thing)
    return 0


def _in_message(message: Mapping[str, Json]) -> Iterator[str]:
    # Screen readers and notifications read the text instead of the blocks.
    if not isinstance(message.get("text"), str) or not message["text"].strip():
        yield wrong("missing required field: text", "")
    blocks = message.get("blocks") or []
    yield from problems(blocks)
    if too_long(blocks):
        yield wrong("msg_blocks_too_long", "/blocks")


def _in_view(view: Mapping[str, Json]) -> Iterator[str]:
    surface = Surface(view["type"])
    yield from SHAPES[surface].check(view, "/view", Look(SHAPES, surface))
    blocks = [block for block in view.get("blocks") or [] if isinstance(block, dict)]
    yield from _spanning(blocks, "/view/blocks")
    if surface is Surface.MODAL and "submit" not in view and _of(blocks, "input"):
        yield wrong("missing required field: submit, since there are inputs", "/view")


def _in_blocks(blocks: Sequence[Json], at: str, surface: Surface) -> Iterator[str]:
    most = MESSAGE_BLOCKS if surface is Surface.MESSAGE else VIEW_BLOCKS
    rule = Items(Typed(tuple(BLOCKS)), 0, most)
    yield from rule.check(blocks, at, Look(SHAPES, surface))


def _spanning(blocks: Sequence[Json], at: str) -> Iterator[str]:
    """What only all blocks together can tell."""
    for key in ("action_id", "block_id", "task_id"):
        for value, count in Counter(_values(blocks, key)).items():
            if count > 1:
                yield wrong(f"{key} {value!r} is used {count} times", at)
    if Counter(_values(blocks, "focus_on_load"))[True] > 1:
        yield wrong("only one element may have focus_on_load", at)
    for kind, (most, measured, what) in TOTALS.items():
        total = measured(_of(blocks, kind))
        if total > most:
            yield wrong(f"no more than {most} {what} allowed, found {total}", at)
    if len(_of(blocks, "table")) > TABLES:
        yield wrong("only_one_table_allowed", at)


TOTALS: Mapping[str, tuple[int, Callable[[Sequence[Json]], int], str]] = MappingProxyType(
    {
        "markdown": (MARKDOWN_CHARS, chars, "characters in all markdown blocks"),
        "table": (TABLE_CHARS, chars, "characters in the cells of a table"),
        "data_table": (DATA_TABLE_CHARS, chars, "characters in the cells of data tables"),
        "data_visualization": (CHARTS, len, "charts in one message"),
    }
)
"""Kind of block: how much of it all blocks may have together, and how that is counted."""


def _of(blocks: Sequence[Json], kind: str) -> list[Json]:
    """The blocks of one kind, those in containers included."""
    found = []
    for block in blocks:
        if not isinstance(block, dict):
            continue
        if block.get("type") == kind:
            found.append(block)
        found += _of(block.get("child_blocks") or [], kind)
    return found


def _values(thing: Json, key: str) -> Iterator[Json]:
    """The values of a key wherever it stands, where they can be counted."""
    if isinstance(thing, dict):
        if isinstance(thing.get(key), str | bool):
            yield thing[key]
        for inner in thing.values():
            yield from _values(inner, key)
    elif isinstance(thing, list | tuple):
        for inner in thing:
            yield from _values(inner, key)
