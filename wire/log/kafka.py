"""The log on Kafka: topics, lanes and readers of one cluster, all names with the prefix of the settings."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext
from datetime import timedelta
from time import monotonic, sleep

from kafka.errors import KafkaError

from wire.clock import Clock, SystemClock
from wire.errors import CommitFailed, TopicMismatch
from wire.log.kafka_client import Admin, Clients, Consumer, Guard, Limits, Part, RawPosition, close_consumer
from wire.log.kafka_lane import KafkaLane
from wire.log.kafka_reader import KafkaReader, count_records
from wire.log.kafka_records import Names, outbound, read_position
from wire.log.kafka_topics import KafkaTopics
from wire.log.port import BEGINNING, LaneSpec, NewRecord, Position, Progress, Since
from wire.settings import LogSettings
from wire.topics import DEAD_LETTERS, Topic

# Up to here a lag is counted record by record; beyond, offsets are subtracted and transaction markers count too.
_COUNTED = 1000
_RETRY = timedelta(milliseconds=200)


def unguarded(_what: str, _limit: timedelta) -> AbstractContextManager[None]:
    """No watchdog: for tests, and for commands that a person can end."""
    return nullcontext()


class KafkaLog:
    """One Kafka cluster as a log; any number of processes use it at once.

    Args:
        settings: brokers, prefix, replication, TLS and SASL.
        topics: the catalogue.
        environment: where the SASL password may be found.
        guard: runs a blocking call under a limit and ends the process past it; the client's calls can hang for ever.
        clock: tells when a position was committed.
    """

    def __init__(
        self,
        settings: LogSettings,
        topics: Mapping[str, Topic],
        *,
        environment: Mapping[str, str],
        guard: Guard = unguarded,
        clock: Clock | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.topics = topics
        self._clients = Clients(settings, environment, limits or Limits())
        self._names = Names(settings.prefix)
        self._topics = KafkaTopics(self._clients, topics, settings.prefix, settings.replication)
        self._guard = guard
        self._clock = clock or SystemClock()

    def create(self) -> Sequence[str]:
        """Create the missing topics; return their names."""
        return self._topics.create()

    def differences(self) -> Sequence[str]:
        """Where the cluster's topics are not as the catalogue says, one sentence each."""
        return self._topics.differences()

    def limit_differences(self) -> Sequence[str]:
        """Where the cluster's topics keep more or less than the catalogue says, one sentence each."""
        return self._topics.limit_differences()

    def adjust_limits(self) -> None:
        """Let the cluster's topics keep what the catalogue says."""
        self._topics.adjust_limits()

    def lane(self, spec: LaneSpec, *, though_lost: bool = False) -> KafkaLane:
        """Take the lane, fencing whoever had it."""
        outputs = {*spec.place.outputs, DEAD_LETTERS}
        used = {*outputs, spec.place.state or DEAD_LETTERS, *(topic for topic, _ in spec.inputs)}
        own = [] if spec.state is None else [self._names.part(*spec.state)]
        with self._guard("open the lane", self._clients.limits.opening):
            self._require(used)
            return KafkaLane(
                spec,
                self._clients,
                self._names,
                self._guard,
                self._clock,
                written=[*own, *self._parts(sorted(outputs))],
                though_lost=though_lost,
            )

    def _require(self, topics: Iterable[str]) -> None:
        wrong = self._topics.differences(topics)
        if wrong:
            raise TopicMismatch(wrong)

    def reader(self, topics: Sequence[str], since: Since = BEGINNING) -> KafkaReader:
        """A reader of committed records of `topics`."""
        self._require(topics)
        return KafkaReader(self._clients, self._names, self._parts(topics), since)

    def _parts(self, topics: Sequence[str]) -> Sequence[Part]:
        return [self._names.part(topic, index) for topic in topics for index in range(self.topics[topic].partitions)]

    def append(self, records: Sequence[NewRecord]) -> None:
        """Write records of a source without a lane; return when all in-sync replicas have them.

        Raises:
            CommitFailed: some may have been written and some not.
        """
        limits = self._clients.limits
        with ExitStack() as stack, self._guard("append", limits.block + limits.flush):
            producer = self._clients.producer()
            stack.callback(producer.close, timeout=1)
            try:
                sent = [
                    producer.send(r.topic, r.value, r.key, r.headers, r.partition)
                    for r in (outbound(self._names, record) for record in records)
                ]
                producer.flush(timeout=limits.delivery.total_seconds() + 1)
                for one in sent:
                    one.get(timeout=0)
            except Exception as error:
                raise CommitFailed("append", f"{type(error).__name__}: {error}") from error

    def progress(self, specs: Sequence[LaneSpec]) -> Sequence[Progress]:
        """How far each lane is in each of its inputs."""
        positions = self._positions(specs)
        consumer = self._clients.look_up()
        try:
            with self._clients.unreachable():
                return [
                    self._progress(consumer, spec.name, name, positions.get((spec.name, name)))
                    for spec in specs
                    for name in spec.inputs
                ]
        finally:
            close_consumer(consumer)

    def _positions(self, specs: Sequence[LaneSpec]) -> dict[tuple[str, tuple[str, int]], Position]:
        groups = {self._names.lane(spec.name): spec.name for spec in specs}
        with closing(self._clients.admin()) as admin, self._clients.unreachable():
            found = self._group_offsets(admin, list(groups))
        return {
            (groups[group], (self._names.topic(part), part.partition)): read_position(
                self._names.topic(part), part.partition, raw
            )
            for group, raws in found.items()
            for part, raw in raws.items()
        }

    def _group_offsets(self, admin: Admin, groups: Sequence[str]) -> Mapping[str, Mapping[Part, RawPosition]]:
        """Committed offsets by group; waits while a fresh cluster still makes the topic that holds them."""
        until = monotonic() + self._clients.limits.bootstrap.total_seconds()
        while True:
            try:
                return admin.list_group_offsets(groups)
            except KafkaError as error:
                if not error.retriable or monotonic() > until:
                    raise
                sleep(_RETRY.total_seconds())

    def _progress(self, consumer: Consumer, lane: str, name: tuple[str, int], position: Position | None) -> Progress:
        part = self._names.part(*name)
        begin, end = consumer.beginning_offsets([part])[part], consumer.end_offsets([part])[part]
        return Progress(
            lane=lane,
            topic=name[0],
            partition=name[1],
            position=None if position is None else position.offset,
            behind=self._behind(consumer, part, begin if position is None else max(begin, position.offset), end),
            last_commit=None if position is None else position.at,
        )

    def _behind(self, consumer: Consumer, part: Part, start: int, end: int) -> int:
        if end - start > _COUNTED:
            return end - start
        return count_records(consumer, part, start, end, self._clients.limits)

    def bounds(self, topics: Sequence[str]) -> Mapping[tuple[str, int], tuple[int, int]]:
        """(first offset that is kept, offset that the next record will take) of each partition of `topics`."""
        names = {(t, index): self._names.part(t, index) for t in topics for index in range(self.topics[t].partitions)}
        consumer = self._clients.look_up()
        try:
            with self._clients.unreachable():
                begins = consumer.beginning_offsets(list(names.values()))
                ends = consumer.end_offsets(list(names.values()))
        finally:
            close_consumer(consumer)
        return {name: (begins[part], ends[part]) for name, part in names.items()}

    def close(self) -> None:
        """Nothing is held: lanes and readers have connections of their own."""
