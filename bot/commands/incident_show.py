"""`incident show`: one incident with its timeline, for everybody in the place."""

from collections.abc import Iterator
from functools import partial

from bot.alerting import Entry, Incident, IncidentState
from bot.commands.command import Arguments, Ask, Command, Reply
from bot.commands.grammar import Syntax
from bot.commands.incidents import INCIDENT, meant, named, with_incident
from bot.deps import Deps
from bot.report import Button, Card, Table, moment
from bot.report.incident import incident_text

# A link is longer than what it stands behind: those of the newest runs leave room for words.
_MOST_LINKS = 10


async def incident_show(deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    del ask
    return await with_incident(deps, arguments, "incident show", partial(_tell, deps))


async def _tell(deps: Deps, found: Incident) -> Reply:
    timeline = await deps.store.alerts.timeline(found.id)
    # The newest first: where the table is cut, that is what somebody wants to read now.
    newest = timeline[::-1]
    rows = tuple(_entry(entry) for entry in newest)
    named_runs = dict.fromkeys(entry.run_id for entry in newest if entry.run_id)
    pages = {run: page for run in list(named_runs)[:_MOST_LINKS] if (page := deps.page_of(run))}
    return Reply(
        card=Card(
            title=f"{found.id}: {found.target}, {found.state.value}",
            told=tuple(_held(found)),
            lines=(incident_text(found),),
            table=Table(
                columns=("When", "What", "Run"),
                rows=rows,
                told=frozenset({"What"}),
                links=pages,
            ),
            buttons=tuple(_buttons(found, has_pages=bool(pages))),
        ),
        public=True,
    )


def _held(incident: Incident) -> Iterator[str]:
    """Yield who has it, while it is open."""
    if incident.state is not IncidentState.RESOLVED:
        holder = incident.assigned_to or incident.acknowledged_by
        yield f"{named(holder)} looks after it." if holder else "Nobody looks after it yet."


def _entry(entry: Entry) -> tuple[str, ...]:
    # A sentence about what somebody did names them; who asked for a run, its page says.
    is_said = entry.by in entry.text or entry.run_id
    by = f" ({named(entry.by)})" if entry.by and not is_said else ""
    return (moment(entry.at), f"{entry.text}{by}", entry.run_id)


def _buttons(found: Incident, *, has_pages: bool) -> Iterator[Button]:
    yield Button(label="Export Post-mortem", command=f"postmortem {found.id}")
    if found.last_failure and not has_pages:
        yield Button(label="Show Last Failure", command=f"show {found.last_failure}")


INCIDENT_SHOW = Command(
    syntax=Syntax(name="incident show", parameters=(INCIDENT,)),
    summary="Tell all that happened in an incident, to everybody here",
    right=None,
    meant=meant,
    run=incident_show,
)
