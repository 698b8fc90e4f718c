"""What one step does to the state and tells, while it is being decided: the memory, seen through its changes so far."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import msgspec

from cluster.columns import Compared, beside
from cluster.memory import Memory
from cluster.state import (
    ARTICLE,
    CLOCK,
    COMMAND,
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
from cluster.traits import Traits
from wire.messages import ArticleId, StoryEvent, StoryId, UtcTime
from wire.stage import Change, Effects, Output
from wire.topics import STORY_EVENTS
from wire.vectors import Vector

K = TypeVar("K")
S = TypeVar("S", bound=msgspec.Struct)


class Draft:
    """Reads like the memory after the changes made so far; the memory itself is not touched."""

    def __init__(self, memory: Memory, clock: ClockState) -> None:
        self.memory = memory
        self.clock = clock
        self._articles: dict[ArticleId, ArticleState | None] = {}
        self._vectors: dict[ArticleId, Vector] = {}  # of new articles
        self._places: dict[ArticleId, PlaceState | None] = {}
        self._stories: dict[StoryId, StoryState | None] = {}
        self._means: dict[MeanKey, MeanState | None] = {}
        self._commands: dict[str, CommandState] = {}
        self._aliases: dict[StoryId, StoryId] = {}
        self._told: list[Output] = []

    @property
    def now(self) -> UtcTime:
        """The stage's time."""
        return self.clock.time

    def article(self, article_id: ArticleId) -> ArticleState | None:
        """The article, None where it is not live."""
        return self._articles[article_id] if article_id in self._articles else self.memory.articles.get(article_id)

    def place(self, article_id: ArticleId) -> PlaceState | None:
        """Where the article is, None where it is not live."""
        return self._places[article_id] if article_id in self._places else self.memory.places.get(article_id)

    def story(self, story_id: StoryId) -> StoryState | None:
        """The story, None where it is not known or was merged away."""
        return self._stories[story_id] if story_id in self._stories else self.memory.stories.get(story_id)

    def living(self, story_id: StoryId) -> StoryId:
        """The story that `story_id` is in after all merges; itself where it was not merged."""
        seen: set[StoryId] = set()
        while story_id not in seen:
            seen.add(story_id)
            story_id = self._aliases.get(story_id) or self.memory.aliases.get(story_id, story_id)
        return story_id

    def is_live(self, place: PlaceState) -> bool:
        """Whether an article with this place is in the window; its records may stay a little longer."""
        return self.now - place.arrived <= self.memory.stay

    def is_open(self, story: StoryState) -> bool:
        """Whether the story takes articles; the event that closes it may come a little later."""
        return not story.closed and self.now - story.last_arrival <= self.memory.quiet_after

    def takes(self, story: StoryState, event_time: UtcTime) -> bool:
        """Whether the story takes an article of `event_time`: it is open, and was told of around then."""
        quiet = self.memory.quiet_after
        return self.is_open(story) and story.first_event_time - quiet <= event_time <= story.last_event_time + quiet

    def takers(self, event_time: UtcTime) -> Callable[[ArticleId], bool]:
        """Tells of articles whether they are live and their story takes one of `event_time`, before the next change."""
        changed, known, oldest = self._places, self.memory.places, self.now - self.memory.stay
        takes: dict[StoryId, bool] = {}

        def asked(article_id: ArticleId) -> bool:
            place = changed[article_id] if article_id in changed else known.get(article_id)
            if place is None or place.arrived < oldest:
                return False
            story_id = place.story
            taken = takes.get(story_id)
            if taken is None:
                story = self.story(story_id)
                taken = takes[story_id] = story is not None and self.takes(story, event_time)
            return taken

        return asked

    def members(self, story_id: StoryId, newest: int | None = None) -> list[ArticleId]:
        """The articles of the story in order of arrival, all or only the `newest`."""
        known = self.memory.members(story_id)
        if newest is not None:
            known = known[-newest - len(self._places) :]
        found = [entry for entry in known if entry[1] not in self._places]
        changed = [one for one, place in self._places.items() if place is not None and place.story == story_id]
        if changed:
            states = ((self.article(one), one) for one in changed)
            found = sorted([*found, *((state.arrival, one) for state, one in states if state is not None)])
        return [one for _, one in (found if newest is None else found[-newest:])]

    def similarities(self, vector: Vector, space: str, articles: Sequence[ArticleId]) -> list[float]:
        """The cosine of `vector` with each of `articles` of `space`, rounded to six digits."""
        stored = [one for one in articles if one not in self._vectors]
        window = self.memory.windows.get(space)
        known = dict(zip(stored, window.similarities(vector, stored), strict=True)) if window is not None else {}
        new = {
            one: round(float(vector.astype("f8") @ self._vectors[one].astype("f8")), 6)
            for one in articles
            if one in self._vectors
        }
        return [new[one] if one in new else known[one] for one in articles]

    def compared(self, articles: Sequence[ArticleId], traits: Traits) -> Compared:
        """What live articles have in common with one of these traits, in their order."""
        new = [at for at, one in enumerate(articles) if one in self._vectors]
        known = self.memory.compared([one for one in articles if one not in self._vectors], traits)
        for at in new:
            article = self.article(articles[at])
            assert article is not None
            known = known.inserted(at, beside(article, traits))
        return known

    def vector(self, article_id: ArticleId) -> Vector:
        """The centred vector of a live article."""
        if article_id in self._vectors:
            return self._vectors[article_id]
        return self.memory.windows[self.memory.articles[article_id].space].vector(article_id)

    def put_article(self, article_id: ArticleId, state: ArticleState | None, vector: Vector | None = None) -> None:
        """Set an article, None to forget it; a new one comes with its vector."""
        self._articles[article_id] = state
        if vector is not None:
            self._vectors[article_id] = vector

    def put_place(self, article_id: ArticleId, state: PlaceState | None) -> None:
        """Set where an article is."""
        self._places[article_id] = state

    def put_story(self, story_id: StoryId, state: StoryState | None) -> None:
        """Set a story."""
        self._stories[story_id] = state

    def put_alias(self, gone: StoryId, into: StoryId) -> None:
        """Note that a story was merged away; the surviving story's record says it too."""
        self._stories[gone] = None
        self._aliases[gone] = into

    def put_mean(self, key: MeanKey, state: MeanState | None) -> None:
        """Set a mean."""
        self._means[key] = state

    def put_command(self, state: CommandState) -> None:
        """Set a command."""
        self._commands[state.command.command_id] = state

    def tell(self, event: StoryEvent) -> None:
        """Tell an event after those told so far."""
        self._told.append(Output(STORY_EVENTS, event.story_id, event))

    def effects(self) -> Effects:
        """All of it; stories before places before articles, so that what is folded in between points nowhere wrong."""
        changes = (
            *_changes(COMMAND, self._commands),
            *_changes(STORY, self._stories),
            *_changes(PLACE, self._places),
            *_changes(ARTICLE, self._articles),
            *_changes("", self._means),
        )
        # Time begins with the first article: a command that comes before it must not set the clock to its own day.
        began = self.memory.clock is not None or self.clock.arrivals > 0
        clock = (Change(CLOCK, self.clock),) if began and self.clock != self.memory.clock else ()
        return Effects(outputs=tuple(self._told), changes=(*changes, *clock))


def _changes(prefix: str, records: Mapping[K, S | None] | Mapping[K, S]) -> list[Change]:
    return [Change(f"{prefix}{key}", value) for key, value in records.items()]
