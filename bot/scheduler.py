"""Runs checks by the clock: by cron, more often while a target fails, and at once to see a fix.

What is due is worked out from the store alone, so that a restart, or another process, neither
repeats a run nor forgets one: a run has an id made from what made it due, and starts once.
"""

import hashlib
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from cronsim import CronSim

from bot.alerting import Incident, Watch
from bot.alerting.outage import is_verifying
from bot.alerting.outcomes import passes
from bot.config import Schedule, Settings
from bot.deps import Deps
from bot.model import Caller, Trigger
from bot.rounds import rounds
from bot.target import DEFAULT_CHECK, KEY_CHECK
from bot.workflows import KEY_EACH_S, start_run

log = structlog.get_logger(__name__)

ROUND_S = 1.0
SOON = 5
"""Failures in a row at the shortest pause, before it doubles: those in which most outages end."""
_MOST_DOUBLINGS = 20
_FIX_PAUSE_S = 5.0
"""Between the runs that see whether a fix holds, while somebody may be looking."""
_FIX_SOON_S = 60.0
"""For how long they come so soon; afterwards, so much is between them."""
# So many runs are missing before what is known counts as old, and the last may still take a while.
MOST_MISSED = 3
RUN_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A run that is due: `key` is the same for all who work it out."""

    target: str
    check: str
    key: str
    caller: str
    acted_on: tuple[str, datetime] | None = None
    """The schedule and its time, to be kept once it was started; None if it is not by cron."""


def last_tick(schedule: Schedule, now: datetime) -> datetime:
    """Return the newest time of the schedule that is not after `now`, its jitter included."""
    # Far enough ahead that a tick whose jitter has not passed yet is stepped over.
    local = now.astimezone(ZoneInfo(schedule.timezone)) + timedelta(seconds=1)
    for tick in CronSim(schedule.cron, local, reverse=True):
        begins = tick.astimezone(UTC)
        if begins + _jitter(schedule, begins) <= now:
            return begins
    raise AssertionError(schedule.cron)  # a schedule has a past without end


def next_run(schedule: Schedule, now: datetime) -> datetime:
    """Return when the schedule's next run begins."""
    local = now.astimezone(ZoneInfo(schedule.timezone)) - timedelta(seconds=schedule.jitter_s)
    for tick in CronSim(schedule.cron, local):
        begins = tick.astimezone(UTC)
        begins += _jitter(schedule, begins)
        if begins > now:
            return begins
    raise AssertionError(schedule.cron)


def is_overdue(
    schedules: Iterable[Schedule], target: str, seen_at: datetime, now: datetime
) -> bool:
    """Tell whether what was seen of `target` is old: runs of its schedule are missing since."""
    ends = []
    for schedule in schedules:
        if (schedule.target, schedule.check) == (target, DEFAULT_CHECK):
            at = seen_at
            for _ in range(MOST_MISSED):
                at = next_run(schedule, at)
            ends.append(at)
    return bool(ends) and min(ends) + timedelta(seconds=RUN_S) < now


def upcoming(settings: Settings, watch: Watch, now: datetime) -> datetime | None:
    """Return when the schedules have the watch's target checked next; None without a schedule."""
    times = []
    for schedule in settings.schedules:
        if schedule.target != watch.target:
            continue
        times.append(next_run(schedule, now))
        if pause := _pause_while_failing(schedule, watch):
            last = watch.outcomes[schedule.check][-1].at
            times.append(last + pause * ((now - last) // pause + 1))
    return min(times, default=None)


def due(
    settings: Settings, watch: Watch, acted_on: dict[str, datetime], now: datetime
) -> Iterator[Due]:
    """Yield what is to be run of a target now.

    `acted_on` has the newest tick of each schedule that was acted on; one that is not in it is
    new, and begins with its next time.
    """
    for schedule in settings.schedules:
        if schedule.target != watch.target:
            continue
        name = name_of(schedule)
        tick = last_tick(schedule, now)
        if name in acted_on and tick > acted_on[name]:
            yield Due(
                target=schedule.target,
                check=schedule.check,
                key=f"tick:{name}:{tick.isoformat()}",
                caller=schedule.cron,
                acted_on=(name, tick),
            )
        elif soon := _while_failing(schedule, watch, now):
            yield soon
    if fixed := _to_see_a_fix(watch, now):
        yield fixed


def name_of(schedule: Schedule) -> str:
    """Return the name under which is kept what was acted on."""
    return f"{schedule.target}/{schedule.check}/{schedule.timezone}/{schedule.cron}"


class Scheduler:
    """Starts what is due, of all schedules that the configuration has at the moment."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def round(self) -> None:
        """Start all that is due now."""
        deps, now = self._deps, self._deps.clock()
        settings = deps.live
        store = deps.store.alerts
        acted_on = await store.ticks()
        for schedule in settings.schedules:
            # A new schedule begins with its next time, and not with one before it was written.
            if name_of(schedule) not in acted_on:
                await store.ticked(name_of(schedule), last_tick(schedule, now))
        watches = {watch.target: watch for watch in await store.watches()}
        for target in settings.targets:
            watch = watches.get(target, Watch(target=target))
            for one in due(settings, watch, acted_on, now):
                await self._start(one)

    async def _start(self, one: Due) -> None:
        run_id, is_own = await start_run(
            self._deps.engine,
            key=one.key,
            target=one.target,
            check=one.check,
            trigger=Trigger.SCHEDULE,
            caller=Caller(id=one.caller),
        )
        if one.acted_on:
            # Kept after the start: if we end in between, the same id starts nothing twice.
            await self._deps.store.alerts.ticked(*one.acted_on)
        if not is_own:
            log.info("a run was due while another was under way", due=one.key, run_id=run_id)


@asynccontextmanager
async def scheduling(scheduler: Scheduler) -> AsyncIterator[None]:
    """While inside, start what is due."""

    async with rounds(scheduler.round, every_s=ROUND_S, name="scheduler"):
        yield


def _jitter(schedule: Schedule, tick: datetime) -> timedelta:
    """Return by how much a tick is put off: for everybody the same, for each tick another."""
    seed = f"{name_of(schedule)}/{tick.isoformat()}".encode()
    share = int.from_bytes(hashlib.blake2b(seed, digest_size=4).digest()) / 2**32
    return timedelta(seconds=schedule.jitter_s * share)


def _pause_while_failing(schedule: Schedule, watch: Watch) -> timedelta | None:
    """Return the pause between runs of what fails, or has just begun to work again."""
    outcomes = watch.outcomes.get(schedule.check, ())
    recovering = watch.incident is not None and schedule.check in watch.incident.checks
    if not outcomes or not (outcomes[-1].failed or recovering):
        return None
    failures = next((n for n, each in enumerate(reversed(outcomes)) if not each.failed), None)
    in_a_row = len(outcomes) if failures is None else failures
    doublings = min(max(0, in_a_row - SOON), _MOST_DOUBLINGS)
    # Past the cron's own period the tick comes first, and this pause begins anew.
    return timedelta(seconds=schedule.failing_interval_s * 2**doublings)


def _while_failing(schedule: Schedule, watch: Watch, now: datetime) -> Due | None:
    pause = _pause_while_failing(schedule, watch)
    if pause is None:
        return None
    last = watch.outcomes[schedule.check][-1]
    # By the clock: a run that errored leaves no outcome behind, and the next is due all the same.
    turn = (now - last.at) // pause
    if turn < 1:
        return None
    return Due(
        target=schedule.target,
        check=schedule.check,
        key=f"again:{watch.target}/{schedule.check}:{last.run_id}:{turn}",
        caller=schedule.cron,
    )


def _to_see_a_fix(watch: Watch, now: datetime) -> Due | None:
    """Return the run that sees whether a fix holds: some soon, some later, and then no more."""
    incident = watch.incident
    if incident is None or incident.verifying_since is None or not is_verifying(incident, now):
        return None
    since = incident.verifying_since
    check = _least_known(watch, incident, since)
    if check is None:
        return None
    row, spent = watch.outcomes.get(check, ()), (now - since).total_seconds()
    pause_s = KEY_EACH_S if check == KEY_CHECK else _FIX_PAUSE_S
    if row and now < row[-1].at + timedelta(seconds=pause_s):
        return None
    if spent >= _FIX_SOON_S:
        pause_s = _FIX_SOON_S
    # By the clock: a run that errored leaves nothing behind that a key could be made of.
    turn = int(spent // pause_s)
    if turn == 0:
        return None  # who said so had runs started
    return Due(
        target=watch.target,
        check=check,
        key=f"fixed:{watch.target}/{check}:{since.isoformat()}:{pause_s:.0f}x{turn}",
        caller=incident.verifying_by,
    )


def _least_known(watch: Watch, incident: Incident, since: datetime) -> str | None:
    """Return the check of an incident that has the fewest passes in a row, if one is to be made."""
    rows = {check: watch.outcomes.get(check, ()) for check in incident.checks}
    if not rows:
        # No check failed in what a person opened: one run shows what there is to see.
        row = watch.outcomes.get(DEFAULT_CHECK, ())
        return None if row and row[-1].at > since else DEFAULT_CHECK
    # Whoever said so may not be allowed to try the key: only what was tried already is tried again.
    tried = rows.get(KEY_CHECK, ())
    if KEY_CHECK in rows and not (tried and tried[-1].at > since):
        del rows[KEY_CHECK]
    return min(rows, key=lambda check: len(passes(rows[check])), default=None)
