"""A chart as a value, within what Slack can show, and as Slack's native block."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.model import Json
from bot.report.visible import clip

# docs.slack.dev: of a data_visualization block.
MOST_POINTS = 20
MOST_SERIES = 12
MOST_LABEL = 20
MOST_TITLE = 50
MOST_CHARTS = 2
"""In one message."""


class ChartKind(StrEnum):
    """How a chart is drawn."""

    BAR = "bar"
    LINE = "line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A named row of numbers, one per category of its chart."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture of numbers; `summary` says in words what it shows."""

    kind: ChartKind
    title: str
    summary: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    x_label: str = ""
    y_label: str = ""


def chart_block(chart: Chart) -> Json:
    """Return `chart` as a data_visualization block; what Slack cannot hold is left out.

    Of too many categories the oldest go; of too many series the last.
    """
    labels = distinct(chart.categories[-MOST_POINTS:])
    shown = chart.series[:MOST_SERIES]
    names = distinct([one.name for one in shown])
    axis: dict[str, Json] = {"categories": labels}
    if chart.x_label:
        axis["x_label"] = clip(chart.x_label, MOST_TITLE)
    if chart.y_label:
        axis["y_label"] = clip(chart.y_label, MOST_TITLE)
    return {
        "type": "data_visualization",
        "title": clip(chart.title, MOST_TITLE) or "–",
        "chart": {
            "type": chart.kind.value,
            "series": [
                {
                    "name": name,
                    "data": [
                        {"label": label, "value": value}
                        for label, value in zip(labels, one.values[-len(labels) :], strict=True)
                    ],
                }
                for name, one in zip(names, shown, strict=True)
            ],
            "axis_config": axis,
        },
    }


def distinct(names: Sequence[str]) -> list[str]:
    """Return `names` as labels that Slack takes, no two alike even where what differs is cut."""
    taken: list[str] = []
    for name in names:
        label, number = _cut(name, MOST_LABEL) or "–", 1
        while label in taken:
            number += 1
            label = f"{_cut(name, MOST_LABEL - 4)} {number}"
        taken.append(label)
    return taken


def _cut(name: str, most: int) -> str:
    """Return `name` without its end, if it is too long: of a few words the first tell most."""
    line = clip(name, 4 * most)
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"
