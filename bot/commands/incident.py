"""`incident`: list the incidents, show one with its timeline, or open one by hand."""

from dataclasses import replace

from bot.alerting import Act, Action, Entry, Incident, IncidentState
from bot.commands.command import Arguments, Ask, Command, Reply
from bot.commands.form import Choice, Field, FieldKind, Form
from bot.commands.grammar import Parameter, Syntax, nearest
from bot.commands.incidents import acted, answer, named, of_place
from bot.deps import Deps
from bot.errors import NotFound, UsageError
from bot.report import Button, Card, Table, moment, seconds
from bot.report.blocks import unmarked
from bot.report.incident import cause_words, incident_text, outage_words

ACTIONS = ("open", "list", "show")
_USAGE = "incident [list] | show INCIDENT | open TARGET [TITLE]"
_SHOWN = 10
_MOST_BUTTONS = 5
_COLUMNS = ("Incident", "Target", "State", "Since", "Outage", "Cause")
_MOST_TITLE = 200
_MOST_ROWS = 50


async def incident(deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    subject = arguments.get("subject", "")
    match arguments.get("action", "list"):
        case "show":
            return await _show(deps, subject, ask)
        case "open":
            return await _open(deps, subject, arguments.get("title", ""), ask)
        case _:
            return await _list(deps)


async def _list(deps: Deps) -> Reply:
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
            table=Table(columns=_COLUMNS, rows=tuple(_row(deps, one) for one in found)),
            buttons=tuple(
                Button(label=f"Show {one.id}", command=f"incident show {one.id}")
                for one in found[:_MOST_BUTTONS]
            ),
        )
    )


def _row(deps: Deps, one: Incident) -> tuple[str, ...]:
    so_far = seconds(max(0.0, (deps.clock() - one.started_at).total_seconds()))
    lasted = outage_words(one) or so_far
    why = cause_words(one) or one.title or "–"
    return (one.id, one.target, one.state.value, moment(one.started_at), lasted, why)


async def _show(deps: Deps, subject: str, ask: Ask) -> Reply:
    found = await deps.store.alerts.incident(subject) if subject else await of_place(deps, ask)
    if found is None:
        raise UsageError("`incident show` needs INCIDENT.", hint=f"Usage: `{_USAGE}`.")
    timeline = await deps.store.alerts.timeline(found.id)
    holder = found.assigned_to or found.acknowledged_by
    told = (f"{named(holder)} looks after it.",) if holder else ("Nobody looks after it.",)
    rows = tuple(_entry(entry) for entry in timeline)
    return Reply(
        card=Card(
            title=f"{found.id}: {found.target}, {found.state.value}",
            told=told,
            lines=(incident_text(found),),
            table=Table(columns=("When", "What", "Who", "Run"), rows=rows[-_MOST_ROWS:]),
            buttons=(Button(label="Export Post-mortem", command=f"postmortem {found.id}"),),
            context=(f"{len(rows)} entries",) if len(rows) > _MOST_ROWS else (),
        ),
        public=True,
    )


def _entry(entry: Entry) -> tuple[str, ...]:
    return (moment(entry.at), unmarked(entry.text), entry.by, entry.run_id)


async def _open(deps: Deps, subject: str, title: str, ask: Ask) -> Reply:
    title = title or ask.about.partition("\n")[0]
    if not subject and len(deps.targets) > 1:
        return Reply(form=_form(deps, title, ask.about))
    target = _target(deps, subject or next(iter(deps.targets)))
    applied = await acted(deps, ask, Act.OPEN, target, text=title[:_MOST_TITLE])
    opened = applied.decided.incident
    if ask.about and applied.decided.action is not Action.REFUSE:
        noted = replace(ask, key=f"{ask.key}:about")
        _ = await acted(deps, noted, Act.NOTE, target, incident=opened, text=ask.about)
    return answer(applied, ask, f"Opened {opened}")


def _target(deps: Deps, word: str) -> str:
    """Return the target that is meant; NotFound names the nearest."""
    same = [name for name in deps.targets if name.casefold() == word.casefold().lstrip("#")]
    if len(same) == 1:
        return same[0]
    guess = nearest(word, deps.targets)
    hint = f"Did you mean `{guess}`?" if guess else f"Known: {', '.join(sorted(deps.targets))}."
    shown = word[:40].replace("`", "'")
    raise NotFound(f"There is no target `{shown}`.", hint=hint)


def _form(deps: Deps, title: str, about: str) -> Form:
    choices = tuple(Choice(label=name, value=name) for name in sorted(deps.targets))
    return Form(
        title="Open an incident",
        submit="Open Incident",
        line="incident open {target} {title}",
        fields=(
            Field(
                name="target", label="Which target", kind=FieldKind.CHOICE, choices=choices[:100]
            ),
            Field(name="title", label="What is wrong", initial=title[:150], most=_MOST_TITLE),
        ),
        about=about,
    )


INCIDENT_COMMAND = Command(
    syntax=Syntax(
        name="incident",
        parameters=(
            Parameter(name="action", placeholder="ACTION"),
            Parameter(name="subject", placeholder="WHICH"),
            Parameter(name="title", placeholder="TITLE", rest=True),
        ),
        shown=_USAGE,
    ),
    summary="List the incidents, tell all of one, or open one by hand",
    run=incident,
)
