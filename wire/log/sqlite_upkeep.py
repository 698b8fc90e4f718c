"""Keep the embedded log bounded: drop what is past its age or size, and all but the last value of each state key.

In slices after commits, so that nobody waits long and no service is needed for it.  A tombstone stays a day after its
commit, so that a reader that follows sees it.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from wire.log.sqlite_file import RECORD_BYTES, LogFile
from wire.log.sqlite_records import milliseconds, partition_bounds, partition_numbers, row_id
from wire.topics import Cleanup, Topic

SLICE = 500  # rows looked at in one go: some 5 ms
EVERY_RECORDS = 200  # records written between two slices
TOMBSTONES_STAY = timedelta(days=1)


class Upkeep:
    """The upkeep of the topics that one lane writes."""

    def __init__(self, topics: Mapping[str, Topic], names: Sequence[str]) -> None:
        self._topics = [topics[name] for name in names]
        self._written = 0

    def after_commit(self, written: int, file: LogFile, connection: sqlite3.Connection, now: datetime) -> None:
        """Count what was written; when it is time, do one slice for each topic."""
        self._written += written
        if self._written < EVERY_RECORDS:
            return
        self._written = 0
        with file.writing(connection):
            keep_bounded(connection, self._topics, now)


def keep_bounded(connection: sqlite3.Connection, topics: Sequence[Topic], now: datetime) -> None:
    """One slice of upkeep for each partition of `topics`; inside a write transaction."""
    numbers = partition_numbers(connection)
    for topic in topics:
        for partition in range(topic.partitions):
            number = numbers[topic.name, partition]
            if topic.cleanup is Cleanup.COMPACT:
                _compact(connection, number, now)
            elif topic.retention is not None:
                _drop_old(connection, number, milliseconds(now - topic.retention), topic.partition_bytes)


def _drop_old(connection: sqlite3.Connection, number: int, before_ms: int, limit: int | None) -> None:
    """Drop records from before a time, and the oldest of those beyond `limit` bytes; the newest always stays."""
    low, following = partition_bounds(connection, number)
    excess = 0 if limit is None else _bytes(connection, number) - limit
    first = connection.execute("SELECT at_ms FROM records WHERE id = ?", (row_id(number, low),)).fetchone()
    if low == following or (first is not None and first[0] >= before_ms and excess <= 0):
        return
    rows = connection.execute(
        f"SELECT id, at_ms, {RECORD_BYTES} FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",  # noqa: S608
        (row_id(number, low), row_id(number, following), SLICE),
    ).fetchall()
    end = row_id(number, low)
    for id_, at_ms, size in rows:
        if at_ms >= before_ms and (excess <= 0 or id_ + 1 == row_id(number, following)):
            break
        end, excess = id_ + 1, excess - size
    connection.execute("DELETE FROM records WHERE id >= ? AND id < ?", (row_id(number, low), end))
    connection.execute("UPDATE partitions SET low = ? WHERE number = ?", (end - row_id(number, 0), number))


def _bytes(connection: sqlite3.Connection, number: int) -> int:
    row = connection.execute("SELECT bytes FROM sizes WHERE number = ?", (number,)).fetchone()
    return 0 if row is None else int(row[0])


def _compact(connection: sqlite3.Connection, number: int, now: datetime) -> None:
    (cleaned,) = connection.execute("SELECT cleaned FROM partitions WHERE number = ?", (number,)).fetchone()
    rows = connection.execute(
        "SELECT id, key, at_ms, value IS NULL, EXISTS ("
        "  SELECT 1 FROM records AS later WHERE later.slot = this.slot AND later.key = this.key AND later.id > this.id"
        ") FROM records AS this WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
        (row_id(number, cleaned), row_id(number + 1, 0), SLICE),
    ).fetchall()
    forgotten = milliseconds(now - TOMBSTONES_STAY)
    gone = [
        (id_,)
        for id_, key, at_ms, tombstone, superseded in rows
        if superseded or (tombstone and at_ms < forgotten and _alone(connection, number, key, id_))
    ]
    connection.executemany("DELETE FROM records WHERE id = ?", gone)
    # At the end it begins again: what was live on the last pass may have been superseded since.
    onward = rows[-1][0] + 1 - row_id(number, 0) if len(rows) == SLICE else 0
    connection.execute("UPDATE partitions SET cleaned = ? WHERE number = ?", (onward, number))


def _alone(connection: sqlite3.Connection, number: int, key: str, id_: int) -> bool:
    # A tombstone that goes before the values under it would bring them back to life.
    rows = connection.execute("SELECT 1 FROM records WHERE slot = ? AND key = ? AND id < ? LIMIT 1", (number, key, id_))
    return rows.fetchone() is None
