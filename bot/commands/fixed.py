"""`fixed`: say that the cause is gone, and have runs find out whether it is."""

from contextlib import suppress
from dataclasses import replace
from functools import partial

from bot.alerting import Act, Action, Incident
from bot.commands.command import Arguments, Ask, Command, Reply
from bot.commands.grammar import Parameter, Syntax
from bot.commands.incidents import INCIDENT, acted, answer, home_of, with_incident
from bot.commands.permissions import Right, may
from bot.commands.run import DEFAULT_CHECK
from bot.commands.starting import KEY_CHECK, start_check
from bot.deps import Deps
from bot.errors import Unavailable
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
    there = replace(ask, place=await home_of(deps, incident, ask))
    started = ""
    for check in incident.checks or (DEFAULT_CHECK,):
        one = replace(there, key=f"{ask.key}:{check}")
        reply = await start_check(deps, incident.target, check, one)
        started = started or reply.started
    if await _wants_key(deps, ask, incident):
        with suppress(Unavailable):  # it was verified often enough; the checks use it too
            one = replace(there, key=f"{ask.key}:{KEY_CHECK}")
            _ = await start_check(deps, incident.target, KEY_CHECK, one)
    return replace(said, started=started)


async def _wants_key(deps: Deps, ask: Ask, incident: Incident) -> bool:
    """Tell whether the key is looked at besides: it was the cause, and the caller may do that."""
    if incident.cause not in _ABOUT_THE_KEY or KEY_CHECK in incident.checks:
        return False
    return await may(deps, Right.VERIFY_KEY, ask, target=incident.target)


FIXED = Command(
    syntax=Syntax(
        name="fixed",
        parameters=(INCIDENT, Parameter(name="what", placeholder="WHAT", rest=True)),
    ),
    summary="Say that an incident's cause is fixed: checks find out, and passes end it",
    starts=True,
    run=fixed,
)
