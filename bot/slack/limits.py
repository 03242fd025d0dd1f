"""Slack's limits for what we send, as data that mends: each rule turns a value into one that fits.

A rule returns None for what cannot be mended; then the whole it is part of does without it.
Source: docs.slack.dev, Block Kit reference.
"""

import math
from collections.abc import Callable, Mapping
from typing import TypeAlias

from bot.model import Json
from bot.slack.shorten import clean, shorten

Rule: TypeAlias = Callable[[Json], Json]

MOST_BLOCKS = 50
MOST_SECTION = 3_000
MOST_TABLE_CHARS = 10_000
MOST_CHARTS = 2  # in one message


def chars(most: int, *, blank: bool = False) -> Rule:
    """Text for people: too long, its middle goes."""

    def mend(value: Json) -> Json:
        text = clean(value) if isinstance(value, str) else ""
        return shorten(text, most) if (text if blank else text.strip()) else None

    return mend


def exactly(most: int, *starts: str) -> Rule:
    """An id, a command or an address: of no use when shortened."""

    def mend(value: Json) -> Json:
        fits = isinstance(value, str) and value.strip() and len(value) <= most
        return value if fits and value.startswith(starts or "") else None

    return mend


def choice(*words: str) -> Rule:
    return lambda value: value if isinstance(value, str) and value in words else None


def flag(value: Json) -> Json:
    return value if isinstance(value, bool) else None


def number(least: int, most: int) -> Rule:
    def mend(value: Json) -> Json:
        whole = isinstance(value, int) and not isinstance(value, bool)
        return value if whole and least <= value <= most else None

    return mend


def figure(value: Json) -> Json:
    """A number that can be drawn."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and math.isfinite(value) else None


def items(each: Rule, most: int, *, least: int = 1) -> Rule:
    """A list: what cannot be mended is left out, what is too much is taken from its middle."""

    def mend(value: Json) -> Json:
        if not isinstance(value, list | tuple):
            return None
        kept = [fitted for item in value if (fitted := each(item)) is not None]
        if len(kept) > most:
            kept = kept[: most - most // 3] + kept[len(kept) - most // 3 :]
        return kept if len(kept) >= least else None

    return mend


def shape(
    fields: Mapping[str, Rule], *needs: str, either: tuple[str, ...] = (), type: str = ""
) -> Rule:
    """An object: unknown keys are left out; without one of `needs` it cannot be mended."""

    def mend(value: Json) -> Json:
        if not isinstance(value, dict) or (type and value.get("type") != type):
            return None
        kept = {"type": type} if type else {}
        for name, rule in fields.items():
            if name in value and (fitted := rule(value[name])) is not None:
                kept[name] = fitted
        whole = all(name in kept for name in needs)
        return kept if whole and (not either or any(name in kept for name in either)) else None

    return mend


def first_of(*rules: Rule) -> Rule:
    """The first of `rules` that can mend the value."""
    return lambda value: next(
        (fitted for rule in rules if (fitted := rule(value)) is not None), None
    )


def text(most: int, *kinds: str) -> Rule:
    """A text object."""
    switches = {"plain_text": {"emoji": flag}, "mrkdwn": {"verbatim": flag}}
    return first_of(
        *(
            shape({"text": chars(most), **switches[kind]}, "text", type=kind)
            for kind in kinds or ("plain_text", "mrkdwn")
        )
    )


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
    "actions": shape({"block_id": ID, "elements": items(BUTTON, 25)}, "elements", type="actions"),
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
