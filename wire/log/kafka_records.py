"""Records and positions as Kafka stores them: names with the prefix, keys as UTF-8, notes in an offset's metadata."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from kafka.structs import OffsetAndMetadata

from wire.log.kafka_client import Part, RawPosition, RawRecord, part
from wire.log.port import NewRecord, Position, Record

_NO_EPOCH = -1  # of the leader; None would make the client try, and fail, for ever
# Header: which commit wrote the record and how many it wrote (`lane:start:number/records`); a torn one can be seen.
TRANSACTION = "ww_tx"


@dataclass(frozen=True, slots=True)
class Names:
    """What our topics and lanes are called on a broker that others may share."""

    prefix: str

    def part(self, topic: str, partition: int) -> Part:
        """The partition of one of our topics."""
        return part(self.prefix + topic, partition)

    def topic(self, partition: Part) -> str:
        """Our name of a partition's topic."""
        return partition.topic.removeprefix(self.prefix)

    def lane(self, name: str) -> str:
        """A lane's group and transactional id."""
        return self.prefix + name

    def record(self, partition: Part, raw: RawRecord) -> Record:
        """A record as stages know it; a key that is not UTF-8 (a stranger's) is read as well as can be."""
        return Record(
            topic=self.topic(partition),
            partition=partition.partition,
            offset=raw.offset,
            key=None if raw.key is None else raw.key.decode("utf-8", "replace"),
            value=raw.value,
            headers=tuple((name, value or b"") for name, value in raw.headers),
            timestamp=datetime.fromtimestamp(raw.timestamp / 1000, UTC) if raw.timestamp >= 0 else None,
        )

    def records(self, polled: Mapping[Part, Iterable[RawRecord]]) -> dict[Part, list[Record]]:
        """What a consumer returned, as stages know it."""
        return {partition: [self.record(partition, raw) for raw in raws] for partition, raws in polled.items()}


@dataclass(frozen=True, slots=True)
class Outbound:
    """A record, encoded and ready to be sent: what can fail for reasons of ours has not failed."""

    topic: str
    partition: int
    key: bytes
    value: bytes | None
    headers: list[tuple[str, bytes]]


def outbound(names: Names, record: NewRecord, transaction: str | None = None) -> Outbound:
    """`record` as the client takes it."""
    mark = [] if transaction is None else [(TRANSACTION, transaction.encode())]
    return Outbound(
        names.prefix + record.topic,
        record.partition,
        record.key.encode(),
        record.value,
        [*record.headers, *mark],
    )


class _Metadata(msgspec.Struct, frozen=True):
    """What is committed beside an offset."""

    at: datetime
    note: str = ""
    transaction: str = ""  # as in the header of the records that were committed with it; none in older positions


def stored_position(offset: int, note: str, at: datetime, transaction: str) -> RawPosition:
    """An offset with its note and the name of its transaction, as it is committed."""
    said = _Metadata(at, note, transaction)
    stored: RawPosition = OffsetAndMetadata(offset, msgspec.json.encode(said).decode(), _NO_EPOCH)
    return stored


def read_position(topic: str, partition: int, raw: RawPosition) -> Position:
    """A committed offset with its note; metadata that is not ours (an operator has moved the offset) reads as none."""
    try:
        said = msgspec.json.decode(raw.metadata or "", type=_Metadata)
    except (msgspec.MsgspecError, ValueError):
        return Position(topic=topic, partition=partition, offset=raw.offset)
    return Position(topic=topic, partition=partition, offset=raw.offset, note=said.note, at=said.at.astimezone(UTC))


def transaction_of(raw: RawPosition) -> str:
    """The transaction that committed this offset; empty where its metadata does not say."""
    try:
        return msgspec.json.decode(raw.metadata or "", type=_Metadata).transaction
    except (msgspec.MsgspecError, ValueError):
        return ""
