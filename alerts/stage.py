"""The stage `alerts`: story events in, one alert per story and watch out, later only what is new.

A watch is known by its name: editing it never tells a told story again, and a new one speaks of the events that come
after it was first loaded.  The only time here is the largest `seen` that was read, so history gives the same alerts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import datetime

from msgspec.structs import replace

from alerts.alert import first_alert, independent_of, told_of, update_alert
from alerts.decision import Met, judge, shown_in
from alerts.memory import Memory
from alerts.news import Change as Novelty
from alerts.news import news, told_more
from alerts.state import CLOCK, Held, Loaded, Newest, Told, WatchState, held_key, told_key, watch_key
from alerts.story import After, forgotten, head, merged, parted, received, with_article
from alerts.takedown import as_allowed, take_down
from alerts.watch import News, Watch, Watches
from wire.codec import decode
from wire.headers import REPLAY, header
from wire.log.port import Record
from wire.messages import Alert, ArticleId, Command, CommandKind, StoryEvent, StoryEventKind
from wire.stage import NOTHING, Change, Effects, Failure, Output
from wire.topics import ALERTS, COMMANDS

_MOVING = (StoryEventKind.SPLIT, StoryEventKind.MOVED)
_ENDING = (StoryEventKind.CLOSED, StoryEventKind.RETIRED)
# Updates sent at the end of their cooldown with one event; what is left goes with the next.
_MOST_RELEASED = 50


class Alerts:
    """Watches over story events.  Restores from and writes `news.watch-state`; has no work and no timers."""

    def __init__(self, watches: Sequence[Watch], names: Mapping[str, str]) -> None:
        """`names`: how entities are called in messages to people, by id; an id without a name stands for itself."""
        self._watches = Watches(watches)
        self._names = names
        self._state = WatchState()
        self._shows = Memory(shown_in)
        # Watches whose form in force is not yet noted: follows from the state, kept up by `fold`.
        self._unnoted = dict(self._watches.by_name)

    def fold(self, record: Record) -> None:
        """See `wire.stage.Stage`."""
        self._state.fold(record)
        name = (record.key or "").removeprefix("watch:")
        watch = self._watches.by_name.get(name)
        if watch is not None and record.key == watch_key(name):
            loaded = self._state.loaded(name)
            if loaded is not None and loaded.digest == watch.digest:
                self._unnoted.pop(name, None)
            else:
                self._unnoted[name] = watch

    def remembered(self) -> Iterable[Change]:
        """See `wire.stage.Stage`."""
        return self._state.remembered()

    def prepare(self, records: Sequence[Record]) -> None:
        """Nothing is cheaper together."""

    def due(self, now: datetime) -> Sequence[Record]:
        """There are no timers: time passes with the stream."""
        return ()

    def step(self, record: Record, now: datetime) -> Effects:
        """See `wire.stage.Stage`; `now` is not looked at."""
        if record.topic == COMMANDS:
            command = decode(record.value, Command)
            return (
                Effects(changes=tuple(take_down(self._state, command)))
                if command.kind is CommandKind.REMOVE
                else NOTHING
            )
        event = as_allowed(self._state, decode(record.value, StoryEvent))
        known = self._state.story(event.story_id)
        repeated = known is not None and event.number <= known.number
        if repeated or event.kind is StoryEventKind.OTHER:
            return NOTHING
        time = max(event.seen, self._state.newest or event.seen)
        outputs, changes = list[Alert](), [*self._noted(record.offset), *self._clock(time)]
        if event.kind in _ENDING:
            changes += forgotten(self._state, event)
        elif event.kind in _MOVING:
            changes += (head(self._state, event), *parted(self._state, event))
            receiver, after = received(self._state, event)
            there = {mention.entity for coverage in after.covered.values() for mention in coverage.mentions}
            for alert, noted in self._first_alerts(receiver, after, record.offset, time, there):
                outputs += [] if alert is None else [alert]
                changes += noted
        else:
            told, after = self._judged(event, record.offset, time)
            # A closed story may still be revised, and nothing will end it again: it is judged, not remembered.
            over = known is None and event.kind is StoryEventKind.REVISED
            changes += () if over else (head(self._state, event), *after.changes)
            for alert, noted in told:
                outputs += [] if alert is None else [alert]
                changes += noted
        late, released = self._released(time, {change.key for change in changes})
        outputs, changes = [*late, *outputs], [*changes, *released]
        silent = header(record, REPLAY) is not None
        return Effects(
            outputs=() if silent else tuple(Output(ALERTS, alert.watch, alert) for alert in outputs),
            changes=tuple(changes),
        )

    def failed(self, record: Record, why: Failure, now: datetime) -> Effects:
        """A story event that cannot be processed changes nothing."""
        return NOTHING

    def _noted(self, offset: int) -> Iterator[Change]:
        for name, watch in sorted(self._unnoted.items()):
            loaded = self._state.loaded(name)
            since = offset if loaded is None else loaded.since
            yield Change(watch_key(name), Loaded(watch=name, digest=watch.digest, since=since, offset=offset))

    def _clock(self, time: datetime) -> Iterator[Change]:
        if time != self._state.newest:
            yield Change(CLOCK, Newest(seen=time))
        if (key := self._state.outdated(time)) is not None:
            yield Change(key, None)

    def _released(self, time: datetime, touched: Set[str]) -> tuple[list[Alert], list[Change]]:
        """Updates whose cooldown has ended; what the event itself has touched waits for the next one.

        Those of a watch that is gone are dropped.
        """
        alerts, changes = list[Alert](), list[Change]()
        for held in self._state.over(time, _MOST_RELEASED):
            watch, story = held.alert.watch, held.alert.story_id
            if not touched.isdisjoint((held_key(story, watch), told_key(story, watch))):
                continue
            changes.append(Change(held_key(story, watch), None))
            told = self._state.told(story).get(watch)
            if told is not None and self._in_force(watch, time) is not None:
                alerts.append(held.alert)
                changes.append(Change(told_key(story, watch), replace(told, number=held.alert.number, last=time)))
        return alerts, changes

    def _in_force(self, name: str, time: datetime) -> Watch | None:
        watch = self._watches.by_name.get(name)
        return watch if watch is not None and (watch.expires is None or time < watch.expires) else None

    def _judged(
        self, event: StoryEvent, offset: int, time: datetime
    ) -> tuple[list[tuple[Alert | None, list[Change]]], After]:
        is_merge = event.kind is StoryEventKind.MERGED
        after = merged(self._state, event) if is_merge else with_article(self._state, event, self._watches, offset)
        there = {*self._state.named(event.story_id)}
        if after.now_is is not None:
            there |= {mention.entity for mention in after.now_is.mentions}
        if is_merge:
            there |= self._state.named(event.other or "")
        found = list(self._first_alerts(event, after, offset, time, there))
        updates = self._after_merge if is_merge else self._after_article
        found += updates(event, after, time)
        return found, after

    def _first_alerts(
        self, event: StoryEvent, after: After, offset: int, time: datetime, there: set[str]
    ) -> Iterator[tuple[Alert | None, list[Change]]]:
        for watch in self._watches.possible(there):
            if watch.name in after.told or self._in_force(watch.name, time) is None:
                continue
            loaded = self._state.loaded(watch.name)
            since = offset if loaded is None else loaded.since
            speaks_of = [coverage for coverage in after.covered.values() if coverage.offset >= since]
            met = judge(watch, speaks_of, independent_of(event), self._shows)
            if met is None:
                continue
            earlier = self._told_elsewhere(watch, met)
            alert = first_alert(watch, met, event, after.first_seen, self._names)
            note = told_of(watch, met, event, after.covered, alert, time)
            if earlier is not None:
                note = replace(note, alert_id=earlier.alert_id, number=earlier.number, last=earlier.last)
            yield None if earlier else alert, [Change(told_key(note.story_id, note.watch), note)]

    def _told_elsewhere(self, watch: Watch, met: Met) -> Told | None:
        """An article that was told of in another story makes this one told: a regrouping never repeats an alert."""
        return next(filter(None, (self._state.told_of_article(one, watch.name) for one in met.articles)), None)

    def _after_article(
        self, event: StoryEvent, after: After, time: datetime
    ) -> Iterator[tuple[Alert | None, list[Change]]]:
        """What the event's article means for those who were told of its story."""
        if after.before is None and after.now_is is None:
            return
        assert event.article is not None
        for name, told in sorted(after.told.items()):
            if (watch := self._in_force(name, time)) is None:
                continue
            novelty = Novelty(
                before=after.before,
                after=after.now_is,
                shown=None if after.now_is is None else self._shows(watch, after.now_is),
                independent=event.article.outlet in independent_of(event),
            )
            said = list(news(told, novelty, watch))
            more = told_more(told, novelty, watch)
            first = event.article.article_id
            if said or more != told:
                yield self._update(watch, told, more, said, event, after, time, first)

    def _after_merge(
        self, event: StoryEvent, after: After, time: datetime
    ) -> Iterator[tuple[Alert | None, list[Change]]]:
        """A told story has been joined by another that shows the same."""
        for name, told in sorted(after.told.items()):
            watch = self._in_force(name, time)
            if watch is None or name not in self._state.told(event.story_id):
                continue
            shown = [c for key, c in sorted(after.covered.items()) if key in after.came and self._shows(watch, c)]
            more = told
            for coverage in shown:
                independent = coverage.outlet in independent_of(event)
                novelty = Novelty(
                    before=None, after=coverage, shown=self._shows(watch, coverage), independent=independent
                )
                more = told_more(more, novelty, watch)
            said = ["another story that shows the same has been joined to this one"]
            if News.MERGED not in watch.updates or not shown:
                said = []
            if said or more != told:
                yield self._update(watch, told, more, said, event, after, time, shown[0].article_id)

    def _update(
        self,
        watch: Watch,
        told: Told,
        more: Told,
        said: Sequence[str],
        event: StoryEvent,
        after: After,
        time: datetime,
        first: ArticleId,
    ) -> tuple[Alert | None, list[Change]]:
        """The update, now or held until the cooldown ends; without anything said only the note is kept."""
        key, waits = told_key(event.story_id, watch.name), held_key(event.story_id, watch.name)
        if not said:
            return None, [Change(key, more)]
        until = (told.last or told.seen) + watch.cooldown
        held = after.held.get(watch.name)
        everything = [*(held.alert.news if held else ()), *said]
        alert = update_alert(watch, told, everything, event, after, first, self._shows)
        if time < until:
            return None, [Change(key, more), Change(waits, Held(until=until, alert=alert))]
        gone = [Change(waits, None)] if held else []
        return alert, [Change(key, replace(more, number=alert.number, last=time)), *gone]
