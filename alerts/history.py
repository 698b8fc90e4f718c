"""History through the very stage: the same step over old story events.  Pure."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from alerts.stage import Alerts
from wire.codec import encode
from wire.log.port import Record
from wire.messages import Alert
from wire.topics import WATCH_STATE

_NOW = datetime(2000, 1, 1, tzinfo=UTC)  # the stage does not look at it


def replayed(stage: Alerts, records: Iterable[Record]) -> Iterator[Alert]:
    """What `stage` tells of these story events, in their order, as it would have when they came.

    Raises:
        BadRecord: a record is no story event.
    """
    for record in records:
        effects = stage.step(record, _NOW)
        for change in effects.changes:
            value = None if change.value is None else encode(change.value)
            stage.fold(Record(topic=WATCH_STATE, key=change.key, value=value))
        yield from (output.message for output in effects.outputs if isinstance(output.message, Alert))
