"""Text in columns of a terminal: wrapping, and tables that keep within the width."""

import unicodedata
from collections.abc import Iterator

from bot.report.parts import Table
from bot.report.visible import LONGEST_CELL, clip

WIDTH = 100
_GAP = "  "
# Wide enough for a word or two: below this a column is unreadable.
_NARROWEST = 8


def width_of(text: str) -> int:
    """Return how many terminal columns `text` takes."""
    return sum(map(_width, text))


def _width(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def wrapped(
    text: str, *, first: str = "", rest: str = "", words: bool = True, width: int = WIDTH
) -> Iterator[str]:
    """Yield `text` in lines of at most `width`, the first behind `first`, others behind `rest`.

    With `words` false, lines break anywhere and white space stays as it is.
    """
    lines = _broken(text, width - max(width_of(first), width_of(rest)), words=words)
    for number, line in enumerate(lines):
        yield f"{rest if number else first}{line}".rstrip()


def columned(table: Table, *, indent: str = "", width: int = WIDTH) -> Iterator[str]:
    """Yield `table` as aligned lines; a cell too wide for its column goes on below."""
    rows = [[clip(cell, LONGEST_CELL) for cell in row] for row in (table.columns, *table.rows)]
    widths = _fitted(
        [max(map(width_of, column)) for column in zip(*rows, strict=True)],
        width - len(indent) - len(_GAP) * (len(table.columns) - 1),
    )
    rows.insert(1, ["-" * each for each in widths])
    for row in rows:
        cells = [
            list(_broken(cell, each, words=True)) for cell, each in zip(row, widths, strict=True)
        ]
        for line in range(max(map(len, cells))):
            texts = (cell[line] if line < len(cell) else "" for cell in cells)
            padded = (
                text + " " * (each - width_of(text))
                for text, each in zip(texts, widths, strict=True)
            )
            yield f"{indent}{_GAP.join(padded)}".rstrip()


def _fitted(widths: list[int], most: int) -> list[int]:
    """Narrow the widest column until all fit."""
    widths = [min(width, most) for width in widths]
    while sum(widths) > most and max(widths) > _NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return widths


def _broken(text: str, most: int, *, words: bool) -> Iterator[str]:
    """Yield pieces of `text` of at most `most` columns; at spaces if `words`, else anywhere."""
    while (end := _longest(text, most)) < len(text):
        space = text.rfind(" ", 1, end + 1) if words else -1
        cut = space if space > 0 else end
        yield text[:cut]
        text = text[cut:].lstrip() if words else text[cut:]
    yield text


def _longest(text: str, most: int) -> int:
    used = 0
    for index, char in enumerate(text):
        used += _width(char)
        if used > most:
            return max(index, 1)
    return len(text)
