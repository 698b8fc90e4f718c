"""What holds for every stream: memory equals restore, and neither batches nor restarts change a decision."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

import cluster.memory
from bench.stories import final_stories
from cluster.stage import Cluster
from cluster.state import PlaceState, StoryState
from tests.cluster.samples import PRIOR, START, TOPICS, command, enriched, record
from tests.examples import examples
from tests.stage_runner import StageRunner
from wire.codec import decode, encode
from wire.log.port import Record
from wire.messages import Command, CommandKind, Reading, StoryEvent
from wire.settings import ClusterSettings
from wire.topics import STORIES

HOURS = st.integers(0, 60)
ARTICLES = st.builds(
    lambda one, topic, version, outlet, language, hour, earlier, lean, towards, space, names: record(
        enriched(
            f"a{one}",
            topic,
            version=f"v{version}",
            outlet=outlet,
            language=language,
            after=timedelta(hours=hour),
            happened=timedelta(hours=hour - earlier),
            lean=lean,
            towards=towards,
            space=space,
            reading=Reading(language=language, names=names),
        )
    ),
    st.integers(0, 12),
    st.sampled_from(sorted(TOPICS)),
    st.integers(1, 3),
    st.sampled_from(["alpha", "beta", "gamma"]),
    st.sampled_from(["en", "uk", "und"]),
    HOURS,
    st.sampled_from([0, 0, 0, 5, 200]),
    st.sampled_from([0.0, 0.1, 0.3, 0.6]),
    st.sampled_from(sorted(TOPICS)),
    st.sampled_from(["hand-8", "hand-8", "hand-8", "other-8"]),
    st.sampled_from([(), ("msk",), ("msk", "ptn", "26"), ("26", "1999")]),
)
STREAMS = st.lists(ARTICLES, max_size=40)
# Short, so that streams of sixty hours see articles leave and stories close.
SETTINGS = ClusterSettings(window=timedelta(hours=30), quiet_after=timedelta(hours=20))


def runner() -> StageRunner[Cluster]:
    return StageRunner(lambda: Cluster(SETTINGS, PRIOR), STORIES)


@examples(150)
@given(STREAMS, st.integers(0, 40), st.integers(), st.sampled_from([1, 3, 1024]))
def test_a_restored_stage_goes_on_as_if_nothing_had_happened(
    stream: list[Record], cut: int, seed: int, together: int
) -> None:
    """In any order of keys, since compaction destroys the order between keys, however many are taken in together."""
    steady = runner()
    steady.take_all(stream, START)

    def shuffled(keys: Sequence[str]) -> Sequence[str]:
        return Random(seed).sample(keys, len(keys))

    first = runner()
    first.take_all(stream[:cut], START)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cluster.memory, "_BATCH", together)
        second = first.restart(shuffled)
    second.take_all(stream[cut:], START)
    assert [*first.outputs, *second.outputs] == steady.outputs
    assert second.state == steady.state


@examples(50)
@given(STREAMS, st.integers(1, 10))
def test_where_a_batch_is_cut_changes_nothing(stream: list[Record], size: int) -> None:
    whole, cut = runner(), runner()
    whole.stage.prepare(stream)
    whole.take_all(stream, START)
    for start in range(0, len(stream), size):
        cut.stage.prepare(stream[start : start + size])
        cut.take_all(stream[start : start + size], START)
    assert cut.outputs == whole.outputs
    assert cut.state == whole.state


Correction = tuple[CommandKind, int, int, list[str]]
CORRECTIONS: st.SearchStrategy[Correction] = st.tuples(
    st.sampled_from([CommandKind.MERGE, CommandKind.SPLIT, CommandKind.MOVE]),
    st.integers(0, 5),  # which of the stories told of so far
    st.integers(0, 5),
    st.lists(st.integers(0, 12).map("a{}".format), min_size=1, max_size=3),
)


@examples(100)
@given(st.lists(st.one_of(ARTICLES, ARTICLES, ARTICLES, CORRECTIONS), max_size=40), st.integers())
def test_a_replay_with_corrections_tells_what_was_told(stream: list[Record | Correction], seed: int) -> None:
    """A reset keeps the commands alone; and what an operator placed goes elsewhere by a command or a merge only."""
    live, articles, pinned = runner(), list[Record](), dict[str, str]()
    for item in stream:
        told = len(live.outputs)
        if isinstance(item, Record):
            articles.append(replace(item, offset=len(articles)))
            live.take(articles[-1], START)
        elif known := list(dict.fromkeys(event.story_id for event in events(live))):
            live.take(ordered(item, known, told), START)
        placed = places(live)
        for name, story in pinned.items():
            # One that has left the window and comes back is new.
            if name in placed and placed[name].pinned and placed[name].story != story:
                assert any(led_away(event, name, story) for event in events(live)[told:])
        pinned = {name: place.story for name, place in placed.items() if place.pinned}
    again = runner().over({key: value for key, value in live.state.items() if key.startswith("command:")})
    again.take_all(articles, START)
    assert events(again) == events(live)
    live.restart(lambda keys: Random(seed).sample(keys, len(keys)))


def ordered(asked: Correction, known: Sequence[str], number: int) -> Record:
    kind, one, other, articles = asked
    merges = kind is CommandKind.MERGE
    said = command(
        kind,
        known[one % len(known)],
        other=known[other % len(known)] if merges else None,
        articles=() if merges else articles,
    )
    word = decode(said.value, Command)
    return replace(said, value=encode(replace(word, command_id=f"{word.command_id}-{number}")))


def led_away(event: StoryEvent, article_id: str, story: str) -> bool:
    by_hand = event.evidence is not None and event.evidence.command is not None
    return event.other == story or (by_hand and article_id in event.articles)


def events(run: StageRunner[Cluster]) -> list[StoryEvent]:
    return [output.message for output in run.outputs if isinstance(output.message, StoryEvent)]


def places(run: StageRunner[Cluster]) -> dict[str, PlaceState]:
    return {
        key.removeprefix("place:"): decode(value, PlaceState)
        for key, value in run.state.items()
        if key.startswith("place:")
    }


@examples(50)
@given(STREAMS)
def test_reading_again_tells_nothing_of_what_is_still_known(stream: list[Record]) -> None:
    run = runner()
    run.take_all(stream, START)
    state, told = dict(run.state), len(run.outputs)
    live = {key.removeprefix("article:") for key in state if key.startswith("article:")}
    run.take_all([one for one in stream[-1:] if one.key in live], START)
    assert run.state == state
    assert len(run.outputs) == told


@examples(100)
@given(STREAMS)
def test_every_story_is_told_in_order(stream: list[Record]) -> None:
    """Numbers run from 1 without a gap, ids are never used twice, and a closed story takes nobody."""
    run = runner()
    run.take_all(stream, START)
    numbers: dict[str, int] = {}
    parted: set[str] = set()  # stories born by a split
    over: set[str] = set()  # closed or merged away
    events = [output.message for output in run.outputs if isinstance(output.message, StoryEvent)]
    assert len({event.event_id for event in events}) == len(events)
    for event in events:
        story, kind = event.story_id, event.kind.value
        numbers[story] = numbers.get(story, 0) + 1
        assert event.number == numbers[story]
        assert (kind == "opened") == (numbers[story] == 1 and story not in parted)
        assert story not in over or kind == "revised"
        parted |= {event.other} if kind == "split" and event.other else set()
        over |= {story} if kind == "closed" else {event.other} if kind == "merged" and event.other else set()


@examples(100)
@given(STREAMS)
def test_counts_agree_with_where_the_articles_are(stream: list[Record]) -> None:
    """Joined, merged, split and moved as told, no article is lost or counted twice."""
    run = runner()
    run.take_all(stream, START)
    events = [output.message for output in run.outputs if isinstance(output.message, StoryEvent)]
    told = Counter(final_stories(events).values())
    for key, value in run.state.items():
        if key.startswith("story:"):
            state = decode(value, StoryState)
            assert state.article_count >= told[key.removeprefix("story:")] >= 1
    for key, value in run.state.items():
        if key.startswith("place:"):
            assert final_stories(events)[key.removeprefix("place:")] == decode(value, PlaceState).story
