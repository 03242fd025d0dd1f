"""`resolve`: end an incident by hand; the next failure opens it again."""

from functools import partial

from bot.alerting import Act, Incident
from bot.commands.command import Arguments, Ask, Command, Reply
from bot.commands.form import Field, FieldKind, Form
from bot.commands.grammar import Parameter, Syntax
from bot.commands.incidents import INCIDENT, acted, answer, meant, with_incident
from bot.commands.right import Right
from bot.deps import Deps
from bot.model import Trigger


async def resolve(deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    reason = arguments.get("reason", "")
    then = partial(_end, deps, ask, reason)
    return await with_incident(deps, arguments, "resolve", then, rest=reason)


async def _end(deps: Deps, ask: Ask, reason: str, incident: Incident) -> Reply:
    # A press could be a slip; the form asks once more, and why. Who types the word means it.
    if ask.trigger is Trigger.BUTTON and not reason:
        return Reply(form=_form(incident))
    applied = await acted(
        deps, ask, Act.RESOLVE, incident.target, incident=incident.id, text=reason
    )
    return answer(applied, ask, f"Resolved {incident.id}")


def _form(incident: Incident) -> Form:
    reason = Field(name="reason", label="What ended it", kind=FieldKind.LONG, optional=True)
    return Form(
        title=f"Resolve {incident.id}",
        submit="Resolve",
        line=f"resolve {incident.id} {{reason}}",
        fields=(reason,),
        note=f"Runs that pass resolve it by themselves. If {incident.target} fails again, "
        "the same incident is opened again, and its thread says so.",
    )


RESOLVE = Command(
    syntax=Syntax(
        name="resolve",
        parameters=(INCIDENT, Parameter(name="reason", placeholder="REASON", rest=True)),
    ),
    summary="End an incident by hand; the next failure opens it again",
    right=Right.RESOLVE,
    meant=meant,
    run=resolve,
)
