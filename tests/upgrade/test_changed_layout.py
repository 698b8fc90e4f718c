"""The rules of docs/how-to/upgrade.md for other partition counts and for another model, followed step by step."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from enrich.encoder import RememberingEncoder
from enrich.stage import Enrich
from ingest.identity import identify
from ingest.polled import Item, ParsedFeed, Polled
from ingest.stage import Ingest
from tests.crash.small_enrich import READER
from tests.messages import NOON, article, article_record
from tests.small_encoder import SmallEncoder
from tests.stage_runner import StageRunner
from tests.upgrade.test_older_topics import SETTINGS, make
from wire.codec import encode
from wire.errors import TopicMismatch
from wire.log.port import NewRecord, Record, lane_specs
from wire.log.sqlite import SqliteLog
from wire.log.sqlite_file import LogFile
from wire.messages import Article, StoryEvent, StoryEventKind
from wire.stage import RESULT, Stage
from wire.topics import ALERTS, ARTICLES, FEEDS, STAGES, STORIES, STORY_EVENTS, WATCH_STATE, Topic, topic_catalogue

FEW, MANY = topic_catalogue(), topic_catalogue(article_partitions=4, feed_lanes=2)
AT_ONCE = timedelta(0)


@pytest.mark.parametrize(("made", "asked"), [(FEW, MANY), (MANY, FEW)], ids=["more", "fewer"])
def test_a_log_refuses_other_counts(made: Mapping[str, Topic], asked: Mapping[str, Topic], tmp_path: Path) -> None:
    """Both logs do (`tests/wire/log/conformance.py`); here with the catalogue's own counts."""
    with closing(SqliteLog(LogFile(tmp_path / "log.db"), made)) as log:
        log.create()
    with closing(SqliteLog(LogFile(tmp_path / "log.db"), asked)) as log:
        assert {said.split(":")[0] for said in log.differences()} == {ARTICLES, FEEDS}
        for name in ("ingest", "enrich"):
            with pytest.raises(TopicMismatch, match="partitions"):
                log.lane(lane_specs(STAGES[name], log.topics)[0])


def shown_by(lanes: int) -> tuple[list[str], list[str]]:
    """Feeds that some lane polls, and the ids of their articles, when each feed shows one."""
    feeds, ids = list[str](), list[str]()
    for lane in range(lanes):
        runner = StageRunner(partial(Ingest, SETTINGS.ingest, SETTINGS.outlet, lane=lane, lanes=lanes), FEEDS)
        for feed in runner.stage.feeds:
            shown, _ = identify(feed, ParsedFeed(format="rss20", items=(Item(url=f"https://{feed}.example/1"),)))
            answer = encode(Polled(arrived=NOON, status=200, shown=shown, items=1))
            runner.take(Record(topic=RESULT, key=feed, value=answer), NOON)
            feeds.append(feed)
        ids += [output.message.article_id for output in runner.outputs if isinstance(output.message, Article)]
    return sorted(feeds), sorted(ids)


def test_on_the_new_log_each_feed_has_one_lane_and_articles_keep_their_ids() -> None:
    feeds, ids = shown_by(1)
    assert len(set(feeds)) == len(set(ids)) == 2
    assert [shown_by(lanes) for lanes in (2, 3, 8)] == [(feeds, ids)] * 3


def test_deliver_started_last_sends_nothing_of_what_feeds_still_show(tmp_path: Path) -> None:
    with closing(SqliteLog(LogFile(tmp_path / "new.db"), MANY)) as log:
        log.create()
        log.append([NewRecord(topic=ALERTS, partition=0, key="pair", value=b"of what was shown before")])
        lane = log.lane(lane_specs(STAGES["deliver"], log.topics)[0])
        assert list(lane.restore()) == list(lane.poll(10, AT_ONCE)) == []
        log.append([NewRecord(topic=ALERTS, partition=0, key="pair", value=b"new")])
        assert [record.value for record in lane.poll(10, AT_ONCE)] == [b"new"]


class OtherModel(SmallEncoder):
    """The same vectors under another name: whatever is alike by them is kept apart by the space alone."""

    space = "other-384/1"


def enriched(encoder: SmallEncoder, *articles: Article) -> list[Record]:
    stage = Enrich(RememberingEncoder(encoder), READER)
    outputs = [output for one in articles for output in stage.step(article_record(one), NOON).outputs]
    return [
        Record(topic=one.topic, offset=offset, key=one.key, value=encode(one.message))
        for offset, one in enumerate(outputs)
    ]


def events(cluster: StageRunner[Stage], records: Sequence[Record]) -> list[StoryEvent]:
    cluster.outputs.clear()
    cluster.take_all(records, NOON)
    return [output.message for output in cluster.outputs if isinstance(output.message, StoryEvent)]


def test_another_model_opens_stories_of_its_own_and_loses_none() -> None:
    title = "Elon Musk met Vladimir Putin in the harbour of Odesa"
    told = partial(article, title, body="They spoke of grain for an hour.")
    cluster = StageRunner(partial(make, "cluster"), STORIES)
    before = events(cluster, enriched(SmallEncoder(), told(article_id="a1", outlet="one")))
    after_restart = cluster.restart()
    came = [
        told(article_id="a1", outlet="one", version="v2", minutes=5),
        told(article_id="a2", outlet="two", minutes=6),
        told(article_id="a3", outlet="one", minutes=7),
    ]
    after = events(after_restart, enriched(OtherModel(), *came))
    kinds = [event.kind for event in (*before, *after)]
    assert kinds == [StoryEventKind.OPENED, StoryEventKind.REVISED, StoryEventKind.OPENED, StoryEventKind.JOINED]
    assert after[0].story_id == before[0].story_id, "an edit stays in the story of its article"
    assert after[1].story_id == after[2].story_id != before[0].story_id

    alerts = StageRunner(partial(make, "alerts"), WATCH_STATE)
    values = [(event.story_id, encode(event)) for event in (*before, *after)]
    for offset, (key, value) in enumerate(values):
        alerts.take(Record(topic=STORY_EVENTS, offset=offset, key=key, value=value), NOON)
    stories = [output.message.story_id for output in alerts.outputs]  # type: ignore[attr-defined]
    assert stories == [before[0].story_id, after[1].story_id], "an event that goes on is told once more, as documented"
