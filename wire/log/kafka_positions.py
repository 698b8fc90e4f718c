"""Where a lane stands, as the broker tells it, and what the broker has forgotten to end.

Whoever takes a lane ends the transaction of the lane's last owner.  A broker that is started again after a crash may
take partitions without a leader for deleted ones, and end a transaction without telling them (seen with Kafka 4.3.1):
its offsets then wait for ever, and its records hold up every reader.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from wire.log.kafka_client import Consumer, Limits, Part, RawPosition, milliseconds
from wire.log.kafka_reader import offset_before_the_end, stretch
from wire.log.kafka_records import TRANSACTION, transaction_of


def committed(consumer: Consumer, parts: Iterable[Part], limit: timedelta) -> dict[Part, RawPosition]:
    """The committed positions of the consumer's group; none for a part that has none.

    Raises:
        KafkaTimeoutError: the broker keeps one back, or cannot be reached, for `limit`.
    """
    asked = {part: consumer.committed(part, metadata=True, timeout_ms=milliseconds(limit)) for part in parts}
    return {part: raw for part, raw in asked.items() if raw is not None}


def waiting(
    consumer: Consumer, beside: Consumer, parts: Sequence[Part], lane: str, limits: Limits
) -> dict[Part, list[str]]:
    """The transactions of a lane's records that may wait for an end, by partition; none where none does.

    Where other lanes write too, they may as well have ended and stand behind another's record that waits.

    Args:
        consumer: one that reads up to the first record that waits.
        beside: one that reads all.
    """
    begins, ends = consumer.end_offsets(parts), beside.end_offsets(parts)
    found = {
        part: [m for m in _marks(beside, part, begins[part], ends[part], limits) if m.startswith(f"{lane}:")]
        for part in parts
        if begins[part] < ends[part]
    }
    return {part: marks for part, marks in found.items() if marks}


def state_is_ahead(consumer: Consumer, state: Part, position: RawPosition, limits: Limits) -> bool:
    """Whether the state was written by a later commit than the position: then half of that commit is missing."""
    end = consumer.end_offsets([state])[state]
    begin = offset_before_the_end(consumer, state, consumer.beginning_offsets([state])[state], end, 1, limits)
    marks = list(_marks(consumer, state, begin, end, limits))
    return bool(marks) and is_later(marks[-1], transaction_of(position))


def _marks(consumer: Consumer, part: Part, begin: int, end: int, limits: Limits) -> Iterator[str]:
    for raws in stretch(consumer, part, begin, end, limits):
        for raw in raws:
            yield from ((value or b"").decode("utf-8", "replace") for name, value in raw.headers if name == TRANSACTION)


def is_later(transaction: str, than: str) -> bool:
    """Whether one transaction of a lane came after another of it; no for names that say nothing (`lane:start:number`).

    By the clock of the process that wrote it, and within one process by number.
    """
    one, other = _order(transaction), _order(than)
    return one is not None and other is not None and one > other


def _order(transaction: str) -> tuple[int, int] | None:
    try:
        _, start, number = transaction.rsplit(":", 2)
        return int(start), int(number.partition("/")[0])
    except ValueError:
        return None
