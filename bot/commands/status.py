"""`status`: how each target is, since when, and why."""

from bot.commands.command import Arguments, Ask, Command, Reply
from bot.commands.grammar import Syntax
from bot.commands.standing import Standing, standing_of, summed_up
from bot.commands.watching import told_of
from bot.deps import Deps
from bot.report import Button, Card, Table, moment

_BUTTONS = 5


async def status(deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    del arguments, ask
    standings = [await standing_of(deps, target) for target in sorted(deps.targets)]
    table = Table(
        columns=("Target", "State", "Cause", "Last checked"),
        rows=tuple((one.target, *_state(one)) for one in standings),
        told=frozenset({"State", "Last checked"}),
    )
    buttons = tuple(
        Button(label=f"Check {one.target}", command=f"run {one.target}") for one in standings
    )
    card = Card(
        title=summed_up(standings),
        told=await told_of(deps),
        table=table,
        buttons=buttons[:_BUTTONS],
    )
    return Reply(card=card)


def _state(one: Standing) -> tuple[str, str, str]:
    """Return state and since when, cause, and last check in words."""
    if one.last is None or one.since is None:
        return (one.word, "–", "–")
    since = f"{one.word} since {moment(one.since)}{one.since_note}"
    checked = moment(one.last.started_at)
    checked = f"{checked}; {one.own_trouble}" if one.own_trouble else checked
    return (since, one.cause or "–", checked)


STATUS = Command(
    syntax=Syntax(name="status"),
    summary="Say how each target is, since when, and why",
    right=None,
    run=status,
)
