"""Topics that an older version wrote are read by this one: messages, states, and what follows from them.

`tests/upgrade/VERSION/` holds one line for each record, as that version's own stages wrote it; such files are added
with a release and never changed.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from console.services.run_stage import Around, compose
from tests.crash.small_enrich import small_enrich
from tests.stage_runner import StageRunner
from wire.catalogue import load_catalogue
from wire.clock import SystemClock
from wire.codec import decode
from wire.log.port import Record, lane_specs
from wire.messages import StoryEvent, StoryEventKind
from wire.metrics import LaneMetrics
from wire.settings import ConsoleChannel, FeedSettings, OutletSettings, Settings, WatchSettings
from wire.stage import Stage
from wire.topics import ALERTS, ARTICLES, DELIVERIES, ENRICHED, FEEDS, STAGES, STORIES, STORY_EVENTS, topic_catalogue

FOLDER = Path(__file__).parent
VERSIONS = sorted(path.name for path in FOLDER.iterdir() if path.is_dir() and path.name[0].isdigit())
TOPICS = topic_catalogue()
LATER = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
SETTINGS = Settings(
    outlet=tuple(
        OutletSettings(id=name, name=name, feed=(FeedSettings(id=f"{name}.feed", url=f"https://{name}.example/feed"),))
        for name in ("one", "two")
    ),
    watch=(WatchSettings(name="pair", all=("elon-musk", "vladimir-putin"), channels=("desk",)),),
    channel=(ConsoleChannel(kind="console", name="desk"),),
)


@dataclass(frozen=True)
class Older:
    """The topics of one version."""

    folder: Path

    def records(self, topic: str) -> Iterator[Record]:
        lines = (self.folder / f"{topic}.jsonl").read_text("utf-8").splitlines()
        for offset, line in enumerate(lines):
            row = json.loads(line)
            yield Record(topic=topic, offset=offset, key=row["key"], value=msgspec.json.encode(row["value"]))

    def restored(self, name: str) -> StageRunner[Stage]:
        """A stage of this version over the older one's state."""
        state = STAGES[name].state
        kept = {r.key: r.value for r in self.records(state) if r.key and r.value} if state is not None else {}
        return StageRunner(partial(make, name), state or "none").over(kept)


def make(name: str) -> Stage:
    if name == "enrich":
        parts = small_enrich()
    else:
        registry = CollectorRegistry()
        around = Around(registry, LaneMetrics(registry))
        parts = compose(name, SETTINGS, load_catalogue(None), SystemClock(), around)
    return parts.make_stage(lane_specs(STAGES[name], TOPICS)[0])


@pytest.fixture(params=VERSIONS)
def older(request: pytest.FixtureRequest) -> Older:
    return Older(FOLDER / request.param)


def test_there_is_an_older_version() -> None:
    assert VERSIONS


def test_every_message_is_read(older: Older) -> None:
    found = 0
    for topic in TOPICS.values():
        if topic.message is not None:
            for record in older.records(topic.name):
                decode(record.value, topic.message)
                found += 1
    assert found > 15


def test_what_was_taken_before_has_no_second_effect(older: Older) -> None:
    """The input is shown once more to stages that have restored the older state."""
    for name, source in (("alerts", STORY_EVENTS), ("deliver", ALERTS)):
        runner = older.restored(name)
        runner.take_all(older.records(source), LATER)
        assert runner.outputs == [], name
    assert len(list(older.records(DELIVERIES))) == len(runner.state)


def test_what_follows_goes_on_from_the_older_topics(older: Older) -> None:
    """An edit and a new article, after cluster has read its input again (0.1.0's state of cluster had another form)."""
    enrich, cluster, alerts = make("enrich"), StageRunner(partial(make, "cluster"), STORIES), older.restored("alerts")
    cluster.take_all(older.records(ENRICHED), LATER)
    placed = {event.article.article_id for event in events_of(cluster) if event.article is not None}
    assert placed == {record.key for record in older.records(ARTICLES)}
    cluster.outputs.clear()
    (first, *_) = older.records(ARTICLES)
    edit = json.loads(first.value or b"") | {"version": "edited", "title": "Harbour reopens, corrected"}
    fresh = edit | {"article_id": "ar-fresh", "url": "https://one.example/fresh", "version": "1"}
    for offset, changed in enumerate((edit, fresh), 100):
        record = Record(topic=ARTICLES, offset=offset, key=changed["article_id"], value=msgspec.json.encode(changed))
        for output in enrich.step(record, LATER).outputs:
            value = msgspec.json.encode(output.message)
            cluster.take(Record(topic=ENRICHED, offset=offset, key=output.key, value=value), LATER)
    assert {event.kind for event in events_of(cluster)} >= {StoryEventKind.REVISED}
    for offset, event in enumerate(events_of(cluster), 100):
        value = msgspec.json.encode(event)
        alerts.take(Record(topic=STORY_EVENTS, offset=offset, key=event.story_id, value=value), LATER)


def events_of(cluster: StageRunner[Stage]) -> list[StoryEvent]:
    return [output.message for output in cluster.outputs if isinstance(output.message, StoryEvent)]


def test_the_feeds_state_is_kept(older: Older) -> None:
    ingest = older.restored("ingest")
    assert len(ingest.state) == len(list(older.records(FEEDS)))
