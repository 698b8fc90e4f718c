"""Keys with a time each, asked for in order of time.  Derived from the state: looking changes nothing."""

import heapq
from collections.abc import Iterator
from datetime import datetime


class Timers:
    """At most one time per key.  The answer depends on what was put, never on the order in which it was."""

    def __init__(self) -> None:
        self._times: dict[str, datetime] = {}
        self._heap: list[tuple[datetime, str]] = []  # also holds entries that were replaced or removed

    def put(self, key: str, time: datetime) -> None:
        """Set the time of `key`."""
        before = self._times.get(key)
        if before != time:
            self._times[key] = time
            heapq.heappush(self._heap, (time, key))
            if before is not None:
                self._drop_stale()

    def remove(self, key: str) -> None:
        """Forget `key`; nothing happens where it is not known."""
        self._times.pop(key, None)
        self._drop_stale()

    def before(self, time: datetime) -> Iterator[str]:
        """The keys whose time is before `time`, earliest first, equal times by key."""
        # A walk down the heap, best first: a pop would change the state that a step may only read.
        frontier = [(self._heap[0], 0)] if self._heap else []
        last = None
        while frontier:
            (due, key), place = heapq.heappop(frontier)
            if due >= time:
                return
            for child in (2 * place + 1, 2 * place + 2):
                if child < len(self._heap):
                    heapq.heappush(frontier, (self._heap[child], child))
            if self._times.get(key) == due and (due, key) != last:
                last = (due, key)
                yield key

    def _drop_stale(self) -> None:
        while self._heap and self._times.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
