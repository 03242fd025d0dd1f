"""`verify-key`: the state of a target's bypass key, by fingerprint."""

from bot.commands.command import TARGET, Arguments, Ask, Command, Reply
from bot.commands.grammar import Syntax
from bot.commands.right import Right
from bot.commands.starting import start_check, target_of, which_target
from bot.deps import Deps
from bot.target import KEY_CHECK


async def verify_key(deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    if target := target_of(deps, arguments):
        return await start_check(deps, target, KEY_CHECK, ask)
    return which_target(deps, "verify-key", label="Verify Key of")


VERIFY_KEY = Command(
    syntax=Syntax(name="verify-key", parameters=(TARGET,)),
    summary="Try the bypass key of a target, and say what is wrong with it",
    right=Right.VERIFY_KEY,
    starts=True,
    run=verify_key,
)
