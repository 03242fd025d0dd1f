"""Lines that belong together: one JSON object, or one paragraph of text.

A log is cut at any place, so nothing here relies on a beginning or an end being there.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from bot.diagnosis.logs.lines import Line

# Bounds for logs that never break off: enough for any one entry or trace.
MOST_LINES = 200
MOST_CHARACTERS = 40_000
# Recognisers look for their words in this much at once, which is cheap, before they look closely.
BATCH_CHARACTERS = 64_000

_JSON_LINE = re.compile(
    r"(?:[{}\[\]]+,?\s*$|[\"'][^\"']{1,80}[\"']\s*:|[\"'].{0,2000}[\"']\s*,?\s*$|\{\s*[\"'}]"
    r"|\[\s*[\[{\"']|-?\d+(?:\.\d+)?,?\s*$|(?:true|false|null),?\s*$)"
)
_JSON_FIRST = frozenset("{}[]\"'-0123456789tfn")
_STRINGS = re.compile(r"\"(?:[^\"\\]|\\.)*\"|(?<=[\[{(:,\s])'(?:[^'\\]|\\.)*'")
_BRACKET = re.compile(r"[{}\[\]]")
_RULER_FIRST = frozenset("=_*#-")
_RULER = re.compile(r"(?:[=_*#-]{6,}|(?:_ ){6,}|[=_-]{3,} .{1,200} [=_-]{3,})")


class Form(Enum):
    """How a record is written."""

    JSON = "json"
    TEXT = "text"


@dataclass(slots=True)
class Record:
    """Consecutive lines that belong together."""

    form: Form
    lines: list[Line] = field(default_factory=list)
    size: int = 0

    def add(self, line: Line) -> None:
        self.lines.append(line)
        self.size += len(line.text)

    @property
    def is_full(self) -> bool:
        return len(self.lines) >= MOST_LINES or self.size >= MOST_CHARACTERS


def batches(lines: Iterable[Line]) -> Iterator[list[Record]]:
    """Yield the records of `lines` in order, as many at a time as make a batch."""
    batch: list[Record] = []
    size = 0
    for record in _records(lines):
        batch.append(record)
        size += record.size
        if size >= BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _records(lines: Iterable[Line]) -> Iterator[Record]:
    record = Record(Form.TEXT)
    depth = last = 0
    for line in lines:
        number, text = line
        if number == last and record.lines:
            record.add(line)
            continue
        last = number
        bare = text.strip()
        first = bare[:1]
        is_json = first in _JSON_FIRST and _JSON_LINE.match(bare) is not None
        if not bare or record.is_full or _parts(record, bare, first, is_json=is_json):
            if record.lines:
                yield record
            record, depth = Record(Form.JSON if is_json else Form.TEXT), 0
        if not bare:
            continue
        record.add(line)
        if is_json:
            depth += _opened(bare)
            if depth <= 0 and _is_whole(record):
                yield record
                record, depth = Record(Form.TEXT), 0
    if record.lines:
        yield record


def _parts(record: Record, bare: str, first: str, *, is_json: bool) -> bool:
    """Whether a new record begins with the line `bare`."""
    if is_json:
        return record.form is Form.TEXT
    return record.form is Form.JSON or (first in _RULER_FIRST and _RULER.match(bare) is not None)


def _opened(text: str) -> int:
    """Return how many brackets `text` leaves open; a list of entries does not count."""
    if not _BRACKET.search(text):
        return 0
    bare = _STRINGS.sub("", text) if '"' in text or "'" in text else text
    if bare.strip() in ("[", "]", "],"):
        return 0
    return bare.count("{") + bare.count("[") - bare.count("}") - bare.count("]")


def _is_whole(record: Record) -> bool:
    """Whether an object ends here that began here; one that was cut off above may go on."""
    first, last = record.lines[0].text.lstrip(), record.lines[-1].text.rstrip(" ,\t")
    return first.startswith("{") and last.endswith("}")
