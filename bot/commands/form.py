"""Forms: what is asked for where a line lacks something; what is filled in makes a whole line."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class FieldKind(StrEnum):
    """How a field is filled in."""

    TEXT = "text"
    LONG = "long"
    """A text of several lines."""
    CHOICE = "choice"
    USER = "user"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of the things that a field may be."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing that is asked for; `initial` stands in it already."""

    name: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    hint: str = ""
    initial: str = ""
    choices: tuple[Choice, ...] = ()
    optional: bool = False
    most: int = 500
    """Characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What is asked for, and the line it makes: ``mute staging {duration} {reason}``.

    `title` and `submit` are of 24 characters at most.
    """

    title: str
    submit: str
    line: str
    fields: tuple[Field, ...]
    note: str = ""
    """What comes of it, in a sentence below the fields."""
    about: str = ""
    """What goes along with the line, unseen."""


_PLACE = re.compile(r"\{([a-z_]+)\}")


def line_of(line: str, values: Mapping[str, str]) -> str:
    """Return `line` with what was filled in, each as it was typed; a field left empty is nothing.

    The grammar undoes what Slack escapes, so what was typed is escaped here.
    """

    def filled(found: re.Match[str]) -> str:
        return html.escape(values.get(found[1], "").strip(), quote=False)

    return _PLACE.sub(filled, line).strip()
