"""`run`: check a target."""

from bot.commands.command import CHECK, TARGET, Arguments, Ask, Command, Reply
from bot.commands.grammar import Syntax
from bot.commands.right import Right
from bot.commands.starting import start_check, target_of, which_target
from bot.deps import Deps
from bot.target import DEFAULT_CHECK


async def run(deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    check = arguments.get("check", DEFAULT_CHECK)
    if target := target_of(deps, arguments):
        return await start_check(deps, target, check, ask)
    verb = "run" if check == DEFAULT_CHECK else f"run --check {check}"
    return which_target(deps, verb, label="Check")


RUN = Command(
    syntax=Syntax(name="run", parameters=(TARGET, CHECK), implied=True),
    summary="Check a target end to end and explain what fails",
    right=Right.RUN,
    starts=True,
    run=run,
)
