"""What one route is told: of an incident that is new to it, and of what changed since."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from bot.alerting.model import Incident, Notice, NoticeKind, Told
from bot.alerting.outcomes import Outcomes, changes, failures
from bot.alerting.policy import Policy, RoutePolicy
from bot.alerting.wording import clock, headline, label_words, person, said
from bot.labels import Label
from bot.phrases import count


def announcement(
    incident: Incident, route: RoutePolicy, policy: Policy, at: datetime
) -> tuple[list[Notice], Incident]:
    """Return the notices that tell the route of an incident, and the incident as told there."""
    notices = [Notice(route=route.key, kind=NoticeKind.PARENT, text=headline(incident))]
    if incident.last_failure:
        how = "Failing on and off" if incident.flapping else "Failing"
        since = f"{how} since {clock(incident.started_at)}."
        notices.append(
            Notice(
                route=route.key,
                kind=NoticeKind.REPORT,
                text=f"{since} Cause: {label_words(incident.cause)}.",
                run_id=incident.last_failure,
            )
        )
    told = Told(announced_at=at, causes=with_newest(incident.cause, ()), reopened=incident.reopened)
    incident = replace(incident, told={**incident.told, route.key: told})
    asked, incident = owner(incident, route, policy)
    return [*notices, *asked], incident


def news(
    incident: Incident, route: RoutePolicy, told: Told, policy: Policy
) -> tuple[list[Notice], Incident]:
    """Return what the route was not told yet of an incident that fails, and the incident then.

    What happened during a mute or a window is told by this after its end.
    """
    if incident.passes:
        return [], incident
    notices = [*_reopening(incident, route, told), *_change(incident, route, told)]
    causes = with_newest(incident.cause, told.causes)
    now = replace(told, causes=causes, reopened=incident.reopened)
    incident = replace(incident, told={**incident.told, route.key: now})
    if notices:
        asked, incident = owner(incident, route, policy)
        notices.extend(asked)
    return notices, incident


def _reopening(incident: Incident, route: RoutePolicy, told: Told) -> Iterator[Notice]:
    if told.reopened >= incident.reopened:
        return
    by = person(incident.resolved_by)
    yield Notice(
        route=route.key,
        kind=NoticeKind.LINE,
        text=f"Open again: {incident.target} still fails, although {by} resolved this.",
        run_id=incident.last_failure,
        mention=incident.resolved_by if route.mentions else "",
    )


def _change(incident: Incident, route: RoutePolicy, told: Told) -> Iterator[Notice]:
    if incident.cause is None or told.causes[-1:] == (incident.cause,):
        return
    is_known = incident.cause in told.causes
    if is_known and incident.flapping:
        return
    yield Notice(
        route=route.key,
        # The full report of a cause that this thread has seen already would be noise.
        kind=NoticeKind.LINE if is_known else NoticeKind.REPORT,
        text=change_words(told.causes, incident),
        run_id=incident.last_failure,
    )


def change_words(causes: tuple[Label, ...], incident: Incident) -> str:
    """Return how the cause changed, from the newest of `causes` to that of the incident."""
    now = label_words(incident.cause)
    if not causes or causes[-1] is Label.INSUFFICIENT_EVIDENCE:
        words = f"The cause is known now: {now}."
    elif incident.cause in causes:
        words = f"The cause is {now} again; it was {label_words(causes[-1])}."
    else:
        words = f"The cause changed from {label_words(causes[-1])} to {now}."
    return f"{words} {said(incident.summary)}".rstrip()


def owner(incident: Incident, route: RoutePolicy, policy: Policy) -> tuple[list[Notice], Incident]:
    """Return the mention of who can fix the cause, and the incident then: each owner once."""
    who = policy.owners.get(incident.cause, "") if incident.cause else ""
    if not who or who in incident.mentioned or not route.mentions:
        return [], incident
    notice = Notice(
        route=route.key,
        kind=NoticeKind.LINE,
        text=f"{label_words(incident.cause)}: this is yours to fix.",
        mention=who,
    )
    return [notice], replace(incident, mentioned=(*incident.mentioned, who))


def with_newest(cause: Label | None, causes: tuple[Label, ...]) -> tuple[Label, ...]:
    """Return the causes with this one as the last, each once."""
    return (*(one for one in causes if one is not cause), cause) if cause else causes


def waits_words(check: str, row: Outcomes, policy: Policy) -> str:
    """Return how many failures there are of those that are waited for."""
    return f"{failures(row, policy)} of {count(policy.failure_threshold, 'failure')} of {check}"


def flap_words(row: Outcomes, policy: Policy) -> str:
    """Return that the check of this row flaps, and until when its lines are held."""
    changed = count(changes(row, policy), "change")
    runs = count(min(len(row), policy.flap_window), "run")
    stable = count(max(policy.flap_stable, policy.success_threshold), "pass")
    return (
        f"It flaps: {changed} between working and failing in {runs}. "
        f"Lines are held until {stable} in a row end this."
    )
