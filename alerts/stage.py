"""The stage `alerts`: story events in, one alert per story and watch out.

A watch is known by its name: editing it never tells a told story again, and a new one speaks of the events that come
after it was first loaded.  The only time here is the largest `seen` that was read, so history gives the same alerts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from alerts.coverage import coverage_of
from alerts.decision import Met, judge, why
from alerts.ids import hashed
from alerts.state import (
    CLOCK,
    Coverage,
    Loaded,
    Newest,
    StoryHead,
    Told,
    WatchState,
    article_key,
    story_key,
    told_key,
    watch_key,
)
from alerts.watch import Watch, Watches
from wire.codec import decode
from wire.log.port import Record
from wire.messages import Alert, ArticleId, StoryEvent, StoryEventKind
from wire.stage import NOTHING, Change, Effects, Failure, Output
from wire.topics import ALERTS

_WITH_ARTICLE = (StoryEventKind.OPENED, StoryEventKind.JOINED, StoryEventKind.REVISED)
_MOVING = (StoryEventKind.SPLIT, StoryEventKind.MOVED)
_ENDING = (StoryEventKind.CLOSED, StoryEventKind.RETIRED)


@dataclass(frozen=True, slots=True, kw_only=True)
class _After:
    """A story after an event: what is now known of it, and the changes that say so."""

    covered: Mapping[ArticleId, Coverage]
    told: frozenset[str]  # names of watches
    first_seen: datetime
    changes: tuple[Change, ...]


class Alerts:
    """Watches over story events.  Restores from and writes `news.watch-state`; has no work and no timers."""

    def __init__(self, watches: Sequence[Watch], names: Mapping[str, str]) -> None:
        """`names`: how entities are called in messages to people, by id; an id without a name stands for itself."""
        self._watches = Watches(watches)
        self._names = names
        self._state = WatchState()
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

    def prepare(self, records: Sequence[Record]) -> None:
        """Nothing is cheaper together."""

    def due(self, now: datetime) -> Sequence[Record]:
        """There are no timers: time passes with the stream."""
        return ()

    def step(self, record: Record, now: datetime) -> Effects:
        """See `wire.stage.Stage`; `now` is not looked at."""
        event = decode(record.value, StoryEvent)
        head = self._state.story(event.story_id)
        repeated = head is not None and event.number <= head.number
        if repeated or event.kind is StoryEventKind.OTHER:
            return NOTHING
        kept = (*self._noted(record.offset), *self._clock(event))
        if event.kind in _ENDING:
            return Effects(changes=(*kept, *self._forgotten(event)))
        if event.kind in _MOVING:
            return Effects(changes=(*kept, self._head(event), *self._parted(event)))
        after = self._merged(event) if event.kind is StoryEventKind.MERGED else self._with_article(event, record.offset)
        told = list(self._new_alerts(event, after, record.offset))
        outputs = tuple(Output(ALERTS, alert.watch, alert) for alert, _ in told)
        notes = tuple(Change(told_key(note.story_id, note.watch), note) for _, note in told)
        # A closed story may still be revised, and nothing will end it again: it is judged, not remembered.
        over = head is None and event.kind is StoryEventKind.REVISED
        remembered = () if over else (self._head(event), *after.changes)
        return Effects(outputs=outputs, changes=(*kept, *remembered, *notes))

    def failed(self, record: Record, why: Failure, now: datetime) -> Effects:
        """A story event that cannot be processed changes nothing."""
        return NOTHING

    def _noted(self, offset: int) -> Iterator[Change]:
        for name, watch in sorted(self._unnoted.items()):
            loaded = self._state.loaded(name)
            since = offset if loaded is None else loaded.since
            yield Change(watch_key(name), Loaded(watch=name, digest=watch.digest, since=since, offset=offset))

    def _clock(self, event: StoryEvent) -> Iterator[Change]:
        newest = self._state.newest
        if newest is None or newest < event.seen:
            newest = event.seen
            yield Change(CLOCK, Newest(seen=newest))
        if (key := self._state.outdated(newest)) is not None:
            yield Change(key, None)

    def _head(self, event: StoryEvent) -> Change:
        first = self._first_seen(event)
        return Change(
            story_key(event.story_id), StoryHead(story_id=event.story_id, number=event.number, first_seen=first)
        )

    def _first_seen(self, event: StoryEvent) -> datetime:
        heads = [self._state.story(event.story_id)]
        if event.kind is StoryEventKind.MERGED and event.other is not None:
            heads.append(self._state.story(event.other))
        known = [head.first_seen for head in heads if head is not None]
        return min(known, default=event.seen if event.article is None else event.article.seen)

    def _with_article(self, event: StoryEvent, offset: int) -> _After:
        """The event's story with its article added, or replaced by its new version."""
        if event.article is None or event.reading is None:
            raise ValueError(f"{event.kind.value} without its article and reading")
        story_id, article_id = event.story_id, event.article.article_id
        covered = dict(self._state.covered(story_id))
        was = covered.pop(article_id, None)
        now_is = coverage_of(story_id, event.article, event.reading, entities=self._watches.entities, offset=offset)
        changes = () if now_is is was is None else (Change(article_key(story_id, article_id), now_is),)
        if now_is is not None:
            covered[article_id] = now_is
        return _After(
            covered=covered,
            told=frozenset(self._state.told(story_id)),
            first_seen=self._first_seen(event),
            changes=changes,
        )

    def _merged(self, event: StoryEvent) -> _After:
        """`event.other` went into `event.story_id`, which is told for a watch if either was."""
        into, gone = event.story_id, event.other
        if gone is None:
            raise ValueError("merged without the other story")
        own, theirs = self._state.covered(into), self._state.covered(gone)
        moved = {key: replace(coverage, story_id=into) for key, coverage in theirs.items() if key not in own}
        told = self._state.told(into)
        taken = {
            name: replace(note, story_id=into) for name, note in self._state.told(gone).items() if name not in told
        }
        return _After(
            covered={**moved, **own},
            told=frozenset(told) | frozenset(taken),
            first_seen=self._first_seen(event),
            changes=(
                *(Change(article_key(gone, article_id), None) for article_id in theirs),
                *(Change(article_key(into, article_id), coverage) for article_id, coverage in moved.items()),
                *(Change(told_key(into, name), note) for name, note in taken.items()),
                Change(story_key(gone), None),
            ),
        )

    def _parted(self, event: StoryEvent) -> Iterator[Change]:
        """`event.articles` went from `event.story_id` to `event.other`, which is told where they were the evidence."""
        if event.other is None:
            raise ValueError(f"{event.kind.value} without the other story")
        for article_id in event.articles:
            if (coverage := self._state.covered(event.story_id).get(article_id)) is not None:
                yield Change(article_key(event.story_id, article_id), None)
                yield Change(article_key(event.other, article_id), replace(coverage, story_id=event.other))
        for name, note in self._state.told(event.story_id).items():
            if name not in self._state.told(event.other) and not set(event.articles).isdisjoint(note.articles):
                yield Change(told_key(event.other, name), replace(note, story_id=event.other))

    def _forgotten(self, event: StoryEvent) -> Iterator[Change]:
        """A story that is over keeps only what was told of it."""
        yield Change(story_key(event.story_id), None)
        for article_id in self._state.covered(event.story_id):
            yield Change(article_key(event.story_id, article_id), None)

    def _new_alerts(self, event: StoryEvent, after: _After, offset: int) -> Iterator[tuple[Alert, Told]]:
        there = {mention.entity for coverage in after.covered.values() for mention in coverage.mentions}
        for watch in self._watches.possible(there):
            if watch.name in after.told:
                continue
            loaded = self._state.loaded(watch.name)
            since = offset if loaded is None else loaded.since
            speaks_of = [coverage for coverage in after.covered.values() if coverage.offset >= since]
            if (met := judge(watch, speaks_of, event.outlets)) is not None:
                yield self._alert(watch, met, event, after)

    def _alert(self, watch: Watch, met: Met, event: StoryEvent, after: _After) -> tuple[Alert, Told]:
        number = 1
        alert = Alert(
            alert_id=hashed("al", watch.name, event.story_id, number),
            number=number,
            watch=watch.name,
            entities=watch.entities,
            story_id=event.story_id,
            title=event.title or met.evidence[0].title,
            channels=watch.channels,
            evidence=met.evidence,
            outlets=event.outlets,
            languages=event.languages,
            why=why(watch, met, event.outlets, self._names),
            first_seen=after.first_seen,
            seen=event.seen if event.article is None else event.article.seen,
        )
        note = Told(
            watch=watch.name,
            story_id=event.story_id,
            alert_id=alert.alert_id,
            number=number,
            articles=tuple(evidence.article_id for evidence in met.evidence),
            seen=event.seen,
        )
        return alert, note
