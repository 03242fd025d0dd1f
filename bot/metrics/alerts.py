"""What operators can scrape of alerting: incidents, decisions, and how they are told."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

# From one round of the relay to an hour in which Slack was away.
_TELLING_BUCKETS = (0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)


class AlertMetrics:
    """The metrics of incidents and of what is told of them."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._open = Gauge(
            "stagecheck_incident_open",
            "Whether a target has an open incident.",
            ("target",),
            registry=registry,
        )
        self._decisions = Counter(
            "stagecheck_alert_decisions_total",
            "What policy decided about runs and acts.",
            ("target", "action"),
            registry=registry,
        )
        self._told = Histogram(
            "stagecheck_alert_delivery_seconds",
            "From a decision to its delivery, by the kind of receiver.",
            ("receiver",),
            buckets=_TELLING_BUCKETS,
            registry=registry,
        )
        self._failed = Counter(
            "stagecheck_alert_delivery_failures_total",
            "Deliveries that failed: to be tried again, or for good.",
            ("receiver", "permanent"),
            registry=registry,
        )

        self._reload_ok = Gauge(
            "stagecheck_config_last_reload_successful",
            "Whether the configuration file, when it last changed, could be taken up.",
            registry=registry,
        )
        self._reload_ok.set(1)
        self._reloaded = Gauge(
            "stagecheck_config_last_reload_success_timestamp_seconds",
            "When a changed configuration file was last taken up; 0 if it has not changed.",
            registry=registry,
        )

    def reloaded(self, *, ok: bool) -> None:
        """Show whether the changed configuration file could be taken up."""
        self._reload_ok.set(int(ok))
        if ok:
            self._reloaded.set_to_current_time()

    def incident(self, target: str, *, is_open: bool) -> None:
        """Show whether `target` has an open incident."""
        self._open.labels(target).set(int(is_open))

    def decided(self, target: str, action: str) -> None:
        """Count a decision."""
        self._decisions.labels(target, action).inc()

    def told(self, receiver: str, after_s: float) -> None:
        """Note how long after its decision something was told."""
        self._told.labels(receiver).observe(after_s)

    def failed(self, receiver: str, *, permanent: bool) -> None:
        """Count a delivery that failed."""
        self._failed.labels(receiver, str(permanent).lower()).inc()
