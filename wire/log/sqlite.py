"""The embedded log: one SQLite file with the semantics of Kafka, for one machine.

One transaction per commit, `synchronous=FULL`, an owner epoch per lane; measured figures are in the design, section 4.
Promises power-loss safety of what `commit` returned for, as far as the disk keeps what it acknowledged.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice

from wire.clock import Clock, SystemClock
from wire.errors import TopicMismatch
from wire.log.port import BEGINNING, LaneSpec, NewRecord, Progress, Record, Since
from wire.log.sqlite_file import LogFile, Waiter
from wire.log.sqlite_lane import SqliteLane
from wire.log.sqlite_records import insert_records, instant, milliseconds, page, partition_bounds, row_id
from wire.topics import Topic

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class SqliteLog:
    """The log in one file; any number of processes of one machine may use it at once."""

    def __init__(self, file: LogFile, topics: Mapping[str, Topic], clock: Clock | None = None) -> None:
        self.topics = topics
        self._file = file
        self._clock = clock or SystemClock()
        self._connection = file.connect()

    def create(self) -> Sequence[str]:
        """Create the missing topics; return their names."""
        with self._file.writing(self._connection):
            present = {name for (name,) in self._connection.execute("SELECT name FROM topics")}
            missing = [topic for name, topic in self.topics.items() if name not in present]
            for topic in missing:
                retention = None if topic.retention is None else round(topic.retention.total_seconds())
                self._connection.execute(
                    "INSERT INTO topics VALUES (?, ?, ?, ?)",
                    (topic.name, topic.partitions, topic.cleanup.value, retention),
                )
                self._connection.executemany(
                    "INSERT INTO partitions (topic, partition) VALUES (?, ?)",
                    [(topic.name, partition) for partition in range(topic.partitions)],
                )
        return [topic.name for topic in missing]

    def differences(self) -> Sequence[str]:
        """Where the file's topics are not as the catalogue says, one sentence each."""
        found = {
            name: (partitions, cleanup)
            for name, partitions, cleanup in self._connection.execute("SELECT name, partitions, cleanup FROM topics")
        }
        return [said for topic in self.topics.values() for said in _difference(topic, found.get(topic.name))]

    def limit_differences(self) -> Sequence[str]:
        """None ever: what is kept is decided by the program that writes."""
        return ()

    def adjust_limits(self) -> None:
        """There is nothing to adjust; see `limit_differences`."""

    def lane(self, spec: LaneSpec, *, though_lost: bool = False) -> SqliteLane:
        """Take the lane, fencing whoever had it."""
        used = {topic for topic, _ in spec.inputs} | set(spec.place.outputs)
        self._require(used | ({spec.place.state} if spec.place.state else set()))
        return SqliteLane(spec, self._file, self.topics, self._clock, though_lost=though_lost)

    def _require(self, topics: Iterable[str]) -> None:
        wanted = set(topics)
        wrong = [said for said in self.differences() if said.split(":")[0] in wanted]
        if wrong:
            raise TopicMismatch(wrong)

    def reader(self, topics: Sequence[str], since: Since = BEGINNING) -> "SqliteReader":
        """A reader of committed records of `topics`."""
        self._require(topics)
        return SqliteReader(self._file, topics, since)

    def append(self, records: Sequence[NewRecord]) -> None:
        """Write records of a source without a lane; return when they are on the disk."""
        self._require({record.topic for record in records})
        with self._file.writing(self._connection):
            insert_records(self._connection, self.topics, records, self._clock.now())
        self._file.wake_waiters()

    def progress(self, specs: Sequence[LaneSpec]) -> Sequence[Progress]:
        """How far each lane is in each of its inputs."""
        return [self._progress(spec.name, topic, partition) for spec in specs for topic, partition in spec.inputs]

    def _progress(self, lane: str, topic: str, partition: int) -> Progress:
        row = self._connection.execute(
            "SELECT p.position, p.at_ms, q.next, q.low FROM partitions q LEFT JOIN positions p"
            " ON p.topic = q.topic AND p.partition = q.partition AND p.lane = ? WHERE q.topic = ? AND q.partition = ?",
            (lane, topic, partition),
        ).fetchone()
        position, at_ms, following, low = row or (None, None, 0, 0)
        return Progress(
            lane=lane,
            topic=topic,
            partition=partition,
            position=position,
            behind=following - (low if position is None else position),
            last_commit=None if at_ms is None else instant(at_ms),
        )

    def bounds(self, topics: Sequence[str]) -> Mapping[tuple[str, int], tuple[int, int]]:
        """(first offset that is kept, offset that the next record will take) of each partition of `topics`."""
        rows = self._connection.execute("SELECT topic, partition, low, next FROM partitions").fetchall()
        return {(topic, partition): (low, following) for topic, partition, low, following in rows if topic in topics}

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


class SqliteReader:
    """Follows topics by short pages, so that no reader holds up the checkpoints of the file."""

    def __init__(self, file: LogFile, topics: Sequence[str], since: Since) -> None:
        self._connection = file.connect()
        self._waiter = Waiter(file)
        self._partitions = [
            (number, topic, partition)
            for number, topic, partition in self._connection.execute("SELECT number, topic, partition FROM partitions")
            if topic in topics
        ]
        self._next = {number: self._begin(number, (topic, part), since) for number, topic, part in self._partitions}

    def _begin(self, number: int, name: tuple[str, int], since: Since) -> int:
        low, following = partition_bounds(self._connection, number)
        if name in since.offsets:
            return max(low, since.offsets[name])
        if since.last is not None:
            return self._before_the_end(number, low, following, since.last)
        if since.time is not None:
            (first,) = self._connection.execute(
                "SELECT min(id) FROM records WHERE id >= ? AND id < ? AND at_ms >= ?",
                (row_id(number, low), row_id(number, following), milliseconds(since.time)),
            ).fetchone()
            return following if first is None else int(first) - row_id(number, 0)
        return following if since.at_end else low

    def _before_the_end(self, number: int, low: int, following: int, count: int) -> int:
        rows = self._connection.execute(
            "SELECT id FROM records WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT ?",
            (row_id(number, low), row_id(number, following), count),
        ).fetchall()
        return int(rows[-1][0]) - row_id(number, 0) if rows else following

    def read(self, limit: int, wait: timedelta) -> Sequence[Record]:
        """The next committed records in the order in which the log took them, at most `limit`."""
        records = self._page(limit)
        if not records and wait > timedelta(0):
            self._waiter.wait(wait)
            records = self._page(limit)
        return records

    def _page(self, limit: int) -> list[Record]:
        pages = (self._stretch(part, limit // max(1, len(self._partitions)) + 1) for part in self._partitions)
        # Across partitions the time of the commit decides; a merge keeps each one's order even if the clock stepped.
        taken = list(islice(heapq.merge(*pages, key=lambda record: record.timestamp or _LONG_AGO), limit))
        numbers = {(topic, partition): number for number, topic, partition in self._partitions}
        for record in taken:
            number = numbers[record.topic, record.partition]
            self._next[number] = max(self._next[number], record.offset + 1)
        return taken

    def _stretch(self, partition: tuple[int, str, int], at_once: int) -> Iterator[Record]:
        """One partition's next records, looked up a few at a time: a merge may want all from one and none of others."""
        offset = self._next[partition[0]]
        while records := page(self._connection, partition, offset, at_once):
            yield from records
            if len(records) < at_once:
                return
            offset = records[-1].offset + 1

    def caught_up(self) -> bool:
        """Whether everything committed before this call has been read (compacted gaps at the end count as read)."""
        return all(
            self._next[number] >= partition_bounds(self._connection, number)[1]
            or not page(self._connection, (number, topic, partition), self._next[number], 1)
            for number, topic, partition in self._partitions
        )

    def close(self) -> None:
        """Let go of the file."""
        self._waiter.close()
        self._connection.close()


def _difference(topic: Topic, found: tuple[int, str] | None) -> list[str]:
    if found is None:
        return [f"{topic.name}: is missing (create it with: wirewatch topics)"]
    partitions, cleanup = found
    said = []
    if partitions != topic.partitions:
        said.append(f"{topic.name}: has {partitions} partitions, the settings say {topic.partitions}")
    if cleanup != topic.cleanup.value:
        said.append(f"{topic.name}: has clean-up '{cleanup}', the catalogue says '{topic.cleanup.value}'")
    return said
