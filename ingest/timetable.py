"""Which feeds are due, few of one host at a time: asking costs what is due, not what is held."""

import zlib
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

_AT_ONCE = datetime.min.replace(tzinfo=UTC)
Entry = tuple[datetime, str]


class Timetable:
    """The time of the next poll of each feed; a feed without one is due at once.

    Feeds of one host stand in line: at most `per_host` of them are due at a time, those that have waited longest.
    Such a feed stays due until its time is set, so the ones under way keep their places in that line.
    """

    def __init__(self, *, per_host: int) -> None:
        self._per_host = per_host
        self._times: dict[str, datetime] = {}
        self._hosts: dict[str, str] = {}
        self._lines: dict[str, list[Entry]] = defaultdict(list)  # by host, in order of time
        self._order: list[Entry] = []  # the head of each host's line, in order of time

    def add(self, feed: str, host: str) -> None:
        """Take in a feed, due at once."""
        self._times[feed], self._hosts[feed] = _AT_ONCE, host
        self._insert(feed, _AT_ONCE)

    def remove(self, feed: str) -> None:
        """Forget a feed; one that is not known stays so."""
        if feed in self._times:
            self._take_out(feed)
            del self._times[feed], self._hosts[feed]

    def set(self, feed: str, at: datetime) -> None:
        """Move `feed` to `at`; a feed that is not in the table stays out of it."""
        if feed in self._times:
            self._take_out(feed)
            self._insert(feed, at)

    def due(self, now: datetime, limit: int) -> list[str]:
        """Feeds whose time has come, the longest due first; at most about `limit`."""
        found: list[Entry] = []
        for head, host in self._order:
            if head > now or len(found) >= limit:
                break
            found += [entry for entry in self._lines[host][: self._per_host] if entry[0] <= now]
        return [feed for _, feed in sorted(found)]

    def spread(self, now: datetime, per_second: float) -> None:
        """Let the feeds that are due at `now` come one after another, in an order that is the same in every start."""
        if per_second <= 0:
            return
        waiting = sorted(self._waiting(now), key=lambda feed: (zlib.crc32(feed.encode()), feed))
        for place, feed in enumerate(waiting):
            self.set(feed, now + timedelta(seconds=place / per_second))

    def _waiting(self, now: datetime) -> Iterator[str]:
        return (feed for feed, at in self._times.items() if at <= now)

    def _insert(self, feed: str, at: datetime) -> None:
        host = self._hosts[feed]
        self._times[feed] = at
        line = self._lines[host]
        before = line[0][0] if line else None
        insort(line, (at, feed))
        self._reorder(host, before)

    def _take_out(self, feed: str) -> None:
        host = self._hosts[feed]
        line = self._lines[host]
        before = line[0][0]
        del line[bisect_left(line, (self._times[feed], feed))]
        self._reorder(host, before)

    def _reorder(self, host: str, before: datetime | None) -> None:
        """Put the host where its line's head belongs; `before` is where it stood."""
        line = self._lines[host]
        head = line[0][0] if line else None
        if head == before:
            return
        if before is not None:
            del self._order[bisect_left(self._order, (before, host))]
        if head is not None:
            insort(self._order, (head, host))
        else:
            del self._lines[host]
