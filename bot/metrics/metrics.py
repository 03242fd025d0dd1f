"""What operators can scrape: the last probe of every target, and how our own parts do.

Names and habits are those of blackbox_exporter: gauges tell of the last probe, counters of all.
No label holds what somebody typed or a secret, and none can take ever more values.
"""

import platform
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, time

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from bot import __version__
from bot.metrics.alerts import AlertMetrics
from bot.model import Run, Status

# Enough to recognise any run that is counted again after a restart of its workflow.
_REMEMBERED_RUNS = 1_000
# Slack's own limit for an answer to be of use is 3 s; its time-outs are 30 s.
_CALL_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
# From a turn that is free to Slack's longest Retry-After.
_WAIT_BUCKETS = (0.01, 0.1, 0.5, 1.0, 3.0, 10.0, 30.0, 60.0, 300.0)
# A pause of 50 ms is a busy moment; with 2.5 s, acknowledgements reach Slack too late.
_LAG_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
# From one page of a warm file to the time after which a server counts as away.
_STORE_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0)
_MOST_OUTCOMES = 40
OTHER = "other"
"""Stands for all further values of a label that already has as many as it may have."""


class Metrics:
    """The metrics of one process, in a registry of their own."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._counted: OrderedDict[str, None] = OrderedDict()
        self._newest: dict[tuple[str, str], float] = {}
        self._outcomes: set[str] = set()
        self._unsent: dict[object, float] = {}
        ProcessCollector(registry=self._registry)
        self._define_probe_metrics()
        self._define_slack_metrics()
        self._define_engine_metrics()
        self._define_own_metrics()
        self.alerts = AlertMetrics(self._registry)

    def count(self, run: Run) -> None:
        """Count `run` once, however often it is handed in; a pasted log is no run of a target.

        A run that errored was our own doing: it is counted, and says nothing about the target.
        """
        if not run.executed or run.id in self._counted:
            return
        self._counted[run.id] = None
        if len(self._counted) > _REMEMBERED_RUNS:
            self._counted.popitem(last=False)
        for status in Status:  # all at once, so that a rate sees the first failure too
            counter = self._runs.labels(run.target, run.check, status, run.trigger)
            counter.inc(int(status is run.status))
        if run.status in (Status.ERRORED, Status.SKIPPED):
            return
        ended = run.started_at.timestamp() + run.duration_s
        if ended >= self._newest.get((run.target, run.check), ended):
            self._newest[run.target, run.check] = ended
            self._show_probe(run, ended)

    def slack_call(self, method: str, outcome: str, duration_s: float) -> None:
        """Count a call of Slack's Web API; `outcome` is ``ok`` or a short word for why not."""
        # What is between us and Slack can say any word it likes.
        if len(self._outcomes) < _MOST_OUTCOMES:
            self._outcomes.add(outcome)
        self._slack_calls.labels(method, outcome if outcome in self._outcomes else OTHER).inc()
        self._slack_durations.labels(method).observe(duration_s)

    def slack_wait(self, method: str, wait_s: float) -> None:
        """Note how long a call waited for its turn, by Slack's rates or because Slack asked to."""
        self._slack_waits.labels(method).observe(wait_s)

    def slack_delivery(self, *, repeated: bool) -> None:
        """Count what Slack delivered; `repeated` is what it had delivered before."""
        self._deliveries.labels("repeated" if repeated else "first").inc()

    @contextmanager
    def unsent(self) -> Iterator[None]:
        """While inside, one more message waits to be taken by Slack."""
        message = object()
        self._unsent[message] = monotonic()
        try:
            yield
        finally:
            del self._unsent[message]

    def backlog(self, *, waiting: float, running: float, oldest_s: float) -> None:
        """Show how many runs wait and run, and since when the oldest of them was asked for."""
        self._waiting.set(waiting)
        self._running.set(running)
        self._oldest.set(oldest_s)

    def part(self, name: str, *, ready: bool) -> None:
        """Show whether the part `name`, a key of ``/readyz``, can serve."""
        self._ready.labels(name).set(int(ready))

    def loop_lag(self, lag_s: float) -> None:
        """Note by how much the event loop was late."""
        self._lag.observe(lag_s)

    def stored(self, operation: str, duration_s: float, failed: bool) -> None:
        """Count a transaction of the store; `operation` is ``read`` or ``write``."""
        self._store.labels(operation).observe(duration_s)
        self._store_errors.labels(operation).inc(int(failed))

    def pruned(self, removed: int) -> None:
        """Note that retention went through, and how many runs it removed."""
        self._pruned.inc(removed)
        self._pruned_at.set(time())

    def render(self) -> bytes:
        """Return everything in the text format of Prometheus, to be sent as `content_type`."""
        return generate_latest(self._registry)

    def _show_probe(self, run: Run, ended: float) -> None:
        where = (run.target, run.check)
        self._success.labels(*where).set(int(run.status.works))
        self._degraded.labels(*where).set(int(run.status is Status.DEGRADED))
        self._duration.labels(*where).set(run.duration_s)
        self._last.labels(*where).set(ended)
        for step in run.steps:
            if step.status is Status.SKIPPED:
                self._step_duration.remove(*where, step.name)
            else:
                self._step_duration.labels(*where, step.name).set(step.duration_s)

    def _oldest_unsent_s(self) -> float:
        return monotonic() - min(self._unsent.values()) if self._unsent else 0.0

    def _define_probe_metrics(self) -> None:
        where = ("target", "check")
        self._success = self._gauge(
            "stagecheck_probe_success",
            "Whether the last run worked: 1 also when it was degraded. Runs that errored are"
            " our own doing and change nothing.",
            *where,
        )
        self._degraded = self._gauge(
            "stagecheck_probe_degraded",
            "Whether the last run worked, but not by the proper way.",
            *where,
        )
        self._duration = self._gauge(
            "stagecheck_probe_duration_seconds", "How long the last run took.", *where
        )
        self._last = self._gauge(
            "stagecheck_run_last_timestamp_seconds",
            "When the last run that says something about the target ended.",
            *where,
        )
        self._step_duration = self._gauge(
            "stagecheck_step_duration_seconds",
            "How long each step of the last run took; a step that was skipped has none.",
            *where,
            "step",
        )
        self._runs = self._counter(
            "stagecheck_runs_total",
            "Runs by how they ended and what made them happen.",
            *where,
            "status",
            "trigger",
        )

    def _define_slack_metrics(self) -> None:
        self._slack_calls = self._counter(
            "stagecheck_slack_calls_total",
            "Calls of Slack's Web API by how they ended.",
            "method",
            "outcome",
        )
        self._slack_durations = self._histogram(
            "stagecheck_slack_call_duration_seconds",
            "How long calls of Slack's Web API took.",
            _CALL_BUCKETS,
            "method",
        )
        self._slack_waits = self._histogram(
            "stagecheck_slack_wait_seconds",
            "How long calls waited for their turn: for our keeping of Slack's rates, or because"
            " Slack asked to wait.",
            _WAIT_BUCKETS,
            "method",
        )
        self._deliveries = self._counter(
            "stagecheck_slack_deliveries_total",
            "What Slack delivered: for the first time, or repeated and so not acted on.",
            "delivery",
        )
        for delivery in ("first", "repeated"):
            self._deliveries.labels(delivery)
        unsent = self._gauge("stagecheck_outbox_messages", "Messages that Slack has not taken yet.")
        unsent.set_function(lambda: len(self._unsent))
        oldest = self._gauge(
            "stagecheck_outbox_oldest_age_seconds",
            "How long the oldest message that Slack has not taken yet waits; 0 if there is none.",
        )
        oldest.set_function(self._oldest_unsent_s)

    def _define_engine_metrics(self) -> None:
        self._waiting = self._gauge(
            "stagecheck_runs_waiting",
            "Runs asked for and not begun, of all processes; NaN while the engine cannot tell.",
        )
        self._running = self._gauge(
            "stagecheck_runs_under_way",
            "Runs begun and not ended, of all processes; NaN while the engine cannot tell.",
        )
        self._oldest = self._gauge(
            "stagecheck_oldest_run_age_seconds",
            "How long ago the oldest run that has not ended was asked for; 0 if there is none.",
        )

    def _define_own_metrics(self) -> None:
        self._ready = self._gauge(
            "stagecheck_ready", "Whether a part can serve, by its name in /readyz.", "part"
        )
        self._lag = self._histogram(
            "stagecheck_event_loop_lag_seconds",
            "By how much the event loop was late to go on after a pause.",
            _LAG_BUCKETS,
        )
        self._store = self._histogram(
            "stagecheck_store_duration_seconds",
            "How long the store's transactions took, their waiting and repeating included.",
            _STORE_BUCKETS,
            "operation",
        )
        self._store_errors = self._counter(
            "stagecheck_store_errors_total",
            "Transactions of the store that failed for good.",
            "operation",
        )
        for operation in ("read", "write"):
            self._store_errors.labels(operation)
        self._pruned = self._counter(
            "stagecheck_retention_removed_runs_total",
            "Runs removed because of their age or number.",
        )
        self._pruned_at = self._gauge(
            "stagecheck_retention_last_timestamp_seconds",
            "When retention last went through; 0 if it has not in this process.",
        )
        build = self._gauge("stagecheck_build_info", "Always 1.", "version", "python")
        build.labels(__version__, platform.python_version()).set(1)

    def _gauge(self, name: str, help: str, *labels: str) -> Gauge:
        return Gauge(name, help, labels, registry=self._registry)

    def _counter(self, name: str, help: str, *labels: str) -> Counter:
        return Counter(name, help, labels, registry=self._registry)

    def _histogram(
        self, name: str, help: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        return Histogram(name, help, labels, buckets=buckets, registry=self._registry)
