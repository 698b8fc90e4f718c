"""Read a few records of a log that stands elsewhere, where an empty page says nothing yet."""

from datetime import timedelta

from wire.log.port import Reader, Record

_WAIT = timedelta(milliseconds=500)


def next_records(reader: Reader, limit: int) -> list[Record]:
    """The next records, fewer than `limit` only where the reader has caught up.

    A new Kafka consumer may answer its first questions with nothing, while it still finds out whom to ask.
    """
    found: list[Record] = []
    while len(found) < limit and not reader.caught_up():
        found += reader.read(limit - len(found), _WAIT)
    return found
