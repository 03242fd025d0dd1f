"""Short answers of commands: a card with lines, a table and buttons, for Slack and for a shell."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.model import Json
from bot.report.blocks import (
    Message,
    actions,
    context,
    escaped,
    fallback,
    header,
    line,
    rich,
    said,
    table,
)
from bot.report.columns import columned, wrapped
from bot.report.parts import Button, Table
from bot.report.visible import one_line
from bot.report.words import typed

# A card is an answer to be read at a glance; whatever needs more is a report.
MOST_LINES = 20
MOST_BUTTONS = 10
MOST_CONTEXT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An answer: plain text, in which `code` between backticks is the only markup."""

    title: str
    lines: tuple[str, ...] = ()
    table: Table | None = None
    buttons: tuple[Button, ...] = ()
    context: tuple[str, ...] = ()


def card_message(card: Card) -> Message:
    """Return `card` as a Slack message."""
    blocks: list[Json] = [header(card.title)]
    if card.lines:
        blocks.append(rich(line(*_elements(card.lines))))
    if card.table and card.table.rows:
        blocks.append(table(card.table))
    if card.buttons:
        blocks.append(actions(card.buttons[:MOST_BUTTONS]))
    if card.context:
        blocks.append(context(*(escaped(text, 200) for text in card.context[:MOST_CONTEXT])))
    return Message(text=fallback(" – ".join((card.title, *card.lines[:1]))), blocks=tuple(blocks))


def card_text(card: Card) -> str:
    """Return `card` as text for a terminal that ends with a newline."""
    lines = [*wrapped(one_line(card.title))]
    if card.lines:
        lines.append("")
    for text in card.lines:
        lines += wrapped(one_line(text), first="  ", rest="  ")
    if card.table and card.table.rows:
        lines += ["", *columned(card.table, indent="  ")]
    if card.buttons:
        lines.append("")
    for button in card.buttons:
        text = f"{one_line(button.label)}: {typed(one_line(button.command), slack=False)}"
        lines += wrapped(text, first="  ", rest="    ")
    if card.context:
        lines += ["", *wrapped(" · ".join(map(one_line, card.context)), first="  ", rest="  ")]
    return "\n".join(lines) + "\n"


def _elements(lines: tuple[str, ...]) -> Iterator[Json]:
    for number, text in enumerate(lines[:MOST_LINES]):
        if number:
            yield said("\n")
        yield from _with_code(text)
    if len(lines) > MOST_LINES:
        yield said(f"\n… and {len(lines) - MOST_LINES} more lines")


def _with_code(text: str) -> Iterator[Json]:
    for number, piece in enumerate(re.split(r"`([^`\n]+)`", text)):
        if piece:
            yield said(piece, style="code" if number % 2 else "", most=_MOST_PIECE)


# 20 lines, each in a few pieces: the whole stays well below what one message may weigh.
_MOST_PIECE = 300
