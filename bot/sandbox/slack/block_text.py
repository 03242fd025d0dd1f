"""Blocks as the lines a person reads in a terminal. Whatever Slack shows has a form here."""

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TypeAlias

from bot.sandbox.slack.text import Names, rich_text, text_object, wrap
from bot.sandbox.slack.workspace import Json

Lines: TypeAlias = Iterator[str]
Block: TypeAlias = Mapping[str, Json]

TASK_MARKS: Mapping[str, str] = MappingProxyType(
    {"pending": "[ ]", "in_progress": "[~]", "complete": "[x]", "error": "[!]"}
)
NARROWEST_COLUMN = 12


def lines_of(blocks: Iterable[Json], names: Names, *, width: int) -> list[str]:
    """The lines of blocks, none longer than `width` unless a word or preformatted text is."""
    lines: list[str] = []
    for block in blocks:
        draw = DRAWN.get(block["type"])
        drawn = list(draw(block, names, width)) if draw else [f"({block['type']})"]
        if block["type"] == "header" and lines:
            lines.append("")
        lines += [line.rstrip() for line in drawn]
    return lines


def _wrapped(text: str, width: int) -> Lines:
    for line in text.split("\n"):
        yield from wrap(line, width)


def _header(block: Block, names: Names, width: int) -> Lines:
    lines = list(_wrapped(text_object(block["text"], names), width))
    yield from lines
    yield "─" * max(map(len, lines))


def _section(block: Block, names: Names, width: int) -> Lines:
    text = text_object(block.get("text"), names)
    control = _control(block["accessory"], names) if "accessory" in block else ""
    if text:
        yield from _wrapped(f"{text}  {control}".rstrip(), width)
    elif control:
        yield control
    yield from _fields([text_object(field, names) for field in block.get("fields", ())], width)


def _fields(fields: list[str], width: int) -> Lines:
    """Two columns as in Slack; a field's first line is usually its label."""
    shown = [": ".join(field.split("\n", 1)).replace("\n", " ") for field in fields]
    shown = [text.replace(":: ", ": ") for text in shown]
    half = width // 2 - 1
    if any(len(text) > half for text in shown):
        for text in shown:
            yield from wrap(text, width)
        return
    left = max((len(text) for text in shown[::2]), default=0)
    for number in range(0, len(shown), 2):
        second = shown[number + 1] if number + 1 < len(shown) else ""
        yield f"{shown[number]:<{left}}   {second}"


def _context(block: Block, names: Names, width: int) -> Lines:
    shown = [
        f"({element['alt_text']})" if element["type"] == "image" else text_object(element, names)
        for element in block["elements"]
    ]
    yield from _wrapped("  ".join(shown), width)


def _divider(_block: Block, _names: Names, width: int) -> Lines:
    yield "─" * min(width, 40)


def _rich_text(block: Block, names: Names, width: int) -> Lines:
    for line in rich_text(block, names):
        yield from [line] if line.startswith("    ") else wrap(line, width)


def _controls(block: Block, names: Names, width: int) -> Lines:
    line = ""
    for element in block["elements"]:
        shown = _control(element, names)
        if line and len(line) + 2 + len(shown) > width:
            yield line
            line = ""
        line = f"{line}  {shown}" if line else shown
    yield line


def _control(element: Block, names: Names) -> str:
    """One interactive element, or an image beside a section."""
    kind = element["type"]
    if kind == "image":
        return f"({element['alt_text']})"
    if kind == "overflow":
        return "[" + " | ".join(str(option["text"]["text"]) for option in element["options"]) + "]"
    if kind == "feedback_buttons":
        both = (element["positive_button"], element["negative_button"])
        return "  ".join(f"[{button['text']['text']}]" for button in both)
    label = text_object(element.get("text") or element.get("placeholder"), names)
    shown = label or str(element.get("action_id", kind))
    if "url" in element:
        return f"[{shown} → {element['url']}]"
    return f"[{shown}]" if kind.endswith("button") else f"[{shown} ▾]"


def _plan(block: Block, names: Names, width: int) -> Lines:
    yield from wrap(str(block["title"]), width)
    for task in block["tasks"]:
        yield from _task(task, names, width)


def _task(task: Block, names: Names, width: int) -> Lines:
    """`[x] title`, with one line of details beside it and longer ones below."""
    first = f"{TASK_MARKS[task['status']]} {task['title']}"
    below: list[str] = []
    for key in ("details", "output"):
        if key in task:
            below += list(rich_text(task[key], names))
    if len(below) == 1 and len(first) + len(below[0]) + 3 <= width:
        yield f"{first} · {below[0]}"
        return
    yield from wrap(first, width)
    for line in below:
        yield from textwrap.wrap(line, width, initial_indent="    ", subsequent_indent="    ")


# Where a link in a cell leads would be broken over many lines; its words have to do.
_ADDRESS = re.compile(r" \(https?://[^\s)]+\)$")


def _table(block: Block, names: Names, width: int) -> Lines:
    rows = [[_cell(cell, names) for cell in row] for row in block["rows"]]
    sizes = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    while sum(sizes) + 2 * (len(sizes) - 1) > width and max(sizes) > NARROWEST_COLUMN:
        sizes[sizes.index(max(sizes))] -= 1
    settings = [*(block.get("column_settings") or []), *[None] * len(sizes)]
    right = [(setting or {}).get("align") == "right" for setting in settings]
    for number, row in enumerate(rows):
        cells = [textwrap.wrap(text, size) or [""] for text, size in zip(row, sizes, strict=True)]
        for line in range(max(map(len, cells))):
            shown = [cell[line] if line < len(cell) else "" for cell in cells]
            yield "  ".join(
                f"{text:>{size}}" if to_right else f"{text:<{size}}"
                for text, size, to_right in zip(shown, sizes, right, strict=False)
            )
        if number == 0:
            yield "  ".join("─" * size for size in sizes)


def _cell(cell: Block, names: Names) -> str:
    if cell["type"] == "rich_text":
        return _ADDRESS.sub("", " ".join(rich_text(cell, names)))
    return str(cell.get("text") or cell.get("value", ""))


def _data_table(block: Block, names: Names, width: int) -> Lines:
    yield str(block["caption"])
    yield from _table(block, names, width)


def _chart(block: Block, _names: Names, width: int) -> Lines:
    chart = block["chart"]
    yield f"{block['title']} ({chart['type']} chart)"
    series = chart.get("series") or [{"name": "", "data": chart.get("segments", [])}]
    for one in series:
        points = ", ".join(f"{point['label']} {point['value']}" for point in one["data"])
        yield from wrap(f"{one['name']}: {points}" if one["name"] else points, width)


def _card(block: Block, names: Names, width: int) -> Lines:
    for key in ("title", "subtitle", "body"):
        if key in block:
            yield from _wrapped(text_object(block[key], names), width)
    if "actions" in block:
        yield from _controls({"elements": block["actions"]}, names, width)


def _inside(block: Block, names: Names, width: int) -> Lines:
    """A carousel's cards or a container's blocks, under its title."""
    if "title" in block:
        yield text_object(block["title"], names)
    elif "rich_text_title" in block:
        yield from rich_text(block["rich_text_title"], names)
    children = block.get("child_blocks") or block.get("elements", ())
    for child in children:
        yield from (f"  {line}" for line in lines_of([child], names, width=width - 2))


def _input(block: Block, names: Names, _width: int) -> Lines:
    element = block["element"]
    kept = element.get("initial_value")
    entered = f"[{kept}]" if isinstance(kept, str) else _control(element, names)
    yield f"{text_object(block['label'], names)}: {entered}"


def _image(block: Block, _names: Names, _width: int) -> Lines:
    yield f"({block['alt_text']})"


def _markdown(block: Block, _names: Names, width: int) -> Lines:
    yield from _wrapped(str(block["text"]), width)


def _alert(block: Block, names: Names, width: int) -> Lines:
    level = block.get("level", "default")
    mark = "" if level == "default" else f"{level}: "
    yield from _wrapped(mark + text_object(block["text"], names), width)


def _video(block: Block, names: Names, _width: int) -> Lines:
    yield f"({text_object(block['title'], names)}: {block['video_url']})"


DRAWN: Mapping[str, Callable[[Block, Names, int], Lines]] = MappingProxyType(
    {
        "actions": _controls,
        "alert": _alert,
        "card": _card,
        "carousel": _inside,
        "container": _inside,
        "context": _context,
        "context_actions": _controls,
        "data_table": _data_table,
        "data_visualization": _chart,
        "divider": _divider,
        "header": _header,
        "image": _image,
        "input": _input,
        "markdown": _markdown,
        "plan": _plan,
        "rich_text": _rich_text,
        "section": _section,
        "table": _table,
        "task_card": _task,
        "video": _video,
    }
)
