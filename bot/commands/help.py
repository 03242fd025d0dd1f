"""`help`: what can be asked, and how."""

from bot.commands.command import Arguments, Ask, Command, Reply
from bot.commands.grammar import Parameter, Syntax
from bot.deps import Deps
from bot.report import Card, Table


async def tell(deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    by_name = {command.name: command for command in ask.commands}
    example = min(deps.targets)
    if asked := arguments.get("command"):
        command = by_name[asked]
        lines = (f"{command.summary}.", f"Usage: `/stagecheck {command.usage}`")
        return Reply(card=Card(title=command.name, lines=lines))
    rows = tuple((command.usage, command.summary) for command in ask.commands)
    return Reply(
        card=Card(
            title="What stagecheck can do",
            lines=(
                f"For example: `/stagecheck {example}`",
                "What stands in square brackets may be left out.",
            ),
            table=Table(columns=("/stagecheck …", "Does"), rows=rows),
        )
    )


HELP = Command(
    syntax=Syntax(name="help", parameters=(Parameter(name="command", placeholder="COMMAND"),)),
    summary="List what can be asked, or tell more of one command",
    run=tell,
)
