"""The ingest stage: polls that are due become work, their outcomes become articles and the feed's next state."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from ingest.commands import Orders
from ingest.errors import Word
from ingest.feeds import Feed, added_feed, feeds_of_lane, host_of
from ingest.memory import Memory
from ingest.news import News
from ingest.outcome import MOVED_AFTER, after_failure, after_success, unknown
from ingest.polled import Failed, Polled, PollRequest
from ingest.reports import report
from ingest.schedule import Bounds
from ingest.standing import Patience, Standing
from ingest.state import (
    AddedFeed,
    FeedState,
    Seen,
    added_key,
    added_place,
    feed_key,
    feed_place,
    moved_back,
    seen_key,
    seen_place,
)
from ingest.timetable import Timetable
from wire.codec import decode
from wire.log.port import Record
from wire.messages import Command
from wire.settings import IngestSettings, OutletSettings
from wire.stage import DUE, ERROR, NOTHING, RESULT, Change, Effects, Failure, Output, Work, WorkFailed
from wire.topics import COMMANDS

NAME = "ingest"
# Beside the time for the answer: hosts have gaps, an index has parts, a large feed on a busy machine takes seconds.
PARSE_SPAN = timedelta(seconds=120)
PAGES_SPAN = timedelta(seconds=120)  # for the pages of what is new
# A clock that goes back by more than this was wrong before; by less, it is being adjusted.
CLOCK_SLACK = timedelta(minutes=1)
_NEVER = datetime.max.replace(tzinfo=UTC)


class Ingest:
    """Feeds to articles (see `wire.stage.Stage`).

    A poll is a question without effect on the host, so one that a dead process began is simply asked again.
    """

    def __init__(
        self,
        settings: IngestSettings,
        outlets: Sequence[OutletSettings],
        *,
        lane: int = 0,
        lanes: int = 1,
        operators: Sequence[str] = (),
    ) -> None:
        """`operators`: the channels that are told of feeds in trouble."""
        self._settings = settings
        self._lane, self._lanes = lane, lanes
        self._operators = operators
        self._patience = Patience(
            failing_after=settings.failing_after,
            silent_after=settings.silent_after,
            silent_least=settings.silent_least,
        )
        # The lane's feeds by id, as the settings and commands give them.
        self.feeds: dict[str, Feed] = {}
        # How many feeds that were polled stand how, for the metrics.
        self.standings: Counter[Standing] = Counter()
        self._states: dict[str, FeedState] = {}
        self._added: dict[str, AddedFeed] = {}  # also those whose place the settings have taken
        self._holds: dict[str, dict[str, datetime]] = defaultdict(dict)  # by host and feed, until when
        self._memory = Memory()
        self._timetable = Timetable(per_host=settings.host_requests)
        self._latest_poll = datetime.min.replace(tzinfo=UTC)
        self._begun = False
        for feed in feeds_of_lane(outlets, lane, lanes).values():
            self._enter(feed)

    def fold(self, record: Record) -> None:
        """See `Stage`."""
        key = record.key or ""
        if (place := seen_place(key)) is not None:
            self._memory.take(*place, None if record.value is None else decode(record.value, Seen))
        elif (name := feed_place(key)) is not None:
            self._take_state(name, None if record.value is None else decode(record.value, FeedState))
        elif (name := added_place(key)) is not None:
            self._take_added(name, None if record.value is None else decode(record.value, AddedFeed))

    def remembered(self) -> Iterable[Change]:
        """See `Stage`."""
        yield from (Change(feed_key(name), state) for name, state in self._states.items())
        yield from (Change(added_key(name), added) for name, added in self._added.items())
        for feed in self._memory.feeds():
            yield from (Change(seen_key(feed, article), seen) for article, seen in self._memory.of_feed(feed).items())

    def prepare(self, records: Sequence[Record]) -> None:
        """Nothing is cheaper for many polls at once."""

    def due(self, now: datetime) -> Sequence[Record]:
        """The feeds whose time has come.  Those in flight are among them, hence twice as many as may be in flight."""
        if now + CLOCK_SLACK < self._latest_poll:
            self._set_back(now)
        if not self._begun:
            self._begun = True
            self._timetable.spread(now, self._settings.start_per_second)
        waiting = self._timetable.due(now, 2 * self._settings.concurrency)
        return [Record(topic=DUE, key=feed) for feed in waiting]

    def _set_back(self, now: datetime) -> None:
        """The clock was ahead and has been put right: every feed that was polled meanwhile gets its times anew."""
        self._latest_poll = now
        for name, state in self._states.items():
            if _ahead(state, now) and not state.stopped:
                self._timetable.set(name, now)

    def step(self, record: Record, now: datetime) -> Effects:
        """See `Stage`."""
        if record.topic == COMMANDS:
            return self._command(decode(record.value, Command), now)
        feed = self.feeds.get(record.key or "")
        if feed is None:
            return NOTHING
        if record.topic == DUE:
            return self._ask(feed, now)
        if record.topic == RESULT:
            return self._outcome(feed, decode(record.value, Polled), now)
        if record.topic == ERROR:
            why = decode(record.value, WorkFailed)
            word = Word.TIMED_OUT if why.timed_out else Word.FAULT
            return self._failed(feed, Failed(word=word, reason=why.reason), now)
        return NOTHING

    def failed(self, record: Record, why: Failure, now: datetime) -> Effects:
        """A feed whose outcome could not be taken backs off like one that failed."""
        feed = self.feeds.get(record.key or "")
        if feed is None or record.topic not in (DUE, RESULT, ERROR):
            return NOTHING
        return self._failed(feed, Failed(word=Word.FAULT, reason=f"{why.code}: {why.reason}"[:500]), now)

    def _ask(self, feed: Feed, now: datetime) -> Effects:
        state = self._state(feed)
        if state is not None and _ahead(state, now):
            return self._effects(moved_back(state, now))
        held = self._held(feed, now)
        if held is not None:
            return self._effects(msgspec.structs.replace(state or unknown(feed, now), next_poll=held))
        request = PollRequest(feed=feed.id, url=feed.url, page_bodies=feed.settings.body == "page")
        if state is not None:
            moved = state.moved is not None and state.moved_times >= MOVED_AFTER
            request = msgspec.structs.replace(
                request,
                url=state.moved if moved else feed.url,
                moved=moved,
                validators=state.validators,
                body_digest=state.body_digest,
                parts=state.parts,
            )
        if request.page_bodies:
            request = msgspec.structs.replace(request, known=self._memory.versions(feed.id))
        until = now + self._settings.timeout + PARSE_SPAN + (PAGES_SPAN if request.page_bodies else timedelta(0))
        return Effects(work=(Work(feed.id, request, until),))

    def _outcome(self, feed: Feed, polled: Polled, now: datetime) -> Effects:
        before = self._state(feed)
        if polled.failed is not None:
            return self._fallen(feed, polled, now)
        news = News(feed, polled, self._memory) if polled.shown is not None else None
        outputs = () if news is None else tuple(news.outputs)
        after = after_success(feed, before, polled, len(outputs), self._bounds(feed), self._patience, now)
        told = report(before, after, channels=self._operators, now=now)
        return self._effects(after, outputs=(*outputs, *told), changes=() if news is None else tuple(news.changes))

    def _failed(self, feed: Feed, failed: Failed, now: datetime) -> Effects:
        return self._fallen(feed, Polled(arrived=now, failed=failed), now)

    def _fallen(self, feed: Feed, polled: Polled, now: datetime) -> Effects:
        before = self._state(feed)
        after = after_failure(feed, before, polled, self._bounds(feed), self._patience, now)
        return self._effects(after, outputs=report(before, after, channels=self._operators, now=now))

    def _command(self, command: Command, now: datetime) -> Effects:
        """Commands of other stages, of other lanes and about feeds that nobody has change nothing."""
        if command.stage != NAME:
            return NOTHING
        orders = Orders(self.feeds, self._states, self._memory, lane=self._lane, lanes=self._lanes)
        held = self._held(self.feeds[command.target], now) if command.target in self.feeds else None
        return Effects(changes=tuple(orders.changes(command, max(now, held or now))))

    def _effects(
        self, state: FeedState, *, outputs: tuple[Output, ...] = (), changes: tuple[Change, ...] = ()
    ) -> Effects:
        return Effects(outputs=outputs, changes=(*changes, Change(feed_key(state.feed), state)))

    def _state(self, feed: Feed) -> FeedState | None:
        """The feed's state, unless it belongs to another address than the settings give now."""
        state = self._states.get(feed.id)
        return state if state is not None and state.address == feed.address else None

    def _bounds(self, feed: Feed) -> Bounds:
        return Bounds(
            shortest=self._settings.shortest_interval,
            longest=self._settings.longest_interval,
            every=feed.settings.every,
        )

    def _held(self, feed: Feed, now: datetime) -> datetime | None:
        """Until when the feed's host, or the feed itself, is left alone; None where it may be asked."""
        state = self._state(feed)
        holds = [hold for hold in (None if state is None else state.hold_until,) if hold is not None]
        if self._settings.retry_scope == "host":
            holds += self._holds.get(_host(feed, state), {}).values()
        latest = max(holds, default=now)
        return latest if latest > now else None

    def _take_state(self, name: str, state: FeedState | None) -> None:
        before = self._states.pop(name, None)
        feed = self.feeds.get(name)
        if before is not None:
            self.standings[before.standing] -= 1
            if feed is not None:
                self._holds.get(_host(feed, before), {}).pop(name, None)
        if state is None:
            return
        self._states[name] = state
        self._latest_poll = max(self._latest_poll, state.last_poll or self._latest_poll)
        self.standings[state.standing] += 1
        if feed is not None:
            self._schedule(feed, state)

    def _take_added(self, name: str, added: AddedFeed | None) -> None:
        self._added.pop(name, None)
        if added is not None:
            self._added[name] = added
        feed = self.feeds.get(name)
        if feed is not None and not feed.added:
            return  # the settings have a feed of this id: theirs counts
        if feed is not None:
            del self.feeds[name]
            self._timetable.remove(name)
        if added is not None:
            self._enter(added_feed(name, added))

    def _enter(self, feed: Feed) -> None:
        self.feeds[feed.id] = feed
        self._timetable.add(feed.id, feed.host)
        state = self._states.get(feed.id)
        if state is not None:
            self._schedule(feed, state)

    def _schedule(self, feed: Feed, state: FeedState) -> None:
        # A changed address is a new feed's: it is asked at once, whatever the old one was told.
        if feed.address != state.address:
            return
        self._timetable.set(feed.id, _NEVER if state.stopped else state.next_poll)
        if state.hold_until is not None:
            self._holds[_host(feed, state)][feed.id] = state.hold_until


def _ahead(state: FeedState, now: datetime) -> bool:
    """Whether the clock was ahead when the feed was polled last."""
    return state.last_poll is not None and state.last_poll > now + CLOCK_SLACK


def _host(feed: Feed, state: FeedState | None) -> str:
    moved = state is not None and state.moved is not None and state.moved_times >= MOVED_AFTER
    return host_of(state.moved) if moved and state is not None and state.moved is not None else feed.host
