"""The ledger: every delivery, and what is due.  State of the stage `deliver`, in `news.deliveries`.

| key | record | removed |
| --- | --- | --- |
| `delivery:<delivery>` | `Delivery` | when the alert has left `news.alerts` |
| `alert:<alert>` | `Alert`, once for all its channels | when its last delivery has ended |
| `pause:<channel>` | `Pause`: the channel asked for a break | never; one per channel |
"""

from collections.abc import Iterator, Set
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import chain, zip_longest

from alerts.delivery import Delivery, DeliveryState
from wire.codec import decode
from wire.log.port import Record
from wire.messages import Alert, Message, StoryId, UtcTime

# As long as alerts stay in their topic: an alert read twice is known for that long.
ENDED_FOR = timedelta(days=365)


class Pause(Message, frozen=True, kw_only=True):
    """Nothing is sent through the channel before `until`."""

    channel: str
    until: UtcTime


def delivery_key(delivery_id: str) -> str:
    """Where `Delivery` is kept."""
    return f"delivery:{delivery_id}"


def alert_key(alert_id: str) -> str:
    """Where the alert of open deliveries is kept."""
    return f"alert:{alert_id}"


def pause_key(channel: str) -> str:
    """Where `Pause` is kept."""
    return f"pause:{channel}"


class Ledger:
    """The state in memory: a function of the last value per key, whatever the order of the keys.

    The open deliveries of one channel and story stand in a line: only its head is sent, so that order is kept.
    """

    def __init__(self) -> None:
        self.deliveries: dict[str, Delivery] = {}
        self._alerts: dict[str, Alert] = {}
        self._pauses: dict[str, Pause] = {}
        self._open_of: dict[str, set[str]] = {}  # alert -> open deliveries
        self._lines: dict[str, dict[StoryId, set[str]]] = {}  # channel -> story -> open deliveries
        self._sending: dict[str, set[str]] = {}  # channel -> deliveries
        self._ended: list[tuple[datetime, str]] = []  # heap; what is no longer true is skipped

    def fold(self, record: Record) -> None:
        """Take one record of the state topic; kinds of a newer program are left alone."""
        kind, _, name = (record.key or "").partition(":")
        if kind == "delivery":
            self._fold_delivery(name, None if record.value is None else decode(record.value, Delivery))
        elif kind == "alert":
            self._alerts.pop(name, None)
            if record.value is not None:
                self._alerts[name] = decode(record.value, Alert)
        elif kind == "pause":
            self._pauses.pop(name, None)
            if record.value is not None:
                self._pauses[name] = decode(record.value, Pause)

    def _fold_delivery(self, delivery_id: str, delivery: Delivery | None) -> None:
        if (old := self.deliveries.pop(delivery_id, None)) is not None and old.open:
            self._open_of[old.alert_id].discard(delivery_id)
            if not self._open_of[old.alert_id]:
                del self._open_of[old.alert_id]
            line = self._lines[old.channel][old.story_id]
            line.discard(delivery_id)
            if not line:
                del self._lines[old.channel][old.story_id]
            self._sending.setdefault(old.channel, set()).discard(delivery_id)
        if delivery is None:
            return
        self.deliveries[delivery_id] = delivery
        if delivery.ended is not None:
            heappush(self._ended, (delivery.ended, delivery_id))
            return
        self._open_of.setdefault(delivery.alert_id, set()).add(delivery_id)
        self._lines.setdefault(delivery.channel, {}).setdefault(delivery.story_id, set()).add(delivery_id)
        if delivery.state is DeliveryState.SENDING:
            self._sending.setdefault(delivery.channel, set()).add(delivery_id)

    def alert(self, alert_id: str) -> Alert:
        """The alert of an open delivery."""
        return self._alerts[alert_id]

    def open_of(self, alert_id: str) -> Set[str]:
        """The ids of the alert's deliveries that have not ended."""
        return self._open_of.get(alert_id, set())

    def sending(self) -> list[Delivery]:
        """Those that were being sent when the state was written, in order."""
        found = [self.deliveries[delivery_id] for those in self._sending.values() for delivery_id in those]
        return sorted(found, key=_place)

    def due(self, now: datetime, *, per_channel: int, limit: int) -> list[Delivery]:
        """Deliveries whose next try may begin: at most `per_channel` under way in one channel, channels in turn."""
        lanes = [list(self._due_in(channel, now, per_channel)) for channel in sorted(self._lines)]
        in_turn = chain.from_iterable(zip_longest(*lanes))
        return [delivery for delivery in in_turn if delivery is not None][:limit]

    def _due_in(self, channel: str, now: datetime, per_channel: int) -> Iterator[Delivery]:
        heads = (self._head(line) for line in self._lines[channel].values())
        due = sorted((head for head in heads if head.is_due(now)), key=_place)
        late = [delivery for delivery in due if delivery.deadline <= now]
        yield from late
        if not self._paused(channel, now):
            room = per_channel - len(self._sending.get(channel, ()))
            yield from [delivery for delivery in due if delivery.deadline > now][: max(room, 0)]

    def _head(self, line: set[str]) -> Delivery:
        return min((self.deliveries[delivery_id] for delivery_id in line), key=_place)

    def _paused(self, channel: str, now: datetime) -> bool:
        pause = self._pauses.get(channel)
        return pause is not None and now < pause.until

    def outdated(self, now: datetime) -> str | None:
        """The id of the longest ended delivery that nobody needs to know any more; None where there is none."""
        while self._ended:
            ended, delivery_id = self._ended[0]
            if (delivery := self.deliveries.get(delivery_id)) is not None and delivery.ended == ended:
                return delivery_id if ended + ENDED_FOR < now else None
            heappop(self._ended)
        return None


def _place(delivery: Delivery) -> tuple[int, str]:
    return delivery.order, delivery.delivery_id
