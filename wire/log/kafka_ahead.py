"""Reads a lane's inputs one batch ahead, on a thread of its own.

The consumer cannot be woken, so a thread waits in it and wakes the lane in its place: 0.1 ms, where short polls cost
5.5 % of a core (measured, 20 ms slices).
"""

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import timedelta
from time import monotonic

from kafka.errors import (
    KafkaError,
    KafkaTimeoutError,
    LogTruncationError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)

from wire.errors import LogUnreachable, PositionLost, WireError
from wire.log.kafka_client import Clients, Consumer, Guard, Part, close_consumer, milliseconds
from wire.log.kafka_reader import position_of
from wire.log.kafka_records import Names
from wire.log.port import Record

_AHEAD = 250  # records; reading pauses while so many wait
_AHEAD_BYTES = 4 * 1024 * 1024
_BATCH_BYTES = 8 * 1024 * 1024  # of one `take`
_POLL = timedelta(milliseconds=250)  # also how long `close` may have to wait
_POSITION_GONE = (OffsetOutOfRangeError, NoOffsetForPartitionError, LogTruncationError)


class ReadAhead:
    """Reads from `positions` on; `take`, `following` and `close` are for the lane's thread, `wake` for any."""

    def __init__(self, clients: Clients, names: Names, lane: str, guard: Guard) -> None:
        self._clients = clients
        self._names = names
        self._lane = lane
        self._guard = guard
        self._limits = clients.limits
        # Re-entrant inside, so that a signal handler may call `wake` whatever the main thread is doing.
        self._changed = threading.Condition()
        self._buffer: deque[tuple[Part, Record]] = deque()
        self._buffered_bytes = 0
        self._reached: dict[Part, int] = {}
        self._failure: WireError | None = None
        self._woken = False
        self._closing = False
        self._thread = threading.Thread(target=self._run, name=f"read {lane}", daemon=True)

    @property
    def started(self) -> bool:
        """Whether the thread reads."""
        return self._thread.ident is not None

    def start(self, positions: Mapping[Part, int]) -> None:
        """Begin to read at `positions`, that of the main input first."""
        self._reached = dict(positions)
        self._thread.start()

    def _run(self) -> None:
        try:
            consumer = self._clients.follower()
            try:
                self._read(consumer)
            finally:
                close_consumer(consumer)
        except _POSITION_GONE as error:
            self._fail(
                PositionLost(self._lane, "an input", f"the log no longer has the record that comes next ({error})")
            )
        except WireError as error:
            self._fail(error)
        except (KafkaError, OSError) as error:
            self._fail(LogUnreachable(self._lane, f"reading failed with {type(error).__name__}: {error}"))
        except BaseException as error:
            self._fail(LogUnreachable(self._lane, f"the reading thread died of {type(error).__name__}: {error}"))
            raise

    def _fail(self, failure: WireError) -> None:
        with self._changed:
            self._failure = failure
            self._changed.notify_all()

    def _read(self, consumer: Consumer) -> None:
        main, *others = self._reached
        # Asked of all at once, so that the client knows every leader: it would else ask for some alone, and what comes
        # in the others would wait with that request.
        ends = self._ends(consumer, [main, *others])
        if others:
            self._read_first(consumer, others, ends)
        self._assign(consumer, [main, *others])
        while not self._closing:
            self._read_on(consumer, [main, *others])

    def _ends(self, consumer: Consumer, parts: Sequence[Part]) -> Mapping[Part, int]:
        """Asked again for as long as records may stay away: a partition without a leader soon has one."""
        since = monotonic()
        while True:
            try:
                with self._guard(f"read {self._lane}", self._limits.no_progress):
                    return consumer.end_offsets(parts)
            except KafkaTimeoutError:
                if self._closing or monotonic() - since > self._limits.no_progress.total_seconds():
                    raise

    def _read_first(self, consumer: Consumer, others: Sequence[Part], ends: Mapping[Part, int]) -> None:
        """What the other inputs hold by now, before any record of the main one is asked for."""
        self._assign(consumer, others)
        before, since = dict(self._reached), monotonic()
        while not self._closing and any(self._reached[part] < ends[part] for part in others):
            self._read_on(consumer, others)
            if self._reached != before:
                before, since = dict(self._reached), monotonic()
            elif monotonic() - since > self._limits.no_progress.total_seconds():
                raise LogUnreachable(self._lane, f"{others[0].topic} cannot be read to its end")

    def _assign(self, consumer: Consumer, parts: Sequence[Part]) -> None:
        consumer.assign(parts)
        for part in parts:
            consumer.seek(part, self._reached[part])

    def _read_on(self, consumer: Consumer, parts: Sequence[Part]) -> None:
        with self._guard(f"read {self._lane}", self._limits.no_progress):
            polled = consumer.poll(timeout_ms=milliseconds(_POLL), max_records=_AHEAD)
            reached = {part: position_of(consumer, part, self._limits) for part in parts}
        records = [(part, record) for part, found in self._names.records(polled).items() for record in found]
        with self._changed:
            self._buffer.extend(records)
            self._buffered_bytes += sum(_size(record) for _, record in records)
            self._reached |= reached
            self._changed.notify_all()
            self._changed.wait_for(self._has_room)

    def _has_room(self) -> bool:
        return self._closing or (len(self._buffer) < _AHEAD and self._buffered_bytes < _AHEAD_BYTES)

    def take(self, limit: int, wait: timedelta) -> list[tuple[Part, Record]]:
        """The next records, at most `limit`; waits for the first, until woken or the end of `wait`.

        Raises:
            PositionLost: the log has dropped the records that come next.
            LogUnreachable: reading failed for another reason.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._buffer or self._failure or self._woken, wait.total_seconds())
            if not self._buffer:
                if self._failure is not None:
                    raise self._failure
                self._woken = False
                return []
            taken = self._hand_out(limit)
            self._changed.notify_all()
            return taken

    def _hand_out(self, limit: int) -> list[tuple[Part, Record]]:
        taken: list[tuple[Part, Record]] = []
        size = 0
        while self._buffer and len(taken) < limit and (not taken or size + _size(self._buffer[0][1]) <= _BATCH_BYTES):
            taken.append(self._buffer.popleft())
            size += _size(taken[-1][1])
        self._buffered_bytes -= size
        return taken

    def following(self) -> dict[Part, int]:
        """The offset after everything handed out: the next record's, or past the markers where there is none."""
        with self._changed:
            following = dict(self._reached)
            for partition, record in reversed(self._buffer):
                following[partition] = record.offset
            return following

    def wake(self) -> None:
        """End a `take` that waits, or the next one that would."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def close(self) -> None:
        """Stop reading and let go of the connections."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self.started:
            self._thread.join(timeout=self._limits.request.total_seconds())


def _size(record: Record) -> int:
    return len(record.value or b"")
