"""What a lane counts, as Prometheus metrics in a registry that is passed in."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from wire.log.port import NewRecord
from wire.stamps import ages

_SEEN_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200)
_PUBLISHED_SECONDS = (1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400)
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
        stage = ("stage",)
        self._seen = Histogram(
            "wirewatch_seen_to_stage_seconds",
            "Time from the poll that saw an article to the commit of what a stage made of it; deliver: to the send.",
            stage,
            buckets=_SEEN_SECONDS,
            registry=registry,
        )
        self._published = Histogram(
            "wirewatch_published_to_stage_seconds",
            "The same from the outlet's own time, for first versions.",
            stage,
            buckets=_PUBLISHED_SECONDS,
            registry=registry,
        )
        self.in_flight = Gauge("wirewatch_work_in_flight", "External work under way.", lane, registry=registry)
        self.last_commit = Gauge(
            "wirewatch_last_commit_timestamp_seconds",
            "When the lane last committed work, or started.",
            lane,
            registry=registry,
        )

    def reached(self, stage: str, since: str, age: timedelta) -> None:
        """An article has come through `stage`; `age` is the time since it was `seen` or `published`."""
        histogram = self._seen if since == "seen" else self._published
        histogram.labels(stage).observe(age.total_seconds())

    def wrote(self, lane: str, writes: Sequence[NewRecord], now: datetime) -> None:
        """Time what a commit has made visible."""
        for write in writes:
            for since, age in ages(write, now):
                self.reached(lane.split(".")[0], since, age)
