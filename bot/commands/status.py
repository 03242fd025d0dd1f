"""`status`: how each target is, since when, and why."""

from collections.abc import Sequence
from itertools import takewhile

from bot.commands.command import Arguments, Ask, Command, Reply
from bot.commands.grammar import Syntax
from bot.commands.run import DEFAULT_CHECK
from bot.deps import Deps
from bot.labels import Label
from bot.report import STATUS_WORDS, Button, Card, Table, label_words, moment
from bot.store import RunSummary

# How far back the beginning of a state is looked for.
_LOOKED_AT = 100
_BUTTONS = 5


async def status(deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    del arguments, ask
    rows = []
    for target in sorted(deps.targets):
        runs = await deps.store.recent(target, limit=_LOOKED_AT)
        rows.append((target, *_state([run for run in runs if run.check == DEFAULT_CHECK])))
    table = Table(columns=("Target", "State", "Since", "Cause", "Last checked"), rows=tuple(rows))
    buttons = tuple(
        Button(label=f"Check {target}", command=f"run {target}") for target in sorted(deps.targets)
    )
    return Reply(card=Card(title=_title(rows), table=table, buttons=buttons[:_BUTTONS]))


def _state(runs: Sequence[RunSummary]) -> tuple[str, str, str, str]:
    """Return state, since when, cause and last check in words; `runs` are newest first."""
    if not runs:
        return ("Never checked", "–", "–", "–")
    last = runs[0]
    same = list(takewhile(lambda run: run.status is last.status, runs))
    since = moment(same[-1].started_at)
    if len(same) == len(runs) and len(runs) > 1:
        since = f"{since} or earlier" if len(runs) >= _LOOKED_AT else f"{since}, the first check"
    cause = label_words(last.cause) if last.cause and last.cause is not Label.HEALTHY else "–"
    return (STATUS_WORDS[last.status], since, cause, moment(last.started_at))


def _title(rows: Sequence[tuple[str, ...]]) -> str:
    broken = [row[0] for row in rows if row[1] in ("Failed", "Degraded", "Errored")]
    if broken:
        return f"Not well: {', '.join(broken)}"
    unknown = [row[0] for row in rows if row[1] == "Never checked"]
    return f"Never checked: {', '.join(unknown)}" if unknown else "All targets passed"


STATUS = Command(
    syntax=Syntax(name="status"),
    summary="Say how each target is, since when, and why",
    run=status,
)
