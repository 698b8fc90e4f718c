"""Reading committed records from Kafka: whole stretches of a partition, and a reader that follows topics.

Transaction markers take offsets, so offsets alone never say how many records there are: positions decide.
"""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from time import monotonic

from wire.errors import LogUnreachable
from wire.log.kafka_client import Clients, Consumer, Limits, Part, RawRecord, close_consumer, milliseconds
from wire.log.kafka_records import Names
from wire.log.port import Record, Since

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_SOON = timedelta(milliseconds=200)
_STRETCH = 20_000  # records asked for at once where a stretch is read whole: what a fetch has brought
_AHEAD = 2000  # records that a reader takes to find out whether there are any


def stretch(consumer: Consumer, partition: Part, start: int, end: int, limits: Limits) -> Iterator[Sequence[RawRecord]]:
    """Every committed record of a partition from offset `start` up to, not including, `end`, some at a time.

    Raises:
        LogUnreachable: the position did not move for `limits.no_progress`.
    """
    consumer.assign([partition])
    consumer.seek(partition, start)
    position, moved = start, monotonic()
    while position < end:
        for raws in consumer.poll(timeout_ms=500, max_records=_STRETCH).values():
            yield raws if raws[-1].offset < end else [raw for raw in raws if raw.offset < end]
        reached = position_of(consumer, partition, limits)
        if reached > position:
            position, moved = reached, monotonic()
        elif monotonic() - moved > limits.no_progress.total_seconds():
            raise LogUnreachable(
                partition.topic,
                f"reading stands at {position} of {end} since {limits.no_progress}; is a replica missing?",
            )


def position_of(consumer: Consumer, partition: Part, limits: Limits) -> int:
    """The offset that the consumer reads next, past markers and aborted records that it has met."""
    position = consumer.position(partition, timeout_ms=milliseconds(limits.request))
    if position is None:
        raise LogUnreachable(partition.topic, f"the position in partition {partition.partition} is unknown")
    return position


def count_records(consumer: Consumer, partition: Part, start: int, end: int, limits: Limits) -> int:
    """How many committed records there are from `start` up to `end`; markers do not count."""
    return sum(map(len, stretch(consumer, partition, start, end, limits)))


def offset_before_the_end(consumer: Consumer, partition: Part, begin: int, end: int, count: int, limits: Limits) -> int:
    """The offset of the record that has `count - 1` committed records after it; `begin` where there are fewer."""
    window = 2 * count + 8  # a transaction of one record takes two offsets
    while count:
        start = max(begin, end - window)
        offsets = [raw.offset for raws in stretch(consumer, partition, start, end, limits) for raw in raws]
        if len(offsets) >= count:
            return offsets[-count]
        if start == begin:
            return begin
        window *= 2
    return end


class KafkaReader:
    """Follows topics; see `wire.log.port.Reader`.  Where retention has overtaken it, it goes on at the beginning."""

    def __init__(self, clients: Clients, names: Names, partitions: Sequence[Part], since: Since) -> None:
        self._clients = clients
        self._names = names
        self._partitions = tuple(partitions)
        self._ahead: list[Record] = []
        self._consumer = clients.follower(reset="earliest")
        self._look_up = clients.look_up()
        with clients.unreachable():
            starts = self._starts(since)
            self._consumer.assign(self._partitions)
            for partition, offset in starts.items():
                self._consumer.seek(partition, offset)

    def _starts(self, since: Since) -> dict[Part, int]:
        begins = self._look_up.beginning_offsets(self._partitions)
        ends = self._look_up.end_offsets(self._partitions)
        times = self._times(since.time)
        return {p: self._start(p, begins[p], ends[p], times.get(p), since) for p in self._partitions}

    def _times(self, time: datetime | None) -> Mapping[Part, int]:
        if time is None:
            return {}
        asked = {partition: round(time.timestamp() * 1000) for partition in self._partitions}
        return {p: found.offset for p, found in self._look_up.offsets_for_times(asked).items() if found is not None}

    def _start(self, partition: Part, begin: int, end: int, at_time: int | None, since: Since) -> int:
        name = (self._names.topic(partition), partition.partition)
        if name in since.offsets:
            return max(begin, since.offsets[name])
        if since.last is not None:
            return offset_before_the_end(self._look_up, partition, begin, end, since.last, self._clients.limits)
        if since.time is not None:
            return end if at_time is None else at_time
        return end if since.at_end else begin

    def read(self, limit: int, wait: timedelta) -> Sequence[Record]:
        """The next committed records, about in the order in which the log took them, at most `limit`."""
        if self._ahead:
            taken, self._ahead = self._ahead[:limit], self._ahead[limit:]
            return taken
        return self._poll(limit, wait)

    def _poll(self, limit: int, wait: timedelta) -> list[Record]:
        with self._clients.unreachable():
            polled = self._consumer.poll(timeout_ms=milliseconds(wait), max_records=limit)
        parts = self._names.records(polled).values()
        # Across partitions the time decides; a merge keeps each one's own order whatever the times are.
        return list(islice(heapq.merge(*parts, key=lambda record: record.timestamp or _LONG_AGO), limit))

    def caught_up(self) -> bool:
        """Whether everything committed before this call has been read; markers at the end do not count."""
        if self._ahead:
            return False
        with self._clients.unreachable():
            ends = self._look_up.end_offsets(self._partitions)
            if not self._before(ends):
                return True
            self._ahead = self._poll(_AHEAD, _SOON)
            return not self._ahead and not self._before(ends)

    def _before(self, ends: Mapping[Part, int]) -> bool:
        return any(position_of(self._consumer, part, self._clients.limits) < end for part, end in ends.items())

    def close(self) -> None:
        """Let go of the connections."""
        close_consumer(self._consumer)
        close_consumer(self._look_up)
