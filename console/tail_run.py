"""Print a topic's records until its end, or for as long as the reader wants."""

import sys
from datetime import timedelta

from console.tail import Filter, json_line, read_message, readable_line
from wire.log.port import Log, Record, Since

PAGE = 500
WAIT = timedelta(milliseconds=500)


def follow_topic(log: Log, topic: str, since: Since, chosen: Filter, *, as_json: bool, follow: bool) -> None:
    """Print what `chosen` lets pass, from `since` on; without `follow` end when all that was committed is shown."""
    reader = log.reader([topic], since)
    try:
        while True:
            records = reader.read(PAGE, WAIT)
            for record in records:
                _print(log, record, chosen, as_json=as_json)
            sys.stdout.flush()
            if not records and not follow and reader.caught_up():
                return
    finally:
        reader.close()


def _print(log: Log, record: Record, chosen: Filter, *, as_json: bool) -> None:
    message = read_message(record, log.topics)
    if chosen.passes(message):
        line = json_line(record).decode() if as_json else readable_line(record, message)
        sys.stdout.write(line + "\n")
