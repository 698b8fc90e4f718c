"""What the program counts around a stage's parts, so that the stages themselves count nothing."""

from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING

import msgspec
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info

from alerts.delivery import Delivery
from alerts.outcome import Accepted, SendRequest, SendResult
from wire.clock import Clock
from wire.codec import decode
from wire.log.port import Record
from wire.messages import AlertKind
from wire.metrics import LaneMetrics
from wire.stage import Stage, Work
from wire.work import Perform

if TYPE_CHECKING:
    from enrich.encoder import Encoder, Vectors
    from enrich.ways import Way

_BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class ModelMetrics:
    """Batches of the embedding model."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.texts = Histogram(
            "wirewatch_model_batch_texts", "Texts that the model took at once.", buckets=_BATCHES, registry=registry
        )
        self.seconds = Histogram(
            "wirewatch_model_batch_seconds", "Time of one call of the model.", buckets=_SECONDS, registry=registry
        )
        self.chosen = Info(
            "wirewatch_model",
            "How vectors are computed: space, precision, threads and workers, and what the start measured.",
            registry=registry,
        )

    def took(self, texts: int, begun: float) -> None:
        """Count one call that began at `begun` (`perf_counter`)."""
        self.texts.observe(texts)
        self.seconds.observe(perf_counter() - begun)


class CountedEncoder:
    """An encoder whose batches are counted."""

    def __init__(self, encoder: "Encoder", metrics: ModelMetrics) -> None:
        self._encoder = encoder
        self._metrics = metrics

    @property
    def space(self) -> str:
        """As the encoder inside."""
        return self._encoder.space

    @property
    def way(self) -> "Way":
        """As the encoder inside."""
        return self._encoder.way

    def encode(self, texts: Sequence[str]) -> "Vectors":
        """As `Encoder.encode`."""
        begun = perf_counter()
        vectors = self._encoder.encode(texts)
        self._metrics.took(len(texts), begun)
        return vectors


class SendMetrics:
    """Tries to send and how they ended, deliveries by state, and the time until a message was accepted."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._sends = Counter(
            "wirewatch_sends", "Tries to send that ended, by outcome.", ("channel", "outcome"), registry=registry
        )
        self._deliveries = Gauge(
            "wirewatch_deliveries", "Deliveries that the ledger holds, by state.", ("state",), registry=registry
        )
        self._states: dict[str, str] = {}

    def ended(self, request: SendRequest, result: SendResult | None) -> None:
        """Count one try; None where it raised."""
        outcome = "raised" if result is None else type(result.outcome).__struct_config__.tag
        self._sends.labels(request.channel, str(outcome)).inc()

    def folded(self, record: Record) -> None:
        """Take note of a record of the ledger."""
        kind, _, name = (record.key or "").partition(":")
        if kind != "delivery":
            return
        if (old := self._states.pop(name, None)) is not None:
            self._deliveries.labels(old).dec()
        if record.value is not None:
            self._states[name] = decode(record.value, Delivery).state.value
            self._deliveries.labels(self._states[name]).inc()


def counted_sends(perform: Perform, metrics: SendMetrics, lanes: LaneMetrics, clock: Clock) -> Perform:
    """`perform` with its tries counted, and the time from an article to an accepted message."""

    async def counting(work: Work) -> msgspec.Struct:
        request = work.body
        assert isinstance(request, SendRequest)
        result: SendResult | None = None
        try:
            found = await perform(work)
            assert isinstance(found, SendResult)
            result = found
            return found
        finally:
            metrics.ended(request, result)
            if result is not None and isinstance(result.outcome, Accepted):
                _time(request, lanes, clock)

    return counting


def _time(request: SendRequest, lanes: LaneMetrics, clock: Clock) -> None:
    alert, now = request.alert, clock.now()
    if alert.kind in (AlertKind.DIGEST, AlertKind.NOTICE) or not alert.evidence:
        return
    published = max((one.published for one in alert.evidence if one.published is not None), default=None)
    lanes.reached("deliver", "seen", now - max(one.seen for one in alert.evidence))
    if published is not None:
        lanes.reached("deliver", "published", now - published)


class Noted:
    """A stage whose folded records are noted too."""

    def __init__(self, stage: Stage, metrics: SendMetrics) -> None:
        self._stage = stage
        self._metrics = metrics
        self.prepare = stage.prepare
        self.due = stage.due
        self.step = stage.step
        self.failed = stage.failed
        self.remembered = stage.remembered

    def fold(self, record: Record) -> None:
        """See `wire.stage.Stage`."""
        self._stage.fold(record)
        self._metrics.folded(record)
