"""What ingest counts beside its lane: polls by outcome, feeds by standing."""

from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge

from ingest.polled import Polled
from ingest.stage import Ingest
from ingest.standing import Standing


def _count(stage: Ingest, standing: Standing) -> float:
    return stage.standings[standing]


class FeedMetrics:
    """The metrics of one process.  Feeds are not labels: they are thousands."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._polls = Counter("wirewatch_polls", "Polls that ended, by outcome.", ("outcome",), registry=registry)
        self._feeds = Gauge(
            "wirewatch_feeds", "Feeds that were polled, by how they stand.", ("lane", "standing"), registry=registry
        )

    def watch(self, lane: str, stage: Ingest) -> None:
        """Show how the stage's feeds stand, from now on."""
        for standing in Standing:
            self._feeds.labels(lane, standing.value).set_function(partial(_count, stage, standing))

    def count(self, polled: Polled) -> None:
        """Count one poll: `changed`, `unchanged`, or the word of its failure."""
        outcome = "unchanged" if polled.shown is None else "changed"
        self._polls.labels(outcome if polled.failed is None else polled.failed.word.value).inc()
