"""Bring the index up to the log: records and positions in one transaction, by one process at a time."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta

from console.index.file import IndexFile
from console.index.projection import FOLLOWED, apply
from wire.log.port import Log, Reader, Record, Since

BATCH = 1000
Bounds = Mapping[tuple[str, int], tuple[int, int]]


class Follower:
    """The one writer of an index, following the log from the positions that the index holds."""

    def __init__(self, connection: sqlite3.Connection, log: Log) -> None:
        self.db = connection
        self._log = log
        self._reader: Reader = log.reader(FOLLOWED, Since(offsets=positions(connection)))

    def take(self, wait: timedelta) -> list[Record]:
        """Read the next records and take them in; those taken, none after `wait` without news."""
        records = list(self._reader.read(BATCH, wait))
        if records:
            self.db.execute("BEGIN IMMEDIATE")
            try:
                self._apply(records)
            except BaseException:
                self.db.execute("ROLLBACK")
                raise
            self.db.execute("COMMIT")
        return records

    def _apply(self, records: list[Record]) -> None:
        skipped = sum(not apply(self.db, record) for record in records)
        if skipped:
            self.db.execute("UPDATE meta SET value = value + ? WHERE key = 'skipped'", (skipped,))
        self._move({(record.topic, record.partition): record.offset + 1 for record in records})

    def _move(self, reached: Mapping[tuple[str, int], int]) -> None:
        self.db.executemany(
            "INSERT INTO positions VALUES (?, ?, ?)"
            " ON CONFLICT (topic, partition) DO UPDATE SET next = max(next, excluded.next)",
            [(*name, offset) for name, offset in reached.items()],
        )

    def settled(self) -> bool:
        """Whether everything committed before this call is in the index; then its positions stand at the log's end.

        On Kafka a transaction's marker takes the last offset, and no record ever comes from there.
        """
        ends = self._log.bounds(FOLLOWED)
        if not self._reader.caught_up():
            return False
        self._move({name: end for name, (_, end) in ends.items()})
        return True

    def close(self) -> None:
        """Let go of the log."""
        self._reader.close()


@contextmanager
def following(file: IndexFile, log: Log) -> Iterator[Follower | None]:
    """The right to write the index; None while another process has it.  One of a log that began anew is dropped."""
    with file.writing() as connection:
        if connection is not None and began_anew(positions(connection), log.bounds(FOLLOWED)):
            connection.close()
            file.throw_away()
        elif connection is not None:
            with closing(Follower(connection, log)) as follower:
                yield follower
            return
    if connection is None:
        yield None
        return
    with following(file, log) as follower_anew:
        yield follower_anew


def positions(connection: sqlite3.Connection) -> dict[tuple[str, int], int]:
    """Up to where each partition is in the index: the next offset to read."""
    rows = connection.execute("SELECT topic, partition, next FROM positions")
    return {(topic, partition): following for topic, partition, following in rows}


def began_anew(known: Mapping[tuple[str, int], int], bounds: Bounds) -> bool:
    """Whether the log holds fewer records than the index has read: it is another log."""
    return any(offset > bounds.get(name, (0, 0))[1] for name, offset in known.items())


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the index is behind the log; on Kafka offsets of transaction markers count too."""

    records: int
    of: int  # that the log holds


def lag(known: Mapping[tuple[str, int], int], bounds: Bounds) -> Lag:
    """How many records the index has still to read."""
    behind = sum(max(0, end - max(begin, known.get(name, 0))) for name, (begin, end) in bounds.items())
    return Lag(records=behind, of=sum(end - begin for begin, end in bounds.values()))


def catch_up(file: IndexFile, log: Log, progress: Callable[[int], None] = lambda _count: None) -> bool:
    """Take in all that the log holds now; False where another process writes the index.

    Args:
        progress: told how many records each step took.
    """
    with following(file, log) as follower:
        if follower is None:
            return False
        wanted = log.bounds(FOLLOWED)  # a busy log has always one more
        while True:
            taken = follower.take(timedelta(milliseconds=50))
            progress(len(taken))
            if not lag(positions(follower.db), wanted).records or (not taken and follower.settled()):
                return True
