"""What happens to a target becomes decisions: after every run, every act, and as time passes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from bot.alerting import (
    Act,
    Acted,
    Escalation,
    Event,
    Hours,
    Policy,
    RoutePolicy,
    RunEnded,
    Ticked,
    Window,
    needs_tick,
)
from bot.config import EVERY_TARGET, Maintenance, Route, Settings
from bot.deps import Deps
from bot.model import CheckRequest, Diagnosis, Run, Severity, Trigger
from bot.store import Applied, RunSummary
from bot.target import KEY_CHECK, Target

log = structlog.get_logger(__name__)

# A shell's answer is the shell's, and a pasted log is no run.
_NOT_COUNTED = frozenset({Trigger.SHELL, Trigger.PASTE})
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


async def alert(deps: Deps, request: CheckRequest) -> None:
    """Have policy decide what a run that has ended means to people."""
    run = await deps.store.find_run(request.run_id)
    if run is None or not run.executed or run.trigger in _NOT_COUNTED:
        return
    diagnosis = await deps.store.diagnosis(run.id)
    event = _of_key(run) if _is_aside(deps.live, run) else _of_run(run, diagnosis)
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


def policy_of(settings: Settings, target: Target) -> Policy:
    """Return how the alerts of `target` are decided."""
    alerts, name = settings.alerts, target.name
    return Policy(
        failure_threshold=alerts.failure_threshold,
        failures_of=alerts.failures_of or alerts.failure_threshold,
        success_threshold=alerts.success_threshold,
        reminder_interval_s=alerts.reminder_interval_s,
        ack_timeout_s=alerts.ack_timeout_s,
        errored_threshold=alerts.errored_threshold,
        degraded_fails=alerts.degraded == "alert",
        flap_changes=alerts.flap.changes,
        flap_window=alerts.flap.window,
        flap_stable=alerts.flap.stable,
        routes=tuple(_route(route) for route in routes_of(settings, name)),
        owner_route=settings.owner.key if settings.owner else "",
        windows=tuple(
            _window(each) for each in settings.maintenance if each.target in (name, EVERY_TARGET)
        ),
        owners=target.owners,
        severities=_severities(settings, name),
        impact=target.impact,
    )


def routes_of(settings: Settings, target: str) -> tuple[Route, ...]:
    """Return who hears of `target`; a route of its own outweighs the same one for every target."""
    for_all = {route.key: route for route in settings.routes if route.target == EVERY_TARGET}
    own = {route.key: route for route in settings.routes if route.target == target}
    return tuple((for_all | own).values())


def _window(each: Maintenance) -> Window:
    """Return a window of the configuration, its times in their zone."""
    if each.is_daily:
        hours = _hours(each.since, each.until, each.timezone, each.days)
        return Window(reason=each.reason, hours=hours)
    zone = ZoneInfo(each.timezone)
    since, until = (datetime.fromisoformat(text) for text in (each.since, each.until))
    return Window(
        reason=each.reason, since=since.replace(tzinfo=zone), until=until.replace(tzinfo=zone)
    )


def _hours(since: str, until: str, timezone: str, days: Sequence[str]) -> Hours:
    numbers = tuple(_DAYS.index(day) for day in days or _DAYS)
    return Hours(since=since, until=until, timezone=timezone, days=numbers)


def _severities(settings: Settings, target: str) -> dict[str, Severity]:
    """Return cause label -> severity; what names the target outweighs what is for all."""
    for_all = [row for row in settings.severities if row.target == EVERY_TARGET]
    own = [row for row in settings.severities if row.target == target]
    return {row.cause: Severity(row.severity) for row in (*for_all, *own)}


def _route(route: Route) -> RoutePolicy:
    quiet, escalation = route.quiet_hours, route.escalation
    return RoutePolicy(
        key=route.key,
        mentions=route.kind == "slack",
        quiet=_hours(quiet.since, quiet.until, quiet.timezone, quiet.days) if quiet else None,
        quiet_except=Severity(quiet.unless) if quiet else Severity.CRITICAL,
        escalation=Escalation(after_s=escalation.after_s, mention=escalation.mention)
        if escalation
        else None,
    )


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


def _of_run(run: Run, diagnosis: Diagnosis) -> RunEnded:
    answer = diagnosis.causes[0] if diagnosis.causes else None
    return RunEnded(
        key=run.id,
        at=_ended(run),
        check=run.check,
        status=run.status,
        started_at=run.started_at,
        cause=answer.label if answer else None,
        confidence=answer.confidence if answer else 0.0,
        summary=answer.summary if answer else "",
        trigger=run.trigger,
        caller=run.caller.id,
        revision=run.revision,
    )


def _of_key(run: Run) -> Acted:
    said = run.steps[-1].detail if run.steps else ""
    return Acted(
        key=run.id,
        at=_ended(run),
        act=Act.VERIFY_KEY,
        by=run.caller.id,
        text=f"{run.status}: {said}" if said else str(run.status),
    )


def _ended(run: Run | RunSummary) -> datetime:
    return run.started_at + timedelta(seconds=run.duration_s)
