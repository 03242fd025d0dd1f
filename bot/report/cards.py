"""Short answers of commands: a card with lines, a table and buttons, for Slack and for a shell."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.model import Json
from bot.report.blocks import (
    MOST_JSON,
    Message,
    actions,
    context,
    escaped,
    fallback,
    header,
    line,
    link,
    named,
    offered,
    rich,
    said,
    spoken,
    unmarked,
)
from bot.report.chart import MOST_CHARTS, Chart, chart_block
from bot.report.columns import columned, wrapped
from bot.report.controls import menu_block
from bot.report.parts import Button, Menu, Table
from bot.report.tables import table
from bot.report.visible import clip, one_line, weight
from bot.report.words import typed

# A card is an answer to be read at a glance; whatever needs more is a report.
MOST_LINES = 3_000  # as JSON
MOST_LINE = 500
MOST_PIECES = 15
MOST_TOLD = 6
MOST_BUTTONS = 5
MOST_CONTEXT = 3
MOST_NOTE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An answer: plain text, in which `code` between backticks is the only markup."""

    title: str
    lines: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    """Sentences of ours above the lines, in which people stand as ``<@U123>``."""
    charts: tuple[Chart, ...] = ()
    """What the lines say, as pictures; no more than one message takes."""
    table: Table | None = None
    buttons: tuple[Button, ...] = ()
    menu: Menu | None = None
    """Beside the buttons; there is none in a shell, where a line is typed."""
    context: tuple[str, ...] = ()
    page: str = ""
    """The address of a page that tells more, if there is one."""


def card_message(card: Card) -> Message:
    """Return `card` as a Slack message."""
    blocks: list[Json] = [header(card.title)]
    if card.told:
        told = [clip(text, MOST_LINE) for text in card.told[:MOST_TOLD]]
        if left := len(card.told) - len(told):
            told.append(f"And {left} more.")
        blocks.append(rich(line(*spoken("\n".join(told)))))
    if card.lines:
        blocks.append(rich(line(*_elements(card.lines))))
    blocks += [chart_block(chart) for chart in card.charts[:MOST_CHARTS]]
    below: list[Json] = []
    pressable = actions(offered(card.buttons, MOST_BUTTONS))
    if card.menu and card.menu.options:
        pressable["elements"].append(menu_block(card.menu, "card"))
    if pressable["elements"]:
        below.append(pressable)
    notes = [escaped(text, MOST_NOTE) for text in card.context[:MOST_CONTEXT]]
    if card.page:
        notes.append(link(card.page, "Report page"))
    if notes:
        below.append(context(*notes))
    if card.table and card.table.rows:
        # Everything else is short; the table takes what is left, and says what it leaves out.
        blocks.append(table(card.table, MOST_JSON - weight([*blocks, *below])))
    first = (*card.told, *card.lines)[:1]
    said_first = " – ".join((card.title, *first))
    text = named(said_first) if card.told else fallback(said_first)
    return Message(text=text, blocks=(*blocks, *below))


def card_text(card: Card) -> str:
    """Return `card` as text for a terminal that ends with a newline."""
    lines = [*wrapped(one_line(card.title))]
    sentences = (*map(unmarked, card.told), *card.lines)
    if sentences:
        lines.append("")
    for text in sentences:
        lines += wrapped(one_line(text), first="  ", rest="  ")
    if card.table and card.table.rows:
        lines += ["", *columned(_unmarked(card.table), indent="  ")]
    if card.buttons:
        lines.append("")
    for button in card.buttons:
        text = f"{one_line(button.label)}: {typed(one_line(button.command), slack=False)}"
        lines += wrapped(text, first="  ", rest="    ")
    if card.context:
        lines += ["", *wrapped(" · ".join(map(one_line, card.context)), first="  ", rest="  ")]
    if card.page:
        lines += ["", f"  {one_line(card.page)}"]
    return "\n".join(lines) + "\n"


def _unmarked(content: Table) -> Table:
    """Return a table with ids instead of the people in its sentences, for a terminal."""
    rows = (
        tuple(
            unmarked(text) if title in content.told else text
            for title, text in zip(content.columns, row, strict=True)
        )
        for row in content.rows
    )
    return replace(content, rows=tuple(rows))


def _elements(lines: Sequence[str]) -> list[Json]:
    elements: list[Json] = []
    for number, text in enumerate(lines):
        more = [*([said("\n")] if number else []), *_with_code(text)]
        if number and weight([*elements, *more]) > MOST_LINES:
            return [*elements, said(f"\n… and {len(lines) - number} more lines")]
        elements += more
    return elements


def _with_code(text: str) -> Iterator[Json]:
    pieces = re.split(r"`([^`\n]+)`", clip(text, MOST_LINE))
    for number, piece in enumerate(pieces[:MOST_PIECES]):
        if piece:
            yield said(piece, style="code" if number % 2 else "", most=MOST_LINE)
