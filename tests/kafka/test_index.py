"""The index on Kafka: as on the embedded log, with nothing that seems to wait where only transaction markers are."""

from contextlib import closing
from pathlib import Path

import pytest

from console.index.file import IndexFile
from console.index.follow import catch_up, lag, positions
from console.index.projection import FOLLOWED
from console.index.queries import story
from tests.console.index.days import small_day
from wire.broker import Broker
from wire.clock import SystemClock
from wire.log.kafka import KafkaLog
from wire.log.port import lane_specs
from wire.settings import LogSettings
from wire.topics import STAGES, topic_catalogue

pytestmark = pytest.mark.kafka


def test_it_follows_and_has_nothing_left(tmp_path: Path, broker: Broker, prefix: str) -> None:
    settings = LogSettings(kind="kafka", bootstrap=(broker.bootstrap,), prefix=prefix)
    file = IndexFile(tmp_path / "index.db", "kafka")
    with closing(KafkaLog(settings, topic_catalogue(), environment={}, clock=SystemClock())) as log:
        log.create()
        day = small_day()
        log.append(day[:4])
        assert catch_up(file, log)
        (spec,) = lane_specs(STAGES["cluster"], log.topics)
        lane = log.lane(spec)
        events = [record for record in day if record.topic in STAGES["cluster"].outputs]
        lane.commit(events, ())  # a transaction: its marker takes an offset
        lane.close()
        assert catch_up(file, log)
        with closing(file.reading()) as db:
            found = story(db, "st-1")
            assert found is not None
            assert found.article_count == 2
            assert lag(positions(db), log.bounds(FOLLOWED)).records == 0
        assert catch_up(file, log)
