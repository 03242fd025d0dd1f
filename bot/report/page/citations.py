"""Citations such as ``[o12, o14]``: where a sentence ends in one, its evidence opens in place."""

import re
from collections.abc import Mapping, Sequence

from bot.phrases import count
from bot.report.document import Report
from bot.report.page.markup import NOTHING, Html, joined, sentence, tag
from bot.report.words import evidence_line

# One value may be a whole answer of a server; the raw JSON has every character of it.
MOST_VALUE = 4_000

_CITED = re.compile(r"\s*\[(o\d+(?:, o\d+)*)\]$")

Lines = Mapping[str, str]
"""Observation id -> its line of evidence."""


def lines_of(report: Report) -> Lines:
    """Return the line of evidence of every observation."""
    return {seen.id: evidence_line(seen) for seen in report.observations}


def told(text: str, lines: Lines) -> tuple[Html, Html]:
    """Return `text` without its citation, and the evidence cited, closed.

    What only looks like a citation, because it names what was not observed, stays text.
    """
    found = _CITED.search(text)
    ids = found[1].split(", ") if found else []
    if not found or not all(one in lines for one in ids):
        return sentence(text), NOTHING
    return sentence(text[: found.start()]), evidence([lines[one] for one in ids])


def evidence(lines: Sequence[str], *, is_open: bool = False) -> Html:
    """Return lines of evidence as what opens in place; nothing for none."""
    if not lines:
        return NOTHING
    entries = joined(tag("li", line_of(line)) for line in lines)
    summary = tag("summary", count(len(lines), "observation"))
    return tag("details", summary, tag("ul", entries), class_="evidence", open=is_open)


def line_of(line: str) -> Html:
    """Return a line of evidence, its id set apart."""
    name, _, rest = line.partition(" ")
    return joined((tag("b", name), tag("code", sentence(rest, MOST_VALUE))))
