"""`incident list`: the newest incidents, open or over."""

from bot.alerting import Incident, IncidentState
from bot.commands.command import Arguments, Ask, Command, Reply
from bot.commands.grammar import Syntax
from bot.deps import Deps
from bot.report import Button, Card, Table, moment, seconds
from bot.report.incident import cause_line, outage_words

_SHOWN = 10
_MOST_BUTTONS = 5
_COLUMNS = ("Incident", "Target", "State", "Outage", "Cause")


async def incident_list(deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    del arguments, ask
    found = await deps.store.alerts.incidents(limit=_SHOWN)
    if not found:
        return Reply(
            card=Card(
                title="No incidents yet", lines=("`incident open TARGET` opens one by hand.",)
            )
        )
    open_ones = [one for one in found if one.state is not IncidentState.RESOLVED]
    title = f"{len(open_ones)} open" if open_ones else "No incident is open"
    return Reply(
        card=Card(
            title=title,
            lines=("`incident show INCIDENT` tells all that happened in one.",),
            table=Table(
                columns=_COLUMNS,
                rows=tuple(_row(deps, one) for one in found),
                told=frozenset({"State"}),
            ),
            buttons=tuple(
                Button(label=f"Show {one.id}", command=f"incident show {one.id}")
                for one in found[:_MOST_BUTTONS]
            ),
        )
    )


def _row(deps: Deps, one: Incident) -> tuple[str, ...]:
    so_far = seconds(max(0.0, (deps.clock() - one.started_at).total_seconds()))
    lasted = outage_words(one) or so_far
    why = cause_line(one) or one.title or "–"
    state = f"{one.state.value}, since {moment(one.started_at)}"
    return (one.id, one.target, state, lasted, why)


INCIDENT_LIST = Command(
    syntax=Syntax(name="incident list", implied=True),
    summary="List the newest incidents, with their outages and causes",
    right=None,
    run=incident_list,
)
