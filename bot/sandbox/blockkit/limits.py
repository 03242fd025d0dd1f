"""The limits of whole messages and views, and every shape of Block Kit in one table."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.sandbox.blockkit.blocks import BLOCKS, CHARTS_BY_TYPE
from bot.sandbox.blockkit.elements import (
    BUTTONS,
    FIELDS,
    INNER,
    MENUS,
    PICKERS,
)
from bot.sandbox.blockkit.rich_text import PARTS, SECTIONS
from bot.sandbox.blockkit.rules import (
    PLAIN,
    Chars,
    Flag,
    Items,
    Rule,
    Shape,
    Text,
    Typed,
)

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MARKDOWN_CHARS = 12_000
"""Over all markdown blocks of a payload."""
TABLES = 1
TABLE_CHARS = 10_000
DATA_TABLE_CHARS = 20_000
CHARTS = 2
MESSAGE_CHARS = 13_422
"""Of one message, beyond it Slack says msg_blocks_too_long. Undocumented; as measured by others:
one markdown block of 13,297 characters passes, and a divider beside it costs 125 more."""
BLOCK_CHARS = 125
"""What one block costs of these besides its text."""

VIEW_KEYS: Mapping[str, Rule] = MappingProxyType(
    {
        "callback_id": Chars(255, least=0),
        "private_metadata": Chars(3000, least=0),
        "external_id": Chars(255, least=0),
        "blocks": Items(Typed(tuple(BLOCKS)), 1, VIEW_BLOCKS),
    }
)
VIEWS: Mapping[str, Shape] = MappingProxyType(
    {
        "modal": Shape(
            {
                "title": Text(24, PLAIN),
                "submit": Text(24, PLAIN),
                "close": Text(24, PLAIN),
                "clear_on_close": Flag(),
                "notify_on_close": Flag(),
                "submit_disabled": Flag(),
                **VIEW_KEYS,
            },
            needs=("title", "blocks"),
        ),
        "home": Shape(VIEW_KEYS, needs=("blocks",)),
    }
)
SHAPES: Mapping[str, Shape] = MappingProxyType(
    {
        **INNER,
        **BUTTONS,
        **MENUS,
        **PICKERS,
        **FIELDS,
        **PARTS,
        **SECTIONS,
        **BLOCKS,
        **CHARTS_BY_TYPE,
        **VIEWS,
    }
)
"""Every shape by its `type`."""
