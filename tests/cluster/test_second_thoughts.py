"""As evidence grows, two stories become one, one becomes two, and an article goes where it fits better."""

from datetime import timedelta

from msgspec.structs import replace

from bench.stories import final_stories
from cluster.stage import Cluster
from enrich.signatures import copy_signature
from tests.cluster.samples import PRIOR, START, enriched, record, turned
from tests.stage_runner import StageRunner
from wire.messages import Enriched, Reading, StoryEvent, StoryEventKind
from wire.settings import ClusterSettings
from wire.topics import STORIES

# So heavy that the means stay where they are, and angles are what they say.
STEADY = replace(PRIOR, weight=1_000_000)


def told(*messages: Enriched) -> list[StoryEvent]:
    run = StageRunner(lambda: Cluster(ClusterSettings(), STEADY), STORIES)
    run.take_all([record(message, offset) for offset, message in enumerate(messages)], START)
    return [output.message for output in run.outputs if isinstance(output.message, StoryEvent)]


def test_two_stories_that_prove_one_are_merged_and_the_older_keeps_its_id() -> None:
    events = told(turned("a", 0, outlet="alpha"), turned("b", 56, outlet="beta"), turned("c", 28, outlet="gamma"))
    assert [event.kind.value for event in events] == ["opened", "opened", "joined", "merged"]
    first, second, _, merged = events
    assert (merged.story_id, merged.other, merged.articles) == (first.story_id, second.story_id, ("b",))
    assert merged.evidence is not None
    assert merged.score >= merged.evidence.bar
    assert (merged.number, merged.article_count, set(merged.outlets)) == (3, 3, {"alpha", "beta", "gamma"})
    assert merged.facts is not None
    assert merged.facts.aliases == (second.story_id,)
    assert set(final_stories(events).values()) == {first.story_id}


def test_what_follows_a_merge_joins_the_story_that_stayed() -> None:
    events = told(turned("a", 0), turned("b", 56), turned("c", 28), turned("d", 56))
    assert events[-1].kind is StoryEventKind.JOINED
    assert events[-1].story_id == events[0].story_id
    assert events[-1].evidence is not None
    assert events[-1].evidence.nearest == "b"


def quiet_stream() -> list[Enriched]:
    """Articles that nothing else resembles: the bar sinks to its lowest."""
    return [enriched(f"q{one}", space="other-8", title=f"q{one}word") for one in range(40)]


def test_a_story_that_fell_in_two_is_split() -> None:
    events = told(
        *quiet_stream(),
        *(turned(one, 0) for one in ("aa", "ab")),
        turned("m", 41.4),
        *(turned(one, 83.2) for one in ("ba", "bb")),
    )
    split = events[-1]
    assert split.kind is StoryEventKind.SPLIT
    assert split.articles == ("ba", "bb")
    assert split.article_count == 3
    assert split.other_after is not None
    assert split.other_after.article_count == 2
    stories = final_stories(events)
    assert stories["aa"] == stories["ab"] == stories["m"] != stories["ba"] == stories["bb"]


def test_an_article_that_fits_a_later_story_better_moves_there() -> None:
    """It came first and stood alone with a distant one; then its own story came."""
    events = told(
        *quiet_stream(),
        turned("far", 0),
        turned("b", 55),
        turned("c", 100),
        turned("d", 80),
        turned("e", 62),
    )
    moved = [event for event in events if event.kind is StoryEventKind.MOVED]
    assert [event.articles for event in moved] == [("b",)]
    (event,) = moved
    assert event.evidence is not None
    assert event.evidence.runner_up == event.story_id
    assert event.score > (event.evidence.runner_up_score or 0)
    assert event.other_after is not None
    stories = final_stories(events)
    assert stories["b"] == stories["c"] != stories["far"]


def test_copies_are_bound_to_their_original_and_count_once() -> None:
    reading = Reading(language="en", copy_signature=copy_signature("the probe was sent to the outer planets today"))
    signed = [
        enriched(name, outlet=outlet, title="Probe sent", reading=reading, after=timedelta(hours=hour))
        for hour, (name, outlet) in enumerate((("a", "wire"), ("b", "daily"), ("c", "weekly")))
    ]
    events = told(*signed)
    assert [event.kind.value for event in events] == ["opened", "joined", "joined"]
    last = events[-1]
    assert last.evidence is not None
    assert last.evidence.copy_of == "a"
    assert last.facts is not None
    assert (last.facts.independent, last.facts.copies, last.facts.first_outlet) == (("wire",), 2, "wire")
