"""`note`: write something into an incident's timeline."""

from functools import partial

from bot.alerting import Act, Incident
from bot.commands.command import Arguments, Ask, Command, Reply
from bot.commands.form import Field, FieldKind, Form
from bot.commands.grammar import Parameter, Syntax
from bot.commands.incidents import INCIDENT, MOST_TEXT, acted, answer, meant, with_incident
from bot.commands.right import Right
from bot.deps import Deps


async def note(deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    text = arguments.get("text", "")
    then = partial(_write, deps, ask, text)
    return await with_incident(deps, arguments, "note", then, rest=text)


async def _write(deps: Deps, ask: Ask, text: str, incident: Incident) -> Reply:
    if not text:
        return Reply(form=_form(incident))
    applied = await acted(deps, ask, Act.NOTE, incident.target, incident=incident.id, text=text)
    return answer(applied, ask, f"Noted in {incident.id}")


def _form(incident: Incident) -> Form:
    text = Field(name="text", label="Note", kind=FieldKind.LONG, most=MOST_TEXT)
    return Form(
        title=f"Note for {incident.id}",
        submit="Add Note",
        line=f"note {incident.id} {{text}}",
        fields=(text,),
        note="It stands in the timeline and in the post-mortem, with your name and the time.",
    )


NOTE = Command(
    syntax=Syntax(
        name="note",
        parameters=(INCIDENT, Parameter(name="text", placeholder="TEXT", rest=True)),
    ),
    summary="Write something into the timeline of an incident",
    right=Right.ACK,
    meant=meant,
    run=note,
)
