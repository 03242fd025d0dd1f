"""`verify-key`: the state of a target's bypass key, by fingerprint."""

from bot.commands.command import TARGET, Arguments, Ask, Command, Reply, target_of
from bot.commands.grammar import Syntax
from bot.commands.starting import start_check
from bot.deps import Deps

KEY_CHECK = "key"


async def verify_key(deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    return await start_check(deps, target_of(deps, arguments), KEY_CHECK, ask)


VERIFY_KEY = Command(
    syntax=Syntax(name="verify-key", parameters=(TARGET,)),
    summary="Try the bypass key of a target, and say what is wrong with it",
    starts=True,
    run=verify_key,
)
