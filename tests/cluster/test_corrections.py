"""An operator's word is applied, survives a replay, and is never undone by the machine."""

from collections.abc import Sequence
from datetime import timedelta

from msgspec.structs import replace

from bench.stories import final_stories
from cluster.stage import Cluster
from cluster.state import StoryState
from tests.cluster.samples import PRIOR, START, command, record, turned
from tests.stage_runner import StageRunner
from wire.codec import decode
from wire.log.port import Record
from wire.messages import CommandKind, StoryEvent, StoryEventKind
from wire.settings import ClusterSettings
from wire.takedown import REMOVED_TITLE
from wire.topics import STORIES

MERGE, SPLIT, MOVE, REMOVE = CommandKind.MERGE, CommandKind.SPLIT, CommandKind.MOVE, CommandKind.REMOVE


def runner() -> StageRunner[Cluster]:
    return StageRunner(lambda: Cluster(ClusterSettings(), PRIOR), STORIES)


def events(run: StageRunner[Cluster]) -> list[StoryEvent]:
    return [output.message for output in run.outputs if isinstance(output.message, StoryEvent)]


def stories(run: StageRunner[Cluster]) -> dict[str, str]:
    return final_stories(events(run))


def started(*degrees: float) -> StageRunner[Cluster]:
    run = runner()
    run.take_all([record(turned(f"a{at}", angle), at) for at, angle in enumerate(degrees)], START)
    return run


def test_merge() -> None:
    run = started(0, 90)
    older, younger = stories(run)["a0"], stories(run)["a1"]
    run.take(command(MERGE, younger, other=older), START)
    told = events(run)[-1]
    assert (told.kind, told.story_id, told.other) == (StoryEventKind.MERGED, older, younger)
    assert told.evidence is not None
    assert (told.evidence.command, told.evidence.why) == (f"merge-{younger}-{older}", "seen by eye")
    assert set(stories(run).values()) == {older}


def test_split_is_not_undone() -> None:
    """What would have merged the two stories by itself no longer does."""
    run = started(0, 10, 5)
    whole = stories(run)["a0"]
    run.take(command(SPLIT, whole, articles=["a1"]), START)
    assert stories(run)["a1"] != whole
    run.take_all([record(turned(f"b{at}", at), 3 + at) for at in range(12)], START)
    assert StoryEventKind.MERGED not in {event.kind for event in events(run)}
    assert stories(run)["a1"] != stories(run)["a0"] == whole


def test_each_part_has_the_headline_that_is_central_in_it() -> None:
    run = started(0, 100, 115, 130)
    first = stories(run)["a0"]
    run.take(command(MOVE, first, articles=["a1", "a2", "a3"]), START)
    gathered = [event.other_after for event in events(run) if event.kind is StoryEventKind.MOVED][-1]
    assert gathered is not None
    run.take(command(SPLIT, first, articles=["a1", "a2", "a3"]), START)
    parted = events(run)[-1]
    assert parted.other_after is not None
    assert (gathered.title, parted.other_after.title, parted.title) == ("a1word", "a2word", "a0word")
    assert [one.article_id for one in parted.other_after.facts.headlines] == ["a2"]


def test_move_is_not_undone_and_an_emptied_story_closes() -> None:
    run = started(0, 0, 90)
    target, source = stories(run)["a0"], stories(run)["a2"]
    run.take(command(MOVE, target, articles=["a2"]), START)
    assert [event.kind.value for event in events(run)[-2:]] == ["moved", "closed"]
    told = {event.story_id for event in events(run)}
    kept = {key.removeprefix("story:") for key in run.state if key.startswith("story:")}
    assert told - kept == {events(run)[-1].story_id}, "nothing is kept of it: no article's leaving would remove it"
    assert events(run)[-1].story_id == source
    run.take_all([record(turned(f"b{at}", 90), 3 + at) for at in range(6)], START)
    assert stories(run)["a2"] == target


def test_a_command_waits_for_its_target() -> None:
    """No longer than until it is there: on a quiet stream nothing else may come for hours."""
    run = started(0, 90)
    moved = command(MOVE, stories(run)["a0"], articles=["late"])
    run.take(moved, START)
    waiting = [key for key in run.state if key.startswith("command:")]
    assert len(waiting) == 1
    run.take(record(turned("late", 90), 2), START)
    assert stories(run)["late"] == stories(run)["a0"]
    assert [event.kind.value for event in events(run)[-2:]] == ["joined", "moved"]


def test_an_article_that_is_named_twice_counts_once() -> None:
    run = started(0, 0, 0, 90)
    source, target = stories(run)["a0"], stories(run)["a3"]
    run.take(command(MOVE, target, articles=["a1", "a1"]), START)
    assert counts(run) == {source: 2, target: 2}
    run.take(command(SPLIT, target, articles=["a1", "a1"]), START)
    assert counts(run) == {source: 2, target: 1, stories(run)["a1"]: 1}


def counts(run: StageRunner[Cluster]) -> dict[str, int]:
    """Of the articles of each story."""
    return {
        key.removeprefix("story:"): decode(value, StoryState).article_count
        for key, value in run.state.items()
        if key.startswith("story:")
    }


def test_a_command_for_another_stage_or_read_again_changes_nothing() -> None:
    run = started(0, 90)
    merge = command(MERGE, stories(run)["a0"], other=stories(run)["a1"])
    run.take(merge, START)
    state = dict(run.state)
    run.take(merge, START)
    assert run.state == state


def test_a_replay_applies_a_command_where_it_was_applied() -> None:
    """A reset keeps the commands and forgets the rest; each event is told as it was, with its time."""
    hours = [timedelta(hours=2 * at) for at in range(5)]
    articles = [record(turned(f"a{at}", angle, after=hours[at]), at) for at, angle in enumerate((0, 90, 0, 90, 45))]
    live = runner()
    live.take_all(articles[:2], START)
    live.take(command(MERGE, stories(live)["a0"], other=stories(live)["a1"]), START)
    live.take_all(articles[2:], START)
    replayed = _after_reset(live, articles)
    assert stories(replayed) == stories(live)
    assert events(replayed) == events(live)


def test_a_replay_applies_no_command_before_it_had_come() -> None:
    """What it was about had left the window by then: it found nothing, and its time is over."""
    articles = [
        record(turned("a0", 0), 0),
        record(turned("a1", 90), 1),
        record(turned("b0", 0, after=timedelta(days=9)), 2),
        record(turned("b1", 0, after=timedelta(days=20)), 3),
    ]
    live = runner()
    live.take_all(articles[:3], START)
    opened = events(live)[0].story_id
    live.take(command(MOVE, opened, articles=["a1"]), START)
    live.take_all(articles[3:], START)
    assert events(_after_reset(live, articles)) == events(live)


def test_a_replay_tries_what_waits_only_from_where_it_came_also_within_one_moment() -> None:
    """Records of one batch share their time: by that alone the story would still be there."""
    articles = [record(turned(f"a{at}", angle), at) for at, angle in enumerate((0, 90, 180))]
    live = runner()
    live.take_all(articles, START)
    first, second = stories(live)["a0"], stories(live)["a1"]
    live.take(command(MOVE, second, articles=["a0"]), START)  # which leaves nothing of the first
    live.take(command(MOVE, first, articles=["a1"]), START)
    assert events(_after_reset(live, articles)) == events(live)


def _after_reset(live: StageRunner[Cluster], articles: Sequence[Record]) -> StageRunner[Cluster]:
    kept = runner()
    for key, value in live.state.items():
        if key.startswith("command:"):
            kept.state[key] = value
            kept.stage.fold(Record(topic=STORIES, key=key, value=value))
    kept.take_all(articles, START)
    return kept


def test_a_command_before_the_first_article_sets_no_clock() -> None:
    """Else a back-test of last month would find every article too late."""
    run = runner()
    run.take(command(MOVE, "st-later", articles=["a0"]), START)
    assert [key for key in run.state if not key.startswith("command:")] == []
    run.take(record(turned("a0", 0, after=-timedelta(days=30)), 0), START)
    assert events(run)[0].seen == START - timedelta(days=30)


def test_what_is_taken_down_leaves_no_words_and_is_passed_over_later() -> None:
    """Also in a replay; the story bears another headline of its own, and ends as any other."""
    secret, other = turned("a0", 0), turned("a1", 5)
    secret = replace(secret, article=replace(secret.article, title="What nobody shall read"))
    articles = [record(secret, 0), record(other, 1)]
    live = runner()
    live.take_all(articles, START)
    assert any(b"nobody" in value for value in live.state.values())
    live.take(command(REMOVE, "a0"), START)
    live.restart()
    again = replace(secret, article=replace(secret.article, version="v9", title="Again what nobody shall read"))
    live.take(record(again, 2), START)
    replayed = _after_reset(live, articles)
    for run in (live, replayed):
        assert not any(b"nobody" in value for value in run.state.values())
        assert b"a1" in b"".join(value for key, value in run.state.items() if key.startswith("story:"))
    assert events(live)[-1].kind is StoryEventKind.JOINED
    assert {event.article.article_id for event in events(replayed) if event.article} == {"a1"}
    live.take(record(turned("b0", 120, after=timedelta(days=9)), 3), START)
    live.take(record(turned("b1", 120, after=timedelta(days=9)), 4), START)
    assert not any("a0" in key or "a1" in key for key in live.state if not key.startswith("command:"))
    live.restart()


def test_the_only_article_of_a_story_may_be_taken_down() -> None:
    run = started(0, 90)
    alone = stories(run)["a0"]
    run.take(command(REMOVE, "a0"), START)
    assert decode(run.state[f"story:{alone}"], StoryState).title == REMOVED_TITLE
    run.take(record(turned("b0", 90, after=timedelta(days=9)), 2), START)
    assert f"story:{alone}" not in run.restart().state
