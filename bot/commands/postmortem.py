"""`postmortem`: all of an incident as one Markdown file, for everybody in its thread."""

from functools import partial

from bot.alerting import Incident
from bot.commands.command import Arguments, Ask, Command, File, Reply
from bot.commands.grammar import Syntax
from bot.commands.incidents import INCIDENT, with_incident
from bot.deps import Deps
from bot.workflows import postmortem_of


async def postmortem(deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    return await with_incident(deps, arguments, ask, "postmortem", partial(_later, deps))


async def _later(deps: Deps, incident: Incident) -> Reply:
    return Reply(afterwards=partial(_write, deps, incident))


async def _write(deps: Deps, incident: Incident) -> Reply:
    text = await postmortem_of(deps, incident)
    name = f"postmortem-{incident.target}-{incident.id}.md"
    title = f"Post-mortem of {incident.id}: {incident.target}"
    return Reply(file=File(name=name, title=title, text=text))


POSTMORTEM = Command(
    syntax=Syntax(name="postmortem", parameters=(INCIDENT,)),
    summary="Export an incident as Markdown: timeline, runs, causes, evidence",
    run=postmortem,
)
