"""What is scraped: the last probe in gauges, every run in counters, our own faults apart."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import Metrics
from bot.model import Run, Status, StepResult
from tests.test_store import RUN

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
