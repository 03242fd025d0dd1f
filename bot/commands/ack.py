"""`ack`: say that somebody looks after an incident."""

from functools import partial

from bot.alerting import Act, Incident
from bot.commands.command import Arguments, Ask, Command, Reply
from bot.commands.grammar import Syntax
from bot.commands.incidents import INCIDENT, acted, answer, meant, with_incident
from bot.commands.right import Right
from bot.deps import Deps


async def ack(deps: Deps, arguments: Arguments, ask: Ask) -> Reply:
    return await with_incident(deps, arguments, "ack", partial(_acknowledge, deps, ask))


async def _acknowledge(deps: Deps, ask: Ask, incident: Incident) -> Reply:
    applied = await acted(deps, ask, Act.ACKNOWLEDGE, incident.target, incident=incident.id)
    return answer(applied, ask, f"Acknowledged {incident.id}")


ACK = Command(
    syntax=Syntax(name="ack", parameters=(INCIDENT,)),
    summary="Say that you look after an incident, so that nobody is reminded of it",
    right=Right.ACK,
    meant=meant,
    run=ack,
)
