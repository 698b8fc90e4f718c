"""The ingest stage: polls that are due become work, their outcomes become articles and the feed's next state."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from ingest.errors import Word
from ingest.feeds import Feed, feeds_of_lane
from ingest.memory import Memory
from ingest.news import News
from ingest.outcome import after_failure, after_success
from ingest.polled import Failed, Polled, PollRequest
from ingest.schedule import Bounds
from ingest.state import FeedState, Seen, feed_key, read_feed, seen_place
from ingest.timetable import Timetable
from wire.codec import decode
from wire.log.port import Record
from wire.messages import Command, CommandKind
from wire.settings import IngestSettings, OutletSettings
from wire.stage import DUE, ERROR, NOTHING, RESULT, Change, Effects, Failure, Output, Work, WorkFailed
from wire.topics import COMMANDS

NAME = "ingest"
# Beside the time for the answer: a large feed on a busy machine takes seconds to parse.
PARSE_SPAN = timedelta(seconds=60)


class Ingest:
    """Feeds to articles (see `wire.stage.Stage`).

    A poll is a question without effect on the host, so one that a dead process began is simply asked again.
    """

    def __init__(
        self, settings: IngestSettings, outlets: Sequence[OutletSettings], *, lane: int = 0, lanes: int = 1
    ) -> None:
        self._settings = settings
        # The lane's feeds by id, as the settings give them.
        self.feeds = feeds_of_lane(outlets, lane, lanes)
        self._states: dict[str, FeedState] = {}
        self._memory = Memory()
        self._timetable = Timetable(list(self.feeds))

    def fold(self, record: Record) -> None:
        """See `Stage`."""
        key = record.key or ""
        place = seen_place(key)
        if place is not None:
            self._memory.take(*place, None if record.value is None else decode(record.value, Seen))
            return
        state = read_feed(record)
        if state is not None:
            self._states[state.feed] = state
            feed = self.feeds.get(state.feed)
            # A changed address is a new feed's: it is asked at once, whatever the old one was told.
            if feed is not None and feed.address == state.address:
                self._timetable.set(state.feed, state.next_poll)

    def prepare(self, records: Sequence[Record]) -> None:
        """Nothing is cheaper for many polls at once."""

    def due(self, now: datetime) -> Sequence[Record]:
        """The feeds whose time has come.  Those in flight are among them, hence twice as many as may be in flight."""
        waiting = self._timetable.due(now, 2 * self._settings.concurrency)
        return [Record(topic=DUE, key=feed) for feed in waiting]

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
        request = PollRequest(feed=feed.id, url=feed.url)
        if state is not None:
            request = msgspec.structs.replace(request, validators=state.validators, body_digest=state.body_digest)
        until = now + self._settings.timeout + PARSE_SPAN
        return Effects(work=(Work(feed.id, request, until),))

    def _outcome(self, feed: Feed, polled: Polled, now: datetime) -> Effects:
        state = self._state(feed)
        if polled.failed is not None:
            return self._effects(after_failure(feed, state, polled, self._bounds(feed), now))
        news = News(feed, polled, self._memory) if polled.shown is not None else None
        outputs = () if news is None else tuple(news.outputs)
        after = after_success(feed, state, polled, len(outputs), self._bounds(feed), now)
        return self._effects(after, outputs=outputs, changes=() if news is None else tuple(news.changes))

    def _failed(self, feed: Feed, failed: Failed, now: datetime) -> Effects:
        polled = Polled(arrived=now, failed=failed)
        return self._effects(after_failure(feed, self._state(feed), polled, self._bounds(feed), now))

    def _command(self, command: Command, now: datetime) -> Effects:
        """`poll-now` makes a feed due, but not before the time that its host demanded; all others are not for us."""
        state = self._states.get(command.target)
        if command.stage != NAME or command.kind is not CommandKind.POLL_NOW or command.target not in self.feeds:
            return NOTHING
        if state is None:
            return NOTHING  # never polled, so due already
        soonest = max(now, state.hold_until or now)
        return self._effects(msgspec.structs.replace(state, next_poll=min(state.next_poll, soonest)))

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
