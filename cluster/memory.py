"""The state as steps read it: the last record of each key, and the indexes derived from them.  Only `fold` writes."""

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from datetime import timedelta
from sys import intern
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from cluster.columns import Columns, Compared
from cluster.rarity import Rarity
from cluster.state import (
    ARTICLE,
    CLOCK,
    COMMAND,
    MEAN,
    PLACE,
    STORY,
    ArticleState,
    ClockState,
    CommandState,
    MeanKey,
    MeanState,
    PlaceState,
    StoryState,
)
from cluster.timers import Timers
from cluster.traits import NAMES, NUMBERS, Traits
from cluster.window import Window
from wire.codec import decode
from wire.log.port import Record
from wire.messages import ArticleId, CommandKind, StoryId, UtcTime
from wire.stage import Change
from wire.vectors import Vector, decode_vector, encode_vector

K = TypeVar("K")
S = TypeVar("S", bound=msgspec.Struct)


class Memory:
    """All live articles, stories, means and commands.

    Args:
        stay: how long an article stays after its newest version came.
        quiet_after: how long a story stays open after its last article came.
    """

    def __init__(self, stay: timedelta, quiet_after: timedelta) -> None:
        self.stay = stay
        self.quiet_after = quiet_after
        self.clock: ClockState | None = None  # None before the first article
        self.articles: dict[ArticleId, ArticleState] = {}  # without their vectors, which the windows have
        self.places: dict[ArticleId, PlaceState] = {}
        self.stories: dict[StoryId, StoryState] = {}
        self.means: dict[MeanKey, MeanState] = {}
        self.commands: dict[str, CommandState] = {}
        self.removed: set[ArticleId] = set()  # articles that commands took down
        self.windows: dict[str, Window] = {}  # the live vectors of each space; none is empty
        self.rarity = Rarity()
        self.columns = Columns()
        self.aliases: dict[StoryId, StoryId] = {}  # of stories merged away, to the one they are in
        self._members: dict[StoryId, list[tuple[int, ArticleId]]] = {}  # by arrival
        self._marked: dict[str, list[tuple[int, ArticleId]]] = {}  # by arrival
        self._leaving = Timers()  # articles
        self._closing = Timers()  # open stories

    def members(self, story_id: StoryId) -> Sequence[tuple[int, ArticleId]]:
        """The articles of a story that are in the window, with their arrival numbers, in order of arrival."""
        return self._members.get(story_id, ())

    def marked(self, mark: str) -> Sequence[tuple[int, ArticleId]]:
        """The live articles of which the token is a mark, in order of arrival."""
        return self._marked.get(mark, ())

    def compared(self, articles: Sequence[ArticleId], traits: Traits) -> Compared:
        """What live articles have in common with one of these traits, in their order."""
        kinds = (traits.language, traits.words), (NAMES, traits.names), (NUMBERS, traits.numbers)
        squares: dict[int, float] = {}
        for group, weights in kinds:
            squares |= self.rarity.squares(group, weights)
        return self.columns.compared(articles, squares, traits.language)

    def leaving(self, now: UtcTime, at_most: int) -> list[ArticleId]:
        """The articles that have left the window, first come first."""
        return _first(self._leaving, now - self.stay, at_most)

    def closing(self, now: UtcTime, at_most: int) -> list[StoryId]:
        """The stories that have gone quiet and are not yet closed, quiet longest first."""
        return _first(self._closing, now - self.quiet_after, at_most)

    def fold(self, record: Record) -> None:
        """Take one record of the state topic; a key of a later program is passed over."""
        key = record.key or ""
        if key.startswith(ARTICLE):
            self._fold_article(key.removeprefix(ARTICLE), _value(record, ArticleState))
        elif key.startswith(PLACE):
            self._fold_place(key.removeprefix(PLACE), _value(record, PlaceState))
        elif key.startswith(STORY):
            self._fold_story(key.removeprefix(STORY), _value(record, StoryState))
        elif key.startswith(MEAN):
            _set(self.means, MeanKey.parse(key), _value(record, MeanState))
        elif key.startswith(COMMAND):
            self._fold_command(key.removeprefix(COMMAND), _value(record, CommandState))
        elif key == CLOCK:
            self.clock = _value(record, ClockState)

    def remembered(self) -> Iterator[Change]:
        """Every record of the state topic, made anew from what is here: vectors come from their windows."""
        for article_id, article in self.articles.items():
            vector = encode_vector(self.windows[article.space].vector(article_id))
            yield Change(f"{ARTICLE}{article_id}", replace(article, vector=vector))
        yield from (Change(f"{PLACE}{article_id}", place) for article_id, place in self.places.items())
        yield from (Change(f"{STORY}{story_id}", story) for story_id, story in self.stories.items())
        yield from (Change(str(key), mean) for key, mean in self.means.items())
        yield from (Change(f"{COMMAND}{name}", command) for name, command in self.commands.items())
        if self.clock is not None:
            yield Change(CLOCK, self.clock)

    def _fold_command(self, name: str, new: CommandState | None) -> None:
        _set(self.commands, name, new)
        if new is not None and new.command.kind is CommandKind.REMOVE:
            self.removed.add(new.command.target)

    def _fold_article(self, article_id: ArticleId, new: ArticleState | None) -> None:
        old = self.articles.get(article_id)
        if old is not None:
            self._unlink(article_id)
            self._unindex(article_id, old)
        _set(self.articles, article_id, None if new is None else _lean(new))
        if new is not None:
            self._index(article_id, self.articles[article_id], decode_vector(new.vector))
            self._link(article_id)

    def _fold_place(self, article_id: ArticleId, new: PlaceState | None) -> None:
        self._unlink(article_id)
        _set(self.places, article_id, new)
        if new is None:
            self._leaving.remove(article_id)
        else:
            self._leaving.put(article_id, new.arrived)
            self._link(article_id)

    def _link(self, article_id: ArticleId) -> None:
        """Make the article a member of its story once both its records are here; they come in any order."""
        article, place = self.articles.get(article_id), self.places.get(article_id)
        if article is not None and place is not None:
            insort(self._members.setdefault(place.story, []), (article.arrival, article_id))

    def _unlink(self, article_id: ArticleId) -> None:
        article, place = self.articles.get(article_id), self.places.get(article_id)
        if article is not None and place is not None:
            _drop(self._members, place.story, (article.arrival, article_id))

    def _index(self, article_id: ArticleId, article: ArticleState, vector: Vector) -> None:
        if article.space not in self.windows:
            self.windows[article.space] = Window(len(vector))
        self.windows[article.space].add(article_id, article.arrival, vector)
        numbers = [self.rarity.add(group, tokens) for group, tokens in _tokens(article)]
        self.columns.add(article_id, article, numbers)
        entry = article.arrival, article_id
        for mark in article.marks:
            insort(self._marked.setdefault(mark, []), entry)

    def _unindex(self, article_id: ArticleId, article: ArticleState) -> None:
        window = self.windows[article.space]
        window.remove(article_id)
        if not len(window):
            del self.windows[article.space]
        self.columns.remove(article_id)
        for group, tokens in _tokens(article):
            self.rarity.remove(group, tokens)
        for mark in article.marks:
            _drop(self._marked, mark, (article.arrival, article_id))

    def _fold_story(self, story_id: StoryId, new: StoryState | None) -> None:
        old = self.stories.get(story_id)
        for alias in old.facts.aliases if old is not None else ():
            if self.aliases.get(alias) == story_id:
                del self.aliases[alias]
        _set(self.stories, story_id, new)
        self.aliases |= dict.fromkeys(new.facts.aliases if new is not None else (), story_id)
        if new is None or new.closed:
            self._closing.remove(story_id)
        else:
            self._closing.put(story_id, new.last_arrival)


def _lean(article: ArticleState) -> ArticleState:
    """Without the vector, which its window has, and with one copy of each token however many articles have it."""
    return replace(
        article,
        vector="",
        language=intern(article.language),
        space=intern(article.space),
        outlet=intern(article.outlet),
        words=tuple(map(intern, article.words)),
        names=tuple(map(intern, article.names)),
        numbers=tuple(map(intern, article.numbers)),
        marks=tuple(map(intern, article.marks)),
        entities=tuple(map(intern, article.entities)),
    )


def _tokens(article: ArticleState) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return (article.language, article.words), (NAMES, article.names), (NUMBERS, article.numbers)


def _first(timers: Timers, before: UtcTime, at_most: int) -> list[str]:
    return [key for key, _ in zip(timers.before(before), range(at_most), strict=False)]


def _value(record: Record, kind: type[S]) -> S | None:
    return None if record.value is None else decode(record.value, kind)


def _set(records: dict[K, S], key: K, value: S | None) -> None:
    if value is None:
        records.pop(key, None)
    else:
        records[key] = value


def _drop(lists: dict[str, list[tuple[int, ArticleId]]], key: str, entry: tuple[int, ArticleId]) -> None:
    entries = lists[key]
    del entries[bisect_left(entries, entry)]
    if not entries:
        del lists[key]
