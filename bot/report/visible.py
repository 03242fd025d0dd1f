"""What a target sends, made fit to be shown: nothing hidden, nothing steering, never the end cut.

Whatever came from outside is hostile until it went through here: control characters and
direction overrides become visible marks, and what is too long loses its middle.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import groupby

# Cc but newline and tab; direction marks and overrides; zero-width, line-separating and
# non-characters; surrogates, which no file takes; tags. ZWJ and ZWNJ stay: scripts need them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)

# A line longer than this is cut even where there is room, so that one frame cannot hide the rest.
LONGEST_LINE = 4_000
# A line that may not be cut away keeps at least so much of itself.
_SHORTEST_LINE = 160
# What a person reads in one go; the JSON report has every character.
LONGEST_SENTENCE = 1_200
LONGEST_CELL = 240


def visible(text: str) -> str:
    """Return `text` with what cannot be seen shown as ‹U+202E›; newlines and tabs stay."""
    return _UNSEEN.sub(lambda found: f"‹U+{ord(found[0]):04X}›", text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """Return `text` as one visible line."""
    return " ".join(visible(text).split())


def weight(value: object) -> int:
    """Return how many characters `value` takes in JSON, where an emoji takes twelve."""
    return len(json.dumps(value))


def clip(text: str, most: int = LONGEST_SENTENCE) -> str:
    """Return `text` as one visible line of at most `most` characters, its middle left out.

    Its JSON takes at most four times as many, whatever the script.
    """
    if len(text) > 16 * most:  # no need to look at what will not be shown
        text = f"{text[: 8 * most]}…{text[-8 * most :]}"
    line = one_line(text)
    keep, clipped = most, line
    while keep and (len(clipped) > most or weight(clipped) > 4 * most + 2):
        tail = keep // 3
        clipped = f"{line[: max(keep - tail - 1, 0)]}…{line[len(line) - tail :]}"
        keep = keep * 9 // 10
    return clipped


def whole_sentences(text: str, most: int) -> str:
    """Return `text` as one visible line of at most `most` characters, its last sentences left out.

    Where that would leave less than half of `most`, the middle is left out instead.
    """
    line = one_line(text[: 16 * most])
    if len(text) <= 16 * most and clip(line, most) == line:
        return line
    kept = max((end for end in _sentence_ends(line) if end <= most), default=0)
    is_fit = kept >= most // 2 and clip(line[:kept], most) == line[:kept]
    return line[:kept] if is_fit else clip(text, most)


def _sentence_ends(line: str) -> Iterator[int]:
    """Yield where sentences end; a full stop between quotation marks ends none."""
    for found in re.finditer(r"\.(?= [A-Z])", line):
        if line.count('"', 0, found.start()) % 2 == 0:
            yield found.end()


def cut_lines(
    lines: Sequence[str],
    most: int,
    *,
    size: Callable[[str], int] = len,
    kept: Collection[int] = (),
) -> tuple[str, ...]:
    """Return visible `lines` within about `most` (by `size`), the middle left out if need be.

    A mark says how much is gone. The end is never cut: that is where the cause is. Nor are the
    lines whose numbers are `kept`, the last of them first if even those are too many.
    """
    whole = [_cut_line(visible(line), min(LONGEST_LINE, most // 2), size) for line in lines]
    if sum(size(line) + 1 for line in whole) <= most:
        return tuple(whole)
    wanted = [number for number in sorted(kept) if 0 <= number < len(whole) - 1]
    if wanted:
        each = max(most // 2 // len(wanted), _SHORTEST_LINE)
        for number in wanted:
            whole[number] = _cut_line(visible(lines[number]), each, size)
        wanted = wanted[-_fitting([whole[number] for number in wanted[::-1]], most // 2, size) :]
    left = most - sum(size(whole[number]) + 1 for number in wanted)
    others = [number for number in range(len(whole)) if number not in frozenset(wanted)]
    last = _fitting([whole[number] for number in others[::-1]], left * 2 // 3, size)
    first = _fitting([whole[number] for number in others], left - left * 2 // 3, size)
    first = min(first, len(others) - last)
    return _with_gaps(whole, {*wanted, *others[:first], *others[len(others) - last :]})


def _with_gaps(lines: Sequence[str], kept: Collection[int]) -> tuple[str, ...]:
    """Return the `kept` of `lines`, and a mark for each row of those that are gone."""
    shown: list[str] = []
    for is_kept, run in groupby(range(len(lines)), key=kept.__contains__):
        row = [lines[number] for number in run]
        if is_kept:
            shown += row
        else:
            gone = f"{len(row):,} {'line' if len(row) == 1 else 'lines'}"
            shown.append(f"… {gone}, {sum(map(len, row)):,} characters, cut from the middle …")
    return tuple(shown)


def _fitting(lines: Sequence[str], most: int, size: Callable[[str], int]) -> int:
    used = 0
    for count, line in enumerate(lines):
        used += size(line) + 1
        if used > most:
            return count
    return len(lines)


def _cut_line(line: str, most: int, size: Callable[[str], int]) -> str:
    """Return `line` within `most`, the middle replaced by a mark that says how much is gone."""
    keep, cut = min(most, len(line)), line
    while keep and size(cut) > most:
        keep = keep * 9 // 10
        tail = keep * 2 // 3
        gone = len(line) - keep
        cut = f"{line[: keep - tail]} … {gone:,} characters cut … {line[len(line) - tail :]}"
    return cut
