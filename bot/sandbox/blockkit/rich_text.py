"""Rich text: sections, lists, quotes and preformatted text, and the parts inside them, as data."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.sandbox.blockkit.elements import ID, LINK
from bot.sandbox.blockkit.rules import (
    Chars,
    Choice,
    Flag,
    Items,
    Number,
    Object,
    Rule,
    Shape,
    Typed,
)

PART_TEXT = Chars(12_000, blank=True)  # no own limit is documented; the message's applies
MANY = 10_000
STYLE = Object(
    Shape(
        {
            name: Flag()
            for name in (
                "bold",
                "italic",
                "strike",
                "code",
                "underline",
                "highlight",
                "client_highlight",
                "unlink",
            )
        }
    )
)


def _part(fields: Mapping[str, Rule], *needs: str) -> Shape:
    return Shape({"style": STYLE, **fields}, needs=needs)


PARTS: Mapping[str, Shape] = MappingProxyType(
    {
        "text": _part({"text": PART_TEXT}, "text"),
        "link": _part({"url": LINK, "text": PART_TEXT, "unsafe": Flag()}, "url"),
        "user": _part({"user_id": ID}, "user_id"),
        "usergroup": _part({"usergroup_id": ID}, "usergroup_id"),
        "channel": _part({"channel_id": ID}, "channel_id"),
        "team": _part({"team_id": ID}, "team_id"),
        "emoji": _part(
            {"name": Chars(100), "unicode": Chars(100), "skin_tone": Number(least=1, most=6)},
            "name",
        ),
        "date": _part(
            {
                "timestamp": Number(least=0),
                "format": Chars(300),
                "url": LINK,
                "fallback": PART_TEXT,
            },
            "timestamp",
            "format",
        ),
        "broadcast": _part({"range": Choice(("here", "channel", "everyone"))}, "range"),
        "color": _part({"value": Chars(7, least=4, starts=("#",))}, "value"),
    }
)
INLINE = Items(Typed(tuple(PARTS)), 1, MANY)  # empty: "missing element"

SECTIONS: Mapping[str, Shape] = MappingProxyType(
    {
        "rich_text_section": Shape({"elements": INLINE}, needs=("elements",)),
        "rich_text_list": Shape(
            {
                "elements": Items(Typed(("rich_text_section",)), 1, MANY),
                "style": Choice(("bullet", "ordered")),
                "indent": Number(least=0, most=8),
                "offset": Number(least=0),
                "border": Number(least=0, most=1),
            },
            needs=("elements", "style"),
        ),
        "rich_text_preformatted": Shape(
            {
                "elements": Items(Typed(("text", "link")), 1, MANY),
                "border": Number(least=0, most=1),
                "language": Chars(50),
            },
            needs=("elements",),
        ),
        "rich_text_quote": Shape(
            {"elements": INLINE, "border": Number(least=0, most=1)}, needs=("elements",)
        ),
    }
)
