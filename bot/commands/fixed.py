"""`fixed`: say that the cause is gone, and have runs find out whether it is."""

from contextlib import suppress
from dataclasses import replace
from functools import partial

from bot.alerting import Act, Action, Incident, IncidentState
from bot.alerting.outage import is_verifying
from bot.commands.command import Arguments, Ask, Command, Reply
from bot.commands.grammar import Parameter, Syntax
from bot.commands.incidents import INCIDENT, acted, answer, home_of, meant, with_incident
from bot.commands.permissions import may
from bot.commands.right import Right
from bot.commands.starting import start_check
from bot.deps import Deps
from bot.errors import Forbidden, NotFound, TooOften
from bot.labels import KEY_LABELS
from bot.target import DEFAULT_CHECK, KEY_CHECK
from bot.workflows import spare_the_key


async def fixed(deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    what = arguments.get("what", "")
    then = partial(_verify, deps, ask, what)
    return await with_incident(deps, arguments, "fixed", then, rest=what)


async def _verify(deps: Deps, ask: Ask, what: str, incident: Incident) -> Reply:
    """Note who says so, then make every check that failed; only passes end the incident."""
    checks = await _checks(deps, ask, incident)
    is_key_alone = checks == [KEY_CHECK]
    if is_key_alone:
        await spare_the_key(deps, incident.target)
    applied = await acted(deps, ask, Act.FIXED, incident.target, incident=incident.id, text=what)
    said = answer(applied, ask, f"Verifying {incident.id}")
    if applied.decided.action is Action.REFUSE:
        return said
    there = replace(ask, place=await home_of(deps, incident, ask))
    started = ""
    for check in checks:
        one = replace(there, key=f"{ask.key}:{check}")
        # A key that was verified often enough is left out: the other checks use it too.
        with suppress(TooOften):
            reply = await start_check(deps, incident.target, check, one, is_spared=is_key_alone)
            started = started or reply.started
    return replace(said, started=started)


async def _checks(deps: Deps, ask: Ask, incident: Incident) -> list[str]:
    """Return the checks to make, before anything is noted; an error if there is none to make.

    The key is looked at if it failed or was the cause, and if the caller may do that.
    """
    if incident.state is IncidentState.RESOLVED or is_verifying(incident, deps.clock()):
        return []  # policy says what came first
    if incident.target not in deps.targets:
        raise NotFound(
            f"{incident.target} is not configured any more, so no run can show that it is fixed.",
            hint=f"`resolve {incident.id}` ends the incident.",
        )
    checks = [check for check in incident.checks or (DEFAULT_CHECK,) if check != KEY_CHECK]
    if incident.cause not in KEY_LABELS and KEY_CHECK not in incident.checks:
        return checks
    if await may(deps, Right.VERIFY_KEY, ask, target=incident.target):
        return [*checks, KEY_CHECK]
    if not checks:
        raise Forbidden(
            f"{incident.id} is about the bypass key alone, which you may not try from here.",
            hint=f"Who may can say `fixed {incident.id}`: `permissions: {Right.VERIFY_KEY}`.",
        )
    return checks


FIXED = Command(
    syntax=Syntax(
        name="fixed",
        parameters=(INCIDENT, Parameter(name="what", placeholder="WHAT", rest=True)),
    ),
    summary="Say that an incident's cause is fixed: checks find out, and passes end it",
    right=Right.ACK,
    meant=meant,
    starts=True,
    run=fixed,
)
