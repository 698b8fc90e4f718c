"""The state as steps read it: the last record of each key, and the indexes derived from them.  Only `fold` writes.

What comes of an article is indexed later, with others: `settle` is called before it is read (`cluster.draft`).
"""

from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from sys import intern
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from cluster.columns import Columns, Compared
from cluster.numbering import Numbers
from cluster.places import Places
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
from cluster.traits import Traits, tokens_of
from cluster.window import Window
from wire.codec import decode
from wire.log.port import Record
from wire.messages import ArticleId, CommandKind, StoryId, UtcTime
from wire.stage import Change
from wire.vectors import Vector, vector_of, vector_to_bytes

# A restart folds very many articles; so many at once are taken in in three quarters of the time.
_BATCH = 1024
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
        self.whereabouts = Places()
        self.aliases: dict[StoryId, StoryId] = {}  # of stories merged away, to the one they are in
        self._members: dict[StoryId, list[int]] = {}  # numbers of articles, by arrival
        self._marked: dict[str, list[int]] = {}  # the same
        self._leaving = Timers()  # articles
        self._closing = Timers()  # open stories
        self._waiting: dict[ArticleId, tuple[ArticleState, Vector]] = {}  # folded, in nothing of the above yet

    def members(self, story_id: StoryId, newest: int | None = None) -> list[ArticleId]:
        """The articles of a story that are in the window, in order of arrival, all or only the `newest`."""
        numbers = self._members.get(story_id, [])
        return [self.columns.article_id(one) for one in (numbers if newest is None else numbers[-newest:])]

    def marked(self, mark: str) -> Sequence[int]:
        """The numbers of the live articles of which the token is a mark, in order of arrival."""
        return self._marked.get(mark, ())

    def compared(self, articles: Numbers, traits: Traits) -> Compared:
        """What live articles have in common with one of these traits, in their order."""
        words, names, numbers = traits.kinds
        squares = words.squares | names.squares | numbers.squares
        return self.columns.compared(articles, squares, traits.language, traits.outlet)

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
        self.settle()
        for article_id, article in self.articles.items():
            vector = vector_to_bytes(self.windows[article.space].vector(self.columns.number(article_id)))
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
        if article_id in self._waiting:
            self.settle()
        old = self.articles.pop(article_id, None)
        if old is not None:
            self._unlink(article_id)
            self._unindex(article_id, old)
        if new is not None:
            self._waiting[article_id] = new, vector_of(new.vector)
            if len(self._waiting) >= _BATCH:
                self.settle()

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
        place = self.places.get(article_id)
        if place is not None and article_id in self.columns:
            number = self.columns.number(article_id)
            self.whereabouts.put(number, place.story, place.arrived)
            self._insert(self._members, place.story, number, self.columns.arrival(number))

    def _unlink(self, article_id: ArticleId) -> None:
        place = self.places.get(article_id)
        if place is not None and article_id in self.columns:
            self.whereabouts.remove(place.story)
            self._drop(self._members, place.story, self.columns.number(article_id))

    def settle(self) -> None:
        """Take in the articles that were folded since; before anything of articles is read."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, {}
        # One kind of work after the other, not one article after the other: that keeps to what caches hold.
        tokens = [
            [self.rarity.add(group, tokens) for group, tokens in tokens_of(article)] for article, _ in waiting.values()
        ]
        lean = [self._lean(article, kinds) for (article, _), kinds in zip(waiting.values(), tokens, strict=True)]
        self.articles.update(zip(waiting, lean, strict=True))
        numbers = list(map(self.columns.add, waiting, lean, tokens))
        for number, article, (_, vector) in zip(numbers, lean, waiting.values(), strict=True):
            if article.space not in self.windows:
                self.windows[article.space] = Window(len(vector))
            self.windows[article.space].add(number, article.arrival, vector)
        for number, article in zip(numbers, lean, strict=True):
            for mark in article.marks:
                self._insert(self._marked, mark, number, article.arrival)
        for article_id in waiting:
            self._link(article_id)

    def _lean(self, article: ArticleState, tokens: Iterable[Iterable[int]]) -> ArticleState:
        """Without the vector, which its window has, and with one copy of each token however many articles have it."""
        words, names, numbers = map(self.rarity.tokens, tokens)
        return replace(
            article,
            vector=b"",
            language=intern(article.language),
            space=intern(article.space),
            outlet=intern(article.outlet),
            words=words,
            names=names,
            numbers=numbers,
            marks=tuple(map(intern, article.marks)),
            entities=tuple(map(intern, article.entities)),
        )

    def _unindex(self, article_id: ArticleId, article: ArticleState) -> None:
        number = self.columns.number(article_id)
        window = self.windows[article.space]
        window.remove(number)
        if not len(window):
            del self.windows[article.space]
        for group, tokens in tokens_of(article):
            self.rarity.remove(group, tokens)
        for mark in article.marks:
            self._drop(self._marked, mark, number)
        self.columns.remove(article_id)

    def _insert(self, lists: dict[str, list[int]], key: str, number: int, arrival: int) -> None:
        entries = lists.get(key)
        if entries is None:
            lists[key] = [number]
        elif self.columns.arrival(entries[-1]) <= arrival:
            entries.append(number)  # as all do but in restore
        else:
            insort(entries, number, key=self.columns.arrival)

    def _drop(self, lists: dict[str, list[int]], key: str, number: int) -> None:
        entries = lists[key]
        entries.remove(number)
        if not entries:
            del lists[key]

    def _fold_story(self, story_id: StoryId, new: StoryState | None) -> None:
        old = self.stories.get(story_id)
        for alias in old.facts.aliases if old is not None else ():
            if self.aliases.get(alias) == story_id:
                del self.aliases[alias]
        _set(self.stories, story_id, new)
        if new is not None:
            self.whereabouts.put_story(story_id, new, new=old is None)
        elif old is not None:
            self.whereabouts.remove_story(story_id)
        self.aliases |= dict.fromkeys(new.facts.aliases if new is not None else (), story_id)
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
