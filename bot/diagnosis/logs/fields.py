"""Named values in a record: JSON cut anywhere, Python's way of writing it, `key: value`.

Not a JSON parser: one would refuse what was cut. Brackets are followed as far as they are there.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from bot.diagnosis.logs.lines import Line
from bot.diagnosis.logs.records import Form, Record

Scalar: TypeAlias = str | int | float | bool | None

# A record with more is a data dump, and its beginning says what it is.
MOST_FIELDS = 600

_TOKEN = re.compile(
    r"\"((?:[^\"\\]|\\.)*)\"?|'((?:[^'\\]|\\.)*)'|([{}\[\](),:=])|([^\s{}\[\](),:=\"']+)"
)
_EMBEDDED = re.compile(r"\{\s*[\"']")
_PAIR = re.compile(
    r"\s*(?:[-*>|]\s+)?\**([A-Za-z_][\w .\-/]{0,40}?)\**\s*(?::|=)\**\s+(\S.*?)\s*\|?\s*$"
)
_HEADING = re.compile(r"\s*([A-Za-z_][\w .\-/]{0,40}):\s*$")
_WORDS = {"true": True, "false": False, "null": None, "True": True, "False": False, "None": None}
_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,18})?(?:[eE][-+]?\d{1,3})?$")


@dataclass(frozen=True, slots=True)
class Field:
    """A value with its name; `path` has the names of what it is in, outermost first."""

    path: tuple[str, ...]
    name: str
    value: Scalar
    line: int


def read_fields(record: Record) -> list[Field]:
    """Return the named values of `record`, in their order."""
    reader = _from_json if record.form is Form.JSON else _from_text
    found = reader(record.lines)
    return [one for _, one in zip(range(MOST_FIELDS), found, strict=False)]


def scalar(text: str) -> Scalar:
    """Return the number, truth value or nothing that `text` is, or the text itself."""
    if text in _WORDS:
        return _WORDS[text]
    if _NUMBER.match(text):
        return float(text) if set(text) & set(".eE") else int(text)
    return text


def _from_json(lines: list[Line]) -> Iterator[Field]:
    path: list[str] = []
    name: str | None = None
    waiting: str | None = None
    for line in lines:
        for found in _TOKEN.finditer(line.text):
            double, single, mark, bare = found.groups()
            if mark is None:
                text = double if double is not None else single if single is not None else bare
                value = scalar(text) if bare is not None else unescaped(text)
                if name is not None:
                    yield Field(tuple(path), name, value, line.number)
                    name = None
                waiting = str(value)
            elif mark in ":=":
                name, waiting = waiting, None
            elif mark in "{[(":
                path.append(name or "")
                name = waiting = None
            elif mark in "}])":
                del path[-1:]
                name = waiting = None
            else:
                name = waiting = None


def _from_text(lines: list[Line]) -> Iterator[Field]:
    heading: tuple[str, ...] = ()
    for line in lines:
        if "{" in line.text and (start := _EMBEDDED.search(line.text)):
            yield from _from_json([Line(line.number, line.text[start.start() :])])
        if ":" not in line.text and "=" not in line.text:
            continue
        if found := _HEADING.match(line.text):
            heading = (found[1].lower(),)
        elif found := _PAIR.match(line.text):
            indented = line.text[:1].isspace()
            heading = heading if indented else ()
            yield Field(heading, found[1].lower(), scalar(found[2].strip("\"'`,")), line.number)


def unescaped(text: str) -> str:
    """Return `text` without the escapes of a JSON string."""
    if "\\" not in text:
        return text
    return text.replace('\\"', '"').replace("\\'", "'").replace("\\/", "/")
