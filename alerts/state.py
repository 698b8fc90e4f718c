"""What the stage `alerts` remembers: small records, one per kind of fact, and their indexes.

| key | record | removed |
| --- | --- | --- |
| `told:<story>:<watch>` | `Told`: this story has been told for this watch | when the alert has left `news.alerts` |
| `article:<story>:<article>` | `Coverage`: an article that mentions watched entities | with its story |
| `story:<story>` | `StoryHead`: how far its events were read | story closed, retired or merged away |
| `watch:<name>` | `Loaded`: since when the watch speaks, and which form of it is in force | never; few |
| `held:<story>:<watch>` | `Held`: an update that waits for the end of its cooldown | when it is sent |
| `removed:<article>` | `Removed`: it was taken down | never; few |
| `clock` | `Newest`: the largest `seen` that was read | never; one |
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Set
from datetime import datetime, timedelta
from heapq import heappop, heappush, nsmallest
from typing import TypeVar

from alerts.removed import Takedowns
from wire.codec import decode
from wire.log.port import Record
from wire.messages import Alert, ArticleId, Mention, Message, Sentence, StoryId, UtcTime
from wire.stage import Change

R = TypeVar("R")
CLOCK = "clock"
# As long as alerts stay in their topic.
TOLD_FOR = timedelta(days=365)
# Of a story told, so many articles are known by name; the rest are in the story anyway.
MOST_TOLD_ARTICLES = 200


class Told(Message, frozen=True, kw_only=True):
    """A story was told for a watch, or has taken over a story or article that was."""

    watch: str
    story_id: StoryId
    alert_id: str
    number: int = 1  # of the messages so far
    articles: tuple[ArticleId, ...]  # that satisfy the watch, so far; at most `MOST_TOLD_ARTICLES`
    seen: UtcTime  # when first told, by the stage's clock
    last: UtcTime | None = None  # when last told; None in records of an older program, where it is `seen`
    languages: tuple[str, ...] = ()  # of those articles
    outlets: tuple[str, ...] = ()
    headline: bool = False  # one of them shows it in its headline


class Held(Message, frozen=True, kw_only=True):
    """The last update within a cooldown, as it will be sent at `until`."""

    until: UtcTime
    alert: Alert


class Coverage(Message, frozen=True, kw_only=True):
    """An article of a story, with those of its sentences that mention watched entities."""

    story_id: StoryId
    article_id: ArticleId
    version: str
    offset: int  # of the story event that brought this version
    outlet: str
    url: str
    title: str
    language: str
    published: UtcTime | None
    seen: UtcTime
    sentences: tuple[Sentence, ...]
    mentions: tuple[Mention, ...]
    words: tuple[str, ...] = ()  # of those that watches ask for
    citations: tuple[str, ...] = ()  # outlets named as sources
    corrected: bool = False  # it says that it was wrong


class StoryHead(Message, frozen=True, kw_only=True):
    """The last event that was read of an open story, and when its first article was seen."""

    story_id: StoryId
    number: int
    first_seen: UtcTime


class Loaded(Message, frozen=True, kw_only=True):
    """A watch speaks of events from offset `since` on; the form in force was first used at `offset`."""

    watch: str
    digest: str
    since: int
    offset: int


class Newest(Message, frozen=True, kw_only=True):
    """The stage's clock."""

    seen: UtcTime


def told_key(story_id: StoryId, watch: str) -> str:
    """Where `Told` is kept."""
    return f"told:{story_id}:{watch}"


def held_key(story_id: StoryId, watch: str) -> str:
    """Where `Held` is kept."""
    return f"held:{story_id}:{watch}"


def article_key(story_id: StoryId, article_id: ArticleId) -> str:
    """Where `Coverage` is kept."""
    return f"article:{story_id}:{article_id}"


def story_key(story_id: StoryId) -> str:
    """Where `StoryHead` is kept."""
    return f"story:{story_id}"


def watch_key(name: str) -> str:
    """Where `Loaded` is kept."""
    return f"watch:{name}"


class WatchState:
    """The state in memory: a function of the last value per key, whatever the order of the keys."""

    def __init__(self) -> None:
        self._told: dict[str, Told] = {}
        self._told_of: dict[StoryId, dict[str, Told]] = {}
        self._old: list[tuple[datetime, str]] = []  # heap of told keys; what is no longer true is skipped
        self._articles: dict[str, Coverage] = {}
        self._covered: dict[StoryId, dict[ArticleId, Coverage]] = {}
        self._named: dict[StoryId, Counter[str]] = {}  # entity -> articles of the story that mention it
        self._told_by_article: dict[ArticleId, dict[str, set[str]]] = {}  # article -> watch -> told keys
        self._held: dict[str, Held] = {}
        self._ends: list[tuple[datetime, str]] = []  # heap of held keys; what is no longer true is skipped
        self._stories: dict[str, StoryHead] = {}
        self._loaded: dict[str, Loaded] = {}
        self.takedowns = Takedowns()
        self.newest: datetime | None = None

    def fold(self, record: Record) -> None:
        """Take one record of the state topic; kinds of a newer program are left alone."""
        key = record.key or ""
        match key.split(":", 1)[0]:
            case "told":
                self._fold_told(key, None if record.value is None else decode(record.value, Told))
            case "article":
                self._fold_article(key, None if record.value is None else decode(record.value, Coverage))
            case "story":
                _put(self._stories, key, None if record.value is None else decode(record.value, StoryHead))
            case "watch":
                _put(self._loaded, key, None if record.value is None else decode(record.value, Loaded))
            case "held":
                self._fold_held(key, None if record.value is None else decode(record.value, Held))
            case "removed":
                self.takedowns.fold(record)
            case "clock":
                self.newest = None if record.value is None else decode(record.value, Newest).seen

    def remembered(self) -> Iterator[Change]:
        """Every record of the state topic, as it is here."""
        for table in (self._told, self._articles, self._stories, self._loaded, self._held):
            yield from (Change(key, record) for key, record in table.items())
        yield from self.takedowns.remembered()
        if self.newest is not None:
            yield Change(CLOCK, Newest(seen=self.newest))

    def _fold_told(self, key: str, told: Told | None) -> None:
        if (old := self._told.pop(key, None)) is not None:
            _drop(self._told_of, old.story_id, old.watch)
            for article in old.articles:
                self._forget_told(article, old.watch, key)
        if told is not None:
            self._told[key] = told
            self._told_of.setdefault(told.story_id, {})[told.watch] = told
            for article in told.articles:
                self._told_by_article.setdefault(article, {}).setdefault(told.watch, set()).add(key)
            heappush(self._old, (told.seen, key))

    def _forget_told(self, article: ArticleId, watch: str, key: str) -> None:
        watches = self._told_by_article[article]
        watches[watch].discard(key)
        if not watches[watch]:
            del watches[watch]
        if not watches:
            del self._told_by_article[article]

    def _fold_held(self, key: str, held: Held | None) -> None:
        _put(self._held, key, held)
        if held is not None:
            heappush(self._ends, (held.until, key))

    def _fold_article(self, key: str, coverage: Coverage | None) -> None:
        if (old := self._articles.pop(key, None)) is not None:
            _drop(self._covered, old.story_id, old.article_id)
            named = self._named[old.story_id]
            named -= _entities(old)  # which drops what falls to nought
            if not named:
                del self._named[old.story_id]
        if coverage is not None:
            self._articles[key] = coverage
            self._covered.setdefault(coverage.story_id, {})[coverage.article_id] = coverage
            self._named.setdefault(coverage.story_id, Counter()).update(_entities(coverage))

    def story(self, story_id: StoryId) -> StoryHead | None:
        """The open story, as far as it was read."""
        return self._stories.get(story_key(story_id))

    def covered(self, story_id: StoryId) -> Mapping[ArticleId, Coverage]:
        """The story's articles that mention watched entities."""
        return self._covered.get(story_id, {})

    def named(self, story_id: StoryId) -> Set[str]:
        """The watched entities that the story's articles mention."""
        return self._named.get(story_id, Counter[str]()).keys()

    def told_of_article(self, article_id: ArticleId, watch: str) -> Told | None:
        """Where the article was told of for the watch, in whatever story it was then; None if never."""
        keys = self._told_by_article.get(article_id, {}).get(watch)
        return self._told[min(keys)] if keys else None

    def held_of(self, story_id: StoryId) -> Mapping[str, Held]:
        """The updates that wait, by watch."""
        found = {name: self._held.get(held_key(story_id, name)) for name in self.told(story_id)}
        return {name: held for name, held in found.items() if held is not None}

    def all_held(self) -> list[Held]:
        """Every update that waits."""
        return list(self._held.values())

    def coverage_of(self, article_id: ArticleId) -> list[Coverage]:
        """The article in every story that keeps it."""
        return [one for one in self._articles.values() if one.article_id == article_id]

    def over(self, now: datetime, most: int) -> list[Held]:
        """Updates whose cooldown has ended by `now`, the oldest first; at most `most`."""
        while self._ends and not self._still_waits(*self._ends[0]):
            heappop(self._ends)
        if not self._ends or self._ends[0][0] > now:
            return []
        ended = (held for held in self._held.values() if held.until <= now)
        return nsmallest(most, ended, key=lambda h: (h.until, h.alert.watch, h.alert.story_id))

    def _still_waits(self, until: datetime, key: str) -> bool:
        held = self._held.get(key)
        return held is not None and held.until == until

    def told(self, story_id: StoryId) -> Mapping[str, Told]:
        """What was told of the story, by watch."""
        return self._told_of.get(story_id, {})

    def loaded(self, watch: str) -> Loaded | None:
        """Since when the watch speaks; None for one that was never loaded."""
        return self._loaded.get(watch_key(watch))

    def outdated(self, now: datetime) -> str | None:
        """The key of the oldest told record that nobody can look up any more; None where there is none."""
        while self._old:
            seen, key = self._old[0]
            if (told := self._told.get(key)) is not None and told.seen == seen:
                return key if seen + TOLD_FOR < now else None
            heappop(self._old)
        return None


def _entities(coverage: Coverage) -> Counter[str]:
    return Counter({mention.entity for mention in coverage.mentions})


def _put(table: dict[str, R], key: str, record: R | None) -> None:
    if record is None:
        table.pop(key, None)
    else:
        table[key] = record


def _drop(table: dict[str, dict[str, R]], outer: str, inner: str) -> None:
    table[outer].pop(inner)
    if not table[outer]:
        del table[outer]
