"""The neutral layout of a report: sections made of a few kinds of parts.

Words and order are decided once, in `sections`; a renderer only translates these parts.
Every string in them is plain text: no part carries markup of any output format.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A sentence or two; `label` is set in bold before it.

    One that `is_void` says only that there is nothing to say.
    """

    text: str
    label: str = ""
    is_void: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """Names with short values."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry of a list: an optional bold `label`, its text, and lines below it.

    `owner` can fix it, and may be a Slack mention. `command` is a line of the command grammar.
    `evidence` holds lines such as ``o12 exchange.detail = Invalid E2E bypass key``.
    """

    text: str
    label: str = ""
    owner: str = ""
    command: str = ""
    notes: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A list, numbered if `ordered`."""

    items: tuple[Item, ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of cells under column titles; every row has a cell per column."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    told: frozenset[str] = frozenset()
    """Columns of sentences of ours, in which people stand as ``<@U123>``."""
    links: Mapping[str, str] = field(default_factory=dict)
    """Cell -> the address it leads to, for whoever can follow one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verbatim:
    """Lines shown letter by letter, such as the transcript.

    `exact` lines may break anywhere and, if there are too many, lose their middle, but not those
    whose numbers are in `kept`; others lose nothing. `minor` ones get half the room.
    """

    lines: tuple[str, ...]
    exact: bool = True
    minor: bool = False
    kept: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button; pressing it is typing `command`, a line of the command grammar.

    `style` is empty, ``primary`` or ``danger``; `confirm` is asked first unless it is empty.
    """

    label: str
    command: str
    style: str = ""
    confirm: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """A menu to pick from; to pick is to type the line that stands behind the words."""

    label: str
    options: tuple[tuple[str, str], ...]
    """Words and the line of each."""


Part: TypeAlias = Paragraph | Fields | Items | Table | Verbatim


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A titled part of the report."""

    title: str
    parts: tuple[Part, ...]

    @property
    def is_empty(self) -> bool:
        """Whether it says only that there is nothing to say; where room is short it may go."""
        return all(isinstance(part, Paragraph) and part.is_void for part in self.parts)
