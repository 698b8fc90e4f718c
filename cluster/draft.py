"""What one step does to the state and tells, while it is being decided: the memory, seen through its changes so far."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from cluster.memory import Memory
from cluster.numbering import Numbers
from cluster.places import Asking
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
from cluster.window import cosines
from wire.messages import ArticleId, StoryEvent, StoryId, UtcTime
from wire.stage import Change, Effects, Output
from wire.topics import STORY_EVENTS
from wire.vectors import Vector

K = TypeVar("K")
S = TypeVar("S", bound=msgspec.Struct)


class Draft:
    """Reads like the memory after the changes made so far; the memory itself is not touched."""

    def __init__(self, memory: Memory, clock: ClockState) -> None:
        memory.settle()
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
        self._new_stories: list[StoryId] = []  # by number: -1, -2, ...

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

    def takers(self, articles: Numbers, event_time: UtcTime) -> NDArray[np.bool_]:
        """Which articles of the memory are live and in a story that takes one of `event_time`."""
        places = self.memory.whereabouts
        asking = Asking(event_time=event_time, now=self.now, stay=self.memory.stay, quiet_after=self.memory.quiet_after)
        stories = self.stories_of(articles)
        taking = places.taking(stories, asking)
        for story_id, story in self._stories.items():
            taking[stories == self._story_number(story_id)] = story is not None and self.takes(story, event_time)
        return taking & places.live(articles, asking)

    def stories_of(self, articles: Numbers) -> Numbers:
        """Numbers of the stories that articles of the memory are in; for `story_of` of this draft alone."""
        stories = self.memory.whereabouts.stories(articles)
        for article_id, place in self._places.items():
            if place is not None and article_id in self.memory.columns:
                stories[articles == self.memory.columns.number(article_id)] = self._story_number(place.story)
        return stories

    def story_of(self, number: int) -> StoryId:
        """Which story has a number of `stories_of`."""
        return self.memory.whereabouts.story_id(number) if number >= 0 else self._new_stories[-number - 1]

    def opened(self, number: int) -> int:
        """The arrival number of the first article of a story, by its number of `stories_of`."""
        story = self._stories.get(self.story_of(number))
        return self.memory.whereabouts.opened(number) if story is None else story.opened

    def _story_number(self, story_id: StoryId) -> int:
        """That of the memory; of a story that only the draft knows one below 0."""
        known = self.memory.whereabouts.number(story_id)
        if known is not None:
            return known
        if story_id not in self._new_stories:
            self._new_stories.append(story_id)
        return -self._new_stories.index(story_id) - 1

    def members(self, story_id: StoryId, newest: int | None = None) -> list[ArticleId]:
        """The articles of the story in order of arrival, all or only the `newest`."""
        known = self.memory.members(story_id, None if newest is None else newest + len(self._places))
        found = [one for one in known if one not in self._places] if self._places else known
        changed = [one for one, place in self._places.items() if place is not None and place.story == story_id]
        if changed:
            states = ((self.article(one), one) for one in (*found, *changed))
            found = [one for _, one in sorted((state.arrival, one) for state, one in states if state is not None)]
        return found if newest is None else found[-newest:]

    def similarities(self, articles: Sequence[ArticleId], others: Sequence[ArticleId]) -> NDArray[np.float64]:
        """The cosine of each of `articles` with each of `others`, all live and of one space; rounded to six digits."""
        ours, theirs = ([self.vector(one) for one in those] for those in (articles, others))
        return cosines(np.array(ours), np.array(theirs))

    def vector(self, article_id: ArticleId) -> Vector:
        """The centred vector of a live article."""
        if article_id in self._vectors:
            return self._vectors[article_id]
        number = self.memory.columns.number(article_id)
        return self.memory.windows[self.memory.articles[article_id].space].vector(number)

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
