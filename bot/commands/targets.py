"""`targets`: what can be checked."""

from bot.commands.command import Arguments, Ask, Command, Reply
from bot.commands.grammar import Syntax
from bot.deps import Deps
from bot.probe import CHECKS
from bot.report import Card, Table

_COLUMNS = ("Target", "Backend", "Auth", "WebSocket")


async def targets(deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    del arguments, ask
    rows = tuple(
        (name, target.api_url, target.auth_url, target.ws_url)
        for name, target in sorted(deps.targets.items())
    )
    return Reply(
        card=Card(
            title="One target" if len(rows) == 1 else f"{len(rows)} targets",
            lines=(f"Checks: {', '.join(f'`{name}`' for name in CHECKS)}.",),
            table=Table(columns=_COLUMNS, rows=rows),
        )
    )


TARGETS = Command(
    syntax=Syntax(name="targets"),
    summary="List what can be checked",
    right=None,
    run=targets,
)
