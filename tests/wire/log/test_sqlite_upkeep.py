"""The embedded log stays bounded: old records go by age, state keeps its last value per key, nothing comes back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples
from tests.hand_clock import HandClock
from wire.errors import PositionLost
from wire.log.port import BEGINNING, NewRecord, lane_specs
from wire.log.sqlite import SqliteLog
from wire.log.sqlite_file import LogFile
from wire.log.sqlite_upkeep import EVERY_RECORDS, TOMBSTONES_STAY, keep_bounded
from wire.topics import ALERTS, ARTICLES, DEAD_LETTERS, DELIVERIES, STAGES, topic_catalogue

TOPICS = topic_catalogue()


class Bounded:
    """A log whose upkeep the test runs by hand."""

    def __init__(self, path: Path) -> None:
        self.clock = HandClock()
        self.file = LogFile(path)
        self.log = SqliteLog(self.file, TOPICS, self.clock)
        self.log.create()
        self.connection = self.file.connect()

    def write(self, topic: str, *items: tuple[str, bytes | None]) -> None:
        self.log.append([NewRecord(topic=topic, partition=0, key=key, value=value) for key, value in items])

    def keep(self, *topics: str) -> None:
        with self.file.writing(self.connection):
            keep_bounded(self.connection, [TOPICS[name] for name in topics], self.clock.now())

    def read(self, topic: str) -> list[tuple[str | None, bytes | None]]:
        reader = self.log.reader([topic], BEGINNING)
        found = [(record.key, record.value) for record in reader.read(10_000, timedelta(0))]
        reader.close()
        return found

    def close(self) -> None:
        self.connection.close()
        self.log.close()


@pytest.fixture
def bounded(tmp_path: Path) -> Iterator[Bounded]:
    made = Bounded(tmp_path / "log.db")
    yield made
    made.close()


def test_records_past_their_retention_go_and_offsets_stay(bounded: Bounded) -> None:
    bounded.write(ARTICLES, ("old", b"1"), ("old", b"2"))
    bounded.clock.move(timedelta(days=31))
    bounded.write(ARTICLES, ("new", b"3"))
    bounded.keep(ARTICLES)
    assert bounded.read(ARTICLES) == [("new", b"3")]
    (record,) = bounded.log.reader([ARTICLES]).read(10, timedelta(0))
    assert record.offset == 2


def test_a_lane_also_keeps_the_dead_letters_bounded_that_it_writes(bounded: Bounded) -> None:
    bounded.write(DEAD_LETTERS, ("old", b"1"))
    bounded.clock.move(timedelta(days=31))
    lane = bounded.log.lane(lane_specs(STAGES["enrich"], TOPICS)[0])
    letters = [NewRecord(topic=DEAD_LETTERS, partition=0, key="new", value=b"2")] * EVERY_RECORDS
    lane.commit(letters, ())
    lane.close()
    assert {key for key, _ in bounded.read(DEAD_LETTERS)} == {"new"}


def test_the_oldest_records_beyond_the_size_go_and_the_newest_stays(bounded: Bounded) -> None:
    """Three records of 103 bytes (key and headers count) in a topic that may hold 250, then in one that may hold 50."""
    bounded.write(ARTICLES, *[(f"k{number}", bytes(100)) for number in range(3)])
    for limit, left in ((1000, ["k0", "k1", "k2"]), (250, ["k1", "k2"]), (50, ["k2"])):
        with bounded.file.writing(bounded.connection):
            keep_bounded(bounded.connection, [replace(TOPICS[ARTICLES], retention_bytes=limit)], bounded.clock.now())
        assert [key for key, _ in bounded.read(ARTICLES)] == left


def test_sizes_are_those_of_the_records_also_in_a_file_of_an_older_program(bounded: Bounded) -> None:
    def sizes() -> dict[int, int]:
        return dict(bounded.connection.execute("SELECT number, bytes FROM sizes WHERE bytes > 0"))

    bounded.write(ARTICLES, ("ключ", b"12"), ("b", None))
    bounded.write(ALERTS, ("w", b"1234"))
    bounded.write(DELIVERIES, ("state is not counted", b"1"))
    counted = sizes()
    assert sorted(counted.values()) == [6, 13], "8 + 2 + 1 and 1 + 0 + 1; headers are a byte each"
    for name in ("TRIGGER grown", "TRIGGER shrunk", "TABLE sizes"):
        bounded.connection.execute(f"DROP {name}")
    bounded.file.connect().close()
    assert sizes() == counted
    bounded.clock.move(timedelta(days=31))
    bounded.keep(ARTICLES)
    assert sorted(sizes().values()) == [6]


def test_a_lane_that_stands_before_the_log_is_refused(bounded: Bounded) -> None:
    (spec,) = lane_specs(STAGES["enrich"], TOPICS)
    bounded.write(ARTICLES, ("old", b"1"))
    bounded.log.lane(spec).close()
    bounded.clock.move(timedelta(days=31))
    bounded.keep(ARTICLES)
    with pytest.raises(PositionLost, match="begins at 1"):
        bounded.log.lane(spec).poll(10, timedelta(0))


def test_state_keeps_the_last_value_of_each_key(bounded: Bounded) -> None:
    bounded.write(DELIVERIES, *[(f"k{number % 3}", str(number).encode()) for number in range(100)])
    bounded.keep(DELIVERIES)
    assert bounded.read(DELIVERIES) == [("k1", b"97"), ("k2", b"98"), ("k0", b"99")]


def test_a_tombstone_stays_for_followers_and_then_goes(bounded: Bounded) -> None:
    bounded.write(DELIVERIES, ("a", b"1"), ("a", None))
    bounded.keep(DELIVERIES)
    assert bounded.read(DELIVERIES) == [("a", None)]
    bounded.clock.move(TOMBSTONES_STAY + timedelta(seconds=1))
    bounded.keep(DELIVERIES)
    assert bounded.read(DELIVERIES) == []


def test_topics_beside_it_are_left_alone(bounded: Bounded) -> None:
    bounded.write(ALERTS, ("w", b"1"))
    bounded.write(DELIVERIES, ("w", b"2"), ("w", b"3"))
    bounded.keep(DELIVERIES)
    assert bounded.read(ALERTS) == [("w", b"1")]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from("abc"), st.one_of(st.none(), st.binary(min_size=1, max_size=2))),
        st.sampled_from(["keep", "wait"]),
    ),
    max_size=40,
)


@examples(40)
@given(STEPS)
def test_upkeep_never_changes_what_a_restore_sees(
    tmp_path_factory: pytest.TempPathFactory, steps: list[object]
) -> None:
    bounded = Bounded(tmp_path_factory.mktemp("upkeep") / "log.db")
    state: dict[str, bytes | None] = {}
    for step in steps:
        if step == "keep":
            bounded.keep(DELIVERIES)
        elif step == "wait":
            bounded.clock.move(timedelta(hours=20))
        else:
            assert isinstance(step, tuple)
            bounded.write(DELIVERIES, step)
            state[step[0]] = step[1]
    (spec,) = lane_specs(STAGES["deliver"], TOPICS)
    restored = {record.key: record.value for record in bounded.log.lane(spec).restore()}
    bounded.close()
    assert restored == {key: value for key, value in state.items() if value is not None}
