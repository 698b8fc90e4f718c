"""A lane of the embedded log: an owner epoch, one transaction per commit."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from time import monotonic

from wire.clock import Clock
from wire.crash import crash_point
from wire.errors import CommitFailed, LaneLost, PositionLost
from wire.log.port import LaneSpec, NewRecord, Record, last_per_key
from wire.log.sqlite_file import LogFile, Waiter
from wire.log.sqlite_records import (
    insert_records,
    milliseconds,
    page,
    partition_bounds,
    partition_numbers,
    row_id,
    values,
)
from wire.log.sqlite_upkeep import Upkeep
from wire.topics import DEAD_LETTERS, Topic

BORN = "@born"  # key of the state record that says: this lane has run before


class SqliteLane:
    """The exclusive right to one lane; see `wire.log.port.Lane` for the contract."""

    def __init__(
        self, spec: LaneSpec, file: LogFile, topics: Mapping[str, Topic], clock: Clock, *, though_lost: bool = False
    ) -> None:
        self.spec = spec
        self._file = file
        self._topics = topics
        self._clock = clock
        self._connection = file.connect()
        self._waiter = Waiter(file)
        self._numbers = partition_numbers(self._connection)
        self._upkeep = Upkeep(topics, [name for name in (*spec.place.outputs, spec.place.state, DEAD_LETTERS) if name])
        with file.writing(self._connection):
            self._epoch = self._take()
            crash_point("lane taken")
            self._next, self.note, self.first_start = self._positions(though_lost=though_lost)
        self._sought: dict[tuple[str, int], int] = {}

    def _take(self) -> int:
        (epoch,) = self._connection.execute(
            "INSERT INTO lanes VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET epoch = epoch + 1 RETURNING epoch",
            (self.spec.name,),
        ).fetchone()
        return int(epoch)

    def _positions(self, *, though_lost: bool) -> tuple[dict[tuple[str, int], int], str, bool]:
        rows = self._connection.execute(
            "SELECT topic, partition, position, note FROM positions WHERE lane = ?", (self.spec.name,)
        ).fetchall()
        found = {(topic, partition): position for topic, partition, position, _ in rows}
        notes = {(topic, partition): note for topic, partition, _, note in rows}
        first = self.spec.inputs[0] not in found
        if first and not though_lost and self._born():
            raise PositionLost(self.spec.name, self.spec.inputs[0][0], "its position is gone, its state is not")
        for name in self.spec.inputs:
            if name not in found:
                low, following = partition_bounds(self._connection, self._numbers[name])
                found[name] = following if self.spec.place.begins_at_end else low
                self._move(name, found[name], "")
        if first and self.spec.state is not None:
            self._write([NewRecord(topic=self.spec.state[0], partition=self.spec.state[1], key=BORN, value=b"{}")])
        return found, notes.get(self.spec.inputs[0], ""), first

    def _born(self) -> bool:
        if self.spec.state is None:
            return False
        rows = self._connection.execute(
            "SELECT 1 FROM records WHERE slot = ? AND key = ?", (self._numbers[self.spec.state], BORN)
        )
        return rows.fetchone() is not None

    def restore(self) -> Iterator[Record]:
        """The state topic's last value per key, without tombstones and the log's own records."""
        if self.spec.state is None:
            return
        number, (topic, partition) = self._numbers[self.spec.state], self.spec.state
        last, following = self._last_values(number), 0
        while rows := values(self._connection, number, following, 1000):
            following = rows[-1][0] + 1
            for offset, key, value in rows:
                if offset in last and value is not None and not (key or "").startswith("@"):
                    yield Record(topic=topic, partition=partition, key=key, value=value)

    def _last_values(self, number: int) -> set[int]:
        rows = self._connection.execute("SELECT max(id) FROM records WHERE slot = ? GROUP BY key", (number,))
        return {id_ - row_id(number, 0) for (id_,) in rows}

    def poll(self, limit: int, wait: timedelta) -> Sequence[Record]:
        """The next records of the inputs, at most `limit`; the main input comes last."""
        until = monotonic() + wait.total_seconds()
        while not (records := self._read(limit)):
            left = until - monotonic()
            if left <= 0 or self._waiter.wait(timedelta(seconds=left)):
                break
        return records

    def _read(self, limit: int) -> list[Record]:
        records: list[Record] = []
        for name in reversed(self.spec.inputs):
            if room := limit - len(records):
                records += self._read_input(name, room)
        return records

    def _read_input(self, name: tuple[str, int], limit: int) -> list[Record]:
        number = self._numbers[name]
        records = page(self._connection, (number, *name), self._next[name], limit)
        # Checked after the page was read: what retention dropped before it cannot have been in it.
        low, _ = partition_bounds(self._connection, number)
        if self._next[name] < low:
            raise PositionLost(self.spec.name, name[0], f"it stands at {self._next[name]}, the log begins at {low}")
        if records:
            self._next[name] = records[-1].offset + 1
        return records

    def commit(self, writes: Sequence[NewRecord], taken: Sequence[Record], note: str = "") -> None:
        """Write everything and move the inputs past `taken`, or nothing."""
        moved = self._sought | {(record.topic, record.partition): record.offset + 1 for record in taken}
        try:
            with self._file.writing(self._connection):
                self._still_mine()
                crash_point("sqlite begun")
                self._write(last_per_key(writes, self.spec.place.state))
                crash_point("sqlite written")
                for name, position in moved.items():
                    self._move(name, position, note if name == self.spec.inputs[0] else "")
                if self.spec.inputs[0] not in moved:
                    self._set_note(note)
                crash_point("sqlite moved")
            crash_point("sqlite ended")
            self._sought = {}
            if writes:
                self._file.wake_waiters()
            self._upkeep.after_commit(len(writes), self._file, self._connection, self._clock.now())
        except (sqlite3.Error, OSError) as error:
            raise CommitFailed(self.spec.name, str(error)) from error

    def _still_mine(self) -> None:
        (epoch,) = self._connection.execute("SELECT epoch FROM lanes WHERE name = ?", (self.spec.name,)).fetchone()
        if epoch != self._epoch:
            raise LaneLost(self.spec.name)

    def _write(self, records: Sequence[NewRecord]) -> None:
        insert_records(self._connection, self._topics, records, self._clock.now())

    def _move(self, name: tuple[str, int], position: int, note: str) -> None:
        self._connection.execute(
            "INSERT INTO positions VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (lane, topic, partition)"
            " DO UPDATE SET position = excluded.position, note = excluded.note, at_ms = excluded.at_ms",
            (self.spec.name, *name, position, note, milliseconds(self._now())),
        )

    def _set_note(self, note: str) -> None:
        topic, partition = self.spec.inputs[0]
        self._connection.execute(
            "UPDATE positions SET note = ?, at_ms = ? WHERE lane = ? AND topic = ? AND partition = ?",
            (note, milliseconds(self._now()), self.spec.name, topic, partition),
        )

    def _now(self) -> datetime:
        return self._clock.now()

    def seek(self, positions: Mapping[tuple[str, int], int]) -> None:
        """Read on from these offsets; in force with the next commit."""
        self._sought = dict(positions)
        self._next |= self._sought

    def wake(self) -> None:
        """End a poll that waits; from any thread."""
        self._waiter.wake()

    def close(self) -> None:
        """Let go of the file."""
        self._waiter.close()
        self._connection.close()
