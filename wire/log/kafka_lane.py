"""A lane on Kafka: a transactional producer that fences, a read ahead of the inputs, one transaction per commit."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from itertools import count
from time import monotonic, sleep

import msgspec
from kafka.errors import KafkaTimeoutError

from wire.clock import Clock
from wire.crash import crash_point
from wire.errors import CommitFailed, PositionHeld, PositionLost
from wire.log.kafka_ahead import ReadAhead
from wire.log.kafka_client import Clients, Consumer, Guard, Part, Producer, RawPosition, Sent, close_consumer
from wire.log.kafka_positions import committed, is_later, state_is_ahead, waiting
from wire.log.kafka_reader import stretch
from wire.log.kafka_records import Names, Outbound, outbound, read_position, stored_position, transaction_of
from wire.log.port import LaneSpec, NewRecord, Position, Record, last_per_key

_log = logging.getLogger(__name__)
BORN = "@born"  # key of the state record that says which inputs this lane has had a position in
_GIVEN_UP = b"@given up"  # key of records that nobody ever reads
_A_MOMENT = timedelta(seconds=2)
_AGAIN = timedelta(milliseconds=200)


class _Born(msgspec.Struct, frozen=True):
    inputs: tuple[tuple[str, int], ...] = ()


class KafkaLane:
    """The exclusive right to one lane; see `wire.log.port.Lane` for the contract.

    After any exception the object is spent and the process must end: nothing here is repaired or tried again.
    """

    def __init__(
        self,
        spec: LaneSpec,
        clients: Clients,
        names: Names,
        guard: Guard,
        clock: Clock,
        *,
        written: Sequence[Part],
        though_lost: bool = False,
    ) -> None:
        """Take the lane; `written` are all the partitions that it may ever write."""
        self.spec = spec
        self._clients = clients
        self._names = names
        self._guard = guard
        self._clock = clock
        self._inputs = {names.part(*name): name for name in spec.inputs}
        self._main = names.part(*spec.inputs[0])
        self._state = None if spec.state is None else names.part(*spec.state)
        self._written = written
        self._mark = f"{spec.name}:{round(clock.now().timestamp() * 1000)}"
        self._numbers = count(1)
        self._in_doubt = False
        with ExitStack() as undo:
            self._producer = self._owner()
            undo.callback(lambda: self._producer.close(timeout=0))
            crash_point("lane taken")
            self._look_up = clients.look_up(group=names.lane(spec.name))
            undo.callback(close_consumer, self._look_up)
            self._ahead = ReadAhead(clients, names, spec.name, guard)
            self._take_positions(though_lost=though_lost)
            undo.pop_all()

    def _owner(self) -> Producer:
        """A producer that fences whoever had the lane, and has ended what that one left open."""
        producer = self._clients.producer(transaction=self._names.lane(self.spec.name))
        with ExitStack() as undo:
            undo.callback(producer.close, timeout=0)
            with self._guard("take the lane", self._clients.limits.block + _A_MOMENT), self._clients.unreachable():
                producer.init_transactions()
            undo.pop_all()
        return producer

    def _take_positions(self, *, though_lost: bool) -> None:
        with self._clients.unreachable():
            found = self._committed(though_lost=though_lost)
            begins = self._look_up.beginning_offsets(tuple(self._inputs))
            ends = self._look_up.end_offsets(tuple(self._inputs))
        if though_lost:
            found = {part: one for part, one in found.items() if begins[part] <= one.offset <= ends[part]}
        self._refuse_gaps(found, begins, ends)
        new = [part for part in self._inputs if part not in found]
        born = self._born() if new and not though_lost else None
        self._refuse_lost(new, born)
        starts = ends if self.spec.place.begins_at_end else begins
        self._next = {part: found[part].offset if part in found else starts[part] for part in self._inputs}
        self._handed = dict(self._next)
        self.note = found[self._main].note if self._main in found else ""
        self.first_start = self._main not in found
        if new:
            # Where a stage begins is settled once: one that begins at the end misses nothing if it dies at once.
            self._transact(self._birth_record(), self.note)

    def _committed(self, *, though_lost: bool) -> dict[Part, Position]:
        """Positions by input; none is read while a transaction that moves it has not ended."""
        beside = self._clients.look_up(group=self._names.lane(self.spec.name), waits=False)
        try:
            waits = self._waiting(beside)
            unmoved = committed(beside, self._inputs, self._clients.limits.transaction)
        finally:
            close_consumer(beside)
        main = unmoved.get(self._main)
        if not though_lost:
            self._refuse_half_a_state(waits, main)
        found = None if waits and (though_lost or self._given_up(waits, main)) else self._told()
        if found is None:
            _log.warning("the broker has forgotten to end a transaction; ending it", extra={"lane": self.spec.name})
            if not though_lost:
                self._refuse_half_a_commit(main)
            self._end_what_was_forgotten(unmoved)
            found = self._told()
        if found is None:
            raise PositionHeld(self.spec.name, self._clients.where)
        return {part: read_position(*self._inputs[part], raw) for part, raw in found.items()}

    def _waiting(self, beside: Consumer) -> Mapping[Part, Sequence[str]]:
        """What has not ended within two request times: a replica that becomes the leader may show an end late."""
        until = monotonic() + self._clients.limits.round_trip.total_seconds()
        while True:
            found = waiting(self._look_up, beside, self._written, self.spec.name, self._clients.limits)
            if not found or monotonic() > until:
                return found
            sleep(_AGAIN.total_seconds())

    def _given_up(self, waits: Mapping[Part, Sequence[str]], position: RawPosition | None) -> bool:
        """Whether something waits of a transaction after the one that the position is from: that one does not count."""
        last = self._last(position)
        return any(is_later(mark, last) for marks in waits.values() for mark in marks)

    def _last(self, position: RawPosition | None) -> str:
        return f"{self.spec.name}:0:0" if position is None else transaction_of(position)

    def _refuse_half_a_state(self, waits: Mapping[Part, Sequence[str]], position: RawPosition | None) -> None:
        last = self._last(position)
        in_state = waits.get(self._state, ()) if self._state else ()
        if last and not all(is_later(mark, last) for mark in in_state):
            lacks = "its state waits for the end of a commit that counts"
            raise PositionLost(self.spec.name, self.spec.inputs[0][0], lacks)

    def _refuse_half_a_commit(self, position: RawPosition | None) -> None:
        """What waits may be half of a commit; where the state is its other half, going on would double that."""
        if self._state is None or position is None:
            return
        if state_is_ahead(self._look_up, self._state, position, self._clients.limits):
            raise PositionLost(self.spec.name, self.spec.inputs[0][0], "its state is from a later commit")

    def _told(self) -> dict[Part, RawPosition] | None:
        """Positions; None where the broker keeps one back."""
        try:
            return committed(self._look_up, self._inputs, self._clients.limits.round_trip)
        except KafkaTimeoutError:
            return None

    def _end_what_was_forgotten(self, unmoved: Mapping[Part, RawPosition]) -> None:
        """Give up a transaction in all places where the lane writes: with it goes all that waits there of its producer.

        That is right for a transaction that was given up and for what came again after its transaction's end.
        """
        nothing = [Outbound(part.topic, part.partition, _GIVEN_UP, None, []) for part in self._written]
        self._write_unended(nothing, unmoved)
        # The client would send the offsets of a transaction that it gave up with its next one: its successor gives up.
        self._producer.close(timeout=0)
        self._producer = self._owner()
        _log.warning("it is ended; nothing of it counts", extra={"lane": self.spec.name})

    def _refuse_gaps(
        self, found: Mapping[Part, Position], begins: Mapping[Part, int], ends: Mapping[Part, int]
    ) -> None:
        for part, position in found.items():
            if not begins[part] <= position.offset <= ends[part]:
                raise PositionLost(
                    self.spec.name,
                    position.topic,
                    f"it stands at {position.offset}, the log has {begins[part]} to {ends[part]}",
                )

    def _born(self) -> _Born | None:
        if self._state is None:
            return None
        value = self._last_values(self._state).get(BORN.encode())
        return None if value is None else msgspec.json.decode(value, type=_Born)

    def _refuse_lost(self, new: Sequence[Part], born: _Born | None) -> None:
        lost = [self._inputs[part] for part in new if born is not None and self._inputs[part] in born.inputs]
        if lost:
            raise PositionLost(self.spec.name, lost[0][0], "its position is gone, its state is not")

    def _birth_record(self) -> list[NewRecord]:
        if self.spec.state is None:
            return []
        value = msgspec.json.encode(_Born(self.spec.inputs))
        return [NewRecord(topic=self.spec.state[0], partition=self.spec.state[1], key=BORN, value=value)]

    def restore(self) -> Iterator[Record]:
        """The state topic's last value per key, without tombstones and the log's own records; before the first poll."""
        if self.spec.state is None:
            return
        topic, partition = self.spec.state
        for key, value in self._last_values(self._names.part(topic, partition)).items():
            if value is not None and not key.startswith(b"@"):
                yield Record(topic=topic, partition=partition, key=key.decode("utf-8", "replace"), value=value)

    def _last_values(self, state: Part) -> dict[bytes, bytes | None]:
        """By key; values alone, since there may be hundreds of thousands."""
        last: dict[bytes, bytes | None] = {}
        with self._clients.unreachable():
            begin = self._look_up.beginning_offsets([state])[state]
            end = self._look_up.end_offsets([state])[state]
            for raws in stretch(self._look_up, state, begin, end, self._clients.limits):
                last |= {raw.key or b"": raw.value for raw in raws}
        return last

    def poll(self, limit: int, wait: timedelta) -> Sequence[Record]:
        """The next records of the inputs, at most `limit`, and at most 8 MiB where that is more than one."""
        if not self._ahead.started:
            close_consumer(self._look_up)
            self._ahead.start(self._next)
        taken = self._ahead.take(limit, wait)
        for part, record in taken:
            self._handed[part] = record.offset + 1
        return [record for _, record in taken]

    def commit(self, writes: Sequence[NewRecord], taken: Sequence[Record], note: str = "") -> None:
        """Write everything and move the inputs past `taken`, or nothing; any failure is a doubt."""
        for record in taken:
            part = self._names.part(record.topic, record.partition)
            self._next[part] = max(self._next[part], record.offset + 1)
        self._transact(last_per_key(writes, self.spec.place.state), note)

    def _positions(self) -> dict[Part, int]:
        """After what was taken; where all that was handed out was taken, also past markers and aborted records."""
        following = self._ahead.following()
        return {
            part: max(offset, following.get(part, offset)) if offset >= self._handed[part] else offset
            for part, offset in self._next.items()
        }

    def _transact(self, writes: Sequence[NewRecord], note: str) -> None:
        mark = f"{self._mark}:{next(self._numbers)}/{len(writes)}"
        with self._doubtful():
            now = self._clock.now()
            # Every input each time: Kafka forgets a partition's position 7 days after its own last commit.
            positions = {
                part: stored_position(offset, note if part == self._main else "", now, mark)
                for part, offset in self._positions().items()
            }
            self._one_transaction([outbound(self._names, write, mark) for write in writes], positions)

    def _one_transaction(self, writes: Sequence[Outbound], positions: Mapping[Part, RawPosition]) -> None:
        limits, begun = self._clients.limits, monotonic()
        self._write_unended(writes, positions)
        _refuse_late(begun, limits.transaction - limits.round_trip)
        with self._guard("commit", limits.round_trip):
            self._producer.commit_transaction()
        crash_point("kafka ended")
        # A process that was stopped meanwhile cannot know whether the broker had given the transaction up.
        _refuse_late(begun, limits.transaction)

    def _write_unended(self, writes: Sequence[Outbound], positions: Mapping[Part, RawPosition]) -> None:
        """The client's commit may return although nothing, or the positions alone, was written; these steps show it."""
        limits, producer = self._clients.limits, self._producer
        producer.begin_transaction()
        crash_point("kafka begun")
        with self._guard("send", limits.block + _A_MOMENT):
            sent = [producer.send(w.topic, w.value, w.key, w.headers, w.partition) for w in writes]
        crash_point("kafka sent")
        with self._guard("flush", limits.flush):
            producer.flush(timeout=limits.delivery.total_seconds() + 1)
        refuse_unwritten(sent)
        crash_point("kafka flushed")
        with self._guard("send offsets", limits.round_trip):
            producer.send_offsets_to_transaction(positions, self._names.lane(self.spec.name))
        crash_point("kafka offsets sent")

    @contextmanager
    def _doubtful(self) -> Iterator[None]:
        if self._in_doubt:
            raise CommitFailed(self.spec.name, "an earlier commit of this process is in doubt")
        self._in_doubt = True
        try:
            yield
        except Exception as error:
            raise CommitFailed(self.spec.name, f"{type(error).__name__}: {error}") from error
        self._in_doubt = False

    def seek(self, positions: Mapping[tuple[str, int], int]) -> None:
        """Read on from these offsets; in force with the next commit."""
        self._next |= {self._names.part(*name): offset for name, offset in positions.items()}
        self._handed |= {self._names.part(*name): offset + 1 for name, offset in positions.items()}

    def wake(self) -> None:
        """End a poll that waits; from any thread."""
        self._ahead.wake()

    def close(self) -> None:
        """Let go of connections; writes nothing."""
        self._ahead.close()
        close_consumer(self._look_up)
        self._producer.close(timeout=0 if self._in_doubt else 1)


def refuse_unwritten(sent: Sequence[Sent]) -> None:
    """Raise what became of a record that was not written: the client's flush and commit keep silent about it."""
    for record in sent:
        record.get(timeout=0)


def _refuse_late(begun: float, limit: timedelta) -> None:
    if monotonic() - begun > limit.total_seconds():
        raise TimeoutError(f"the transaction lasted longer than {limit}")
