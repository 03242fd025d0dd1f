"""`postmortem`: all of an incident as one Markdown file, for everybody in its thread."""

from functools import partial

from bot.alerting import Incident
from bot.commands.command import Arguments, Ask, Command, File, Reply
from bot.commands.grammar import Syntax
from bot.commands.incidents import INCIDENT, home_of, meant, with_incident
from bot.deps import Deps
from bot.report import Card
from bot.workflows import postmortem_of


async def postmortem(deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    then = partial(_later, deps, ask)
    return await with_incident(deps, arguments, "postmortem", then)


async def _later(deps: Deps, ask: Ask, incident: Incident) -> Reply:
    return Reply(afterwards=partial(_write, deps, ask, incident))


async def _write(deps: Deps, ask: Ask, incident: Incident) -> Reply:
    told = await postmortem_of(deps.store, incident, now=deps.clock(), page_of=deps.page_of)
    text = deps.masker.mask(told)
    place = await home_of(deps, incident, ask)
    name = f"postmortem-{incident.target}-{incident.id}.md"
    title = f"Post-mortem of {incident.id}: {incident.target}"
    said = Card(title=title, lines=(f"`{name}` is in the thread of {incident.id}.",))
    return Reply(
        card=said if place != ask.place else None,
        file=File(name=name, title=title, text=text, place=place),
    )


POSTMORTEM = Command(
    syntax=Syntax(name="postmortem", parameters=(INCIDENT,)),
    summary="Export an incident as Markdown: timeline, runs, causes, evidence",
    right=None,
    meant=meant,
    run=postmortem,
)
