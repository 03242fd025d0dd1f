"""Checks run by the clock: at their time, once, more often while they fail, and after a restart."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_house import House, house

from bot.alerting import Incident, IncidentState, Outcome, Watch
from bot.config import Schedule
from bot.deps import Deps, Reloaded
from bot.model import Severity, Status, Trigger
from bot.scheduler import Scheduler, due, last_tick, name_of, next_run, upcoming

NOON = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
FIVE = Schedule(target="staging", cron="*/5 * * * *")


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


def with_schedule(clock: Clock, *schedules: Schedule) -> Any:
    def changed(deps: Deps) -> Deps:
        settings = deps.settings.model_copy(update={"schedules": schedules})
        return replace(deps, clock=clock, settings=settings, reloaded=Reloaded())

    return changed


async def a_round(home: House) -> int:
    """Start what is due; return how many runs there are then."""
    await Scheduler(home.deps).round()
    await home.engine.idle()
    return len(await home.deps.store.recent("staging", limit=100))


async def test_a_schedule_runs_once_per_tick_and_silently() -> None:
    clock = Clock()
    async with house(changed=with_schedule(clock, FIVE)) as home:
        assert await a_round(home) == 0  # a new schedule begins with its next time
        clock.move(minutes=5)
        assert await a_round(home) == 1
        assert await a_round(home) == 1
        [run] = await home.deps.store.recent("staging")
        assert (run.trigger, run.status, run.caller.id) == (
            Trigger.SCHEDULE,
            Status.PASSED,
            "*/5 * * * *",
        )
        assert home.slack.messages() == []


async def test_who_asks_while_a_silent_run_is_under_way_has_an_answer_of_their_own() -> None:
    clock = Clock()
    async with house("silence", changed=with_schedule(clock, FIVE)) as home:
        await Scheduler(home.deps).round()
        clock.move(minutes=5)
        await Scheduler(home.deps).round()
        await home.slack.command("/stagecheck staging")
        await home.engine.idle()
        runs = await home.deps.store.recent("staging")
        [parent] = [message for message in home.slack.messages() if not message.is_reply]
    assert {run.trigger for run in runs} == {Trigger.SCHEDULE, Trigger.COMMAND}
    assert "Failed: pipeline on staging" in parent.text


async def test_ticks_that_were_missed_run_once() -> None:
    clock = Clock()
    async with house(changed=with_schedule(clock, FIVE)) as home:
        await a_round(home)
        clock.move(hours=7)
        assert await a_round(home) == 1
        assert await a_round(home) == 1


async def test_what_another_process_started_is_not_started_again() -> None:
    clock = Clock()
    async with house(changed=with_schedule(clock, FIVE)) as home:
        await a_round(home)
        clock.move(minutes=5)
        # As if the one that started it had ended before it could say so.
        acted_on = await home.deps.store.alerts.ticks()
        assert await a_round(home) == 1
        [again] = due(home.deps.settings, Watch(target="staging"), acted_on, clock())
        await Scheduler(home.deps)._start(again)
        await home.engine.idle()
        assert len(await home.deps.store.recent("staging")) == 1


async def test_while_it_fails_it_runs_more_often() -> None:
    clock = Clock(datetime.now(UTC))  # a run keeps the time of the world
    hourly = replace_schedule(FIVE, cron="0 * * * *", failing_interval_s=60)
    async with house("seed", changed=with_schedule(clock, hourly)) as home:
        await a_round(home)
        clock.move(hours=1)
        assert await a_round(home) == 1
        assert await a_round(home) == 2  # by its clock the failure was an hour ago


def replace_schedule(schedule: Schedule, **values: Any) -> Schedule:
    return schedule.model_copy(update=values)


@given(
    outcomes=st.lists(st.booleans(), max_size=8),
    after_s=st.integers(0, 600),
    pause_s=st.integers(15, 400),
)
def test_what_is_said_to_come_next_is_what_is_due_then(
    outcomes: list[bool], after_s: int, pause_s: int
) -> None:
    schedule = replace_schedule(FIVE, failing_interval_s=pause_s)
    settings: Any = SimpleNamespace(schedules=(schedule,))
    watch, now = failing(*outcomes), NOON + timedelta(seconds=after_s)
    at = upcoming(settings, watch, now)
    assert at is not None
    assert at > now
    before = at - timedelta(seconds=1)
    acted_on = {name_of(schedule): last_tick(schedule, now)}
    made = {one.key for one in due(settings, watch, acted_on, now)}
    assert {one.key for one in due(settings, watch, acted_on, max(now, before))} == made
    assert {one.key for one in due(settings, watch, acted_on, at)} - made


def test_nothing_comes_next_without_a_schedule() -> None:
    settings: Any = SimpleNamespace(schedules=(FIVE,))
    assert upcoming(settings, Watch(target="elsewhere"), NOON) is None


def failing(*failed: bool) -> Watch:
    outcomes = tuple(
        Outcome(run_id=f"r{n}", at=NOON - timedelta(minutes=len(failed) - n), failed=one)
        for n, one in enumerate(failed, start=1)
    )
    return Watch(target="staging", outcomes={"pipeline": outcomes})


def settings_of(*schedules: Schedule) -> Any:
    return SimpleNamespace(schedules=schedules)


@pytest.mark.parametrize(
    ("failures", "pause_s"), [(1, 60), (5, 60), (6, 120), (7, 240), (10, 1920)]
)
def test_the_pause_doubles_while_it_goes_on_failing(failures: int, pause_s: int) -> None:
    watch = failing(*[True] * failures)
    hourly = replace_schedule(FIVE, cron="0 0 1 1 *")
    acted_on = {name_of(hourly): last_tick(hourly, NOON)}
    settings = settings_of(hourly)
    early = NOON + timedelta(seconds=pause_s - 1)
    assert list(due(settings, watch, acted_on, early)) == []
    [one] = due(settings, watch, acted_on, NOON + timedelta(seconds=pause_s))
    assert one.key.endswith(f"r{failures}:1")
    # What became of that run is not known, as when it errored: it is due again after the pause.
    [again] = due(settings, watch, acted_on, NOON + timedelta(seconds=2 * pause_s))
    assert again.key.endswith(f"r{failures}:2")


def test_what_works_is_left_to_the_cron() -> None:
    acted_on = {name_of(FIVE): last_tick(FIVE, NOON)}
    late = NOON + timedelta(minutes=4)
    assert list(due(settings_of(FIVE), failing(True, True, False), acted_on, late)) == []


SAID_FIXED = Incident(
    id="i1",
    target="staging",
    state=IncidentState.TRIGGERED,
    severity=Severity.HIGH,
    started_at=NOON,
    triggered_at=NOON,
    checks=("pipeline",),
    verifying_by="U1",
    verifying_since=NOON,
)


def looks(watch: Watch, minutes: int) -> dict[str, str]:
    """What is due within the minutes, second by second: key -> check."""
    return {
        one.key: one.check
        for second in range(minutes * 60)
        for one in due(settings_of(), watch, {}, NOON + timedelta(seconds=second))
    }


def test_a_fix_is_looked_at_until_it_holds() -> None:
    watch = replace(failing(True, False), incident=SAID_FIXED)
    [one] = due(settings_of(), watch, {}, NOON + timedelta(seconds=10))
    assert (one.check, one.caller) == ("pipeline", "U1")
    done = replace(watch, incident=replace(SAID_FIXED, verifying_by=""))
    assert looks(done, 1) == {}


def test_a_fix_that_no_run_answers_is_looked_at_again_and_not_for_ever() -> None:
    watch = replace(failing(True, False), incident=SAID_FIXED)
    assert len(looks(watch, 1)) == 11
    assert len(looks(watch, 15)) == len(looks(watch, 60)) == 25


def test_a_fix_is_looked_at_by_the_check_that_is_known_least_to_work() -> None:
    watch = failing(True, False)
    search = tuple(replace(one, failed=False) for one in watch.outcomes["pipeline"])
    incident = replace(SAID_FIXED, checks=("pipeline", "search"))
    watch = replace(watch, outcomes={**watch.outcomes, "search": search}, incident=incident)
    assert set(looks(watch, 1).values()) == {"pipeline"}


def test_the_key_is_tried_more_rarely_and_only_after_somebody_tried_it() -> None:
    tried = Outcome(run_id="r1", at=NOON + timedelta(seconds=2), failed=False)
    incident = replace(SAID_FIXED, checks=("key",))
    watch = Watch(target="staging", outcomes={"key": (tried,)}, incident=incident)
    assert len(looks(watch, 1)) == 2
    before = {"key": (replace(tried, at=NOON - timedelta(hours=1)),)}
    assert looks(replace(watch, outcomes=before), 15) == {}


def test_what_a_person_opened_is_looked_at_until_one_run_tells() -> None:
    watch = Watch(target="staging", incident=replace(SAID_FIXED, checks=()))
    assert set(looks(watch, 1).values()) == {"pipeline"}
    seen = (Outcome(run_id="r1", at=NOON + timedelta(seconds=2), failed=False),)
    assert looks(replace(watch, outcomes={"pipeline": seen}), 1) == {}


def test_the_hours_of_a_schedule_are_those_of_its_zone() -> None:
    berlin = replace_schedule(FIVE, cron="0 7 * * *", timezone="Europe/Berlin")
    winter = next_run(berlin, datetime(2026, 3, 28, 12, tzinfo=UTC))
    assert winter == datetime(2026, 3, 29, 5, tzinfo=UTC)  # the clocks went forward at 1:00 UTC
    assert last_tick(berlin, winter - timedelta(seconds=1)) == datetime(2026, 3, 28, 6, tzinfo=UTC)


def test_a_time_that_the_clocks_skip_is_not_lost() -> None:
    berlin = replace_schedule(FIVE, cron="30 2 * * *", timezone="Europe/Berlin")
    skipped = next_run(berlin, datetime(2026, 3, 28, 12, tzinfo=UTC))
    assert skipped.astimezone(ZoneInfo("Europe/Berlin")).date() == date(2026, 3, 29)


CRONS = ("* * * * *", "*/5 * * * *", "17 3 * * *", "0 9 * * mon-fri", "0 0 1 * *", "30 2 * * *")


@given(
    st.sampled_from(CRONS),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
    st.integers(min_value=0, max_value=600),
    st.datetimes(
        min_value=datetime(2025, 1, 1),  # noqa: DTZ001
        max_value=datetime(2027, 1, 1),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
)
def test_ticks_follow_each_other_whatever_the_zone_and_jitter(
    cron: str, zone: str, jitter_s: int, now: datetime
) -> None:
    schedule = replace_schedule(FIVE, cron=cron, timezone=zone, jitter_s=jitter_s)
    last, following = last_tick(schedule, now), next_run(schedule, now)
    assert last <= now < following
    # What begins next is what will have been due last, once it has begun.
    assert last_tick(schedule, following) > last or following - last < timedelta(seconds=jitter_s)
    assert last_tick(schedule, now) == last


async def test_a_tick_of_a_target_under_way_is_told_and_not_repeated() -> None:
    clock = Clock()
    async with house("silence", changed=with_schedule(clock, FIVE)) as home:
        await a_round(home)
        clock.move(minutes=5)
        await home.slack.command("/stagecheck staging")
        assert await a_round(home) == 1
