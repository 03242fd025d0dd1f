"""`unmute`: end a mute before its time."""

from bot.alerting import Act
from bot.commands.command import TARGET, Arguments, Ask, Command, Reply
from bot.commands.grammar import Syntax
from bot.commands.incidents import acted, of_act_on_target
from bot.commands.right import Right
from bot.commands.starting import target_of, which_target
from bot.deps import Deps


async def unmute(deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    target = target_of(deps, arguments)
    if not target:
        return which_target(deps, "unmute", label="Unmute")
    applied = await acted(deps, ask, Act.UNMUTE, target)
    return of_act_on_target(applied, ask, f"Alerts of {target} are no longer muted")


UNMUTE = Command(
    syntax=Syntax(name="unmute", parameters=(TARGET,)),
    summary="End a mute before its time; what it held is told then",
    right=Right.MUTE,
    run=unmute,
)
