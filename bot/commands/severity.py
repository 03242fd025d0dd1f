"""`severity`: say how much an incident matters."""

from functools import partial

from bot.alerting import Act, Incident
from bot.commands.command import Arguments, Ask, Command, Reply
from bot.commands.form import Choice, Field, FieldKind, Form
from bot.commands.grammar import Parameter, Syntax
from bot.commands.incidents import INCIDENT, acted, answer, meant, with_incident
from bot.commands.right import Right
from bot.deps import Deps
from bot.model import Severity


async def severity(deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    level = arguments.get("level", "")
    then = partial(_set, deps, ask, level)
    return await with_incident(deps, arguments, "severity", then, rest=level)


async def _set(deps: Deps, ask: Ask, level: str, incident: Incident) -> Reply:
    if not level:
        return Reply(form=_form(incident))
    wanted = Severity(level)
    applied = await acted(
        deps, ask, Act.SEVERITY, incident.target, incident=incident.id, severity=wanted
    )
    return answer(applied, ask, f"Severity of {incident.id}: {wanted}")


def _form(incident: Incident) -> Form:
    choices = tuple(Choice(label=level.capitalize(), value=level) for level in Severity)
    level = Field(
        name="level",
        label="How much it matters",
        kind=FieldKind.CHOICE,
        choices=choices,
        initial=incident.severity,
    )
    return Form(
        title=f"Severity of {incident.id}",
        submit="Set Severity",
        line=f"severity {incident.id} {{level}}",
        fields=(level,),
    )


SEVERITY = Command(
    syntax=Syntax(
        name="severity",
        parameters=(INCIDENT, Parameter(name="level", placeholder="LEVEL")),
    ),
    summary="Say how much an incident matters: critical, high, medium or low",
    right=Right.ACK,
    meant=meant,
    run=severity,
)
