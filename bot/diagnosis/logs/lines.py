"""Bytes to lines of clean text, a few at a time: encodings, colours, NULs and line endings undone.

Whatever the bytes are, every line comes out as text, with the number it has in the file.
"""

import html
import io
import re
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from bot.diagnosis.logs.prefixes import find_wrapping

# A line longer than this is read in pieces, which overlap so that no sign is cut in two.
LONGEST_PIECE = 4_000
_OVERLAP = 400
# So much is decoded at once: a call for each line would cost more than the decoding.
_BLOCK = 64 * 1024

_BOMS = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", "utf-8"))
# Colours and cursor moves, titles, and what is left of them once the escape byte was lost.
_ESCAPES = re.compile(
    r"\x1b\[[0-9;?]{0,40}[ -/]{0,4}[@-~]|\x1b\][^\x07\x1b]{0,200}(?:\x07|\x1b\\)?|\x1b[@-_]?"
    r"|(?<![\w\]\)])\[(?:0|1|2|22|3\d|4|9\d|1;3\d|0;3\d|38;5;\d{1,3})m"
)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b\u200e\u200f\ufeff]")
_OVERWRITTEN = re.compile(r"[\r\n]")
_ESCAPED = re.compile(r"&(?:quot|lt|gt|amp|apos|#x?[0-9a-fA-F]{1,6});")
# A trace inside a JSON string is one line of JSON and many of text.
_PACKED_TRACE = re.compile(r"Traceback \(most recent|File \\?\"|\\n +at ")


class Line(NamedTuple):
    """One line of the log, or a piece of it, without anything invisible; numbers start at 1."""

    number: int
    text: str


def read_lines(data: bytes) -> Iterator[Line]:
    """Yield the lines of `data`; long and packed ones as several with the same number."""
    raw_lines = decoded(data)
    sample, wrapping = find_wrapping(raw_lines)
    before, is_gap = "", True
    for number, raw in enumerate(chain(sample, raw_lines), start=1):
        text = wrapping.unwrap(raw.rstrip("\r\n"))
        if not text:
            # One empty line parts what others would part no further.
            if not is_gap and not (wrapping.is_double_spaced and before):
                is_gap = True
                yield Line(number, text)
            before = text
            continue
        before, is_gap = text, False
        if "&" in text and _ESCAPED.search(text):
            text = html.unescape(text)
        if "\x1b" in text or "[0m" in text:
            text = _ESCAPES.sub("", text)
        if text.isprintable() and len(text) <= LONGEST_PIECE and "\\n" not in text:
            yield Line(number, text)
            continue
        # A progress bar writes over its own line: each state is a line of its own.
        for part in _OVERWRITTEN.split(text):
            for piece in _pieces(_UNPRINTABLE.sub("", part)):
                yield Line(number, piece)


def _pieces(text: str) -> Iterator[str]:
    parts = text.split("\\n") if "\\n" in text and _PACKED_TRACE.search(text) else (text,)
    for part in parts:
        if len(part) <= LONGEST_PIECE:
            yield part
            continue
        for start in range(0, len(part), LONGEST_PIECE):
            yield part[max(0, start - _OVERLAP) : start + LONGEST_PIECE]


def decoded(data: bytes) -> Iterator[str]:
    """Yield the lines of `data` as they stand there, whatever its encoding is."""
    mark, encoding = next(
        (one for one in _BOMS if data.startswith(one[0])), (b"", _guessed(data[:4096]))
    )
    data = data.removeprefix(mark)
    if encoding != "utf-8":
        yield from io.StringIO(data.decode(encoding, errors="replace"), newline="\n")
        return
    stream = io.BytesIO(data)
    while block := stream.readlines(_BLOCK):
        try:
            yield from b"".join(block).decode().removesuffix("\n").split("\n")
        except UnicodeDecodeError:
            yield from map(_line, block)


def _line(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        # What is not UTF-8 was most likely written by a Windows console.
        return raw.decode("cp1252", errors="replace")


def _guessed(head: bytes) -> str:
    """Return UTF-16 for text in which every other byte is NUL, else UTF-8."""
    half = max(len(head) // 2, 1)
    if head[1::2].count(0) > 0.7 * half:
        return "utf-16-le"
    if head[0::2].count(0) > 0.7 * half:
        return "utf-16-be"
    return "utf-8"
