"""What `history` says of a period: takeaways in words, and the charts they come from."""

from collections.abc import Iterator

from bot.commands.command import Reply
from bot.deps import Deps
from bot.errors import UsageError
from bot.report import PERIODS, Button, Card, Chart, Trend, begin_of, build_trend

OTHER = {"7d": "30d", "30d": "7d"}


async def tell_trend(deps: Deps, target: str, *, check: str, period: str) -> Reply:
    """Return how often `check` on `target` worked in `period`, how long it took, why it failed.

    Everybody in the place sees it: a picture cannot be shown to one person alone.
    """
    now = deps.clock()
    runs = await deps.store.past(target, check, since=begin_of(period, now))
    trend = build_trend(runs, target=target, check=check, period=period, now=now)
    first, *more = _cards(trend)
    return Reply(card=first, more=tuple(more), public=True)


def only_target(deps: Deps) -> str:
    """Return the one target there is; UsageError if a person has to say which."""
    if len(deps.targets) == 1:
        return next(iter(deps.targets))
    names = sorted(deps.targets)
    raise UsageError(
        "Of which target?", hint=f"Such as `history {names[0]} 7d`. Known: {', '.join(names)}."
    )


def _cards(trend: Trend) -> Iterator[Card]:
    """Yield the cards of a trend; one message takes two charts."""
    title = f"{trend.check} on {trend.target}, the last {PERIODS[trend.period][0]} days"
    other = OTHER[trend.period]
    button = Button(
        label=f"Show {PERIODS[other][0]} Days", command=f"history {trend.target} {other}"
    )
    first = _there(trend.availability, trend.causes)
    rest = _there(trend.durations)
    said = [line for line in trend.takeaways if line not in _summaries(rest)]
    yield Card(
        title=title,
        lines=tuple(said or trend.takeaways),
        charts=first,
        buttons=() if rest else (button,),
    )
    if rest:
        yield Card(
            title=f"{title}: durations", lines=_summaries(rest), charts=rest, buttons=(button,)
        )


def _there(*charts: Chart | None) -> tuple[Chart, ...]:
    return tuple(chart for chart in charts if chart)


def _summaries(charts: tuple[Chart, ...]) -> tuple[str, ...]:
    return tuple(chart.summary for chart in charts)
