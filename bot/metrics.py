"""What operators can scrape: the last probe of every target, and how our own parts do.

Names and habits are those of blackbox_exporter: gauges tell of the last probe, counters of all.
"""

from collections import OrderedDict

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from bot.model import Run, Status

# Enough to recognise any run that is counted again after a restart of its workflow.
_REMEMBERED_RUNS = 1_000
# Slack's own limit for an answer to be of use is 3 s; its time-outs are 30 s.
_CALL_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The metrics of one process, in a registry of their own."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._counted: OrderedDict[str, None] = OrderedDict()
        self._newest: dict[tuple[str, str], float] = {}
        ProcessCollector(registry=self._registry)
        self._define_probe_metrics()
        self._define_slack_metrics()

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
            self._runs.labels(run.target, run.check, status).inc(int(status is run.status))
        if run.status in (Status.ERRORED, Status.SKIPPED):
            return
        ended = run.started_at.timestamp() + run.duration_s
        if ended >= self._newest.get((run.target, run.check), ended):
            self._newest[run.target, run.check] = ended
            self._show_probe(run, ended)

    def slack_call(self, method: str, outcome: str, duration_s: float) -> None:
        """Count a call of Slack's Web API; `outcome` is ``ok`` or a short word for why not."""
        self._slack_calls.labels(method, outcome).inc()
        self._slack_durations.labels(method).observe(duration_s)

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

    def _define_probe_metrics(self) -> None:
        where = ("target", "check")
        self._success = Gauge(
            "stagecheck_probe_success",
            "Whether the last run worked: 1 also when it was degraded. Runs that errored are"
            " our own doing and change nothing.",
            where,
            registry=self._registry,
        )
        self._degraded = Gauge(
            "stagecheck_probe_degraded",
            "Whether the last run worked, but not by the proper way.",
            where,
            registry=self._registry,
        )
        self._duration = Gauge(
            "stagecheck_probe_duration_seconds",
            "How long the last run took.",
            where,
            registry=self._registry,
        )
        self._last = Gauge(
            "stagecheck_run_last_timestamp_seconds",
            "When the last run that says something about the target ended.",
            where,
            registry=self._registry,
        )
        self._step_duration = Gauge(
            "stagecheck_step_duration_seconds",
            "How long each step of the last run took; a step that was skipped has none.",
            (*where, "step"),
            registry=self._registry,
        )
        self._runs = Counter(
            "stagecheck_runs_total",
            "Runs by how they ended.",
            (*where, "status"),
            registry=self._registry,
        )

    def _define_slack_metrics(self) -> None:
        self._slack_calls = Counter(
            "stagecheck_slack_calls_total",
            "Calls of Slack's Web API by how they ended.",
            ("method", "outcome"),
            registry=self._registry,
        )
        self._slack_durations = Histogram(
            "stagecheck_slack_call_duration_seconds",
            "How long calls of Slack's Web API took.",
            ("method",),
            buckets=_CALL_BUCKETS,
            registry=self._registry,
        )
