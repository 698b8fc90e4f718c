"""What a lane counts, as Prometheus metrics in a registry that is passed in."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class LaneMetrics:
    """The metrics of one process; `lane` labels tell its lanes apart."""

    def __init__(self, registry: CollectorRegistry) -> None:
        lane = ("lane",)
        self.records = Counter("wirewatch_records", "Records taken from the inputs.", lane, registry=registry)
        self.outputs = Counter("wirewatch_outputs", "Records written for other stages.", lane, registry=registry)
        self.dead_letters = Counter(
            "wirewatch_dead_letters", "Records that could not be processed.", (*lane, "code"), registry=registry
        )
        self.prepare_failures = Counter(
            "wirewatch_prepare_failures", "Batches whose preparation raised.", lane, registry=registry
        )
        self.commit_seconds = Histogram(
            "wirewatch_commit_seconds", "Time of one commit.", lane, buckets=_SECONDS, registry=registry
        )
        self.batch_seconds = Histogram(
            "wirewatch_batch_seconds",
            "Time from a batch's poll to its commit.",
            lane,
            buckets=_SECONDS,
            registry=registry,
        )
        self.in_flight = Gauge("wirewatch_work_in_flight", "External work under way.", lane, registry=registry)
        self.last_commit = Gauge(
            "wirewatch_last_commit_timestamp_seconds", "When the lane last committed.", lane, registry=registry
        )
