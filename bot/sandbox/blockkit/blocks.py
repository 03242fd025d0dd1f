"""Block Kit's blocks: their keys, limits and surfaces, as data.

Source: docs.slack.dev, Block Kit reference; the limits of the newest blocks are from
slackapi/slack-skills-plugin.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from bot.sandbox.blockkit.elements import (
    BUTTONS,
    FIELDS,
    ID,
    IMAGE,
    IMAGE_ELEMENT,
    MENUS,
    PICKERS,
    SOURCE,
    URL,
)
from bot.sandbox.blockkit.rich_text import SECTIONS
from bot.sandbox.blockkit.rules import (
    EVERYWHERE,
    PLAIN,
    Anything,
    Chars,
    Choice,
    Flag,
    Items,
    Json,
    Number,
    Object,
    Rule,
    Shape,
    Surface,
    Text,
    Typed,
    wrong,
)

MESSAGES = frozenset({Surface.MESSAGE})
MESSAGES_AND_HOME = frozenset({Surface.MESSAGE, Surface.HOME})
PLACEABLE = (*BUTTONS, *MENUS, *PICKERS)
CARD_BUTTONS = ("button", "workflow_button")
RICH_TEXT = Typed(("rich_text",))


def _same_widths(value: Json, at: str) -> Iterator[str]:
    rows = value.get("rows")
    if isinstance(rows, list) and len({len(row) for row in rows if isinstance(row, list)}) > 1:
        yield wrong("all rows must have the same number of cells", f"{at}/rows")


def _data_table(value: Json, at: str) -> Iterator[str]:
    yield from _same_widths(value, at)
    rows = value.get("rows") or [[]]
    for number, cell in enumerate(rows[0] if isinstance(rows[0], list) else []):
        if isinstance(cell, dict) and cell.get("type") == "rich_text":
            yield wrong("rich_text cannot be used in the header", f"{at}/rows/0/{number}")


def _plotted(value: Json, at: str) -> Iterator[str]:
    """A point stands at a category, and a series is known by its name."""
    axis, series = value.get("axis_config"), value.get("series")
    if not isinstance(axis, dict) or not isinstance(series, list):
        return
    categories, names = axis.get("categories") or [], []
    for number, one in enumerate(series):
        points = one.get("data") if isinstance(one, dict) else None
        if not isinstance(points, list):
            continue
        names.append(one.get("name"))
        if [point.get("label") for point in points if isinstance(point, dict)] != categories:
            yield wrong("every category needs one point, in order", f"{at}/series/{number}/data")
    if len(set(map(str, names))) < len(names):
        yield wrong("series must have different names", f"{at}/series")


def _collapses(value: Json, at: str) -> Iterator[str]:
    if value.get("default_collapsed") and not value.get("is_collapsible"):
        yield wrong("default_collapsed needs is_collapsible", at)


def _block(
    fields: Mapping[str, Rule],
    *needs: str,
    either: tuple[str, ...] = (),
    on: frozenset[Surface] = EVERYWHERE,
) -> Shape:
    return Shape({"block_id": ID, **fields}, needs=needs, either=either, surfaces=on)


TASK: Mapping[str, Rule] = MappingProxyType(
    {
        "block_id": ID,
        "task_id": ID,
        "title": Chars(256),
        "details": RICH_TEXT,
        "output": RICH_TEXT,
        "sources": Items(SOURCE, 0, 100),
        "icon": Anything(),
        "hide_title": Flag(),
    }
)
SEEN = ("in_progress", "complete", "error")
CELL = Typed(("rich_text", "raw_text"), inner=True)
"""Slack documents raw_number here too, but refuses it when it is posted in a table."""
DATA_CELL = Typed(("rich_text", "raw_text", "raw_number"), inner=True)
POINT = Object(Shape({"label": Chars(20), "value": Number(whole=False)}, needs=("label", "value")))
SERIES = Object(Shape({"name": Chars(20), "data": Items(POINT, 1, 20)}, needs=("name", "data")))
AXES = Object(
    Shape(
        {"categories": Items(Chars(20), 1, 20), "x_label": Chars(50), "y_label": Chars(50)},
        needs=("categories",),
    )
)
PLOT = Shape(
    {"series": Items(SERIES, 1, 12), "axis_config": AXES},
    needs=("series", "axis_config"),
    also=_plotted,
)
CHARTS_BY_TYPE: Mapping[str, Shape] = MappingProxyType(
    {
        "inner pie": Shape({"segments": Items(POINT, 1, 12)}, needs=("segments",)),
        "inner bar": PLOT,
        "inner line": PLOT,
        "inner area": PLOT,
    }
)
CONTAINED = (
    *("section", "header", "context", "actions", "divider", "image", "input", "rich_text"),
    *("table", "data_visualization", "markdown", "plan", "task_card", "context_actions"),
)
BLOCKS: Mapping[str, Shape] = MappingProxyType(
    {
        "section": _block(
            {
                "text": Text(3000),
                "fields": Items(Text(2000), 1, 10),
                "accessory": Typed((*PLACEABLE, "image"), inner=True),
                "expand": Flag(),
            },
            either=("text", "fields"),
        ),
        "header": _block({"text": Text(150, PLAIN)}, "text"),
        "context": _block(
            {"elements": Items(Typed(("plain_text", "mrkdwn", "image"), inner=True), 1, 10)},
            "elements",
        ),
        "actions": _block({"elements": Items(Typed(PLACEABLE), 1, 25)}, "elements"),
        "divider": _block({}),
        "image": Shape(
            {"block_id": ID, "title": Text(2000, PLAIN), **IMAGE},
            needs=("alt_text",),
            either=("image_url", "slack_file"),
        ),
        "input": _block(
            {
                "label": Text(2000, PLAIN),
                "hint": Text(2000, PLAIN),
                "element": Typed((*MENUS, *PICKERS, *FIELDS)),
                "optional": Flag(),
                "dispatch_action": Flag(),
            },
            *("label", "element"),
        ),
        "rich_text": _block({"elements": Items(Typed(tuple(SECTIONS)), 1, 10_000)}, "elements"),
        "table": Shape(
            {
                "block_id": ID,
                "rows": Items(Items(CELL, 1, 20), 1, 100),
                "column_settings": Items(
                    Object(
                        Shape({"align": Choice(("left", "center", "right")), "is_wrapped": Flag()})
                    ),
                    0,
                    20,
                ),
            },
            needs=("rows",),
            surfaces=MESSAGES_AND_HOME,
            also=_same_widths,
        ),
        "data_table": Shape(
            {
                "block_id": ID,
                "caption": Chars(3000),
                "rows": Items(Items(DATA_CELL, 1, 20), 2, 201),
                "page_size": Number(least=1, most=100),
                "row_header_column_index": Number(least=0, most=19),
            },
            needs=("caption", "rows"),
            surfaces=MESSAGES_AND_HOME,
            also=_data_table,
        ),
        "data_visualization": _block(
            {"title": Chars(50), "chart": Typed(("pie", "bar", "line", "area"), inner=True)},
            *("title", "chart"),
            on=MESSAGES_AND_HOME,
        ),
        "markdown": _block({"text": Chars(12_000)}, "text", on=MESSAGES),
        "plan": _block(
            {
                "title": Chars(256),
                "tasks": Items(
                    Object(
                        Shape(
                            {
                                "type": Choice(("task_card",)),
                                "status": Choice(("pending", *SEEN)),
                                **TASK,
                            },
                            needs=("task_id", "title", "status"),
                        )
                    ),
                    1,
                    50,
                ),
            },
            *("title", "tasks"),
            on=MESSAGES,
        ),
        "task_card": Shape(
            {"status": Choice(SEEN), **TASK},
            needs=("task_id", "title", "status"),
            surfaces=MESSAGES,
        ),
        "alert": _block(
            {
                "text": Text(200),
                "level": Choice(("default", "info", "warning", "error", "success")),
            },
            "text",
            on=frozenset({Surface.MODAL}),
        ),
        "card": _block(
            {
                "hero_image": IMAGE_ELEMENT,
                "icon": IMAGE_ELEMENT,
                "title": Text(150),
                "subtitle": Text(150),
                "body": Text(200),
                "actions": Items(Typed(CARD_BUTTONS), 1, 3),
            },
            either=("hero_image", "title", "actions", "body"),
        ),
        "carousel": _block(
            {"elements": Items(Typed(("card",)), 1, 10)}, "elements", on=MESSAGES_AND_HOME
        ),
        "container": Shape(
            {
                "block_id": ID,
                "title": Text(150, PLAIN),
                "rich_text_title": RICH_TEXT,
                "subtitle": Text(150),
                "child_blocks": Items(Typed(CONTAINED), 1, 10),
                "width": Choice(("narrow", "standard", "wide", "full")),
                "icon": IMAGE_ELEMENT,
                "is_collapsible": Flag(),
                "default_collapsed": Flag(),
                "has_header_divider": Flag(),
            },
            needs=("child_blocks",),
            either=("title", "rich_text_title"),
            surfaces=MESSAGES_AND_HOME,
            also=_collapses,
        ),
        "context_actions": _block(
            {"elements": Items(Typed(("feedback_buttons", "icon_button")), 1, 5)},
            "elements",
            on=MESSAGES,
        ),
        "video": _block(
            {
                "title": Text(200, PLAIN),
                "alt_text": Chars(2000),
                "video_url": Chars(3000, starts=("https://",)),
                "thumbnail_url": URL,
                "title_url": Chars(3000, starts=("https://",)),
                "author_name": Chars(50),
                "description": Text(200, PLAIN),
                "provider_icon_url": URL,
                "provider_name": Chars(50),
            },
            *("title", "alt_text", "video_url", "thumbnail_url"),
        ),
        "file": _block(
            {"external_id": ID, "source": Choice(("remote",))},
            *("external_id", "source"),
            on=MESSAGES,
        ),
    }
)
