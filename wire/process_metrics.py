"""What every process of ours shows beside its lanes: memory, open files, and how much room its disk has."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from threading import Lock
from time import monotonic

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from wire.disk import disk_of
from wire.log.port import Progress

# Asking Kafka for positions costs a few connections; Prometheus asks every 15 s.
KEEP_SECONDS = 10.0


class DiskCollector(Collector):
    """Room on the disk that holds `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        """Two gauges; none while the folder is not there."""
        if not self._folder.exists():
            return
        disk = disk_of(self._folder)
        for word, value in (("size", disk.size), ("free", disk.free)):
            name, said = f"wirewatch_disk_{word}_bytes", f"The disk that holds log or index: {word} bytes."
            yield GaugeMetricFamily(name, said, value=value)


class LagCollector(Collector):
    """How far lanes are behind their inputs; asked of the log at most every ten seconds."""

    def __init__(self, ask: Callable[[], Sequence[Progress]]) -> None:
        self._ask = ask
        self._lock = Lock()
        self._asked = -KEEP_SECONDS
        self._known: Sequence[Progress] = ()

    def describe(self) -> Iterable[Metric]:
        """Without asking the log."""
        return [_lag_family()]

    def collect(self) -> Iterable[Metric]:
        """One gauge a lane and input."""
        with self._lock:
            if monotonic() - self._asked > KEEP_SECONDS:
                self._known = self._ask()
                self._asked = monotonic()
            family = _lag_family()
            for one in self._known:
                family.add_metric([one.lane, one.topic, str(one.partition)], one.behind)
        yield family


def _lag_family() -> GaugeMetricFamily:
    said = "Records committed to an input and not yet taken by its lane."
    return GaugeMetricFamily("wirewatch_lag_records", said, labels=("lane", "topic", "partition"))


def process_metrics(registry: CollectorRegistry, folder: Path, ask: Callable[[], Sequence[Progress]]) -> None:
    """Register all of them."""
    ProcessCollector(registry=registry)
    registry.register(DiskCollector(folder))
    registry.register(LagCollector(ask))
