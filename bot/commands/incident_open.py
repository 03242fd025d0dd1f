"""`incident open`: open an incident by hand."""

from dataclasses import replace

from bot.alerting import Act, Action
from bot.commands.command import TARGET, Arguments, Ask, Command, Reply
from bot.commands.form import Field, Form
from bot.commands.grammar import Parameter, Syntax
from bot.commands.incidents import acted, answer
from bot.commands.right import Right
from bot.commands.starting import target_field, target_of
from bot.deps import Deps

_MOST_TITLE = 200


async def incident_open(deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    title = arguments.get("title", "") or ask.about.partition("\n")[0]
    target = target_of(deps, arguments)
    if not target:
        return Reply(form=_form(deps, title, ask.about))
    applied = await acted(deps, ask, Act.OPEN, target, text=title[:_MOST_TITLE])
    opened = applied.decided.incident
    if ask.about and applied.decided.action is not Action.REFUSE:
        noted = replace(ask, key=f"{ask.key}:about")
        _ = await acted(deps, noted, Act.NOTE, target, incident=opened, text=ask.about)
    return answer(applied, ask, f"Opened {opened}")


def _form(deps: Deps, title: str, about: str) -> Form:
    return Form(
        title="Open an incident",
        submit="Open Incident",
        line="incident open {target} {title}",
        fields=(
            target_field(deps, "Which target"),
            Field(name="title", label="What is wrong", initial=title[:150], most=_MOST_TITLE),
        ),
        about=about,
    )


INCIDENT_OPEN = Command(
    syntax=Syntax(
        name="incident open",
        parameters=(TARGET, Parameter(name="title", placeholder="TITLE", rest=True)),
    ),
    summary="Open an incident by hand",
    right=Right.OPEN,
    run=incident_open,
)
