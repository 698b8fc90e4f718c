"""Keys and ids of the state."""

from datetime import timedelta

import pytest

from cluster.state import MeanKey, event_id, story_id
from tests.cluster.samples import START
from wire.messages import StoryEventKind


@pytest.mark.parametrize(("space", "language"), [("s", "en"), ("title+400/1", "*"), ("with:colon", "und"), ("", "uk")])
def test_mean_keys_come_back(space: str, language: str) -> None:
    key = MeanKey(space, language)
    assert MeanKey.parse(str(key)) == key


def test_ids_are_hashes_of_what_they_stand_for() -> None:
    assert story_id("a1", START) == story_id("a1", START)
    assert len({story_id("a1", START), story_id("a2", START), story_id("a1", START + timedelta(days=5))}) == 3
    opened, joined = StoryEventKind.OPENED, StoryEventKind.JOINED
    assert len({event_id(opened, "s", 1), event_id(joined, "s", 1), event_id(opened, "s", 2)}) == 3
    assert event_id(opened, "s", 1) == event_id(opened, "s", 1)
