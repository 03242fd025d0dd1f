"""`run`: check a target."""

from bot.commands.command import CHECK, TARGET, Arguments, Ask, Command, Reply, target_of
from bot.commands.grammar import Syntax
from bot.commands.starting import start_check
from bot.deps import Deps

DEFAULT_CHECK = "pipeline"


async def run(deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    check = arguments.get("check", DEFAULT_CHECK)
    return await start_check(deps, target_of(deps, arguments), check, ask)


RUN = Command(
    syntax=Syntax(name="run", parameters=(TARGET, CHECK), implied=True),
    summary="Check a target end to end and explain what fails",
    starts=True,
    run=run,
)
