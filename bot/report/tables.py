"""A table as a block of Slack: a cell may be a moment or a link; what is left out is counted."""

import re
from collections.abc import Iterator, Sequence

from bot.model import Json
from bot.report.blocks import dated, line, rich, said, spoken
from bot.report.parts import Table
from bot.report.visible import LONGEST_CELL, clip, weight, whole_sentences
from bot.report.words import MOMENT

# Limits of Block Kit (docs.slack.dev), kept below for people's sake.
MOST_ROWS = 60  # 100 are allowed
MOST_TABLE = 7_000  # 10,000 are allowed
MOST_REST = 250  # the row that counts what is left out
MOST_COLUMN_TITLE = 40


def table(content: Table, most: int = MOST_TABLE) -> Json:
    """Return a table block within about `most` JSON; the last row counts those left out."""
    head = [_cell(text, bold=True) for text in content.columns]
    rows = [list(_cells(row, content)) for row in content.rows[:MOST_ROWS]]
    wrapped = [{"is_wrapped": True} for _ in content.columns]
    while rows and weight([head, rows, wrapped]) > most - MOST_REST:
        rows.pop()
    if left := len(content.rows) - len(rows):
        rest = [_cell(f"and {left} more")] + [_cell("")] * (len(content.columns) - 1)
        rows = [*rows, rest]
    return {"type": "table", "rows": [head, *rows], "column_settings": wrapped}


def _cells(row: Sequence[str], content: Table) -> Iterator[Json]:
    for title, text in zip(content.columns, row, strict=True):
        if url := content.links.get(text):
            yield rich(line({"type": "link", "url": url, "text": text}))
        elif title in content.told:
            yield rich(line(*spoken(whole_sentences(text, LONGEST_CELL))))
        else:
            yield _cell(text)


def _cell(text: str, *, bold: bool = False) -> Json:
    if bold:
        return rich(line(said(text, style="bold", most=MOST_COLUMN_TITLE)))
    if re.fullmatch(MOMENT, text):
        return rich(line(dated(text)))
    return {"type": "raw_text", "text": clip(text, LONGEST_CELL) or "–"}
