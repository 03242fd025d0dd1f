"""Whether a route may be told of something new now: mutes, maintenance, quiet hours."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.alerting.model import Watch
from bot.alerting.policy import Hours, Policy, RoutePolicy, Window
from bot.alerting.severity import at_least
from bot.alerting.wording import clock, person
from bot.model import Severity


def is_in(hours: Hours, at: datetime) -> bool:
    """Return whether a clock on the wall of that time zone shows a time within the span at `at`.

    By the wall clock a change to summer time shortens a span over the hour that is left out, and
    the hour that comes twice is in it twice.
    """
    local = at.astimezone(ZoneInfo(hours.timezone))
    shown = f"{local:%H:%M}"
    today = local.weekday() in hours.days
    yesterday = (local - timedelta(days=1)).weekday() in hours.days
    if hours.since < hours.until:
        return today and hours.since <= shown < hours.until
    return (today and shown >= hours.since) or (yesterday and shown < hours.until)


def is_open(window: Window, at: datetime) -> bool:
    """Return whether the maintenance window covers `at`; one that says no times covers nothing."""
    if window.since and at < window.since:
        return False
    if window.until and at >= window.until:
        return False
    if window.hours:
        return is_in(window.hours, at)
    return bool(window.since or window.until)


def target_hold(watch: Watch, policy: Policy, at: datetime) -> str:
    """Return why nobody is told of anything new about the target at `at`, or nothing."""
    mute = watch.mute
    if mute and mute.until > at:
        because = f": {mute.reason}" if mute.reason else ""
        return f"muted by {person(mute.by)} until {clock(mute.until)}{because}"
    for window in policy.windows:
        if is_open(window, at):
            ends = clock(window.until) if window.until else ""
            if window.hours:
                ends = f"{window.hours.until} {window.hours.timezone}"
            until = f" until {ends}" if ends else ""
            because = f": {window.reason}" if window.reason else ""
            return f"maintenance{until}{because}"
    return ""


def route_hold(route: RoutePolicy, severity: Severity, at: datetime) -> str:
    """Return why this route is not told of an incident of that severity at `at`, or nothing."""
    if not route.quiet or at_least(severity, route.quiet_except) or not is_in(route.quiet, at):
        return ""
    return f"quiet hours until {route.quiet.until} {route.quiet.timezone}"
