"""What the console looks up on Kafka is there at the first question of a new reader."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from console.reset import plan
from console.topics.reading import next_records
from tests.console.index.days import small_day
from wire.broker import Broker
from wire.clock import SystemClock
from wire.log.kafka import KafkaLog
from wire.log.port import Since
from wire.settings import LogSettings
from wire.topics import ARTICLES, STORY_EVENTS, topic_catalogue

pytestmark = pytest.mark.kafka


def test_new_readers_find_what_there_is(broker: Broker, prefix: str) -> None:
    settings = LogSettings(kind="kafka", bootstrap=(broker.bootstrap,), prefix=prefix)
    with closing(KafkaLog(settings, topic_catalogue(), environment={}, clock=SystemClock())) as log:
        log.create()
        log.append(small_day())
        with closing(log.reader([ARTICLES, STORY_EVENTS], Since(last=1))) as reader:
            assert {record.topic for record in next_records(reader, 2)} == {ARTICLES, STORY_EVENTS}
        (one,) = plan(log, "alerts", datetime.now(UTC) - timedelta(hours=1), timedelta(days=4))
        assert one.begin[STORY_EVENTS, 0] == 0
        assert one.again == log.bounds([STORY_EVENTS])[STORY_EVENTS, 0][1]
