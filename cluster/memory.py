"""The state as steps read it: the last record of each key, and the indexes derived from them.  Only `fold` writes."""

from collections.abc import Mapping, Set
from datetime import timedelta
from typing import TypeVar

import msgspec

from cluster.state import ARTICLE, CLOCK, MEAN, STORY, ArticleState, ClockState, MeanKey, MeanState, StoryState
from cluster.timers import Timers
from cluster.window import Window
from wire.codec import decode
from wire.log.port import Record
from wire.messages import ArticleId, StoryId, UtcTime
from wire.vectors import decode_vector

K = TypeVar("K")
S = TypeVar("S", bound=msgspec.Struct)


class Memory:
    """All live articles, stories and means.

    Args:
        stay: how long an article stays after its newest version came.
        quiet_after: how long a story stays open after its last article came.
    """

    def __init__(self, stay: timedelta, quiet_after: timedelta) -> None:
        self._stay = stay
        self._quiet_after = quiet_after
        self._clock: ClockState | None = None
        self._articles: dict[ArticleId, ArticleState] = {}
        self._stories: dict[StoryId, StoryState] = {}
        self._means: dict[MeanKey, MeanState] = {}
        self._windows: dict[str, Window] = {}
        self._members: dict[StoryId, set[ArticleId]] = {}
        self._leaving = Timers()  # articles
        self._closing = Timers()  # open stories

    @property
    def clock(self) -> ClockState | None:
        """The stage's time; None before the first article."""
        return self._clock

    @property
    def articles(self) -> Mapping[ArticleId, ArticleState]:
        """The articles of the window."""
        return self._articles

    @property
    def stories(self) -> Mapping[StoryId, StoryState]:
        """The stories that are open or still have an article in the window."""
        return self._stories

    @property
    def means(self) -> Mapping[MeanKey, MeanState]:
        """The means of what was read so far."""
        return self._means

    @property
    def windows(self) -> Mapping[str, Window]:
        """The live vectors of each space; none is empty."""
        return self._windows

    def members(self, story_id: StoryId) -> Set[ArticleId]:
        """The articles of a story that are in the window."""
        return self._members.get(story_id, frozenset())

    def is_live(self, article: ArticleState, now: UtcTime) -> bool:
        """Whether the article is in the window at `now`; its record may stay a little longer."""
        return now - article.arrived <= self._stay

    def is_open(self, story: StoryState, now: UtcTime) -> bool:
        """Whether the story takes articles at `now`; the event that closes it may come a little later."""
        return not story.closed and now - story.last_arrival <= self._quiet_after

    def leaving(self, now: UtcTime, at_most: int) -> list[ArticleId]:
        """The articles that have left the window, first come first."""
        return _first(self._leaving, now - self._stay, at_most)

    def closing(self, now: UtcTime, at_most: int) -> list[StoryId]:
        """The stories that have gone quiet and are not yet closed, quiet longest first."""
        return _first(self._closing, now - self._quiet_after, at_most)

    def fold(self, record: Record) -> None:
        """Take one record of the state topic; a key of a later program is passed over."""
        key = record.key or ""
        if key.startswith(ARTICLE):
            self._fold_article(key.removeprefix(ARTICLE), _value(record, ArticleState))
        elif key.startswith(STORY):
            self._fold_story(key.removeprefix(STORY), _value(record, StoryState))
        elif key.startswith(MEAN):
            _set(self._means, MeanKey.parse(key), _value(record, MeanState))
        elif key == CLOCK:
            self._clock = _value(record, ClockState)

    def _fold_article(self, article_id: ArticleId, new: ArticleState | None) -> None:
        old = self._articles.get(article_id)
        _set(self._articles, article_id, new)
        # A newer version leaves the vector and the story as they are, so the indexes need not move.
        if old is not None and (new is None or new.arrival != old.arrival):
            self._forget(article_id, old)
            old = None
        if new is not None:
            self._leaving.put(article_id, new.arrived)
            if old is None:
                self._index(article_id, new)

    def _index(self, article_id: ArticleId, article: ArticleState) -> None:
        vector = decode_vector(article.vector)
        if article.space not in self._windows:
            self._windows[article.space] = Window(len(vector))
        self._windows[article.space].add(article_id, article.arrival, vector)
        self._members.setdefault(article.story, set()).add(article_id)

    def _forget(self, article_id: ArticleId, article: ArticleState) -> None:
        self._leaving.remove(article_id)
        window = self._windows[article.space]
        window.remove(article_id)
        if not len(window):
            del self._windows[article.space]
        members = self._members[article.story]
        members.discard(article_id)
        if not members:
            del self._members[article.story]

    def _fold_story(self, story_id: StoryId, new: StoryState | None) -> None:
        _set(self._stories, story_id, new)
        if new is None or new.closed:
            self._closing.remove(story_id)
        else:
            self._closing.put(story_id, new.last_arrival)


def _first(timers: Timers, before: UtcTime, at_most: int) -> list[str]:
    return [key for key, _ in zip(timers.before(before), range(at_most), strict=False)]


def _value(record: Record, kind: type[S]) -> S | None:
    return None if record.value is None else decode(record.value, kind)


def _set(records: dict[K, S], key: K, value: S | None) -> None:
    if value is None:
        records.pop(key, None)
    else:
        records[key] = value
