"""Effects to records: encoded, sized, addressed to their partitions, with their headers."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from wire.codec import encode
from wire.errors import TooLarge
from wire.headers import REPLAY, event_headers, header
from wire.log.port import LaneSpec, NewRecord, Record, partition_of
from wire.messages import DeadLetter, HeaderPair
from wire.stage import Change, Effects, Failure, Output
from wire.stamps import stamps
from wire.topics import DEAD_LETTERS, DEAD_VALUE_LIMIT_BYTES, RECORD_LIMIT_BYTES, Topic


class Outgoing:
    """Turns the effects of one lane's steps into the records that are committed."""

    def __init__(self, spec: LaneSpec, topics: Mapping[str, Topic], program: str, *, replay_until: int = 0) -> None:
        """`replay_until`: what follows from records of the main input before this offset is marked as a replay."""
        self._replayed = (*spec.inputs[0], replay_until)
        self._spec = spec
        self._topics = topics
        self._program = program

    def encode(self, effects: Effects, cause: Record, now: datetime) -> list[NewRecord]:
        """The records of `effects`, state changes first.

        Raises:
            BadRecord: a message cannot be encoded, or a record is larger than any may be.
        """
        return [*self._changes(effects), *(self._output(output, cause, now) for output in effects.outputs)]

    def _changes(self, effects: Effects) -> Iterator[NewRecord]:
        state = self._spec.state
        for change in effects.changes:
            assert state is not None, f"{self._spec.place.name} has no state topic"
            yield _sized(NewRecord(topic=state[0], partition=state[1], key=_own(change), value=_value(change)))

    def _output(self, output: Output, cause: Record, now: datetime) -> NewRecord:
        value = encode(output.message)
        headers = (
            *stamps(cause, output.message),
            *event_headers(
                cause=cause,
                stage=self._spec.name,
                kind=type(output.message).__name__,
                key=output.key,
                value=value,
                now=now,
            ),
        )
        if self._is_replay(cause):
            headers = (*headers, (REPLAY, b"1"))
        partition = partition_of(output.key, self._topics[output.topic].partitions)
        return _sized(NewRecord(topic=output.topic, partition=partition, key=output.key, value=value, headers=headers))

    def _is_replay(self, cause: Record) -> bool:
        """Whether the cause is read again after a reset, or stems from such a record."""
        topic, partition, until = self._replayed
        again = (cause.topic, cause.partition) == (topic, partition) and cause.offset < until
        return again or header(cause, REPLAY) is not None

    def dead_letter(self, record: Record, failure: Failure, now: datetime) -> NewRecord:
        """The dead letter of `record`; always small enough, whatever the record was."""
        letter = DeadLetter(
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            key=_readable(record.key),
            headers=tuple(
                HeaderPair(name[:200], value[:500].decode("utf-8", "replace")) for name, value in record.headers[:32]
            ),
            value=None if record.value is None else record.value[:DEAD_VALUE_LIMIT_BYTES],
            size_bytes=len(record.value or b""),
            stage=self._spec.name,
            program=self._program,
            code=failure.code,
            reason=_readable(failure.reason) or "",
            at=now,
        )
        return self._output(Output(DEAD_LETTERS, record.origin, letter), record, now)


def _own(change: Change) -> str:
    assert not change.key.startswith("@"), "keys that begin with @ are the log's own"
    return change.key


def _value(change: Change) -> bytes | None:
    return None if change.value is None else encode(change.value)


def _readable(text: str | None) -> str | None:
    return None if text is None else text[:4000].encode("utf-8", "backslashreplace").decode()


def _sized(record: NewRecord) -> NewRecord:
    headers = sum(len(name) + len(value) for name, value in record.headers)
    size = len(record.key.encode()) + len(record.value or b"") + headers
    if size > RECORD_LIMIT_BYTES:
        raise TooLarge(record.topic, record.key[:200], size, RECORD_LIMIT_BYTES)
    return record
