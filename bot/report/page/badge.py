"""A badge: a target's name and state as a small SVG, for a README or a wiki."""

from collections.abc import Mapping

from bot.model import Status
from bot.report.page.markup import Html, tag
from bot.report.visible import clip

_HEIGHT = 20
_LETTER = 6.3
"""How wide a letter is on average, at 11 px; `textLength` makes up for the rest."""
_PAD = 8
MOST_NAME = 40
# Dark enough that white letters on them are read (WCAG AA).
_COLOURS: Mapping[Status | None, str] = {
    Status.PASSED: "#1a7f37",
    Status.DEGRADED: "#8a5a00",
    Status.FAILED: "#c4232c",
    Status.ERRORED: "#6e3fa3",
    Status.SKIPPED: "#57606a",
    None: "#57606a",
}


def render_badge(target: str, status: Status | None) -> str:
    """Return the badge of a target, None for one that was never checked; a whole SVG document."""
    name, word = clip(target, MOST_NAME), str(status) if status else "unknown"
    left, right = _width(name), _width(word)
    shape = joined_boxes(left, right, _COLOURS[status])
    text = (_words(name, left / 2, left), _words(word, left + right / 2, right))
    return tag(
        "svg",
        tag("title", f"{name}: {word}"),
        *shape,
        *text,
        xmlns="http://www.w3.org/2000/svg",
        width=f"{left + right:.0f}",
        height=str(_HEIGHT),
        role="img",
        aria_label=f"{name}: {word}",
    )


def joined_boxes(left: float, right: float, colour: str) -> tuple[Html, ...]:
    """Return two boxes that touch, with round corners outside."""
    return (
        tag("rect", width=f"{left + right:.0f}", height=str(_HEIGHT), rx="3", fill="#3b4148"),
        tag(
            "rect", x=f"{left:.0f}", width=f"{right:.0f}", height=str(_HEIGHT), rx="3", fill=colour
        ),
        tag("rect", x=f"{left:.0f}", width="4", height=str(_HEIGHT), fill=colour),
    )


def _width(text: str) -> float:
    return round(len(text) * _LETTER) + 2 * _PAD


def _words(text: str, middle: float, width: float) -> Html:
    return tag(
        "text",
        text,
        x=f"{middle:.1f}",
        y="14",
        fill="#fff",
        text_anchor="middle",
        font_family="Verdana,DejaVu Sans,sans-serif",
        font_size="11",
        textLength=f"{width - 2 * _PAD:.0f}",
    )
