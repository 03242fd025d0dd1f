"""`status`: how each target is, since when, and why."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile

from bot.commands.command import Arguments, Ask, Command, Reply
from bot.commands.grammar import Syntax
from bot.commands.run import DEFAULT_CHECK
from bot.deps import Deps
from bot.labels import Label
from bot.model import Status
from bot.report import STATUS_WORDS, Button, Card, Table, label_words, moment
from bot.store import RunSummary

# How far back the beginning of a state is looked for.
_LOOKED_AT = 100
_BUTTONS = 5


async def status(deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    del arguments, ask
    runs = {
        target: await deps.store.recent(target, check=DEFAULT_CHECK, limit=_LOOKED_AT)
        for target in sorted(deps.targets)
    }
    rows = tuple((target, *_state(of_target)) for target, of_target in runs.items())
    table = Table(columns=("Target", "State", "Since", "Cause", "Last checked"), rows=rows)
    buttons = tuple(
        Button(label=f"Check {target}", command=f"run {target}") for target in sorted(deps.targets)
    )
    last = {target: of_target[0].status for target, of_target in runs.items() if of_target}
    return Reply(
        card=Card(title=_title(deps.targets, last), table=table, buttons=buttons[:_BUTTONS])
    )


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


def _title(targets: Iterable[str], last: Mapping[str, Status]) -> str:
    """Say the worst first; a run that errored says nothing about its target."""
    states = {
        "Not well": [name for name in last if last[name] in (Status.FAILED, Status.DEGRADED)],
        "Our own side failed": [name for name in last if last[name] is Status.ERRORED],
        "Never checked": sorted(set(targets) - set(last)),
    }
    worst = next((what for what, names in states.items() if names), "")
    return f"{worst}: {', '.join(states[worst])}" if worst else "All targets passed"


STATUS = Command(
    syntax=Syntax(name="status"),
    summary="Say how each target is, since when, and why",
    run=status,
)
