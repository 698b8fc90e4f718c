"""What the broker has forgotten to end stops no lane and no reader for good, loses nothing and doubles nothing.

A broker that comes back after a crash may end a transaction without telling the partitions (decision 28).
What is left is made here by records and offsets that come too late, at a broker that was told not to look.
"""

from collections.abc import Iterator
from contextlib import closing

import pytest
from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import AbortTransactionSpec, ConfigResource

from tests.kafka.requests import connected
from tests.real_broker import real_broker
from tests.wire.log.conformance import SPEC, TOPICS, everything, new, take, texts
from wire.broker import Broker
from wire.errors import InDoubt, PositionHeld, PositionLost
from wire.log.kafka import KafkaLog
from wire.log.kafka_client import Clients, Limits
from wire.log.kafka_records import TRANSACTION
from wire.settings import LogSettings

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

LATER = f"{SPEC.name}:9999999999999:1/1"  # a transaction after all of this century's


class Careless:
    """A log on a broker that takes records and offsets of transactions that have ended."""

    def __init__(self, broker: Broker, admin: KafkaAdminClient, prefix: str) -> None:
        self.settings = LogSettings(kind="kafka", bootstrap=(broker.bootstrap,), prefix=prefix)
        self.log = KafkaLog(self.settings, TOPICS, environment={})
        self.lane = f"{prefix}{SPEC.name}"
        self._broker, self._admin, self._prefix = broker, admin, prefix

    def leave(self, *topics: str, offset: int | None = None, mark: str = LATER, owner: str = "") -> None:
        """A record in each of the topics and an offset, of a producer without a transaction."""
        owner = owner or self.lane
        with connected(self._broker.bootstrap) as broker:
            producer = broker.init_producer(owner)
            for topic in topics:
                headers = [(TRANSACTION, mark.encode())]
                assert broker.produce(owner, producer, f"{self._prefix}{topic}", b"forgotten", headers) == 0
            if offset is not None:
                assert broker.commit_offset(owner, producer, self.lane, f"{self._prefix}words", offset) == 0

    def last_mark(self, topic: str) -> str:
        return dict(everything(self.log, topic)[-1].headers)[TRANSACTION].decode()

    def give_up(self) -> None:
        """As an operator does with Kafka's own tool: find what hangs and end it."""
        partitions = [TopicPartition("__consumer_offsets", index) for index in range(5)]
        for partition, state in self._admin.describe_producers(partitions).items():
            for producer in state.active_producers:
                if producer.current_transaction_start_offset >= 0:
                    who = (producer.producer_id, producer.producer_epoch, max(0, producer.coordinator_epoch))
                    self._admin.abort_transaction(AbortTransactionSpec(partition, *who))


@pytest.fixture(scope="module")
def careless_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with real_broker(tmp_path_factory.mktemp("careless")) as broker, closing(admin_of(broker)) as admin:
        admin.alter_configs([ConfigResource("broker", "1", {"transaction.partition.verification.enable": "false"})])
        yield broker


def admin_of(broker: Broker) -> KafkaAdminClient:
    return KafkaAdminClient(bootstrap_servers=broker.bootstrap)


@pytest.fixture
def careless(careless_broker: Broker, prefix: str) -> Iterator[Careless]:
    """The lane has taken the first of four words."""
    with closing(admin_of(careless_broker)) as admin:
        careless = Careless(careless_broker, admin, prefix)
        careless.log.create()
        careless.log.append([new("words", str(n)) for n in range(4)])
        with closing(careless.log.lane(SPEC)) as lane:
            lane.commit([new("sums", "0"), new("memory", "0", key="a")], take(lane, 1), note="first")
        yield careless


LEFT = {
    "records and positions": (("sums", "memory"), 9),
    "positions": ((), 9),
    "records": (("sums", "memory"), None),
    "records of an output": (("sums",), None),
}


@pytest.mark.parametrize(("topics", "offset"), LEFT.values(), ids=LEFT.keys())
def test_what_was_given_up_is_ended(careless: Careless, topics: tuple[str, ...], offset: int | None) -> None:
    careless.leave(*topics, offset=offset)
    with closing(careless.log.lane(SPEC)) as lane:
        assert (lane.note, texts(lane.restore())) == ("first", ["0"])
        assert texts(everything(careless.log, "sums")) == ["0"]
        lane.commit([new("sums", "1"), new("memory", "1", key="a")], take(lane, 1), note="second")
    with closing(careless.log.lane(SPEC)) as lane:
        assert (lane.note, texts(lane.restore()), texts(take(lane, 2))) == ("second", ["1"], ["2", "3"])
    assert texts(everything(careless.log, "sums")) == ["0", "1"]


def test_whoever_had_the_lane_stays_fenced(careless: Careless) -> None:
    with closing(careless.log.lane(SPEC)) as lane:
        taken = take(lane, 1)
        careless.leave("sums", offset=9)
        with closing(careless.log.lane(SPEC)) as successor:
            with pytest.raises(InDoubt):
                lane.commit([new("sums", "1")], taken)
            successor.commit([new("sums", "1")], take(successor, 1))
    assert texts(everything(careless.log, "sums")) == ["0", "1"]


def test_before_the_first_start(careless: Careless) -> None:
    other = Careless(careless._broker, careless._admin, f"{careless._prefix}new.")
    other.log.create()
    other.log.append([new("words", "0")])
    other.leave("memory", offset=9)
    with closing(other.log.lane(SPEC)) as lane:
        assert (lane.first_start, texts(take(lane, 1))) == (True, ["0"])


def test_the_rest_of_a_commit_that_counts_is_not_given_up(careless: Careless) -> None:
    """Its positions are there: the lane's next commit ends what waits of it."""
    careless.leave("sums", mark=careless.last_mark("memory"))
    with closing(careless.log.lane(SPEC)) as lane:
        lane.commit([new("sums", "1"), new("memory", "1", key="a")], take(lane, 1))
    assert texts(everything(careless.log, "sums")) == ["0", "forgotten", "1"]


def test_a_state_without_a_commit_that_counts_is_not_gone_on_with(careless: Careless) -> None:
    careless.leave("memory", mark=careless.last_mark("memory"))
    with pytest.raises(PositionLost, match="a commit that counts"):
        careless.log.lane(SPEC)
    careless.log.lane(SPEC, though_lost=True).close()  # as a reset does
    careless.log.lane(SPEC).close()


def test_half_of_a_commit_is_not_done_again(careless: Careless) -> None:
    """Its records are there, its positions wait: to go on from the old ones would write the records twice."""
    producer = Clients(careless.settings, {}, Limits()).producer(transaction=careless.lane)
    producer.init_transactions()
    producer.begin_transaction()
    producer.send(f"{careless.settings.prefix}memory", b"1", b"a", [(TRANSACTION, LATER.encode())], 0)
    producer.commit_transaction()
    producer.close(timeout=1)
    careless.leave(offset=9)
    with pytest.raises(PositionLost, match="later commit"):
        careless.log.lane(SPEC)
    careless.log.lane(SPEC, though_lost=True).close()  # as a reset does


def test_anothers_transaction_is_named_and_its_end_frees_the_lane(careless: Careless) -> None:
    careless.leave(offset=9, owner=f"{careless.lane}.of-another")
    with pytest.raises(PositionHeld, match=r"find-hanging .* abort --topic __consumer_offsets"):
        careless.log.lane(SPEC)
    careless.give_up()
    with closing(careless.log.lane(SPEC)) as lane:
        assert texts(take(lane, 3)) == ["1", "2", "3"]
