"""What happens to a target becomes decisions: after every run, every act, and as time passes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.alerting import (
    Act,
    Acted,
    Event,
    Policy,
    RoutePolicy,
    RunEnded,
    Ticked,
    needs_tick,
)
from bot.config import Settings
from bot.deps import Deps
from bot.model import CheckRequest, Diagnosis, Run, Status, StepResult, Trigger
from bot.report.answer import why_words
from bot.store import Applied, RunSummary
from bot.target import KEY_CHECK
from bot.workflows.policy import policy_of

log = structlog.get_logger(__name__)

# A shell's answer is the shell's, and a pasted log is no run.
_NOT_COUNTED = frozenset({Trigger.SHELL, Trigger.PASTE})


async def alert(deps: Deps, request: CheckRequest) -> None:
    """Have policy decide what a run that has ended means to people."""
    run = await deps.store.find_run(request.run_id)
    if run is None or not run.executed or run.trigger in _NOT_COUNTED:
        return
    diagnosis = await deps.store.diagnosis(run.id)
    aside = _is_aside(deps.live, run)
    event = _of_key(run) if aside else _of_run(run, diagnosis, heard_at=deps.clock())
    _ = await settle(deps, run.target, event)


async def settle(deps: Deps, target: str, event: Event) -> Applied:
    """Decide about `event`, keep what comes of it, and have it told."""
    if isinstance(event, Acted):  # what people type is kept and told
        event = replace(event, text=deps.masker.mask(event.text))
    applied = await deps.store.alerts.apply(target, event, await _policy(deps, target))
    if applied.fresh and (event.key or applied.notices):
        decided = applied.decided
        log.info(
            "decided",
            target=target,
            action=str(decided.action),
            reason=decided.reason,
            incident=decided.incident,
        )
        deps.metrics.alerts.decided(target, str(decided.action))
    if applied.notices:
        deps.wake.set()
    return applied


async def _policy(deps: Deps, target: str) -> Policy:
    """Return how the alerts of `target` are decided, also when it is not configured any more."""
    if target in deps.targets:
        return policy_of(deps.live, deps.targets[target])
    incident = (await deps.store.alerts.watch(target)).incident
    told = incident.told if incident else {}
    return Policy(routes=tuple(RoutePolicy(key=key) for key in told))


async def tick(deps: Deps) -> None:
    """Have policy decide about what only time changes, for every target where that may be so."""
    now = deps.clock()
    for watch in await deps.store.alerts.watches():
        incident = watch.incident
        deps.metrics.alerts.incident(watch.target, is_open=incident is not None)
        if watch.target not in deps.targets:
            continue
        if needs_tick(watch, policy_of(deps.live, deps.targets[watch.target]), now):
            _ = await settle(deps, watch.target, Ticked(at=now))


def past_event(settings: Settings, run: RunSummary) -> RunEnded | None:
    """Return what policy would have made of a run that is kept; None if it counts for nothing."""
    if run.trigger in _NOT_COUNTED or _is_aside(settings, run):
        return None
    return RunEnded(
        key=run.id,
        at=_ended(run),
        check=run.check,
        status=run.status,
        started_at=run.started_at,
        cause=run.cause,
        confidence=run.confidence,
        trigger=run.trigger,
        caller=run.caller.id,
    )


def _is_aside(settings: Settings, run: Run | RunSummary) -> bool:
    """Tell whether `run` is a look at the key that nobody planned: it counts for no threshold."""
    planned = any(
        each.target == run.target and each.check == run.check for each in settings.schedules
    )
    return run.check == KEY_CHECK and not planned


def _of_run(run: Run, diagnosis: Diagnosis, *, heard_at: datetime) -> RunEnded:
    answer = diagnosis.causes[0] if diagnosis.causes else None
    return RunEnded(
        key=run.id,
        at=_ended(run),
        check=run.check,
        status=run.status,
        started_at=run.started_at,
        cause=answer.label if answer else None,
        confidence=answer.confidence if answer else 0.0,
        summary=why_words(diagnosis),
        trigger=run.trigger,
        caller=run.caller.id,
        revision=run.revision,
        heard_at=heard_at,
    )


def _of_key(run: Run) -> Acted:
    said = next((step.detail for step in _telling(run)), "")
    return Acted(
        key=run.id,
        at=_ended(run),
        act=Act.VERIFY_KEY,
        by=run.caller.id,
        text=f"{run.status}: {said}" if said else str(run.status),
    )


def _telling(run: Run) -> Iterator[StepResult]:
    """Yield the steps that say how it is with the key: what went wrong, then the exchange itself.

    What was tried besides, such as other keys, tells nothing of this one.
    """
    yield from (step for step in run.steps if step.status is run.status is not Status.PASSED)
    yield from (step for step in run.steps if step.name == "exchange")


def _ended(run: Run | RunSummary) -> datetime:
    return run.started_at + timedelta(seconds=run.duration_s)
