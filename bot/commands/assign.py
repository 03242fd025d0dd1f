"""`assign`: hand an incident to somebody."""

import re
from functools import partial

from bot.alerting import Act, Incident
from bot.commands.command import Arguments, Ask, Command, Reply
from bot.commands.form import Field, FieldKind, Form
from bot.commands.grammar import Parameter, Syntax
from bot.commands.incidents import INCIDENT, acted, answer, meant, with_incident
from bot.commands.right import Right
from bot.commands.words import echo
from bot.deps import Deps
from bot.errors import UsageError

_USER = re.compile(r"@?([UW][A-Z0-9]{1,20})")


async def assign(deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    user = _meant(arguments["user"], ask) if "user" in arguments else ""
    then = partial(_hand_over, deps, ask, user)
    rest = f"@{user}" if user else ""
    return await with_incident(deps, arguments, "assign", then, rest=rest)


async def _hand_over(deps: Deps, ask: Ask, user: str, incident: Incident) -> Reply:
    if not user:
        return Reply(form=_form(incident))
    applied = await acted(deps, ask, Act.ASSIGN, incident.target, incident=incident.id, to=user)
    return answer(applied, ask, f"Assigned {incident.id}")


def _meant(word: str, ask: Ask) -> str:
    """Return the id of the user that `word` is; UsageError if it is none."""
    if word.casefold() == "me":
        return ask.caller.id
    if found := _USER.fullmatch(word):
        return found[1]
    raise UsageError(
        f"I do not know who `{echo(word)}` is.",
        hint="Type @ and pick them from Slack's own list, or say `assign me`.",
    )


def _form(incident: Incident) -> Form:
    user = Field(name="user", label="Who looks after it", kind=FieldKind.USER)
    title = f"Assign {incident.id}"
    return Form(
        title=title, submit="Assign", line=f"assign {incident.id} @{{user}}", fields=(user,)
    )


ASSIGN = Command(
    syntax=Syntax(
        name="assign",
        parameters=(INCIDENT, Parameter(name="user", placeholder="USER")),
    ),
    summary="Hand an incident to somebody: @them or `me`",
    right=Right.ACK,
    meant=meant,
    run=assign,
)
