"""`help`: what can be asked, and how."""

from collections.abc import Iterable
from functools import partial

from bot.commands.command import Arguments, Ask, Command, Reply
from bot.commands.grammar import Parameter, Syntax
from bot.deps import Deps
from bot.report import Card, Table

_SYNTAX = Syntax(
    name="help", parameters=(Parameter(name="command", placeholder="COMMAND", rest=True),)
)
_SUMMARY = "List what can be asked, or tell more of one command"
_Line = tuple[str, str]
"""How a command is written, and what it does."""


def help_of(others: Iterable[Command]) -> Command:
    """Return the command that tells of `others`, and of itself."""
    lines = {one.name: (one.usage, one.summary) for one in others}
    lines[_SYNTAX.name] = (_SYNTAX.usage, _SUMMARY)
    return Command(syntax=_SYNTAX, summary=_SUMMARY, right=None, run=partial(_tell, lines))


async def _tell(lines: dict[str, _Line], deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    del ask
    asked = arguments.get("command", "")
    if asked in lines:
        usage, summary = lines[asked]
        told = (f"{summary}.", f"Usage: `/stagecheck {usage}`")
        return Reply(card=Card(title=asked, lines=told))
    # Of `incident`, whatever begins with it.
    rows = tuple(line for name, line in lines.items() if name.startswith(asked))
    example = min(deps.targets)
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
