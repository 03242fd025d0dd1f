"""Statuses that stand in a column or a cell: no word beside them says what they are."""

import re

from bot.diagnosis.logs.matching import Placed
from bot.diagnosis.logs.parties import UNNAMED, who

# What stands between columns, and what curl prints beside a status.
_BETWEEN = ("  ", "\t")
_FIGURES = re.compile(r"[\s\d.]*$")
# A time right behind a status: how long the answer took.
_TOOK = re.compile(r"\s{1,8}[(]?\d{1,6}(?:[.,]\d{1,9})?\s?(?:m?s|sec|seconds)\b")
# The head of a column of statuses, and how far above them it stands.
_HEAD = re.compile(r"(?:^|\s{2}|\t|\|\s*)(?:http[ _-]?)?(?:status|code|http)\s*(?:\s{2}|\t|\||$)")
_FAR_ABOVE = 12
# A verdict before a status that fills the cell of a table.
_CELL = re.compile(r"\|\s*[^\w\s|]{1,3}\s*$")


def is_in_column(line: Placed, found: re.Match[str]) -> bool:
    """Whether the number stands in a column of statuses, or is all that curl was to print."""
    before, after = line.low[: found.start()], line.low[found.end() :]
    if not before.strip():
        above = line.record.lines[line.position - 1].text if line.position else ""
        return "http_code" in above and bool(_FIGURES.match(after))
    if _CELL.search(before):
        return after.lstrip().startswith("|")
    if not before.endswith(_BETWEEN):
        return False
    if _TOOK.match(after):
        return True
    is_alone = not after.strip() or after.startswith((*_BETWEEN, " ("))
    return is_alone and (who(before) != UNNAMED or _has_head(line))


def _has_head(line: Placed) -> bool:
    """Whether a line above is the head of a table with a column of statuses."""
    above = line.record.lines[max(0, line.position - _FAR_ABOVE) : line.position]
    return any(_HEAD.search(one.text.lower()) for one in above)
