"""Print a topic's records until its end, or for as long as the reader wants."""

import sys
from collections.abc import Iterator
from datetime import timedelta
from time import monotonic

from console.options import say
from console.topics.tail import Filter, details, json_line, read_message, readable_line
from wire.log.port import Log, Record, Since

PAGE = 500
WAIT = timedelta(milliseconds=500)
# A reader whose pages are full for so long is asked how far behind it is.
LOOK_EVERY = timedelta(seconds=5)
# Fewer records are a burst, not a tail that cannot keep up.
BEHIND = 2 * PAGE


class Pace:
    """Notices when a tail that follows falls behind, and says so at most every few seconds."""

    def __init__(self, log: Log, topic: str) -> None:
        self._log = log
        self._topic = topic
        self._next: dict[tuple[str, int], int] = {}
        self._looked = monotonic()

    def notice(self, records: list[Record]) -> str | None:
        """What to say after this page; None while all is well."""
        for record in records:
            self._next[record.topic, record.partition] = record.offset + 1
        if len(records) < PAGE or monotonic() - self._looked < LOOK_EVERY.total_seconds():
            return None
        self._looked = monotonic()
        bounds = self._log.bounds([self._topic])
        behind = sum(max(0, bounds[name][1] - following) for name, following in self._next.items())
        return f"tail is {behind} records behind {self._topic}" if behind > BEHIND else None


def follow_topic(
    log: Log,
    topic: str,
    since: Since,
    chosen: Filter,
    *,
    as_json: bool,
    follow: bool,
    detailed: bool = False,
    count: int | None = None,
) -> None:
    """Print what `chosen` lets pass, from `since` on; without `follow` end when all that was committed is shown.

    Args:
        log: where from.
        topic: what is read.
        since: where to begin.
        chosen: what is shown.
        as_json: for machines.
        follow: go on as records come.
        detailed: more lines for each record.
        count: end after so many records were shown.
    """
    left = count
    reader = log.reader([topic], since)
    pace = Pace(log, topic)
    try:
        while True:
            records = list(reader.read(PAGE, WAIT))
            blocks = [block for record in records if (block := list(_lines(log, record, chosen, as_json, detailed)))]
            if blocks[:left]:
                sys.stdout.write("".join(f"{line}\n" for block in blocks[:left] for line in block))
                sys.stdout.flush()
            if left is not None and (left := left - len(blocks)) <= 0:
                return
            if follow and (said := pace.notice(records)):
                say(said)
            if not records and not follow and reader.caught_up():
                return
    finally:
        reader.close()


def _lines(log: Log, record: Record, chosen: Filter, as_json: bool, detailed: bool) -> Iterator[str]:
    message = read_message(record, log.topics)
    if chosen.passes(message):
        yield json_line(record).decode() if as_json else readable_line(record, message)
        if detailed and not as_json:
            yield from details(record, message)
