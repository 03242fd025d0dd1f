"""One variable of a ``.env`` file, and what readers of such files disagree on."""

import re
from collections.abc import Iterator

_LINE = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}


def lookup(text: str, name: str) -> tuple[str | None, tuple[str, ...]]:
    """Return the value of `name` in the text of a ``.env`` file, and notes on how it stands there.

    Of a name that is given twice, the last counts, as in a shell. Quotes around a value are not
    part of it, a ``#`` after white space begins a comment outside them, and nothing is
    interpolated. A note never holds any part of a value.
    """
    found = [(value, quote) for given, value, quote in _entries(text) if given == name]
    if not found:
        return None, ()
    value, quote = found[-1]
    notes = []
    if len(found) > 1:
        alike = all(other == value for other, _ in found)
        notes.append(f"given {len(found)} times, {'alike' if alike else 'with different values'}")
    if quote:
        notes.append("quoted there; docker --env-file takes such quotes for a part of the value")
    if "\r\n" in text:
        notes.append("the file's lines end in CR LF; a shell that sources it keeps the CR")
    return value, tuple(notes)


def _entries(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield each name with its value and the quote around it."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    at = 0
    while at < len(text):
        end = text.find("\n", at) + 1 or len(text)
        if match := _LINE.match(text, at, end):
            value, quote, end = _value(text, match.end(), end)
            yield match[1], value, quote
        at = end


def _value(text: str, at: int, end: int) -> tuple[str, str, int]:
    """Return the value that begins at `at`, its quote, and where the next line begins."""
    quote = text[at : at + 1]
    if quote in ("'", '"') and (close := _closing(text, at + 1, quote)) >= 0:
        value = text[at + 1 : close]
        if quote == '"':
            value = _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), value)
        return value, quote, text.find("\n", close) + 1 or len(text)
    return re.split(r"(?:^|[ \t])#", text[at:end], maxsplit=1)[0].strip(), "", end


def _closing(text: str, at: int, quote: str) -> int:
    """Return where the quote ends that was opened before `at`, or -1; it may span lines."""
    while at < len(text) and text[at] != quote:
        at += 2 if quote == '"' and text[at] == "\\" else 1
    return at if at < len(text) else -1
