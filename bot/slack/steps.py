"""The step that people put into their workflows: a check is run, and the workflow told the end.

What waits for which run is kept, so a restart in between loses no workflow. Of a target that is
being checked already, the step waits for that run.

Whoever builds a workflow fills in what the step is given, so nothing of that says who asks: a
person is believed only where Slack itself names who set the workflow going.
"""

from collections.abc import Mapping
from contextvars import Token
from dataclasses import dataclass

import structlog

from bot.commands import COMMANDS, Ask, permit
from bot.deps import Deps
from bot.engine import run_id_of
from bot.errors import DeliveryError, Forbidden, UsageError
from bot.model import Caller, Json, Place, Trigger
from bot.report import Report
from bot.slack.outbox import Outbox
from bot.slack.workspaces import acting
from bot.store import Store
from bot.target import DEFAULT_CHECK
from bot.workflows import report_of, start_run

log = structlog.get_logger(__name__)

STEP = "run_stage_check"
SOMEBODY = "somebody"
"""Who asks, where Slack does not say it."""
# The workflow was stopped, or was told already; or took longer than Slack lets a step take.
_OVER = frozenset({"function_execution_not_found", "execution_already_completed", "access_denied"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One step that somebody's workflow has come to."""

    id: str
    target: str
    caller: Caller
    place: Place
    """Where the author of the workflow wants the report."""


def execution_from(body: Mapping[str, Json]) -> Execution:
    """Take a `function_executed` event apart."""
    event = body.get("event") or {}
    inputs = event.get("inputs") or {}
    return Execution(
        id=str(event.get("function_execution_id") or ""),
        target=str(inputs.get("target") or "").strip(),
        caller=Caller(id=_who(event, inputs), team=str(body.get("team_id") or "")),
        place=Place(channel=str(inputs.get("channel") or "")),
    )


def _who(event: Mapping[str, Json], inputs: Mapping[str, Json]) -> str:
    if named := (event.get("interactor") or {}).get("id"):
        return str(named)
    # For people to read: with these words before it, it is nobody's id, and has nobody's rights.
    return f"{SOMEBODY}, for {inputs['user']}" if inputs.get("user") else SOMEBODY


async def begin_step(deps: Deps, outbox: Outbox, execution: Execution) -> None:
    """Start the run that a step asks for, durably; what may not be done ends the step at once.

    What fails on our side is raised, for Slack to deliver it again.
    """
    try:
        run_id = await _start(deps, execution)
    except (UsageError, Forbidden) as error:
        log.info("a step was refused", execution=execution.id, error=error.message)
        await _end(outbox, "functions.completeError", execution.id, acting.get(), error=str(error))
        return
    if await deps.store.find_run(run_id):  # it ended before we could wait for it
        await end_steps(deps.store, outbox, await report_of(deps, run_id))


async def end_steps(store: Store, outbox: Outbox, report: Report) -> None:
    """Tell every step that waits for this run how it ended."""
    cause = report.causes[0].label if report.causes else ""
    outputs = {"status": str(report.status), "cause": str(cause), "run_id": report.run_id}
    for execution, key in await store.installations.executions(report.run_id):
        method = "functions.completeSuccess"
        await _end(outbox, method, execution, key, outputs=outputs)
        await store.installations.end_execution(execution)


async def fail_steps(store: Store, outbox: Outbox, run_id: str, reason: str) -> None:
    """Tell every step that waits for this run that there is nothing to wait for, and why."""
    for execution, key in await store.installations.executions(run_id):
        await _end(outbox, "functions.completeError", execution, key, error=reason)
        await store.installations.end_execution(execution)


async def _start(deps: Deps, execution: Execution) -> str:
    target, caller, key = execution.target, execution.caller, f"step:{execution.id}"
    # A name and no more: with a check behind it, a step would try the key past its owners.
    if target not in deps.targets:
        known = ", ".join(sorted(deps.targets))
        raise UsageError("The step names no target.", hint=f"Known: {known}.")
    # Judged as if asked directly, for the channel too is what the author filled in: who may act
    # in a channel is who Slack says is in it.
    direct = Place(channel=caller.id)
    ask = Ask(caller=caller, place=direct, trigger=Trigger.STEP, key=key)
    await permit(deps, COMMANDS["run"], {"target": target, "check": DEFAULT_CHECK}, ask)
    waits, waits_for = deps.store.installations.add_execution, run_id_of(key)
    while True:
        await waits(execution.id, run_id=waits_for, key=acting.get())
        run_id, _ = await start_run(
            deps.engine,
            key=key,
            target=target,
            check=DEFAULT_CHECK,
            trigger=Trigger.STEP,
            caller=caller,
            place=execution.place,
        )
        # Asked again where another run answers: it may have ended before we waited for it, and
        # said so to nobody where Slack took no message.
        if run_id == waits_for or await deps.store.find_run(waits_for):
            return waits_for
        waits_for = run_id


async def _end(outbox: Outbox, method: str, execution: str, key: str, **said: Json) -> None:
    before: Token[str] = acting.set(key)
    try:
        await outbox.insist(method, {"function_execution_id": execution, **said})
    except DeliveryError as error:
        if not error.permanent:
            raise
        level = log.info if error.code in _OVER else log.warning
        level("a workflow was not told", execution=execution, error=error.code or error.message)
    finally:
        acting.reset(before)
