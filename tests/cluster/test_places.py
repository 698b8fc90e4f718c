"""Arrays say where articles are and which stories take one, as the records do, through the changes of a draft too."""

from datetime import timedelta
from random import Random

import numpy as np
import pytest

from cluster.draft import Draft
from cluster.memory import Memory
from cluster.state import ArticleState, ClockState, PlaceState, StoryState
from tests.cluster.samples import START
from wire.codec import encode
from wire.log.port import Record
from wire.messages import StoryId
from wire.topics import STORIES
from wire.vectors import encode_vector

STAY, QUIET = timedelta(hours=30), timedelta(hours=20)


def put(memory: Memory, key: str, value: ArticleState | PlaceState | StoryState | None) -> None:
    memory.fold(Record(topic=STORIES, key=key, value=None if value is None else encode(value)))


def an_article(arrival: int) -> ArticleState:
    vector = encode_vector(np.ones(4, dtype=np.float32) / 2)
    return ArticleState(
        arrival=arrival,
        placed=START,
        event_time=START,
        space="s",
        vector=vector,
        language="en",
        outlet="alpha",
        title="",
    )


def a_story(chance: Random) -> StoryState:
    return StoryState(
        title="",
        opened=chance.randrange(9),
        number=1,
        article_count=1,
        outlets=(),
        languages=(),
        first_event_time=START + timedelta(hours=chance.randrange(-60, 0)),
        last_event_time=START + timedelta(hours=chance.randrange(-30, 30)),
        last_arrival=START - timedelta(hours=chance.randrange(30)),
        closed=chance.random() < 0.2,
    )


def a_place(chance: Random, stories: list[StoryId]) -> PlaceState:
    return PlaceState(
        story=chance.choice(stories), arrived=START - timedelta(hours=chance.randrange(40)), versions=("v",)
    )


@pytest.mark.parametrize("seed", range(20))
def test_who_takes_an_article_is_what_the_records_say(seed: int) -> None:
    chance = Random(seed)
    memory = Memory(STAY, QUIET)
    articles, stories = [f"a{number}" for number in range(12)], [f"st-{number}" for number in range(6)]
    for _ in range(3):  # the second and third time change and remove what is there, in any order of keys
        for key in chance.sample([*articles, *stories], 18):
            kind = "story:" if key in stories else "place:"
            put(memory, f"{kind}{key}", a_story(chance) if key in stories else a_place(chance, stories))
            if key in articles and key not in memory.articles:
                put(memory, f"article:{key}", an_article(articles.index(key)))
        for key in chance.sample(articles, 3):
            put(memory, f"place:{key}", None)
            put(memory, f"article:{key}", None)
        put(memory, f"story:{chance.choice(stories)}", None)
    draft = Draft(memory, ClockState(time=START, arrivals=12))
    for key in chance.sample(stories, 2):
        draft.put_story(key, chance.choice([None, a_story(chance)]))
    draft.put_story("st-new", a_story(chance))
    for key in chance.sample(list(memory.places), 3):
        draft.put_place(key, a_place(chance, ["st-new", *stories]))
    event_time = START + timedelta(hours=chance.randrange(-30, 30))
    live = list(memory.articles)
    numbers = memory.columns.numbers(live)
    where = draft.stories_of(numbers)
    for at, (key, taken) in enumerate(zip(live, draft.takers(numbers, event_time).tolist(), strict=True)):
        place = draft.place(key)
        assert place is not None
        story = draft.story(place.story)
        assert draft.story_of(int(where[at])) == place.story
        # A place that a draft changes keeps its time: only where an article is can change under it.
        arrived = memory.places[key].arrived >= START - STAY
        assert taken == (arrived and story is not None and draft.takes(story, event_time))
        if story is not None:
            assert draft.opened(int(where[at])) == story.opened
    for story_id in stories:
        expected = [key for key in articles if key in live and memory.places[key].story == story_id]
        assert memory.members(story_id) == expected
