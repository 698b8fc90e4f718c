"""What operators' commands change in the state of ingest.  Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime

import msgspec

from ingest.feeds import Feed
from ingest.memory import Memory
from ingest.state import AddedFeed, FeedState, added_key, feed_key, seen_key
from wire.errors import Undecodable
from wire.log.port import partition_of
from wire.messages import Command, CommandKind
from wire.stage import Change


class Orders:
    """Commands against one lane's feeds."""

    def __init__(
        self,
        feeds: Mapping[str, Feed],
        states: Mapping[str, FeedState],
        memory: Memory,
        *,
        lane: int,
        lanes: int,
    ) -> None:
        self._feeds = feeds
        self._states = states
        self._memory = memory
        self._lane, self._lanes = lane, lanes

    def changes(self, command: Command, soonest: datetime) -> Iterator[Change]:
        """What `command` changes; nothing where it is about feeds of other lanes, or of nobody.

        Args:
            command: to this stage.
            soonest: the earliest time at which the host lets its target be asked.

        Raises:
            Undecodable: a new feed without an address.
        """
        if command.kind is CommandKind.POLL_NOW:
            yield from self._poll(command.target, soonest)
        elif command.kind is CommandKind.ADD_FEED:
            yield from self._add(command)
        elif command.kind is CommandKind.REMOVE_FEED:
            yield from self._remove(command.target)

    def _poll(self, name: str, soonest: datetime) -> Iterator[Change]:
        """The feed is due, but not before the time that its host demanded; also one that had been given up."""
        state = self._states.get(name)
        if name in self._feeds and state is not None:  # without a state it is due already
            earlier = soonest if state.stopped else min(state.next_poll, soonest)
            yield Change(feed_key(name), msgspec.structs.replace(state, stopped=False, next_poll=earlier))

    def _add(self, command: Command) -> Iterator[Change]:
        new = command.feed
        if new is None or not new.url.startswith(("http://", "https://")):
            raise Undecodable("Command", "add-feed: the feed's address is missing")
        ours = partition_of(new.outlet, self._lanes) == self._lane
        known = self._feeds.get(command.target)
        if ours and (known is None or known.added):
            added = AddedFeed(outlet=new.outlet, url=new.url, language=new.language, body=new.body)
            yield Change(added_key(command.target), added)

    def _remove(self, name: str) -> Iterator[Change]:
        feed = self._feeds.get(name)
        if feed is None or not feed.added:
            return
        yield Change(added_key(name), None)
        yield Change(feed_key(name), None)
        for article in list(self._memory.of_feed(name)):
            yield Change(seen_key(name, article), None)
