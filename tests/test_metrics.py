"""What is scraped: the last probe in gauges, every run in counters, our own faults apart."""

import asyncio
import math
import platform
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from crashing import until
from prometheus_client.parser import text_string_to_metric_families
from slack_house import FAST, channel_id, outbox_of

from bot import __version__
from bot.engine import Backlog
from bot.errors import DeliveryError, StoreError
from bot.metrics import Metrics
from bot.model import Run, Status, StepResult
from bot.pulse import measuring
from bot.report import Message
from bot.sandbox import MiniSlack
from bot.slack.pace import Rate
from bot.store import Store
from tests.storing import RUN

WHERE = {"target": "staging", "check": "pipeline"}


def ended(status: Status, number: int = 1, **changes: object) -> Run:
    started_at = RUN.started_at + timedelta(minutes=number)
    run = replace(RUN, id=f"run-{number}", status=status, started_at=started_at)
    return replace(run, **changes)  # type: ignore[arg-type]


def value(metrics: Metrics, name: str, labels: Mapping[str, str]) -> float | None:
    for family in text_string_to_metric_families(metrics.render().decode()):
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return sample.value
    return None


def runs(metrics: Metrics, status: str, trigger: str = "command") -> float | None:
    labels = {**WHERE, "status": status, "trigger": trigger}
    return value(metrics, "stagecheck_runs_total", labels)


def counted(*ended: Run) -> Metrics:
    metrics = Metrics()
    for run in ended:
        metrics.count(run)
    return metrics


def test_a_run_that_failed_is_no_success() -> None:
    metrics = counted(ended(Status.FAILED))
    assert value(metrics, "stagecheck_probe_success", WHERE) == 0
    assert value(metrics, "stagecheck_probe_duration_seconds", WHERE) == 4.25
    assert runs(metrics, "failed") == 1


def test_a_degraded_run_is_a_success_that_is_not_plain_green() -> None:
    metrics = counted(ended(Status.DEGRADED))
    assert value(metrics, "stagecheck_probe_success", WHERE) == 1
    assert value(metrics, "stagecheck_probe_degraded", WHERE) == 1


def test_gauges_tell_of_the_newest_run_whatever_the_order() -> None:
    newest = ended(Status.PASSED, 2)
    metrics = counted(newest, ended(Status.FAILED, 1))
    assert value(metrics, "stagecheck_probe_success", WHERE) == 1
    assert value(metrics, "stagecheck_run_last_timestamp_seconds", WHERE) == (
        newest.started_at.timestamp() + newest.duration_s
    )
    assert runs(metrics, "failed") == 1


def test_our_own_error_is_counted_and_never_blames_the_target() -> None:
    metrics = counted(ended(Status.PASSED, 1), ended(Status.ERRORED, 2))
    assert value(metrics, "stagecheck_probe_success", WHERE) == 1
    assert runs(metrics, "errored") == 1


def test_a_run_handed_in_twice_is_counted_once() -> None:
    metrics = counted(ended(Status.PASSED), ended(Status.PASSED))
    assert runs(metrics, "passed") == 1


def test_a_pasted_log_is_no_run_of_the_target() -> None:
    metrics = counted(ended(Status.FAILED, executed=False))
    assert value(metrics, "stagecheck_probe_success", WHERE) is None
    assert runs(metrics, "failed") is None


def test_every_status_is_there_from_the_first_run_on() -> None:
    metrics = counted(ended(Status.PASSED))
    assert runs(metrics, "failed") == 0


def test_steps_that_ran_have_durations_and_skipped_ones_none() -> None:
    steps = (
        StepResult(name="health", title="Health", status=Status.PASSED, duration_s=0.5),
        StepResult(name="events", title="Events", status=Status.SKIPPED, duration_s=0.0),
    )
    passed = tuple(replace(step, status=Status.PASSED) for step in steps)
    metrics = counted(ended(Status.PASSED, 1, steps=passed), ended(Status.FAILED, 2, steps=steps))
    name = "stagecheck_step_duration_seconds"
    assert value(metrics, name, {**WHERE, "step": "health"}) == 0.5
    assert value(metrics, name, {**WHERE, "step": "events"}) is None


def test_calls_of_slack_are_counted_and_timed() -> None:
    metrics = Metrics()
    metrics.slack_call("chat.update", "ok", 0.2)
    metrics.slack_call("chat.update", "ratelimited", 0.1)
    labels = {"method": "chat.update"}
    assert value(metrics, "stagecheck_slack_calls_total", {**labels, "outcome": "ok"}) == 1
    assert value(metrics, "stagecheck_slack_call_duration_seconds_count", labels) == 2


def test_two_instances_share_nothing() -> None:
    first, second = counted(ended(Status.PASSED)), Metrics()
    assert value(first, "stagecheck_probe_success", WHERE) == 1
    assert value(second, "stagecheck_probe_success", WHERE) is None


def test_the_page_is_sent_as_prometheus_text() -> None:
    assert Metrics().content_type.startswith("text/plain; version=")


def test_what_slack_answers_cannot_make_ever_more_time_series() -> None:
    metrics = Metrics()
    for number in range(1_000):
        metrics.slack_call("chat.update", f"made_up_{number}", 0.1)
    text = metrics.render().decode()
    assert text.count('stagecheck_slack_calls_total{method="chat.update"') <= 50
    other = {"method": "chat.update", "outcome": "other"}
    assert value(metrics, "stagecheck_slack_calls_total", other) == 960


def test_what_slack_delivers_again_is_counted_apart() -> None:
    metrics = Metrics()
    for repeated in (False, True, True):
        metrics.slack_delivery(repeated=repeated)
    name = "stagecheck_slack_deliveries_total"
    assert value(metrics, name, {"delivery": "first"}) == 1
    assert value(metrics, name, {"delivery": "repeated"}) == 2


async def test_a_message_waits_from_when_it_was_given_until_slack_has_it() -> None:
    metrics = Metrics()
    with metrics.unsent(), metrics.unsent():
        await asyncio.sleep(0.001)
        assert value(metrics, "stagecheck_outbox_messages", {}) == 2
        assert value(metrics, "stagecheck_outbox_oldest_age_seconds", {}) > 0
    assert value(metrics, "stagecheck_outbox_messages", {}) == 0
    assert value(metrics, "stagecheck_outbox_oldest_age_seconds", {}) == 0


async def test_messages_that_slack_does_not_take_yet_are_seen_to_wait() -> None:
    metrics = Metrics()
    slow = replace(FAST, channel=Rate(burst=1, per_minute=0.01), patience_s=2.0)
    async with MiniSlack() as slack, outbox_of(slack, pace=slow, metrics=metrics) as outbox:
        await outbox.post(channel_id(slack), Message(text="one", blocks=()))
        sending = asyncio.create_task(
            outbox.post(channel_id(slack), Message(text="two", blocks=()))
        )
        await until(lambda: value(metrics, "stagecheck_outbox_messages", {}) == 1)
        with pytest.raises(DeliveryError):
            await sending
    assert value(metrics, "stagecheck_outbox_messages", {}) == 0
    where = {"method": "chat.postMessage"}
    assert value(metrics, "stagecheck_slack_wait_seconds_count", where) == 2


async def test_transactions_of_the_store_are_timed_and_their_failures_counted(
    tmp_path: Path,
) -> None:
    metrics = Metrics()
    store = await Store.open(f"sqlite:///{tmp_path}/a.db", observe=metrics.stored)
    assert await store.claim("key", ttl_s=60)
    assert not await store.claim("key", ttl_s=60)  # a duplicate is an answer, not a failure
    with closing(sqlite3.connect(tmp_path / "a.db")) as other, other:
        other.execute("DROP TABLE claims")
    with pytest.raises(StoreError):
        await store.claim("key", ttl_s=60)
    await store.close()
    writes = {"operation": "write"}
    assert value(metrics, "stagecheck_store_duration_seconds_count", writes) == 3
    assert value(metrics, "stagecheck_store_errors_total", writes) == 1
    assert value(metrics, "stagecheck_store_errors_total", {"operation": "read"}) == 0


async def test_the_pulse_tells_which_parts_serve_what_waits_and_how_late_the_loop_is() -> None:
    metrics = Metrics()

    async def states() -> dict[str, str]:
        return {"store": "ok", "engine": "the disk is full"}

    async def backlog() -> Backlog:
        return Backlog(waiting=2, running=3, oldest_s=4.5)

    async with measuring(metrics, states=states, backlog=backlog, look_every_s=0.01):
        await until(lambda: value(metrics, "stagecheck_event_loop_lag_seconds_count", {}))
    assert value(metrics, "stagecheck_ready", {"part": "store"}) == 1
    assert value(metrics, "stagecheck_ready", {"part": "engine"}) == 0
    assert value(metrics, "stagecheck_runs_waiting", {}) == 2
    assert value(metrics, "stagecheck_runs_under_way", {}) == 3
    assert value(metrics, "stagecheck_oldest_run_age_seconds", {}) == 4.5


async def test_a_backlog_that_cannot_be_counted_is_shown_as_not_known() -> None:
    metrics, asked = Metrics(), 0

    async def states() -> dict[str, str]:
        return {}

    async def backlog() -> Backlog:
        nonlocal asked
        asked += 1
        if asked > 1:
            raise StoreError("The runs under way cannot be counted.")
        return Backlog(waiting=1)

    async with measuring(metrics, states=states, backlog=backlog, look_every_s=0.01):
        await until(lambda: asked > 2)
    assert math.isnan(value(metrics, "stagecheck_runs_waiting", {}) or 0)


async def test_a_database_that_hangs_is_asked_once_and_not_again_and_again() -> None:
    metrics, asked = Metrics(), 0

    async def states() -> dict[str, str]:
        return {}

    async def backlog() -> Backlog:
        nonlocal asked
        asked += 1
        await asyncio.Event().wait()
        return Backlog()

    pulse = measuring(metrics, states=states, backlog=backlog, look_every_s=0.0, patience_s=0.0)
    async with pulse:
        for _ in range(100):
            await asyncio.sleep(0)
    assert asked == 1
    assert math.isnan(value(metrics, "stagecheck_runs_waiting", {}) or 0)


def test_retention_that_went_through_says_when_and_how_much() -> None:
    metrics = Metrics()
    assert value(metrics, "stagecheck_retention_last_timestamp_seconds", {}) == 0
    metrics.pruned(3)
    assert value(metrics, "stagecheck_retention_removed_runs_total", {}) == 3
    assert value(metrics, "stagecheck_retention_last_timestamp_seconds", {}) != 0


def test_the_build_is_named() -> None:
    labels = {"version": __version__, "python": platform.python_version()}
    assert value(Metrics(), "stagecheck_build_info", labels) == 1
