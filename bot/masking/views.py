"""A text as a patient reader has it: escapes undone, and what stands between its pieces left out.

Only pieces that are shorter than what the masker notices by itself need that, so only where such
pieces follow one another is anything left out.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial

from bot.masking.escapes import Places, View, exchanged, unescaped

# How the lines of a stream of events begin, and those of a listing.
_BEGINS = r"[ \t]{0,8}(?:[A-Za-z]{2,10}:|[0-9a-f]{1,8}[|:.)\]\t]|\d{1,6} )"
# Short ones.
_LINE = rf"\n?{_BEGINS}[^\n]{{0,48}}+(?![^\n])"
_LINES = re.compile(rf"\n{_LINE}(?:\n{_LINE})*+")
_LINE_BEGINS = re.compile(rf"\n[ \t]{{0,8}}(?:event|id|retry):[^\n]{{0,48}}|\n(?:{_BEGINS})?")
# A few letters between tags; colours are tags too.
_TAGS = re.compile(r"<[^<>\n]{1,40}>(?:[^<>\n]{1,12}<[^<>\n]{1,40}>){1,}+")
_TAG = re.compile(r"<[^<>\n]{1,40}>")
_COLOUR = re.compile(r"\x1b\[[0-9;:]{0,16}[a-zA-Z]")
# What may belong to them before the first and after the last.
_BESIDE = 48


def views(text: str) -> Iterator[View]:
    """Yield what parts of `text` say to who reads them so; nothing for most texts."""
    yield from _joined(text)
    for view in unescaped(text):
        yield view
        plain, locate = view
        for joined, inner in _joined(plain):
            yield joined, partial(_both, locate, inner)


def _both(outer: Callable[[], Places], inner: Callable[[], Places]) -> Places:
    begins, ends = outer()
    first, last = inner()
    return [begins[at] for at in first], [ends[at - 1] for at in last]


def _joined(text: str) -> Iterator[View]:
    if "\n" in text:
        # The first of the lines begins with the text.
        for plain, locate in _without(_LINE_BEGINS, _LINES, f"\n{text}"):
            yield plain, partial(_one_less, locate)
    if "<" in text:
        yield from _without(_TAG, _TAGS, text)
    if "\x1b" in text:
        yield exchanged(_COLOUR, text, 0, len(text), _nothing)


def _one_less(locate: Callable[[], Places]) -> Places:
    begins, ends = locate()
    return [at - 1 for at in begins], [at - 1 for at in ends]


def _without(between: re.Pattern[str], places: re.Pattern[str], text: str) -> Iterator[View]:
    for place in places.finditer(text):
        first = max(0, place.start() - _BESIDE)
        yield exchanged(between, text, first, place.end() + _BESIDE, _nothing)


def _nothing(_: str) -> str:
    return ""
