"""What the stage tells of a stream of articles."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

import pytest

from cluster.errors import StrangeVector
from cluster.stage import Cluster
from tests.cluster.samples import PRIOR, START, enriched, record
from tests.stage_runner import StageRunner
from wire.errors import Undecodable
from wire.log.port import Record
from wire.messages import Enriched, StoryEvent, StoryEventKind
from wire.settings import ClusterSettings
from wire.topics import ENRICHED, STORIES, STORY_EVENTS

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SETTINGS = ClusterSettings(window=4 * DAY, quiet_after=3 * DAY)


def runner(settings: ClusterSettings = SETTINGS) -> StageRunner[Cluster]:
    return StageRunner(lambda: Cluster(settings, PRIOR), STORIES)


def told(run: StageRunner[Cluster], messages: Iterable[Enriched]) -> list[StoryEvent]:
    """The events that follow from `messages`."""
    before = len(run.outputs)
    run.take_all([record(message) for message in messages], START)
    events = []
    for output in run.outputs[before:]:
        assert isinstance(output.message, StoryEvent)
        assert (output.topic, output.key) == (STORY_EVENTS, output.message.story_id)
        events.append(output.message)
    return events


def kinds(events: Sequence[StoryEvent]) -> list[str]:
    return [event.kind.value for event in events]


def test_one_event_is_one_story_across_outlets_and_languages() -> None:
    opened, joined, third = told(
        runner(),
        [
            enriched("a", outlet="alpha", language="en"),
            enriched("b", outlet="beta", language="uk", after=HOUR, lean=0.1),
            enriched("c", outlet="alpha", language="ru", after=2 * HOUR),
        ],
    )
    assert kinds([opened, joined, third]) == ["opened", "joined", "joined"]
    assert {opened.story_id} == {joined.story_id, third.story_id}
    assert [event.number for event in (opened, joined, third)] == [1, 2, 3]
    assert third.outlets == ("alpha", "beta")
    assert third.languages == ("en", "uk", "ru")
    assert third.article_count == 3
    assert third.title == "a on probe"
    assert third.event_time == third.seen == START + 2 * HOUR


def test_events_carry_the_article_and_why() -> None:
    opened, other, joined = told(runner(), [enriched("a"), enriched("g", "grain"), enriched("b", lean=0.1)])
    assert other.kind is StoryEventKind.OPENED
    assert joined.article == enriched("b", lean=0.1).article
    assert joined.reading == enriched("b").reading
    assert joined.evidence is not None
    assert joined.evidence.nearest == "a"
    assert joined.evidence.runner_up == other.story_id
    assert 1 >= joined.evidence.similarity > 0.9
    assert joined.score > joined.evidence.bar > (joined.evidence.runner_up_score or 0)
    # One article was there, so its parts are the story's score.
    assert sum(signal.adds for signal in joined.evidence.signals) == pytest.approx(joined.score, abs=1e-3)
    assert opened.evidence is not None
    assert opened.evidence.nearest is None
    assert opened.score == 0


def test_other_events_open_stories_of_their_own() -> None:
    events = told(runner(), [enriched(topic, topic) for topic in ("probe", "grain", "ferry", "quake")])
    assert kinds(events) == ["opened"] * 4
    assert len({event.story_id for event in events}) == 4


def test_a_version_that_was_read_is_passed_over() -> None:
    run = runner()
    told(run, [enriched("a"), enriched("a", version="v2")])
    state = dict(run.state)
    assert told(run, [enriched("a"), enriched("a", version="v2")]) == []
    assert run.state == state


def test_a_new_version_stays_in_its_story() -> None:
    """Even where its words have gone elsewhere: moving it is a second thought of its own."""
    run = runner()
    opened, other, revised = told(
        run, [enriched("a"), enriched("g", "grain"), enriched("a", "grain", version="v2", after=HOUR)]
    )
    assert revised.kind is StoryEventKind.REVISED
    assert (revised.story_id, revised.number, revised.article_count) == (opened.story_id, 2, 1)
    assert revised.article is not None
    assert revised.article.version == "v2"
    (joined,) = told(run, [enriched("h", "grain", after=HOUR)])
    assert joined.story_id == other.story_id


TIMES = {  # name: (seen, happened) of the second article -> kinds of events that follow it
    "the same hour": ((HOUR, None), ["joined"]),
    "three days later": ((3 * DAY, None), ["joined"]),
    "later than a story waits": ((3 * DAY + HOUR, None), ["closed", "opened"]),
    "an old page, seen now": ((HOUR, -30 * DAY), ["opened"]),
    "late by two days": ((HOUR, -2 * DAY), ["joined"]),
}


@pytest.mark.parametrize(("when", "expected"), TIMES.values(), ids=TIMES.keys())
def test_time(when: tuple[timedelta, timedelta | None], expected: list[str]) -> None:
    run = runner()
    told(run, [enriched("a")])
    assert kinds(told(run, [enriched("b", after=when[0], happened=when[1])])) == expected


def test_pages_of_one_old_day_meet() -> None:
    """A first start reads weeks of old items at once: what happened together belongs together."""
    month = -30 * DAY
    events = told(
        runner(),
        [
            enriched("old 1", happened=month),
            enriched("new 1"),
            enriched("old 2", happened=month + HOUR),
            enriched("new 2", happened=-HOUR),
        ],
    )
    assert kinds(events) == ["opened", "opened", "joined", "joined"]
    assert events[2].story_id == events[0].story_id
    assert events[3].story_id == events[1].story_id


def test_a_quiet_story_closes_once_and_is_forgotten() -> None:
    run = runner()
    (opened,) = told(run, [enriched("a")])
    events = told(run, [enriched("g", "grain", after=3 * DAY + HOUR), enriched("f", "ferry", after=5 * DAY)])
    assert kinds(events) == ["closed", "opened", "opened"]
    closed = events[0]
    assert (closed.story_id, closed.number) == (opened.story_id, 2)
    assert closed.article is None
    assert closed.event_time == START
    assert closed.seen == START + 3 * DAY + HOUR
    assert not [key for key in run.state if key.endswith((opened.story_id, ":a"))]


def test_a_new_version_keeps_no_story_open() -> None:
    run = runner()
    told(run, [enriched("a"), enriched("a", version="v2", after=2 * DAY)])
    assert kinds(told(run, [enriched("b", after=4 * DAY)])) == ["closed", "opened"]


def test_a_new_version_does_not_reopen_a_closed_story() -> None:
    run = runner()
    (opened, *_) = told(run, [enriched("a"), enriched("g", "grain", after=3 * DAY + HOUR)])
    events = told(run, [enriched("a", version="v2", after=3 * DAY + 2 * HOUR), enriched("b", after=3 * DAY + 3 * HOUR)])
    assert kinds(events) == ["revised", "opened"]
    assert (events[0].story_id, events[0].number) == (opened.story_id, 3)


def test_an_article_that_left_the_window_comes_back_as_new() -> None:
    run = runner()
    (opened,) = told(run, [enriched("a")])
    events = told(run, [enriched("a", version="v2", after=5 * DAY)])
    assert kinds(events) == ["closed", "opened"]
    assert events[1].story_id != opened.story_id


def test_a_long_silence_is_cleared_in_portions() -> None:
    run = runner()
    crowd = [enriched(f"a{one}", happened=-10 * one * DAY) for one in range(250)]
    assert kinds(told(run, crowd)) == ["opened"] * 250
    after = [enriched(f"b{one}", "probe", after=30 * DAY) for one in range(4)]
    events = told(run, after)
    assert kinds(events).count("closed") == 250
    assert kinds(events[:101]) == ["closed"] * 100 + ["opened"]
    assert sum(key.startswith("story:") for key in run.state) == 1


SPACES = {  # name: (space, vector) of the second article
    "another space, as long": ("hand-8b", None),
    "another space, shorter": ("hand-3", (0.8, 0.6, 0.0)),
}


@pytest.mark.parametrize(("space", "vector"), SPACES.values(), ids=SPACES.keys())
def test_two_spaces_never_meet(space: str, vector: tuple[float, ...] | None) -> None:
    run = runner()
    other, third = (enriched(name, space=space, vector=vector) for name in "bc")
    events = told(run, [enriched("a"), other, third])
    assert kinds(events) == ["opened", "opened", "joined"]
    assert events[1].evidence is not None
    assert events[1].evidence.nearest is None


def test_what_is_known_of_a_space_goes_with_its_last_article() -> None:
    run = runner()
    told(run, [enriched("a"), enriched("b", space="hand-8b", after=5 * DAY)])
    assert sorted({key.rsplit(":", 1)[0] for key in run.state if key.startswith("mean:")}) == ["mean:hand-8b"]


def test_a_vector_of_the_wrong_length_is_refused() -> None:
    run = runner()
    for vector in ((1.0, 0.0), ()):
        with pytest.raises(StrangeVector, match=r"hand-8 has \d dimensions, expected 8"):
            run.take(record(enriched("a", vector=vector)), START)
    told(run, [enriched("b", space="hand-2", vector=(1.0, 0.0))])
    with pytest.raises(StrangeVector, match="hand-2 has 3 dimensions, expected 2"):
        run.take(record(enriched("c", space="hand-2", vector=(1.0, 0.0, 0.0))), START)


def test_what_is_no_article_is_refused() -> None:
    with pytest.raises(Undecodable):
        runner().take(Record(topic=ENRICHED, value=b"{}"), START)


def test_the_present_decides_nothing() -> None:
    """The same records give the same events in November and December."""
    messages = [enriched("a"), enriched("b", after=HOUR), enriched("g", "grain", after=4 * DAY)]
    november, december = runner(), runner()
    for message in messages:
        november.take(record(message), START)
        december.take(record(message), START + 30 * DAY)
    assert november.outputs == december.outputs


def test_a_story_does_not_outlive_its_window() -> None:
    run = runner(ClusterSettings(window=DAY, quiet_after=3 * DAY))
    events = told(run, [enriched("a"), enriched("g", "grain", after=DAY + HOUR)])
    assert kinds(events) == ["opened", "closed", "opened"]
    assert {key.partition(":")[0] for key in run.state} == {"article", "place", "story", "mean", "clock"}
    assert sum(key.startswith("story:") for key in run.state) == 1
