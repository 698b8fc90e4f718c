"""What waits for one channel, in the order in which it may go: the cost is that of what is due, not of what waits."""

from collections.abc import Generator, Mapping
from datetime import datetime
from heapq import heappop, heappush

from alerts.delivery import Delivery
from wire.messages import StoryId

_Turn = tuple[int, int, str]


class ChannelQueue:
    """The open deliveries of one channel, one line per story: only the head of a line may go.

    What it answers is a function of the deliveries in it; the heaps hold entries that may have passed, which are
    skipped and thrown away when they come up.
    """

    def __init__(self, deliveries: Mapping[str, Delivery]) -> None:
        """`deliveries`: all of the ledger's, by id, as they are now."""
        self._deliveries = deliveries
        self._lines: dict[StoryId, set[str]] = {}
        self._waiting: list[tuple[datetime, str]] = []  # heads, by when they are due
        self._due: list[tuple[_Turn, str]] = []  # heads that are, by their turn
        self._deadlines: list[tuple[datetime, str]] = []  # of heads

    def add(self, delivery: Delivery) -> None:
        """It is open, and as it is now in the ledger."""
        self._lines.setdefault(delivery.story_id, set()).add(delivery.delivery_id)
        self._offer(delivery.story_id)

    def remove(self, delivery: Delivery) -> None:
        """It has ended or changed; a changed one is added again."""
        line = self._lines[delivery.story_id]
        line.discard(delivery.delivery_id)
        if line:
            self._offer(delivery.story_id)
        else:
            del self._lines[delivery.story_id]

    def _offer(self, story_id: StoryId) -> None:
        head = self._head(story_id)
        if head is not None and head.next_try is not None:
            heappush(self._waiting, (head.next_try, head.delivery_id))
            heappush(self._deadlines, (head.deadline, head.delivery_id))

    def _head(self, story_id: StoryId) -> Delivery | None:
        line = (self._deliveries.get(one) for one in self._lines.get(story_id, ()))
        return min((one for one in line if one is not None), key=place, default=None)

    def late(self, now: datetime, most: int) -> list[Delivery]:
        """Heads whose deadline has passed while they waited."""
        found = dict[str, Delivery]()
        passed = list[tuple[datetime, str]]()
        while self._deadlines and self._deadlines[0][0] <= now and len(found) < most:
            entry = heappop(self._deadlines)
            if (head := self._valid(entry[1])) is not None and head.deadline <= now and entry[1] not in found:
                found[entry[1]] = head
                passed.append(entry)
        for entry in passed:
            heappush(self._deadlines, entry)
        return sorted(found.values(), key=turn)

    def due(self, now: datetime) -> Generator[Delivery, None, None]:
        """Heads that may go now, in their turn; those that stay are offered again the next time."""
        while self._waiting and self._waiting[0][0] <= now:
            _, delivery_id = heappop(self._waiting)
            if (head := self._valid(delivery_id)) is not None:
                heappush(self._due, (turn(head), delivery_id))
        taken, seen = list[tuple[_Turn, str]](), set[str]()
        try:
            while self._due:
                entry = heappop(self._due)
                head = self._valid(entry[1])
                if head is None or entry[1] in seen or head.next_try is None:
                    continue
                if head.next_try > now:
                    heappush(self._waiting, (head.next_try, entry[1]))
                    continue
                seen.add(entry[1])
                taken.append(entry)
                yield head
        finally:
            for entry in taken:
                heappush(self._due, entry)

    def _valid(self, delivery_id: str) -> Delivery | None:
        """The delivery, if it waits at the head of its line."""
        one = self._deliveries.get(delivery_id)
        if one is None or one.next_try is None or delivery_id not in self._lines.get(one.story_id, ()):
            return None
        return one if self._head(one.story_id) is one else None


def place(delivery: Delivery) -> tuple[int, str]:
    """Its place among all of its story."""
    return delivery.order, delivery.delivery_id


def turn(delivery: Delivery) -> _Turn:
    """Its place among those that may go."""
    return delivery.urgency, *place(delivery)
