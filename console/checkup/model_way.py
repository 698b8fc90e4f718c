"""How enrich computes vectors, for `status`: as its newest message says, and the running service that wrote it."""

from collections.abc import Iterator
from urllib.error import URLError
from urllib.request import urlopen

import msgspec
from prometheus_client.parser import text_string_to_metric_families

from console.topics.reading import next_records
from enrich.ways import in_words
from wire.codec import decode
from wire.errors import WireError
from wire.log.port import Log, Since
from wire.messages import Enriched
from wire.settings import HealthSettings
from wire.topics import ENRICHED, STAGES

_METRIC = "wirewatch_model_info"
_ANSWER_WITHIN_SECONDS = 2.0
_NEWEST = 8  # on Kafka the last places may hold marks of transactions


class ModelWay(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of it; "" for what is not."""

    space: str
    runtime: str = ""
    way: str  # precision, threads and workers; the precision alone where an older program wrote the message
    measured: str = ""  # at the start, in texts of 100 tokens a second

    def __str__(self) -> str:
        shown = f"enrich computes vectors by {', '.join(filter(None, (self.runtime, self.way)))}; space {self.space}"
        return f"{shown}; at its start: {self.measured}" if self.measured else shown


def model_way(health: HealthSettings, log: Log) -> ModelWay | None:
    """None before the first article; runtime and speeds only of a service at the settings' address, in its space."""
    newest = _of_newest(log)
    if newest is None:
        return None
    running = _of_service(health)
    return running if running is not None and running.space == newest.space else newest


def _of_service(health: HealthSettings) -> ModelWay | None:
    if not health.port or health.same_port:
        return None  # any free port, or one that each stage has in a container of its own
    port = health.port + list(STAGES).index("enrich")
    try:
        with urlopen(f"http://{health.host}:{port}/metrics", timeout=_ANSWER_WITHIN_SECONDS) as answer:
            return next(_in_metrics(answer.read().decode()), None)
    except (URLError, OSError, ValueError):
        return None  # it does not run here, or something else answers there


def _in_metrics(text: str) -> Iterator[ModelWay]:
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == _METRIC and "way" in sample.labels:
                yield msgspec.convert(sample.labels, ModelWay)


def _of_newest(log: Log) -> ModelWay | None:
    reader = log.reader([ENRICHED], Since(last=_NEWEST))
    try:
        records = [record for record in next_records(reader, _NEWEST) if record.value]
    finally:
        reader.close()
    for record in reversed(records):
        try:
            enriched = decode(record.value, Enriched)
        except WireError:
            continue  # a tombstone, or of a newer program
        return ModelWay(space=enriched.space, way=in_words(enriched.precision, enriched.threads, enriched.workers))
    return None
