"""`mute`: tell nothing new about a target for a while; runs go on, and recoveries are told."""

from dataclasses import replace

from bot.alerting import Act, Action
from bot.commands.command import Arguments, Ask, Command, Reply
from bot.commands.durations import BEGINS, EXAMPLES, ends_at, zone_words
from bot.commands.form import Field, FieldKind, Form
from bot.commands.grammar import Parameter, Syntax
from bot.commands.incidents import acted, of_act_on_target
from bot.commands.right import Right
from bot.commands.starting import target_of, which_target
from bot.deps import Deps

TARGET = Parameter(name="target", placeholder="TARGET", passes=BEGINS)
_INITIALLY = "2h"


async def mute(deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    rest = arguments.get("duration", "")
    target = target_of(deps, arguments)
    zone = zone_of(deps, target)
    if target and not rest:
        return Reply(form=_form(target, zone))
    # What is no duration is told before anything is asked back.
    until, reason = ends_at(rest, now=deps.clock(), zone=zone)
    if not target:
        return which_target(deps, "mute", label="Mute", rest=rest)
    applied = await acted(deps, ask, Act.MUTE, target, until=until, text=reason)
    reply = of_act_on_target(applied, ask, f"Alerts of {target} are muted")
    # Slack shows each reader the moment in their own time zone: not what was typed.
    if reply.card and applied.decided.action is not Action.REFUSE:
        lines = tuple(filter(None, [zone_words(rest, zone)]))
        return replace(reply, card=replace(reply.card, lines=lines))
    return reply


def zone_of(deps: Deps, target: str) -> str:
    """Return the time zone of the target's schedules; UTC where they have none, or several."""
    zones = {one.timezone for one in deps.live.schedules if one.target == target}
    return zones.pop() if len(zones) == 1 else "UTC"


def _form(target: str, zone: str) -> Form:
    return Form(
        title="Mute alerts",
        submit="Mute",
        line=f"mute {target} {{duration}} {{reason}}",
        fields=(
            Field(
                name="duration",
                label="For how long",
                initial=_INITIALLY,
                hint=f"{EXAMPLES.replace('`', '')} A time of day is in {zone}.",
                most=40,
            ),
            Field(name="reason", label="Why", kind=FieldKind.TEXT, optional=True, most=200),
        ),
        note=f"Checks of {target} go on, and the end of an outage that was told is told too.",
    )


MUTE = Command(
    syntax=Syntax(
        name="mute",
        parameters=(TARGET, Parameter(name="duration", placeholder="DURATION", rest=True)),
        shown="[TARGET] DURATION [REASON]",
    ),
    summary="Tell nothing new about a target for a while: 30m, 2h, 1d, until 08:00",
    right=Right.MUTE,
    run=mute,
)
