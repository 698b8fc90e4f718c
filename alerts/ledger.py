"""The ledger: every delivery, and what is due.  The records behind it: `alerts.entries`."""

from collections.abc import Hashable, Iterator, Mapping, Set
from contextlib import closing
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import chain, islice, zip_longest
from math import ceil
from typing import TypeVar

from alerts.delivery import Delivery, DeliveryState
from alerts.entries import REPLAY_KEY, Mute, Pause, Replay, Thread, Trouble, line, thread_key
from alerts.queue import ChannelQueue, place
from alerts.recent import Recent
from alerts.removed import Takedowns
from wire.codec import decode
from wire.log.port import Record
from wire.messages import Alert, Message, StoryId
from wire.stage import Change

R = TypeVar("R")
Batch = tuple[str, str]
"""Channel and watch: what is held for the same two may go out together."""

# As long as alerts stay in their topic: an alert read twice is known for that long.
ENDED_FOR = timedelta(days=365)
_LONGEST_FLOOD = timedelta(days=1)
_A_SECOND = timedelta(seconds=1)


class Ledger:
    """The state in memory: a function of the last value per key, whatever the order of the keys.

    The open deliveries of one channel and story stand in a line: only its head is sent, so that order is kept.  What
    is held, or in a digest, stands in no line.
    """

    def __init__(self) -> None:
        self.deliveries: dict[str, Delivery] = {}
        self.mutes: dict[str, Mute] = {}
        self.troubles: dict[str, Trouble] = {}
        self.takedowns = Takedowns()
        self._replay: Replay | None = None
        self.last_order = -1  # the largest offset of an alert that was taken
        self._alerts: dict[str, Alert] = {}
        self._pauses: dict[str, Pause] = {}
        self._threads: dict[str, Thread] = {}
        self._open_of: dict[Hashable, set[str]] = {}  # alert -> open deliveries
        self._queues: dict[str, ChannelQueue] = {}
        self._held: dict[Hashable, set[str]] = {}  # batch -> deliveries
        self._releases: list[tuple[datetime, str]] = []  # heap; what is no longer true is skipped
        self._digests: dict[Hashable, set[str]] = {}  # batch -> open digests
        self._sending: dict[Hashable, set[str]] = {}  # channel -> deliveries
        self._ended: list[tuple[datetime, str]] = []  # heap; what is no longer true is skipped
        self._begun: Recent[str] = Recent(_A_SECOND * 100)  # by channel
        self._taken: Recent[Batch] = Recent(_LONGEST_FLOOD)

    def fold(self, record: Record) -> None:
        """Take one record of the state topic; kinds of a newer program are left alone."""
        kind, _, name = (record.key or "").partition(":")
        if kind == "delivery":
            self._fold_delivery(name, None if record.value is None else decode(record.value, Delivery))
        elif kind == "alert":
            _put(self._alerts, name, record, Alert)
        elif kind == "pause":
            _put(self._pauses, name, record, Pause)
        elif kind == "thread":
            _put(self._threads, name, record, Thread)
        elif kind == "mute":
            _put(self.mutes, name, record, Mute)
        elif kind == "removed":
            self.takedowns.fold(record)
        elif kind == REPLAY_KEY:
            self._replay = None if record.value is None else decode(record.value, Replay)
        elif kind == "trouble":
            _put(self.troubles, name, record, Trouble)

    def remembered(self) -> Iterator[Change]:
        """Every record of the state topic, as it is here."""
        yield from map(line, self.deliveries.values())
        tables: dict[str, Mapping[str, Message]] = {
            "alert": self._alerts,
            "pause": self._pauses,
            "thread": self._threads,
            "mute": self.mutes,
            "trouble": self.troubles,
        }
        for kind, table in tables.items():
            yield from (Change(f"{kind}:{name}", record) for name, record in table.items())
        yield from self.takedowns.remembered()
        if self._replay is not None:
            yield Change(REPLAY_KEY, self._replay)

    @property
    def replay_until(self) -> int:
        """Alerts before this offset are read again after a reset."""
        return 0 if self._replay is None else self._replay.until

    def _fold_delivery(self, delivery_id: str, delivery: Delivery | None) -> None:
        if (old := self.deliveries.pop(delivery_id, None)) is not None and old.open:
            for table, key in self._places(old):
                table[key].discard(delivery_id)
                if not table[key]:
                    del table[key]
            if _in_line(old):
                self._queue(old.channel).remove(old)
        if delivery is None:
            return
        self.deliveries[delivery_id] = delivery
        self.last_order = max(self.last_order, delivery.order)
        if delivery.begun is not None:
            self._begun.note(delivery.channel, delivery_id, delivery.begun)
        batch = (delivery.channel, delivery.watch)
        if delivery.state is DeliveryState.MUTED:
            self._taken.forget(batch, delivery_id)
        elif not delivery.held_for and not delivery.members:
            self._taken.note(batch, delivery_id, delivery.taken)
        if delivery.ended is not None:
            heappush(self._ended, (delivery.ended, delivery_id))
            return
        if delivery.release is not None:
            heappush(self._releases, (delivery.release, delivery_id))
        for table, key in self._places(delivery):
            table.setdefault(key, set()).add(delivery_id)
        if _in_line(delivery):
            self._queue(delivery.channel).add(delivery)

    def _queue(self, channel: str) -> ChannelQueue:
        return self._queues.setdefault(channel, ChannelQueue(self.deliveries))

    def _places(self, delivery: Delivery) -> Iterator[tuple[dict[Hashable, set[str]], Hashable]]:
        """Where an open delivery is found."""
        batch = (delivery.channel, delivery.watch)
        yield self._open_of, delivery.alert_id
        if delivery.state is DeliveryState.HELD:
            yield self._held, batch
        if delivery.members:
            yield self._digests, batch
        if delivery.state is DeliveryState.SENDING:
            yield self._sending, delivery.channel

    def alert(self, alert_id: str) -> Alert:
        """The alert of an open delivery."""
        return self._alerts[alert_id]

    def thread(self, channel: str, story_id: StoryId) -> str:
        """The receipt of the channel's first message on the story, "" where it has none."""
        thread = self._threads.get(f"{channel}:{story_id}")
        return "" if thread is None else thread.receipt

    def threads_of(self, delivery: Delivery) -> Iterator[str]:
        """Keys of threads that the delivery began."""
        thread = self._threads.get(f"{delivery.channel}:{delivery.story_id}")
        if thread is not None and thread.delivery_id == delivery.delivery_id:
            yield thread_key(delivery.channel, delivery.story_id)

    def open_alerts(self) -> list[Alert]:
        """The alerts that have open deliveries."""
        return list(self._alerts.values())

    def open_of(self, alert_id: str) -> Set[str]:
        """The ids of the alert's deliveries that have not ended."""
        return self._open_of.get(alert_id, set())

    def sending(self) -> list[Delivery]:
        """Those that were being sent when the state was written, in order."""
        found = [self.deliveries[delivery_id] for those in self._sending.values() for delivery_id in those]
        return sorted(found, key=place)

    def held(self, batch: Batch) -> list[Delivery]:
        """What is held for the channel and watch, in order."""
        return sorted((self.deliveries[one] for one in self._held.get(batch, ())), key=place)

    def before_it(self, channel: str, watch: str, story_id: StoryId) -> datetime | None:
        """When what is held of the same story goes out, None where nothing is."""
        same = (one.release for one in self.held((channel, watch)) if one.story_id == story_id)
        return max((release for release in same if release is not None), default=None)

    def taken_since(self, batch: Batch, since: datetime) -> int:
        """How many deliveries came for the channel and watch and were neither held nor muted."""
        return self._taken.count(batch, since)

    def releases(self, now: datetime, limit: int) -> list[Batch]:
        """Channels and watches of which something held may go out now."""
        while self._releases and not self._still_held(*self._releases[0]):
            heappop(self._releases)
        if not self._releases or self._releases[0][0] > now:
            return []
        waiting = (self.deliveries[one] for ids in self._held.values() for one in ids)
        return sorted({(one.channel, one.watch) for one in waiting if _is_over(one, now)})[:limit]

    def _still_held(self, release: datetime, delivery_id: str) -> bool:
        delivery = self.deliveries.get(delivery_id)
        return delivery is not None and delivery.release == release

    def due(
        self, now: datetime, *, per_channel: int, limit: int, per_second: Mapping[str, float] | None = None
    ) -> list[Delivery]:
        """Deliveries whose next try may begin: at most `per_channel` under way in one channel, channels in turn."""
        rates = per_second or {}
        lanes = [
            list(self._due_in(channel, now, per_channel, limit, rates.get(channel))) for channel in sorted(self._queues)
        ]
        in_turn = chain.from_iterable(zip_longest(*lanes))
        return [delivery for delivery in in_turn if delivery is not None][:limit]

    def _due_in(
        self, channel: str, now: datetime, per_channel: int, limit: int, rate: float | None
    ) -> Iterator[Delivery]:
        queue = self._queues[channel]
        yield from queue.late(now, limit)
        room = min(per_channel - len(self._sending.get(channel, ())), self._room(channel, now, rate))
        if room <= 0 or self._paused(channel, now):
            return
        with closing(queue.due(now)) as waiting:
            may_go = (one for one in waiting if one.deadline > now and not self._waits_for_digest(one))
            yield from islice(may_go, room)

    def _room(self, channel: str, now: datetime, rate: float | None) -> int:
        """How many tries the channel's rate allows now: of 1.5 a second two, and the next ones 4/3 s later."""
        if rate is None:
            return len(self.deliveries)
        most = ceil(rate)
        return most - self._begun.count(channel, now - _A_SECOND * (most / rate))

    def _waits_for_digest(self, delivery: Delivery) -> bool:
        before = self._digests.get((delivery.channel, delivery.watch), ())
        return any(self.deliveries[one].order < delivery.order for one in before)

    def _paused(self, channel: str, now: datetime) -> bool:
        pause = self._pauses.get(channel)
        return pause is not None and now < pause.until

    def outdated(self, now: datetime, most: int) -> list[Delivery]:
        """Up to `most` of those ended longest ago that nobody needs to know any more."""
        found = dict[str, Delivery]()
        passed = list[tuple[datetime, str]]()
        while self._ended and self._ended[0][0] + ENDED_FOR < now and len(found) < most:
            entry = heappop(self._ended)
            delivery = self.deliveries.get(entry[1])
            if delivery is not None and delivery.ended == entry[0] and entry[1] not in found:
                found[entry[1]] = delivery
                passed.append(entry)
        for entry in passed:
            heappush(self._ended, entry)
        return list(found.values())


def _in_line(delivery: Delivery) -> bool:
    return delivery.open and delivery.state not in (DeliveryState.HELD, DeliveryState.IN_DIGEST)


def _is_over(delivery: Delivery, now: datetime) -> bool:
    return delivery.release is not None and delivery.release <= now


def _put(table: dict[str, R], name: str, record: Record, kind: type[R]) -> None:
    table.pop(name, None)
    if record.value is not None:
        table[name] = decode(record.value, kind)  # type: ignore[type-var]
