"""The transcript as frames that can be filtered: by direction, by step and, with scripts, by text.

The boxes work without a script: the style sheet hides what is not ticked.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from bot.model import TranscriptLine
from bot.phrases import count
from bot.report.document import Report
from bot.report.page.markup import NOTHING, Html, escaped, joined, tag
from bot.report.visible import visible

MOST_STEPS = 24
"""Steps that have a box of their own; the style sheet knows as many."""
# A page is read in a browser, which takes more than a terminal or Slack does.
MOST_FRAME = 40_000
MOST_ALL = 1_000_000
FOLDED = 800
"""A longer frame is closed, and begins with so much of itself."""
_TAIL = 3

_KINDS = {">": ("sent", "sent"), "<": ("received", "received")}
_NOTE = ("note", "note of ours")
_BOXES = (("sent", "> sent"), ("received", "< received"), ("note", "· notes"))


def transcript(report: Report) -> Html:
    """Return every frame of the run and its experiments, and the filter above them."""
    if not report.transcript:
        words = "Nothing crossed the wire." if report.executed else "There was no text."
        return tag("p", words)
    if not report.executed:
        return _text(report)
    steps = list(dict.fromkeys(line.step for line in report.transcript))[:MOST_STEPS]
    rows = joined(_rows(report, steps))
    return tag(
        "div",
        _filter(steps),
        tag("ol", rows, class_="frames", tabindex="0", aria_label="Frames"),
        class_="transcript",
    )


def _text(report: Report) -> Html:
    """Return a pasted text as it is: it has neither steps nor directions."""
    text = "\n".join(line.text for line in report.transcript)
    return tag("pre", _cut(text, MOST_ALL), class_="pasted")


def _filter(steps: Sequence[str]) -> Html:
    directions = joined(_box(f"show-{kind}", words) for kind, words in _BOXES)
    of_steps = joined(_box(f"show-s{number}", step) for number, step in enumerate(steps))
    search = tag(
        "label",
        "Text ",
        tag("input", type="search", id="find", placeholder="such as close or 401"),
        tag("output", id="found", for_="find"),
        class_="search",
        hidden=True,
    )
    return tag(
        "div",
        tag("fieldset", tag("legend", "Direction"), directions),
        tag("fieldset", tag("legend", "Step"), of_steps) if len(steps) > 1 else NOTHING,
        search,
        class_="filter",
    )


def _box(id: str, words: str) -> Html:
    box = tag("input", type="checkbox", id=id, checked=True, autocomplete="off")
    return tag("label", box, " ", tag("span", words))


def _rows(report: Report, steps: Sequence[str]) -> Iterator[Html]:
    names = frozenset(experiment.name for experiment in report.experiments)
    numbers = {step: f"s{number}" for number, step in enumerate(steps)}
    kept = _kept(report.transcript)
    is_told = False
    for number, line in enumerate(report.transcript):
        if number not in kept:
            if not is_told:
                left_out = len(report.transcript) - len(kept)
                yield tag("li", f"… {count(left_out, 'frame')} left out here …", class_="gap")
            is_told = True
            continue
        kind, words = _KINDS.get(line.direction, _NOTE)
        tried = " experiment" if line.step in names else ""
        at_s = (line.at - report.started_at) / timedelta(seconds=1)
        yield tag(
            "li",
            tag("span", f"{at_s:.3f}", class_="at"),
            tag("span", line.step, class_="step"),
            tag("span", line.direction, class_="way", title=words, aria_label=words),
            _said(line.text),
            class_=f"{kind} {numbers.get(line.step, '')}{tried}",
        )


def _kept(lines: Sequence[TranscriptLine]) -> frozenset[int]:
    """Return the frames there is room for: the first third of it, and the end, never cut."""
    sizes = [min(len(line.text), MOST_FRAME) for line in lines]
    if sum(sizes) <= MOST_ALL:
        return frozenset(range(len(lines)))
    first = _fitting(sizes, MOST_ALL // _TAIL)
    last = _fitting(sizes[::-1], MOST_ALL - MOST_ALL // _TAIL)
    return frozenset((*range(first), *range(len(lines) - last, len(lines))))


def _fitting(sizes: Sequence[int], most: int) -> int:
    used = 0
    for number, size in enumerate(sizes):
        used += size
        if used > most:
            return number
    return len(sizes)


def _said(text: str) -> Html:
    shown = _cut(text, MOST_FRAME)
    if len(shown) <= FOLDED:
        return tag("pre", shown)
    begins, more = shown[: FOLDED // 2], len(shown) - FOLDED // 2
    words = tag("span", f" … {more:,} more characters", class_="more")
    summary = tag("summary", tag("pre", begins), words)
    return tag("details", summary, tag("pre", shown))


def _cut(text: str, most: int) -> str:
    """Return visible `text` of about `most` characters, its middle left out if need be."""
    if len(text) > most:
        tail = most * 2 // 3
        gone = len(text) - most
        text = f"{text[: most - tail]} … {gone:,} characters cut … {text[len(text) - tail :]}"
    return visible(text)


def filter_style() -> str:
    """Return the rules that hide what is not ticked."""
    kinds = [kind for kind, _ in _BOXES] + [f"s{number}" for number in range(MOST_STEPS)]
    return "\n".join(
        f".transcript:has(#show-{escaped(kind)}:not(:checked)) .{escaped(kind)} {{ display: none }}"
        for kind in kinds
    )
