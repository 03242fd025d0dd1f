"""`fixed`: say that the cause is gone, and have runs find out whether it is."""

from dataclasses import replace
from functools import partial

from bot.alerting import Act, Action, Incident
from bot.commands.command import Arguments, Ask, Command, Reply
from bot.commands.grammar import Parameter, Syntax
from bot.commands.incidents import INCIDENT, acted, answer, home_of, with_incident
from bot.commands.permissions import Right, may
from bot.commands.run import DEFAULT_CHECK
from bot.commands.starting import start_check
from bot.commands.verify_key import KEY_CHECK
from bot.deps import Deps
from bot.labels import Label

_ABOUT_THE_KEY = frozenset({Label.BYPASS_KEY_MISSING, Label.BYPASS_KEY_MISMATCH})


async def fixed(deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    what = arguments.get("what", "")
    verb = f"fixed {what}".strip()
    return await with_incident(deps, arguments, ask, verb, partial(_verify, deps, ask, what))


async def _verify(deps: Deps, ask: Ask, what: str, incident: Incident) -> Reply:
    """Note who says so, then make every check that failed; only passes end the incident."""
    applied = await acted(deps, ask, Act.FIXED, incident.target, incident=incident.id, text=what)
    said = answer(applied, ask, f"Verifying {incident.id}")
    if applied.decided.action is Action.REFUSE or incident.target not in deps.targets:
        return said
    place = await home_of(deps, incident, ask)
    started = ""
    for check in await _checks(deps, ask, incident):
        key = f"{ask.key}:{check}"
        reply = await start_check(deps, incident.target, check, replace(ask, place=place, key=key))
        started = started or reply.started
    return replace(said, started=started)


async def _checks(deps: Deps, ask: Ask, incident: Incident) -> tuple[str, ...]:
    """Return the checks that are made: those that failed, and a look at the key if it was that."""
    checks = incident.checks or (DEFAULT_CHECK,)
    about_key = incident.cause in _ABOUT_THE_KEY and KEY_CHECK not in checks
    if about_key and await may(deps, Right.VERIFY_KEY, ask):
        return (KEY_CHECK, *checks)
    return checks


FIXED = Command(
    syntax=Syntax(
        name="fixed",
        parameters=(INCIDENT, Parameter(name="what", placeholder="WHAT", rest=True)),
    ),
    summary="Say that an incident's cause is fixed: checks find out, and passes end it",
    starts=True,
    run=fixed,
)
