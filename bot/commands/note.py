"""`note`: write something into an incident's timeline."""

from functools import partial

from bot.alerting import Act, Action, Incident
from bot.commands.command import Arguments, Ask, Command, Reply
from bot.commands.form import Field, FieldKind, Form
from bot.commands.grammar import Parameter, Syntax
from bot.commands.incidents import (
    INCIDENT,
    MOST_TEXT,
    acted,
    answer,
    home_of,
    meant,
    with_incident,
)
from bot.commands.right import Right
from bot.deps import Deps
from bot.report import Card


async def note(deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    text = arguments.get("text", "")
    then = partial(_write, deps, ask, text)
    return await with_incident(deps, arguments, "note", then, rest=text)


async def _write(deps: Deps, ask: Ask, text: str, incident: Incident) -> Reply:
    if not text:
        return Reply(form=_form(incident))
    applied = await acted(deps, ask, Act.NOTE, incident.target, incident=incident.id, text=text)
    title = f"Noted in {incident.id}"
    if applied.decided.action is Action.REFUSE or not incident.told:
        return answer(applied, ask, title)
    # It is said once: in the thread, where everybody reads it.
    if ask.place == await home_of(deps, incident, ask):
        return Reply()
    where = "Everybody reads it in the incident's thread, and in the post-mortem."
    return Reply(card=Card(title=title, lines=(where,)))


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
