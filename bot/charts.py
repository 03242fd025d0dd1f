"""Charts as pictures, for a Slack that does not take the native ones; needs stagecheck[charts].

matplotlib is imported when the first picture is drawn, and used without its global state, so
that several threads may draw at once.
"""

from importlib.util import find_spec
from io import BytesIO

from bot.report import Chart, ChartKind
from bot.report.visible import clip

WIDTH_PX, HEIGHT_PX, DPI = 1440, 720, 144
MOST_TICK = 20
# Okabe and Ito: told apart by people who do not see all colours, and when printed in grey.
GOOD = "#009e73"
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999", "#f0e442")
INK, GRID = "#1f2328", "#d1d9e0"


def can_draw() -> bool:
    """Tell whether pictures can be drawn: whether stagecheck[charts] is installed."""
    return find_spec("matplotlib") is not None


def render_png(chart: Chart) -> bytes:
    """Return `chart` as a PNG of 1440 by 720; takes some tenths of a second, so in a thread.

    ImportError without stagecheck[charts].
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(WIDTH_PX / DPI, HEIGHT_PX / DPI), dpi=DPI, layout="constrained")
    axes = figure.add_subplot()
    places = range(len(chart.categories))
    width = 0.8 / max(1, len(chart.series))
    for number, series in enumerate(chart.series):
        colour, name = _colour(chart, number), _plain(series.name)
        if chart.kind is ChartKind.LINE:
            axes.plot(places, series.values, color=colour, label=name, marker="o")
        else:
            left = [place + (number + 0.5) * width - 0.4 for place in places]
            axes.bar(left, series.values, width * 0.92, color=colour, label=name)
    axes.set_xticks(list(places), [_plain(label) for label in chart.categories])
    if len(chart.categories) > 8 or max(map(len, chart.categories), default=0) > 10:
        axes.tick_params(axis="x", rotation=35)
    if all(value == int(value) for series in chart.series for value in series.values):
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylim(bottom=0)
    if _is_share(chart):
        axes.set_ylim(0, 100)
    axes.set_title(_plain(chart.title), loc="left", fontweight="bold", color=INK)
    axes.set_ylabel(_plain(chart.y_label), color=INK)
    axes.set_xlabel(_plain(chart.x_label), color=INK)
    axes.grid(axis="y", color=GRID)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    if len(chart.series) > 1:
        figure.legend(loc="outside lower center", ncols=3, frameon=False)
    written = BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(written, format="png", metadata={"Software": None})
    return written.getvalue()


def _colour(chart: Chart, number: int) -> str:
    # A share of what worked is drawn in green, as everywhere else.
    return GOOD if _is_share(chart) else COLOURS[number % len(COLOURS)]


def _is_share(chart: Chart) -> bool:
    return chart.y_label.startswith("%")


def _plain(text: str) -> str:
    """Return `text` as matplotlib shows it as it is: a dollar sign would begin a formula."""
    return clip(text, MOST_TICK * 3).replace("$", r"\$")
