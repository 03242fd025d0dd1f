"""What alerting makes of a target now: its incident, its mute, and what is held, and why."""

from collections.abc import Iterator

from bot.alerting import Incident, Watch
from bot.commands.incidents import named
from bot.deps import Deps
from bot.report import moment


async def told_of(deps: Deps) -> tuple[str, ...]:
    """Return a sentence for each thing that alerting has to say of the targets there are."""
    now = deps.clock()
    said: list[str] = []
    if deps.reloaded.problem:
        said.append(f"The configuration file was changed and is not used: {deps.reloaded.problem}")
    for watch in await deps.store.alerts.watches():
        if watch.target in deps.targets:
            mute = watch.mute
            muted = f"{watch.target} is muted until {moment(mute.until)}" if mute else ""
            if mute and mute.until > now:
                because = f": {mute.reason}" if mute.reason else ""
                said.append(f"{muted} by {named(mute.by)}{because}.")
            said += _sentences(watch)
    return tuple(said)


def _sentences(watch: Watch) -> Iterator[str]:
    if watch.incident:
        yield _open(watch.incident)
    if watch.held:
        yield f"What is new about {watch.target} is held: {watch.held}."
    if watch.own.count:
        runs = "run" if watch.own.count == 1 else "runs in a row"
        yield (
            f"{watch.own.count} {runs} of {watch.target} failed on our own side, "
            "which says nothing about it."
        )


def _open(incident: Incident) -> str:
    holder = incident.assigned_to or incident.acknowledged_by
    who = f"{named(holder)} looks after it" if holder else "nobody looks after it yet"
    flapping = ", flapping" if incident.flapping else ""
    since = moment(incident.started_at)
    return f"{incident.id} of {incident.target} is open since {since}{flapping}; {who}."


async def decided_about(deps: Deps, run_id: str) -> str:
    """Return what was decided about a run, and why; empty if nothing was."""
    decided = await deps.store.alerts.decided(run_id)
    if decided is None:
        return ""
    about = f" ({decided.incident})" if decided.incident else ""
    return f"Alerts: {decided.reason}{about}"
