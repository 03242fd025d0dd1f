"""`incident show`: one incident with its timeline, for everybody in the place."""

from collections.abc import Iterator
from functools import partial

from bot.alerting import Entry, Incident, IncidentState
from bot.commands.command import Arguments, Ask, Command, Reply
from bot.commands.grammar import Syntax
from bot.commands.incidents import INCIDENT, meant, named, with_incident
from bot.deps import Deps
from bot.report import Button, Card, Table, moment
from bot.report.blocks import unmarked
from bot.report.incident import incident_text

_MOST_ROWS = 50


async def incident_show(deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    del ask
    return await with_incident(deps, arguments, "incident show", partial(_tell, deps))


async def _tell(deps: Deps, found: Incident) -> Reply:
    timeline = await deps.store.alerts.timeline(found.id)
    rows = tuple(_entry(entry) for entry in timeline)
    return Reply(
        card=Card(
            title=f"{found.id}: {found.target}, {found.state.value}",
            told=tuple(_held(found)),
            lines=(incident_text(found),),
            table=Table(columns=("When", "What", "Who", "Run"), rows=rows[-_MOST_ROWS:]),
            buttons=(Button(label="Export Post-mortem", command=f"postmortem {found.id}"),),
            context=(f"{len(rows)} entries",) if len(rows) > _MOST_ROWS else (),
        ),
        public=True,
    )


def _held(incident: Incident) -> Iterator[str]:
    """Yield who has it, while it is open."""
    if incident.state is not IncidentState.RESOLVED:
        holder = incident.assigned_to or incident.acknowledged_by
        yield f"{named(holder)} looks after it." if holder else "Nobody looks after it yet."


def _entry(entry: Entry) -> tuple[str, ...]:
    return (moment(entry.at), unmarked(entry.text), entry.by, entry.run_id)


INCIDENT_SHOW = Command(
    syntax=Syntax(name="incident show", parameters=(INCIDENT,)),
    summary="Tell all that happened in an incident, to everybody here",
    right=None,
    meant=meant,
    run=incident_show,
)
