"""Which feeds are due: an ordered list, so that asking costs what is due, not what is held."""

from bisect import bisect_left, insort
from datetime import UTC, datetime
from itertools import takewhile

_AT_ONCE = datetime.min.replace(tzinfo=UTC)


class Timetable:
    """The time of the next poll of each feed; a feed without one is due at once."""

    def __init__(self, feeds: list[str]) -> None:
        self._times = dict.fromkeys(feeds, _AT_ONCE)
        self._order = sorted((_AT_ONCE, feed) for feed in feeds)

    def set(self, feed: str, at: datetime) -> None:
        """Move `feed` to `at`; a feed that is not in the table stays out of it."""
        before = self._times.get(feed)
        if before is None:
            return
        del self._order[bisect_left(self._order, (before, feed))]
        insort(self._order, (at, feed))
        self._times[feed] = at

    def due(self, now: datetime, limit: int) -> list[str]:
        """Feeds whose time has come, the longest due first."""
        return [feed for _, feed in takewhile(lambda entry: entry[0] <= now, self._order[:limit])]
