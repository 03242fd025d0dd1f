"""`history`: the last runs, or what the runs of a week or a month come to."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.commands.command import TARGET, Arguments, Ask, Command, Reply
from bot.commands.grammar import Parameter, Syntax
from bot.commands.trend import only_target, tell_trend
from bot.deps import Deps
from bot.labels import Label
from bot.report import STATUS_WORDS, Card, Menu, Table, label_words, moment, seconds
from bot.store import RunSummary
from bot.target import DEFAULT_CHECK

_SHOWN = 10
_ID = 7
"""Of an id; six characters name a run."""


async def history(deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    del ask
    target = arguments.get("target")
    if period := arguments.get("period"):
        target = target or only_target(deps)
        return await tell_trend(deps, target, check=DEFAULT_CHECK, period=period)
    runs = await deps.store.recent(target, limit=_SHOWN)
    of = f" of {target}" if target else ""
    if not runs:
        line = f"`run {target}` makes the first." if target else "`run TARGET` makes the first."
        return Reply(card=Card(title=f"No runs{of} yet", lines=(line,)))
    # Where people can reach no page, a run is picked; where they can, its id leads there.
    pages = {run.id: page for run in runs if (page := deps.page_of(run.id))}
    picks = tuple((_pick(run, target), f"show {run.id}") for run in runs)
    return Reply(
        card=Card(
            title=f"The last run{of}" if len(runs) == 1 else f"The last {len(runs)} runs{of}",
            lines=("`show RUN` tells what a run found; `history TARGET 7d` charts a week.",),
            table=_table(runs, target, pages),
            menu=None if pages else Menu(label="Show a Run…", options=picks),
        )
    )


def _table(runs: Sequence[RunSummary], target: str | None, pages: Mapping[str, str]) -> Table:
    """Return the runs as rows; a column that says the same of all, and goes without, is left."""
    cells = {
        "When": [moment(run.started_at) for run in runs],
        "Target": [] if target else [run.target for run in runs],
        "Check": [run.check for run in runs],
        "Outcome": [STATUS_WORDS[run.status] for run in runs],
        "Cause": [_cause(run) for run in runs],
        "Took": [seconds(run.duration_s) for run in runs],
        "Run": [run.id for run in runs],
    }
    if set(cells["Check"]) == {DEFAULT_CHECK}:
        cells["Check"] = []
    shown = {title: column for title, column in cells.items() if column}
    rows = tuple(zip(*shown.values(), strict=True))
    return Table(columns=tuple(shown), rows=rows, links=pages)


def _cause(run: RunSummary) -> str:
    return label_words(run.cause) if run.cause and run.cause is not Label.HEALTHY else "–"


def _pick(run: RunSummary, target: str | None) -> str:
    of = "" if target else f" {run.target}:"
    cause = _cause(run)
    why = f", {cause}" if cause != "–" else ""
    # Two runs of one minute are told apart by their ids, as they stand in the table.
    return f"{run.started_at:%b %d %H:%M} UTC, {run.id[:_ID]}:{of} {STATUS_WORDS[run.status]}{why}"


HISTORY = Command(
    syntax=Syntax(
        name="history",
        parameters=(
            replace(TARGET, passes=r"\d+[a-z]+"),
            Parameter(name="period", placeholder="7d|30d"),
        ),
    ),
    summary="List the last ten runs, or chart a week or a month of them",
    right=None,
    run=history,
)
