"""The settings of alerts as the policy of one target."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.alerting import Escalation, Hours, Policy, RoutePolicy, Window
from bot.config import DAYS, EVERY_TARGET, Maintenance, Route, Settings
from bot.model import Severity
from bot.target import Target


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
        routes=tuple(_route(route) for route in _routes(settings, name)),
        owner_route=settings.owner.key if settings.owner else "",
        windows=tuple(
            _window(each) for each in settings.maintenance if each.target in (name, EVERY_TARGET)
        ),
        owners=target.owners,
        severities=_severities(settings, name),
        impact=target.impact,
    )


def _routes(settings: Settings, target: str) -> tuple[Route, ...]:
    """Return who hears of `target`, on its own routes first: whoever can fix it is pinged there.

    A route of its own outweighs the same one for every target.
    """
    for_all = {route.key: route for route in settings.routes if route.target == EVERY_TARGET}
    own = {route.key: route for route in settings.routes if route.target == target}
    return tuple((own | (for_all | own)).values())


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
    numbers = tuple(DAYS.index(day) for day in days or DAYS)
    return Hours(since=since, until=until, timezone=timezone, days=numbers)


def _severities(settings: Settings, target: str) -> dict[str, Severity]:
    """Return cause label -> severity; what names the target outweighs what is for all."""
    for_all = [row for row in settings.severities if row.target == EVERY_TARGET]
    own = [row for row in settings.severities if row.target == target]
    return {row.cause: row.severity for row in (*for_all, *own)}


def _route(route: Route) -> RoutePolicy:
    quiet, escalation = route.quiet_hours, route.escalation
    return RoutePolicy(
        key=route.key,
        mentions=route.kind == "slack",
        quiet=_hours(quiet.since, quiet.until, quiet.timezone, quiet.days) if quiet else None,
        quiet_except=quiet.unless if quiet else Severity.CRITICAL,
        escalation=Escalation(after_s=escalation.after_s, mention=escalation.mention)
        if escalation
        else None,
    )
