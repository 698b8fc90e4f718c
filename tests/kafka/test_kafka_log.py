"""The Kafka log keeps the promises of the port, on a real broker."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from time import monotonic, sleep

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource

from tests.wire.log.conformance import LIMIT, SPEC, TOPICS, LogConformance, everything, new, take
from wire.broker import Broker
from wire.errors import LogUnreachable
from wire.log.kafka import KafkaLog
from wire.log.kafka_client import Clients, Limits, close_consumer
from wire.log.kafka_reader import stretch
from wire.log.kafka_records import TRANSACTION, Names
from wire.settings import LogSettings
from wire.topics import Topic

pytestmark = pytest.mark.kafka


class KafkaBackend:
    def __init__(self, broker: Broker, prefix: str) -> None:
        self.settings = LogSettings(kind="kafka", bootstrap=(broker.bootstrap,), prefix=prefix)
        self.names = Names(prefix)
        self.admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
        self.clients = Clients(self.settings, {}, Limits())

    def log(self, topics: dict[str, Topic] = TOPICS) -> KafkaLog:
        return KafkaLog(self.settings, topics, environment={})

    def drop_before(self, topic: str, partition: int, offset: int) -> None:
        self.admin.delete_records({self.names.part(topic, partition): offset})

    def forget_positions(self, lane: str) -> None:
        self.admin.delete_groups([self.names.lane(lane)])

    def compact(self, topic: str) -> None:
        """Make segments short, write into a new one, and wait until the cleaner has been there."""
        hasty = {"segment.ms": "1", "min.cleanable.dirty.ratio": "0.001", "delete.retention.ms": "0"}
        self.admin.alter_configs([ConfigResource("topic", self.settings.prefix + topic, hasty)])
        end = monotonic() + LIMIT.total_seconds()
        keys: list[bytes | None] = [b"a", b"a"]
        while keys.count(b"a") > 1:
            assert monotonic() < end, "the cleaner did not come"
            self.log().append([new(topic, None, key="@stir")])
            sleep(0.3)
            keys = [key for key in self._keys(topic) if key is not None]

    def _keys(self, topic: str) -> list[bytes | None]:
        part = self.names.part(topic, 0)
        consumer = self.clients.look_up()
        begin, end = consumer.beginning_offsets([part])[part], consumer.end_offsets([part])[part]
        keys = [raw.key for raws in stretch(consumer, part, begin, end, self.clients.limits) for raw in raws]
        close_consumer(consumer)
        return keys

    def close(self) -> None:
        self.admin.close()


@pytest.fixture
def backend(broker: Broker, prefix: str) -> Iterator[KafkaBackend]:
    with closing(KafkaBackend(broker, prefix)) as backend:
        yield backend


class TestKafka(LogConformance):
    """The suite itself; `backend` comes from this module."""


@pytest.fixture
def log(backend: KafkaBackend) -> KafkaLog:
    log = backend.log()
    log.create()
    return log


def test_records_name_their_transaction(log: KafkaLog) -> None:
    lane = log.lane(SPEC)
    lane.commit([new("sums", "1"), new("sums", "2")], [])
    lane.commit([new("sums", "3")], [])
    lane.close()
    marks = [dict(record.headers)[TRANSACTION] for record in everything(log, "sums")]
    assert marks[0] == marks[1] != marks[2]
    assert [mark.rpartition(b"/")[2] for mark in marks] == [b"2", b"2", b"1"], "and how many it has"


def test_an_idle_lane_moves_its_position_past_the_markers(log: KafkaLog) -> None:
    """Else retention, which drops the marker after the last record, would look like a lost position."""
    writer = log.lane(SPEC)
    writer.commit([new("words", "1")], [])
    writer.close()
    lane = log.lane(SPEC)
    lane.commit([], take(lane, 1))
    lane.poll(10, timedelta(seconds=1))
    lane.commit([], [])
    lane.close()
    (words, _) = log.progress([SPEC])
    assert words.position == 2  # the record took offset 0, the marker 1


def test_no_broker_is_said_with_what_to_check() -> None:
    settings = LogSettings(kind="kafka", bootstrap=("127.0.0.1:1",))
    log = KafkaLog(settings, TOPICS, environment={}, limits=Limits(bootstrap=timedelta(seconds=1)))
    with pytest.raises(LogUnreachable, match=r"127\.0\.0\.1:1.*TLS.*password.*authority"):
        log.create()


def test_each_blocking_call_of_a_commit_runs_under_a_limit(backend: KafkaBackend, log: KafkaLog) -> None:
    guarded: list[str] = []

    @contextmanager
    def guard(what: str, limit: timedelta) -> Iterator[None]:
        assert timedelta(0) < limit <= timedelta(minutes=5)
        guarded.append(what)
        yield

    watched = KafkaLog(backend.settings, TOPICS, environment={}, guard=guard)
    lane = watched.lane(SPEC)
    guarded.clear()
    lane.commit([new("sums", "1")], [])
    lane.close()
    assert guarded == ["send", "flush", "send offsets", "commit"]


def test_age_and_size_are_set_where_topics_keep_something_else(backend: KafkaBackend) -> None:
    """Of existing topics; their other settings stay."""
    backend.log().create()
    backend.admin.alter_configs(
        [ConfigResource("topic", backend.settings.prefix + "words", {"max.message.bytes": "700000"})]
    )
    words = replace(TOPICS["words"], retention=timedelta(days=2), retention_bytes=80_000_000)
    log = backend.log({**TOPICS, "words": words})
    (said,) = log.limit_differences()
    assert said.startswith("words: retention.ms is 86400000, should be 172800000, retention.bytes is -1, should be 400")
    log.adjust_limits()
    assert log.limit_differences() == []
    name = backend.settings.prefix + "words"
    asked = ["retention.ms", "retention.bytes", "segment.bytes", "max.message.bytes"]
    configs = backend.admin.describe_configs([ConfigResource("topic", name, asked)], config_filter="all")["topic"][name]
    assert [configs[one]["value"] for one in asked] == ["172800000", "40000000", "4000000", "700000"]
