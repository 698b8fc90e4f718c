"""The embedded log keeps the promises of the port."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.wire.log.conformance import TOPICS, LogConformance
from wire.log.sqlite import SqliteLog
from wire.log.sqlite_file import LogFile
from wire.log.sqlite_records import partition_numbers, row_id
from wire.log.sqlite_upkeep import keep_bounded
from wire.topics import Topic


class SqliteBackend:
    def __init__(self, path: Path) -> None:
        self._file = LogFile(path)
        self._connection = self._file.connect()
        self._logs: list[SqliteLog] = []

    def log(self, topics: dict[str, Topic] = TOPICS) -> SqliteLog:
        self._logs.append(SqliteLog(self._file, topics))
        return self._logs[-1]

    def drop_before(self, topic: str, partition: int, offset: int) -> None:
        number = partition_numbers(self._connection)[topic, partition]
        with self._file.writing(self._connection):
            self._connection.execute(
                "DELETE FROM records WHERE id >= ? AND id < ?", (row_id(number, 0), row_id(number, offset))
            )
            self._connection.execute("UPDATE partitions SET low = ? WHERE number = ?", (offset, number))

    def forget_positions(self, lane: str) -> None:
        with self._file.writing(self._connection):
            self._connection.execute("DELETE FROM positions WHERE lane = ?", (lane,))

    def compact(self, topic: str) -> None:
        with self._file.writing(self._connection):
            keep_bounded(self._connection, [TOPICS[topic]], datetime.now(UTC))
        number = partition_numbers(self._connection)[topic, 0]
        rows = self._connection.execute("SELECT key FROM records WHERE slot = ?", (number,)).fetchall()
        assert len(rows) == len(set(rows)), "nothing was compacted"

    def close(self) -> None:
        for log in self._logs:
            log.close()
        self._connection.close()


class TestSqlite(LogConformance):
    @pytest.fixture
    def backend(self, tmp_path: Path) -> Iterator[SqliteBackend]:
        backend = SqliteBackend(tmp_path / "log.db")
        yield backend
        backend.close()
