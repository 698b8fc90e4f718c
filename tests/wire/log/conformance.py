"""What every log backend promises, as one suite; a backend's test file inherits it and says how its log is opened.

A case that a backend cannot pass is a fault of the backend: nothing here may be overridden or skipped.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep
from typing import Protocol

import pytest

from wire.errors import InDoubt, PositionLost, TopicMismatch
from wire.log.port import BEGINNING, END, Lane, LaneSpec, Log, NewRecord, Reader, Record, Since
from wire.topics import DEAD_LETTERS, Cleanup, StagePlace, Topic

DAY = timedelta(days=1)
NOW = timedelta(0)
SOON = timedelta(seconds=1)
LIMIT = timedelta(seconds=60)  # after which a wait in a test has failed; on a busy machine a second is nothing
EARLY = LIMIT.total_seconds() / 2  # a poll that was to wait for `LIMIT` and ended before was woken


def topic(name: str, partitions: int = 1, cleanup: Cleanup = Cleanup.DELETE) -> Topic:
    return Topic(name=name, key="any", message=None, partitions=partitions, cleanup=cleanup, retention=DAY)


TOPICS = {
    it.name: it
    for it in (
        topic("words", partitions=2),
        topic("orders"),
        topic("sums"),
        replace(topic("memory", cleanup=Cleanup.COMPACT), retention=None),
        topic(DEAD_LETTERS),
    )
}
ADDER = StagePlace(name="adder", inputs=("words", "orders"), state="memory", outputs=("sums",), lanes_of="memory")
STATELESS = StagePlace(name="echo", inputs=("words",), state=None, outputs=("sums",), lanes_of="words")
LATECOMER = StagePlace(
    name="late", inputs=("words",), state="memory", outputs=("sums",), lanes_of="memory", begins_at_end=True
)
SPEC = LaneSpec(place=ADDER, index=0, inputs=(("words", 0), ("orders", 0)))


class Backend(Protocol):
    """How a suite opens a log and does to it what no stage can."""

    def log(self, topics: dict[str, Topic] = TOPICS) -> Log:
        """Another client of the same empty log, its topics not created."""
        ...

    def drop_before(self, topic: str, partition: int, offset: int) -> None:
        """As retention does."""
        ...

    def forget_positions(self, lane: str) -> None:
        """As Kafka does after seven days without a commit."""
        ...

    def compact(self, topic: str) -> None:
        """Return when superseded records of the (one-partition) topic are gone from the log."""
        ...


def new(topic: str, value: str | None, *, key: str = "k", partition: int = 0) -> NewRecord:
    return NewRecord(
        topic=topic,
        partition=partition,
        key=key,
        value=None if value is None else value.encode(),
        headers=(("h", b"1"),),
    )


def texts(records: Iterable[Record]) -> list[str]:
    return [(record.value or b"-").decode() for record in records]


def take(lane: Lane, count: int) -> list[Record]:
    """The next `count` records; fewer if they do not come in time."""
    return _gather(lambda missing: lane.poll(missing, SOON), count)


def read(reader: Reader, count: int) -> list[Record]:
    return _gather(lambda missing: reader.read(missing, SOON), count)


def _gather(more: Callable[[int], Sequence[Record]], count: int) -> list[Record]:
    records: list[Record] = []
    end = monotonic() + LIMIT.total_seconds()
    while len(records) < count and monotonic() < end:
        records += more(count - len(records))
    return records


def everything(log: Log, topic: str, since: Since = BEGINNING) -> list[Record]:
    """All that a committed reader of `topic` sees."""
    reader = log.reader([topic], since)
    records: list[Record] = []
    end = monotonic() + LIMIT.total_seconds()
    while not reader.caught_up():
        assert monotonic() < end, f"a reader of {topic} does not catch up"
        records += reader.read(100, SOON)
    reader.close()
    return records


class LogConformance:
    """Inherit, with a fixture `backend` that gives an empty log."""

    @pytest.fixture
    def log(self, backend: Backend) -> Log:
        log = backend.log()
        log.create()
        return log

    # Topics

    def test_topics_are_created_once(self, backend: Backend) -> None:
        log = backend.log()
        assert sorted(log.create()) == sorted(TOPICS)
        assert (log.create(), log.differences()) == ([], [])

    def test_missing_topics_are_named(self, backend: Backend) -> None:
        log = backend.log()
        assert sorted(said.split(":")[0] for said in log.differences()) == sorted(TOPICS)
        with pytest.raises(TopicMismatch, match="sums: is missing"):
            log.lane(SPEC)

    def test_differences_are_named(self, backend: Backend, log: Log) -> None:
        other = TOPICS | {
            "words": replace(TOPICS["words"], partitions=3),
            "memory": replace(TOPICS["memory"], cleanup=Cleanup.DELETE),
        }
        differing = backend.log(other)
        words, memory = sorted(differing.differences(), reverse=True)
        assert words.startswith("words: has 2 partitions, the settings say 3")
        assert memory.startswith("memory: has clean-up 'compact', the catalogue says 'delete'")
        with pytest.raises(TopicMismatch, match="3"):
            differing.lane(SPEC)

    # Order, and what a record is

    def test_a_record_is_read_as_it_was_written(self, log: Log) -> None:
        before = datetime.now(UTC) - SOON
        value = bytes(range(256))
        log.append(
            [NewRecord(topic="sums", partition=0, key="ключ ✓", value=value, headers=(("a", b"\xff"), ("b", b"")))]
        )
        (record,) = everything(log, "sums")
        assert (record.topic, record.partition, record.key, record.value) == ("sums", 0, "ключ ✓", value)
        assert record.headers[:2] == (("a", b"\xff"), ("b", b""))
        assert record.timestamp is not None
        assert before <= record.timestamp <= datetime.now(UTC) + SOON
        assert record.timestamp.tzinfo is UTC

    def test_order_within_a_partition(self, log: Log) -> None:
        for turn in range(5):
            log.append([new("words", f"{turn}.{n}", partition=n % 2) for n in range(10)])
        records = everything(log, "words")
        for partition in (0, 1):
            mine = [record for record in records if record.partition == partition]
            assert texts(mine) == [f"{turn}.{n}" for turn in range(5) for n in range(10) if n % 2 == partition]
            assert [record.offset for record in mine] == sorted({record.offset for record in mine})

    def test_a_lane_reads_its_partitions_only(self, log: Log) -> None:
        log.append([new("words", "mine"), new("words", "not mine", partition=1), new("orders", "main comes first")])
        lane = log.lane(SPEC)
        assert sorted(texts(take(lane, 2))) == ["main comes first", "mine"]
        assert lane.poll(10, NOW) == []
        lane.close()

    def test_a_lane_reads_what_lies_in_its_other_inputs_first(self, log: Log) -> None:
        """A person's word is older than what is read next of its subject: a takedown, a mute."""
        log.append([new("words", f"w{n}") for n in range(400)])
        log.append([new("orders", f"o{n}") for n in range(3)])
        lane = log.lane(SPEC)
        first = [record for _ in range(5) for record in lane.poll(1, LIMIT)]
        assert texts(first) == ["o0", "o1", "o2", "w0", "w1"]
        lane.commit([], first)
        lane.close()
        log.append([new("orders", "o3")])
        again = log.lane(SPEC)
        assert texts(take(again, 399)) == ["o3", *(f"w{n}" for n in range(2, 400))]
        again.close()

    def test_a_poll_is_bounded(self, log: Log) -> None:
        log.append([new("words", str(n)) for n in range(25)])
        lane = log.lane(SPEC)
        sizes, seen = [], list[str]()
        while len(seen) < 25:
            records = lane.poll(10, SOON)
            sizes.append(len(records))
            seen += texts(records)
        assert max(sizes) <= 10
        assert seen == [str(n) for n in range(25)]
        lane.close()

    # Commits

    def test_a_commit_shows_everything_at_once(self, log: Log) -> None:
        log.append([new("words", "a"), new("words", "b")])
        lane = log.lane(SPEC)
        taken = take(lane, 2)
        lane.commit([new("sums", "ab"), new("memory", "2", key="count")], taken, note="first")
        lane.close()
        again = log.lane(SPEC)
        assert (again.note, again.first_start) == ("first", False)
        assert texts(again.restore()) == ["2"]
        assert again.poll(10, SOON) == []
        assert texts(everything(log, "sums")) == ["ab"]
        again.close()

    def test_what_was_not_committed_is_read_again(self, log: Log) -> None:
        log.append([new("words", str(n)) for n in range(4)])
        lane = log.lane(SPEC)
        taken = take(lane, 4)
        lane.commit([new("sums", "0"), new("sums", "1")], taken[:2])
        lane.close()
        again = log.lane(SPEC)
        assert texts(take(again, 2)) == ["2", "3"]
        again.close()

    def test_a_position_is_never_ahead_of_what_was_taken(self, log: Log) -> None:
        """Polled, or read ahead behind the scenes, is not taken."""
        log.append([new("words", str(n)) for n in range(3)])
        lane = log.lane(SPEC)
        take(lane, 3)
        lane.commit([new("sums", "x")], [])
        (words, _) = log.progress([SPEC])
        assert words.behind == 3
        lane.close()
        again = log.lane(SPEC)
        assert texts(take(again, 3)) == ["0", "1", "2"]
        again.close()

    def test_several_inputs_in_one_commit(self, log: Log) -> None:
        log.append([new("words", "w"), new("orders", "o")])
        lane = log.lane(SPEC)
        lane.commit([], take(lane, 2), note="both")
        log.append([new("orders", "o2")])
        lane.commit([], take(lane, 1), note="one")
        lane.close()
        again = log.lane(SPEC)
        assert again.note == "one"
        assert again.poll(10, SOON) == []
        again.close()

    def test_a_lane_that_seeks_reads_from_there_once_it_has_committed(self, log: Log) -> None:
        log.append([new("words", text) for text in "abcd"])
        first = log.lane(SPEC)
        first.commit([new("memory", "x")], take(first, 4))
        first.close()
        undecided = log.lane(SPEC)
        undecided.seek({("words", 0): 1})
        undecided.close()
        resetting = log.lane(SPEC)
        assert texts(resetting.poll(10, NOW)) == []
        resetting.close()
        resetting = log.lane(SPEC)
        resetting.seek({("words", 0): 1})
        resetting.commit([new("memory", None)], ())
        resetting.close()
        again = log.lane(SPEC)
        assert list(again.restore()) == []
        assert texts(take(again, 3)) == ["b", "c", "d"]
        again.close()

    def test_the_note_outlives_the_lane_and_is_replaced(self, log: Log) -> None:
        lane = log.lane(SPEC)
        assert lane.note == ""
        lane.commit([], [], note='{"starts": 1, "trying": "слово"}')
        lane.close()
        second = log.lane(SPEC)
        assert second.note == '{"starts": 1, "trying": "слово"}'
        second.commit([], [])
        second.close()
        third = log.lane(SPEC)
        assert third.note == ""
        third.close()

    def test_a_large_batch(self, log: Log) -> None:
        lane = log.lane(SPEC)
        lane.commit([new("sums", f"{n:04}" + "x" * 5000, key=str(n)) for n in range(1000)], [])
        lane.close()
        assert [text[:4] for text in texts(everything(log, "sums"))] == [f"{n:04}" for n in range(1000)]

    def test_the_largest_record(self, log: Log) -> None:
        lane = log.lane(SPEC)
        lane.commit([new("sums", "x" * 500 * 1024)], [])
        lane.close()
        assert [len(text) for text in texts(everything(log, "sums"))] == [500 * 1024]

    def test_readers_follow_while_a_lane_commits(self, log: Log) -> None:
        lane = log.lane(SPEC)
        readers = [log.reader(["sums"], END) for _ in range(3)]
        seen: list[list[str]] = []

        def follow(reader: Reader) -> None:
            seen.append(texts(read(reader, 30)))

        threads = [threading.Thread(target=follow, args=(reader,)) for reader in readers]
        for thread in threads:
            thread.start()
        for n in range(30):
            lane.commit([new("sums", str(n))], [])
        for thread in threads:
            thread.join(LIMIT.total_seconds())
        assert seen == [[str(n) for n in range(30)]] * 3
        for reader in readers:
            reader.close()
        lane.close()

    # Exclusive

    def test_a_second_owner_fences_the_first(self, log: Log) -> None:
        log.append([new("words", "a")])
        first = log.lane(SPEC)
        taken = take(first, 1)
        second = log.lane(SPEC)
        with pytest.raises(InDoubt):
            first.commit([new("sums", "of the first"), new("memory", "1", key="first")], taken)
        # Nothing of the fenced commit counts: not its state, not its position, not its output.
        assert list(second.restore()) == []
        second.commit([new("sums", "of the second")], take(second, 1))
        assert texts(everything(log, "sums")) == ["of the second"]
        with pytest.raises(InDoubt):
            first.commit([], [])
        first.close()
        second.close()

    def test_a_fenced_commit_leaves_its_successor_able_to_commit(self, log: Log) -> None:
        first, second = log.lane(SPEC), log.lane(SPEC)
        second.commit([new("sums", "1")], [])
        with pytest.raises(InDoubt):
            first.commit([new("sums", "zombie")], [])
        third = log.lane(SPEC)
        third.commit([new("sums", "2")], [])
        assert texts(everything(log, "sums")) == ["1", "2"]
        for lane in (first, second, third):
            lane.close()

    def test_lanes_of_one_stage_do_not_fence_one_another(self, log: Log) -> None:
        lanes = [log.lane(LaneSpec(place=STATELESS, index=n, inputs=(("words", n),))) for n in (0, 1)]
        for n, lane in enumerate(lanes):
            lane.commit([new("sums", str(n))], [])
        assert texts(everything(log, "sums")) == ["0", "1"]
        for lane in lanes:
            lane.close()

    # State

    def test_restore_gives_the_last_value_of_each_key(self, log: Log) -> None:
        lane = log.lane(SPEC)
        lane.commit([new("memory", "1", key="a"), new("memory", "1", key="b"), new("memory", "1", key="c")], [])
        lane.commit([new("memory", "2", key="a"), new("memory", None, key="b")], [])
        lane.commit([new("memory", "3", key="d"), new("memory", "4", key="d")], [])
        lane.close()
        self._restores(log, {"a": "2", "c": "1", "d": "4"})

    def test_restore_after_compaction(self, backend: Backend, log: Log) -> None:
        lane = log.lane(SPEC)
        lane.commit([new("memory", None, key="gone"), new("memory", "0", key="once")], [])
        for turn in range(20):
            lane.commit([new("memory", str(turn), key=key) for key in ("a", "b", "gone")], [])
        lane.commit([new("memory", None, key="gone")], [])
        lane.close()
        backend.compact("memory")
        self._restores(log, {"once": "0", "a": "19", "b": "19"})

    def _restores(self, log: Log, expected: dict[str, str]) -> None:
        lane = log.lane(SPEC)
        restored = [(record.key or "", (record.value or b"").decode()) for record in lane.restore()]
        assert len(restored) == len(dict(restored)), "a key was restored twice"
        assert dict(restored) == expected
        lane.commit([], [])
        lane.close()

    # Starts

    def test_the_first_start_begins_at_the_beginning(self, log: Log) -> None:
        log.append([new("words", "old")])
        lane = log.lane(SPEC)
        assert (lane.first_start, list(lane.restore())) == (True, [])
        assert texts(take(lane, 1)) == ["old"]
        lane.close()

    def test_a_stage_may_begin_at_the_end(self, log: Log) -> None:
        spec = LaneSpec(place=LATECOMER, index=0, inputs=(("words", 0),))
        log.append([new("words", "old")])
        log.lane(spec).close()
        # Where it begins is settled by the first opening, even if the process died before it committed anything.
        log.append([new("words", "new")])
        lane = log.lane(spec)
        assert texts(take(lane, 1)) == ["new"]
        assert lane.poll(10, NOW) == []
        lane.close()

    def test_a_lost_position_is_no_first_start(self, backend: Backend, log: Log) -> None:
        lane = log.lane(SPEC)
        lane.commit([new("memory", "1", key="a")], [])
        lane.close()
        backend.forget_positions(SPEC.name)
        with pytest.raises(PositionLost, match=r"position is gone.*wirewatch reset adder"):
            log.lane(SPEC)

    def test_a_lost_position_can_be_decided(self, backend: Backend, log: Log) -> None:
        """As a reset does: the lane is taken all the same, keeps its state and stands where it is told to."""
        log.append([new("words", str(n)) for n in range(6)])
        lane = log.lane(SPEC)
        lane.commit([new("memory", "1", key="a")], take(lane, 6)[:4])
        lane.close()
        backend.forget_positions(SPEC.name)
        decided = log.lane(SPEC, though_lost=True)
        assert texts(decided.restore()) == ["1"]
        decided.seek({("words", 0): 2})
        decided.commit([], [])
        decided.close()
        lane = log.lane(SPEC)
        assert texts(take(lane, 4)) == ["2", "3", "4", "5"]
        lane.close()

    def test_an_offset_older_than_the_log_is_refused(self, backend: Backend, log: Log) -> None:
        log.append([new("words", str(n)) for n in range(10)])
        lane = log.lane(SPEC)
        lane.commit([], take(lane, 10)[:3])
        lane.close()
        backend.drop_before("words", 0, 7)
        with pytest.raises(PositionLost, match="7"):
            log.lane(SPEC).poll(10, SOON)

    # Waiting

    def test_wake_ends_a_poll_that_waits(self, log: Log) -> None:
        lane = log.lane(SPEC)
        lane.poll(1, timedelta(seconds=0.5))
        begun = monotonic()
        threading.Timer(0.2, lane.wake).start()
        assert lane.poll(10, LIMIT) == []
        assert monotonic() - begun < EARLY
        lane.close()

    def test_wake_before_a_poll_is_not_lost(self, log: Log) -> None:
        lane = log.lane(SPEC)
        lane.wake()
        begun = monotonic()
        assert lane.poll(10, LIMIT) == []
        assert monotonic() - begun < EARLY
        lane.close()

    def test_a_record_ends_a_poll_that_waits(self, log: Log) -> None:
        lane = log.lane(SPEC)
        lane.poll(1, timedelta(seconds=0.5))
        begun = monotonic()
        appending = threading.Timer(0.2, lambda: log.append([new("words", "now")]))
        appending.start()
        assert texts(lane.poll(10, LIMIT)) == ["now"]
        assert monotonic() - begun < EARLY
        appending.join()
        lane.close()

    def test_a_poll_without_news_ends_in_time(self, log: Log) -> None:
        lane = log.lane(SPEC)
        begun = monotonic()
        assert lane.poll(10, timedelta(seconds=0.4)) == []
        assert 0.3 < monotonic() - begun < EARLY
        lane.close()

    # Readers

    def test_since(self, log: Log) -> None:
        lane = log.lane(SPEC)
        for n in range(10):  # one commit each, so that on Kafka markers lie between the records
            lane.commit([new("sums", str(n))], [])
        lane.close()
        third = everything(log, "sums")[3]
        assert texts(everything(log, "sums", Since(last=3))) == ["7", "8", "9"]
        assert len(everything(log, "sums", Since(last=99))) == 10
        assert everything(log, "sums", Since(last=0)) == []
        assert texts(everything(log, "sums", Since(offsets={("sums", 0): third.offset}))) == [
            str(n) for n in range(3, 10)
        ]
        assert everything(log, "sums", END) == []

    def test_since_a_time(self, log: Log) -> None:
        log.append([new("sums", "before")])
        sleep(0.05)
        between = datetime.now(UTC)
        sleep(0.05)
        log.append([new("sums", "after")])
        assert texts(everything(log, "sums", Since(time=between))) == ["after"]
        assert everything(log, "sums", Since(time=between + DAY)) == []
        assert len(everything(log, "sums", Since(time=between - DAY))) == 2

    def test_a_reader_of_several_topics_sees_all(self, log: Log) -> None:
        log.append([new("words", "0"), new("words", "1", partition=1), new("orders", "2")])
        reader = log.reader(["words", "orders"])
        assert sorted(texts(read(reader, 3))) == ["0", "1", "2"]
        assert reader.caught_up()
        assert reader.read(10, NOW) == []
        reader.close()

    def test_a_reader_is_bounded_and_goes_on(self, log: Log) -> None:
        log.append([new("sums", str(n)) for n in range(10)])
        reader = log.reader(["sums"])
        first = reader.read(4, SOON)
        assert 0 < len(first) <= 4
        assert not reader.caught_up()
        assert texts([*first, *read(reader, 10 - len(first))]) == [str(n) for n in range(10)]
        reader.close()

    # Progress

    def test_bounds(self, backend: Backend, log: Log) -> None:
        assert log.bounds(["words", "sums"]) == {("words", 0): (0, 0), ("words", 1): (0, 0), ("sums", 0): (0, 0)}
        log.append([new("words", "a"), new("words", "b"), new("sums", "c")])
        backend.drop_before("words", 0, 1)
        bounds = log.bounds(["words", "sums"])
        assert bounds["words", 0] == (1, 2)
        assert bounds["sums", 0] == (0, 1)

    def test_progress_of_a_lane(self, log: Log) -> None:
        assert [(it.position, it.behind, it.last_commit) for it in log.progress([SPEC])] == [(None, 0, None)] * 2
        log.append([new("words", str(n)) for n in range(3)])
        assert log.progress([SPEC])[0].behind == 3
        lane = log.lane(SPEC)
        lane.commit([], take(lane, 3)[:2])
        words, orders = log.progress([SPEC])
        assert (words.lane, words.topic, words.partition, words.behind) == ("adder.0", "words", 0, 1)
        assert (orders.topic, orders.behind) == ("orders", 0)
        assert words.last_commit is not None
        lane.close()

    def test_an_idle_lane_is_not_behind(self, log: Log) -> None:
        """Whatever offsets a log needs for itself (Kafka's transaction markers), everything taken means 0 behind."""
        writer = log.lane(LaneSpec(place=replace(STATELESS, outputs=("words",)), index=1, inputs=(("words", 1),)))
        for n in range(5):
            writer.commit([new("words", str(n))], [])
        writer.close()
        lane = log.lane(SPEC)
        for record in take(lane, 5):
            lane.commit([], [record])
        assert [it.behind for it in log.progress([SPEC])] == [0, 0]
        lane.close()
