"""`status` says how vectors are computed: by the newest message, and in full where the service answers."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from console.checkup.model_way import ModelWay, model_way
from console.open_log import open_log
from console.services.stage_metrics import ModelMetrics
from tests.messages import article
from wire.codec import encode
from wire.health import HealthServer
from wire.log.port import Log, NewRecord
from wire.messages import Enriched, Reading
from wire.settings import HealthSettings, LogSettings
from wire.topics import ENRICHED, STAGES

NOWHERE = HealthSettings(port=0)
SAID = {
    "space": "s",
    "runtime": "torch",
    "way": "fp32, 2 threads, 1 worker",
    "measured": "fp32, 2 threads, 1 worker: 48/s",
}


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with closing(open_log(LogSettings(path=tmp_path / "log.db"))) as log:
        log.create()
        yield log


@pytest.fixture
def service() -> Iterator[HealthSettings]:
    registry = CollectorRegistry()
    ModelMetrics(registry).chosen.info(SAID)
    with closing(HealthServer("127.0.0.1", 0, registry, lambda: True)) as server:
        yield HealthSettings(port=server.port - list(STAGES).index("enrich"))


def write(log: Log, space: str, **way: int) -> None:
    message = Enriched(
        article=article("Port opens"),
        reading=Reading(language="en"),
        vector="AAAA",
        space=space,
        precision="bfloat16",
        **way,
    )
    log.append([NewRecord(topic=ENRICHED, partition=0, key="a", value=encode(message))])


def test_nothing_before_the_first_article(log: Log, service: HealthSettings) -> None:
    assert model_way(service, log) is None


def test_the_newest_message_tells_space_and_way(log: Log) -> None:
    write(log, "old")
    write(log, "s", threads=4, workers=1)
    log.append([NewRecord(topic=ENRICHED, partition=0, key="b", value=b"poison")])
    assert model_way(NOWHERE, log) == ModelWay(space="s", way="bfloat16, 4 threads, 1 worker")


def test_an_older_message_tells_the_precision_alone(log: Log) -> None:
    write(log, "s")
    assert model_way(NOWHERE, log) == ModelWay(space="s", way="bfloat16")


def test_the_running_service_tells_all(log: Log, service: HealthSettings) -> None:
    write(log, "s")
    found = model_way(service, log)
    assert found == ModelWay(**SAID)
    assert str(found) == (
        "enrich computes vectors by torch, fp32, 2 threads, 1 worker; space s; "
        "at its start: fp32, 2 threads, 1 worker: 48/s"
    )


def test_a_service_of_another_space_is_somebody_elses(log: Log, service: HealthSettings) -> None:
    write(log, "other")
    assert model_way(service, log) == ModelWay(space="other", way="bfloat16")
