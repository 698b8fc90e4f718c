"""Rows of the embedded log as records: reading pages, appending, and what row ids mean."""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from wire.log.port import Headers, NewRecord, Record
from wire.log.sqlite_file import OFFSET_BITS
from wire.topics import Cleanup, Topic

_headers = msgspec.msgpack.Decoder(Headers)
_pack = msgspec.msgpack.Encoder()


def row_id(number: int, offset: int) -> int:
    """The row of a record: its partition's number and its offset in one integer."""
    return (number << OFFSET_BITS) + offset


def milliseconds(time: datetime) -> int:
    """Milliseconds since 1970 of an aware time."""
    return round(time.timestamp() * 1000)


def instant(at_ms: int) -> datetime:
    """The aware UTC time of milliseconds since 1970."""
    return datetime.fromtimestamp(at_ms / 1000, UTC)


def partition_bounds(connection: sqlite3.Connection, number: int) -> tuple[int, int]:
    """(first offset that is kept, offset that the next record will take) of a partition."""
    low, following = connection.execute("SELECT low, next FROM partitions WHERE number = ?", (number,)).fetchone()
    return int(low), int(following)


def page(connection: sqlite3.Connection, partition: tuple[int, str, int], offset: int, limit: int) -> list[Record]:
    """Records of one partition from `offset` on, at most `limit`."""
    number, topic, index = partition
    rows = connection.execute(
        "SELECT id, key, value, headers, at_ms FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
        (row_id(number, offset), row_id(number + 1, 0), limit),
    ).fetchall()
    return [_record(topic, index, row_id(number, 0), row) for row in rows]


def values(
    connection: sqlite3.Connection, number: int, offset: int, limit: int
) -> list[tuple[int, str | None, bytes | None]]:
    """(offset, key, value) of records of one partition from `offset` on, at most `limit`."""
    base = row_id(number, 0)
    return connection.execute(
        "SELECT id - ?, key, value FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
        (base, base + offset, row_id(number + 1, 0), limit),
    ).fetchall()


def _record(topic: str, partition: int, base: int, row: tuple[int, str, bytes | None, bytes, int]) -> Record:
    id_, key, value, headers, at_ms = row
    return Record(
        topic=topic,
        partition=partition,
        offset=id_ - base,
        key=key,
        value=value,
        headers=_headers.decode(headers),
        timestamp=instant(at_ms),
    )


def insert_records(
    connection: sqlite3.Connection, topics: Mapping[str, Topic], records: Sequence[NewRecord], now: datetime
) -> None:
    """Append records to their partitions in the order given; inside a write transaction."""
    at_ms = milliseconds(now)
    numbers = partition_numbers(connection)
    following = {number: partition_bounds(connection, number)[1] for number in {_number(numbers, r) for r in records}}
    rows = []
    for record in records:
        number = _number(numbers, record)
        slot = number if topics[record.topic].cleanup is Cleanup.COMPACT else None
        id_ = row_id(number, following[number])
        rows.append((id_, record.key, record.value, _pack.encode(record.headers), at_ms, slot))
        following[number] += 1
    connection.executemany("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)", rows)
    connection.executemany(
        "UPDATE partitions SET next = ? WHERE number = ?", [(next_, number) for number, next_ in following.items()]
    )


def partition_numbers(connection: sqlite3.Connection) -> dict[tuple[str, int], int]:
    """The number of each (topic, partition)."""
    rows = connection.execute("SELECT topic, partition, number FROM partitions")
    return {(topic, partition): number for topic, partition, number in rows}


def _number(numbers: Mapping[tuple[str, int], int], record: NewRecord) -> int:
    return numbers[record.topic, record.partition]
