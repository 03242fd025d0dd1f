"""What the commands about incidents share: which one is meant, what is done to it, the answer."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from bot.alerting import Act, Acted, Action, Incident, IncidentState
from bot.commands.command import Arguments, Ask, Reply
from bot.commands.grammar import Parameter
from bot.deps import Deps
from bot.model import Place, Severity, Trigger
from bot.report import Button, Card, moment
from bot.report.incident import incident_text
from bot.store import Applied, names
from bot.workflows import settle

INCIDENT = Parameter(name="incident", placeholder="INCIDENT", passes=r"(?!i\d+$).*")
"""Left out: the incident of this thread, else the only one that is open."""

MOST_TEXT = 2_000
_MOST_LISTED = 5

Then = Callable[[Incident], Awaitable[Reply]]


async def meant(deps: Deps, arguments: Arguments, ask: Ask) -> Arguments:
    """Fill in which incident is meant, if that is plain, and its target.

    That is the one named, else the one of this thread, else the only one that is open. NotFound
    if the one named is not there.
    """
    found: Incident | None
    if given := arguments.get("incident", ""):
        found = await deps.store.alerts.incident(given)
    else:
        found = await _of_place(deps, ask) or await _only_open(deps)
    if found is None:
        return arguments
    return {**arguments, "incident": found.id, "target": found.target}


async def with_incident(
    deps: Deps, arguments: Arguments, command: str, then: Then, *, rest: str = ""
) -> Reply:
    """Go on with the incident that is `meant`; if none is, ask of which one `command` is.

    `rest` follows the incident in the line.
    """
    if given := arguments.get("incident", ""):
        # As it is by now: since `meant` read it, Slack may have been asked who may do this.
        return await then(await deps.store.alerts.incident(given))
    open_ones = await deps.store.alerts.incidents(open_only=True, limit=_MOST_LISTED)
    return Reply(card=_which(open_ones, command, rest))


async def _only_open(deps: Deps) -> Incident | None:
    open_ones = await deps.store.alerts.incidents(open_only=True, limit=2)
    return open_ones[0] if len(open_ones) == 1 else None


async def _of_place(deps: Deps, ask: Ask) -> Incident | None:
    """Return the incident in whose thread `ask` was said, if it was said in one."""
    if not ask.place.thread:
        return None
    found = await deps.store.incident_at(ask.place.channel, ask.place.thread)
    return await deps.store.alerts.incident(found) if found else None


async def acted(
    deps: Deps,
    ask: Ask,
    act: Act,
    target: str,
    *,
    incident: str = "",
    text: str = "",
    to: str = "",
    until: datetime | None = None,
    severity: Severity | None = None,
) -> Applied:
    """Have policy take in what the caller did; the same `ask.key` does nothing twice."""
    event = Acted(
        key=f"act:{ask.key}",
        at=deps.clock(),
        act=act,
        by=ask.caller.id,
        incident=incident,
        text=deps.masker.mask(text)[:MOST_TEXT],
        to=to,
        until=until,
        severity=severity,
    )
    return await settle(deps, target, event)


def answer(applied: Applied, ask: Ask, title: str) -> Reply:
    """Tell the caller alone what came of it; who pressed a button sees it in the thread."""
    if applied.decided.action is Action.REFUSE:
        return Reply(card=Card(title="That has no effect any more", told=(applied.decided.reason,)))
    if ask.trigger is Trigger.BUTTON and applied.incident and applied.incident.told:
        return Reply()
    told = (applied.decided.reason,)
    context = (incident_text(applied.incident),) if applied.incident else ()
    return Reply(card=Card(title=title, told=told, context=context))


def of_act_on_target(applied: Applied, ask: Ask, title: str) -> Reply:
    """Tell everybody here what came of an act on a target; in its incident's thread it is told."""
    if applied.decided.action is Action.REFUSE or applied.watch.incident:
        return answer(applied, ask, title)
    told = (applied.decided.reason,)
    return Reply(card=Card(title=title, told=told), public=True)


def named(id: str) -> str:
    """Return who, as our sentences name people."""
    return f"<@{id}>" if id[:1] in ("U", "W") and id.isalnum() and id.isupper() else id


async def home_of(deps: Deps, incident: Incident, ask: Ask) -> Place:
    """Return the thread of `incident`, the one where the caller is before others; or there."""
    kept = [names.of_incident(incident.id, key) for key in incident.told]
    posted = [await deps.store.posting(name) for name in kept]
    places = [Place(channel=one.channel, thread=one.thread) for one in posted if one]
    here = [place for place in places if place.channel == ask.place.channel]
    return next(iter((*here, *places)), ask.place)


def in_a_word(incident: Incident) -> str:
    """Return the incident in one line of a list."""
    since = moment(incident.started_at)
    return f"{incident.id}: {incident.target}, {incident.state.value}, since {since}"


def _which(open_ones: tuple[Incident, ...], command: str, rest: str) -> Card:
    if not open_ones:
        return Card(
            title="No incident is open",
            lines=("`incident list` shows those that are over; `incident open TARGET` opens one.",),
        )
    verb = command.split()[-1]
    buttons = tuple(
        Button(label=f"{verb.capitalize()} {one.id}", command=f"{command} {one.id} {rest}".strip())
        for one in open_ones
        if one.state is not IncidentState.RESOLVED
    )
    lines = tuple(in_a_word(one) for one in open_ones)
    return Card(title="Which incident?", lines=lines, buttons=buttons)
