"""Slack's limits for what we send, as data that mends: each rule turns a value into one that fits.

Source: docs.slack.dev, Block Kit reference.
"""

from collections.abc import Mapping

from bot.slack.mending import (
    Rule,
    chars,
    choice,
    exactly,
    figure,
    first_of,
    flag,
    items,
    number,
    shape,
    text,
)

MOST_BLOCKS = 50
MOST_SECTION = 3_000
MOST_TABLE_CHARS = 10_000
MOST_CHARTS = 2  # in one message

ID = exactly(255)
URL = exactly(3_000, "https://", "http://")
LINK = exactly(3_000, "https://", "http://", "mailto:")
PLAIN = "plain_text"

CONFIRM = shape(
    {
        "title": text(100, PLAIN),
        "text": text(300),
        "confirm": text(30, PLAIN),
        "deny": text(30, PLAIN),
        "style": choice("primary", "danger"),
    },
    *("title", "text", "confirm", "deny"),
)
BUTTON = shape(
    {
        "action_id": ID,
        "text": text(75, PLAIN),
        "value": exactly(2_000),
        "url": URL,
        "style": choice("primary", "danger"),
        "confirm": CONFIRM,
        "accessibility_label": chars(75),
    },
    *("action_id", "text"),
    either=("value", "url"),
    type="button",
)
PICKER = shape(
    {"action_id": ID, "placeholder": text(150, PLAIN), "confirm": CONFIRM},
    "action_id",
    type="users_select",
)
_OPTION = shape({"text": text(75, PLAIN), "value": exactly(150)}, "text", "value")
OVERFLOW = shape(
    {"action_id": ID, "options": items(_OPTION, 5), "confirm": CONFIRM},
    *("action_id", "options"),
    type="overflow",
)
SELECT = shape(
    {
        "action_id": ID,
        "placeholder": text(150, PLAIN),
        "options": items(_OPTION, 100),
        "confirm": CONFIRM,
    },
    *("action_id", "options"),
    type="static_select",
)
IMAGE_FIELDS: Mapping[str, Rule] = {"image_url": URL, "alt_text": chars(2_000)}
IMAGE = shape(IMAGE_FIELDS, "image_url", "alt_text", type="image")

# Rich text.
_STYLES = ("bold", "italic", "strike", "code", "underline")
_STYLE = shape(dict.fromkeys(_STYLES, flag), either=_STYLES)
_MOST_PART = 6_000  # Slack names no limit; what a message may weigh applies


def _part(type: str, fields: Mapping[str, Rule], *needs: str) -> Rule:
    return shape({**fields, "style": _STYLE}, *needs, type=type)


_SAID = _part("text", {"text": chars(_MOST_PART, blank=True)}, "text")
_LINKED = _part("link", {"url": LINK, "text": chars(_MOST_PART, blank=True)}, "url")
_PARTS = first_of(
    _SAID,
    _LINKED,
    _part("user", {"user_id": ID}, "user_id"),
    _part("usergroup", {"usergroup_id": ID}, "usergroup_id"),
    _part("channel", {"channel_id": ID}, "channel_id"),
    _part("broadcast", {"range": choice("here", "channel", "everyone")}, "range"),
    _part("emoji", {"name": exactly(100)}, "name"),
    _part(
        "date",
        {
            "timestamp": number(0, 10**11),
            "format": exactly(300),
            "url": LINK,
            "fallback": chars(300),
        },
        *("timestamp", "format"),
    ),
)
_INLINE = items(_PARTS, 500)
_SECTION = shape({"elements": _INLINE}, "elements", type="rich_text_section")
_BORDER = number(0, 1)
RICH_TEXT = shape(
    {
        "block_id": ID,
        "elements": items(
            first_of(
                _SECTION,
                shape(
                    {
                        "elements": items(_SECTION, 200),
                        "style": choice("bullet", "ordered"),
                        "indent": number(0, 8),
                        "offset": number(0, 10**6),
                        "border": _BORDER,
                    },
                    *("elements", "style"),
                    type="rich_text_list",
                ),
                shape(
                    {"elements": items(first_of(_SAID, _LINKED), 500), "border": _BORDER},
                    "elements",
                    type="rich_text_preformatted",
                ),
                shape({"elements": _INLINE, "border": _BORDER}, "elements", type="rich_text_quote"),
            ),
            200,
        ),
    },
    "elements",
    type="rich_text",
)

# Blocks.
_TASK: Mapping[str, Rule] = {
    "block_id": ID,
    "task_id": ID,
    "title": chars(150),
    "details": RICH_TEXT,
    "output": RICH_TEXT,
    "sources": items(shape({"url": URL, "text": chars(255)}, "url", "text", type="url"), 10),
}
_SEEN = ("in_progress", "complete", "error")
_NEEDED = ("task_id", "title", "status")
CELL = first_of(shape({"text": chars(2_000)}, "text", type="raw_text"), RICH_TEXT)
_POINT = shape({"label": chars(20), "value": figure}, "label", "value")
_PLOT: Mapping[str, Rule] = {
    "series": items(
        shape({"name": chars(20), "data": items(_POINT, 20)}, "name", "data"),
        12,
    ),
    "axis_config": shape(
        {"categories": items(chars(20), 20), "x_label": chars(50), "y_label": chars(50)},
        "categories",
    ),
}
_PLOTS = first_of(*(shape(_PLOT, *_PLOT, type=kind) for kind in ("bar", "line", "area")))
BLOCKS: Mapping[str, Rule] = {
    "section": shape(
        {
            "block_id": ID,
            "text": text(MOST_SECTION),
            "fields": items(text(2_000), 10),
            "accessory": first_of(BUTTON, IMAGE),
            "expand": flag,
        },
        either=("text", "fields"),
        type="section",
    ),
    "header": shape({"block_id": ID, "text": text(150, PLAIN)}, "text", type="header"),
    "context": shape(
        {"block_id": ID, "elements": items(first_of(text(2_000), IMAGE), 10)},
        "elements",
        type="context",
    ),
    "actions": shape(
        {"block_id": ID, "elements": items(first_of(BUTTON, PICKER, OVERFLOW, SELECT), 25)},
        "elements",
        type="actions",
    ),
    "divider": shape({"block_id": ID}, type="divider"),
    "image": shape(
        {"block_id": ID, "title": text(2_000, PLAIN), **IMAGE_FIELDS},
        *("image_url", "alt_text"),
        type="image",
    ),
    "rich_text": RICH_TEXT,
    "table": shape(
        {
            "block_id": ID,
            "rows": items(items(CELL, 20), 100),
            "column_settings": items(
                shape({"align": choice("left", "center", "right"), "is_wrapped": flag}), 20
            ),
        },
        "rows",
        type="table",
    ),
    "markdown": shape({"text": chars(10_000)}, "text", type="markdown"),
    "data_visualization": shape(
        {"block_id": ID, "title": chars(50), "chart": _PLOTS},
        *("title", "chart"),
        type="data_visualization",
    ),
    "plan": shape(
        {
            "block_id": ID,
            "title": chars(150),
            "tasks": items(
                shape({**_TASK, "status": choice("pending", *_SEEN)}, *_NEEDED, type="task_card"),
                50,
            ),
        },
        *("title", "tasks"),
        type="plan",
    ),
    "task_card": shape({**_TASK, "status": choice(*_SEEN)}, *_NEEDED, type="task_card"),
}
