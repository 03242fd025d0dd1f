"""`history`: the last runs, or what the runs of a week or a month come to."""

from dataclasses import replace

from bot.commands.command import TARGET, Arguments, Ask, Command, Reply
from bot.commands.grammar import Parameter, Syntax
from bot.commands.trend import only_target, tell_trend
from bot.deps import Deps
from bot.labels import Label
from bot.report import STATUS_WORDS, Card, Table, label_words, moment, seconds
from bot.store import RunSummary
from bot.target import DEFAULT_CHECK

_SHOWN = 10
_COLUMNS = ("When", "Target", "Check", "Outcome", "Cause", "Took", "Run")


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
    return Reply(
        card=Card(
            title=f"The last run{of}" if len(runs) == 1 else f"The last {len(runs)} runs{of}",
            lines=("`show RUN` tells what a run found; `history TARGET 7d` charts a week.",),
            table=Table(columns=_COLUMNS, rows=tuple(_row(run) for run in runs)),
        )
    )


def _row(run: RunSummary) -> tuple[str, ...]:
    cause = label_words(run.cause) if run.cause and run.cause is not Label.HEALTHY else "–"
    outcome = STATUS_WORDS[run.status]
    when, took = moment(run.started_at), seconds(run.duration_s)
    return (when, run.target, run.check, outcome, cause, took, run.id)


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
