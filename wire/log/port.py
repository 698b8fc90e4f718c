"""The log port: what a stage's loop and a reader may ask of a log, and what both backends promise.

Promises, held by one conformance suite (`tests/wire/log/`):

* Order: records of one partition are read in the order of their commits, and within a commit in the order written.
* Atomic: one commit's records, state changes and input positions become visible together or not at all.
* Exclusive: opening a lane fences whoever had it; a fenced lane's commit writes nothing and raises `InDoubt`.
* Committed reads: no reader ever sees a record of a commit that did not succeed.
* Honest positions: a position is never ahead of the outputs of the records before it.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct

from wire.topics import StagePlace, Topic

Headers = tuple[tuple[str, bytes], ...]


# The two of which there are very many: a frozen dataclass takes ten times as long to make.
class Record(Struct, frozen=True, kw_only=True):
    """One record as it was read.  Records of the loop itself (timers, results) have a topic that begins with `@`."""

    topic: str
    partition: int = 0
    offset: int = -1
    key: str | None = None
    value: bytes | None = None  # None is a tombstone
    headers: Headers = ()
    timestamp: datetime | None = None  # when the log took it, UTC

    @property
    def origin(self) -> str:
        """`topic/partition/offset`, the record's name in headers, dead letters and messages to people."""
        return f"{self.topic}/{self.partition}/{self.offset}"


class NewRecord(Struct, frozen=True, kw_only=True):
    """One record to be written."""

    topic: str
    partition: int
    key: str
    value: bytes | None
    headers: Headers = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Up to where a lane has taken one input: `offset` is the next one to read.

    `note` is a few words of the loop's, committed with the position (at most 1 KiB of text).
    `at` is when it was committed, UTC.
    """

    topic: str
    partition: int
    offset: int
    note: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneSpec:
    """Which lane of which stage, and what it reads."""

    place: StagePlace
    index: int
    inputs: tuple[tuple[str, int], ...]  # (topic, partition), the main input first

    @property
    def name(self) -> str:
        """`stage.index`: the lane's identity on the log, for as long as the partition counts stay."""
        return f"{self.place.name}.{self.index}"

    @property
    def state(self) -> tuple[str, int] | None:
        """The state topic and the lane's own partition of it."""
        return None if self.place.state is None else (self.place.state, self.index)


class Lane(Protocol):
    """The exclusive right to run one stage on its inputs.  One thread uses it; only `wake` may come from others.

    Any exception, and any call that outlasts its limit, means that the process must end (design, section 3).
    """

    spec: LaneSpec
    note: str  # the note of the main input's position, as found when the lane was opened
    first_start: bool  # neither a position nor any state was found

    def restore(self) -> Iterator[Record]:
        """The state topic's last value per key, tombstones left out, up to the last committed record.

        Keys and values alone: headers, offsets and times are not promised.
        """
        ...

    def poll(self, limit: int, wait: timedelta) -> Sequence[Record]:
        """The next records of the inputs, at most `limit`; empty after `wait`, or earlier when woken.

        What the other inputs hold at the first poll comes before any record of the main input: a person's word, such
        as a takedown, before what is still unread of its subject.

        Raises:
            PositionLost: the log has dropped the records that come next.
        """
        ...

    def commit(self, writes: Sequence[NewRecord], taken: Sequence[Record], note: str = "") -> None:
        """Write all of `writes` and move the inputs past `taken`, or nothing; return only if surely committed.

        `taken` holds records of the inputs in the order polled.  `note` replaces the note of the main input.

        Raises:
            InDoubt: it may or may not have been written; `LaneLost` where the log knows that the lane is another's.
        """
        ...

    def seek(self, positions: Mapping[tuple[str, int], int]) -> None:
        """Read on from these offsets of inputs; before the first poll, and in force with the next commit."""
        ...

    def wake(self) -> None:
        """End a `poll` that waits; from any thread."""
        ...

    def close(self) -> None:
        """Let go of connections; writes nothing."""
        ...


class Reader(Protocol):
    """Reads committed records of some topics, without any right on them."""

    def read(self, limit: int, wait: timedelta) -> Sequence[Record]:
        """The next committed records, at most `limit`; empty after `wait` where there is nothing new."""
        ...

    def caught_up(self) -> bool:
        """Whether everything committed before this call has been read."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far one lane is in one of its inputs."""

    lane: str
    topic: str
    partition: int
    position: int | None  # None: this lane has never committed
    behind: int  # records committed to the input and not yet taken
    last_commit: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """Where a reader begins: `offset` per partition where given, else `time`, else the beginning or the end."""

    at_end: bool = False
    time: datetime | None = None
    last: int | None = None  # that many records before the end of each partition
    offsets: Mapping[tuple[str, int], int] = field(default_factory=dict)


BEGINNING = Since()
END = Since(at_end=True)


class Log(Protocol):
    """One log, Kafka or the embedded one."""

    topics: Mapping[str, Topic]

    def create(self) -> Sequence[str]:
        """Create the topics of the catalogue that are missing; return their names. Existing ones are left alone."""
        ...

    def differences(self) -> Sequence[str]:
        """Where the log's topics are not as the catalogue says, one sentence each; empty when all is well."""
        ...

    def limit_differences(self) -> Sequence[str]:
        """Where topics keep more or less than the catalogue says, one sentence each; no stage minds."""
        ...

    def adjust_limits(self) -> None:
        """Let the topics keep what the catalogue says, by age and size; what is beyond it goes soon after."""
        ...

    def lane(self, spec: LaneSpec, *, though_lost: bool = False) -> Lane:
        """Take the lane, fencing whoever had it.

        Args:
            spec: which.
            though_lost: for a reset, which moves it: a lane whose position is lost stands where a new one would.

        Raises:
            TopicMismatch: a topic that the lane reads or writes is missing or different.
            PositionLost: the state says that the lane has run before, but its position is gone.
            LogUnreachable: no connection within the time limit.
        """
        ...

    def reader(self, topics: Sequence[str], since: Since = BEGINNING) -> Reader:
        """A reader of committed records of `topics`."""
        ...

    def append(self, records: Sequence[NewRecord]) -> None:
        """Write records of a source that has no lane (the console's commands); return when surely written."""
        ...

    def progress(self, specs: Sequence[LaneSpec]) -> Sequence[Progress]:
        """How far each lane is in each of its inputs."""
        ...

    def bounds(self, topics: Sequence[str]) -> Mapping[tuple[str, int], tuple[int, int]]:
        """(first offset that is kept, offset that the next record will take) of each partition of `topics`."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


def partition_of(key: str, partitions: int) -> int:
    """The partition of `key`: CRC-32 of its UTF-8, so that both backends and every release agree."""
    return zlib.crc32(key.encode("utf-8", "surrogatepass")) % partitions


def lane_specs(place: StagePlace, topics: Mapping[str, Topic]) -> tuple[LaneSpec, ...]:
    """Every lane of a stage: lane n owns partition n of inputs that have as many partitions as there are lanes."""
    count = topics[place.lanes_of].partitions

    def inputs(index: int) -> tuple[tuple[str, int], ...]:
        return tuple((topic, index if topics[topic].partitions == count else 0) for topic in place.inputs)

    return tuple(LaneSpec(place=place, index=index, inputs=inputs(index)) for index in range(count))


def last_per_key(writes: Sequence[NewRecord], state: str | None) -> list[NewRecord]:
    """`writes` with only the last change of each state key, each at the place of its last change."""
    last = {write.key: position for position, write in enumerate(writes) if write.topic == state}
    return [write for position, write in enumerate(writes) if write.topic != state or last[write.key] == position]
