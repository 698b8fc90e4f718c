"""The topic catalogue: every topic and every stage's place among them (design, section 5)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum

from wire.messages import Alert, Article, Command, DeadLetter, Enriched, Message, StoryEvent

ARTICLES = "news.articles"
ENRICHED = "news.enriched"
STORY_EVENTS = "news.story-events"
ALERTS = "news.alerts"
COMMANDS = "news.commands"
DEAD_LETTERS = "news.deadletters"
FEEDS = "news.feeds"
STORIES = "news.stories"
WATCH_STATE = "news.watch-state"
DELIVERIES = "news.deliveries"

RECORD_LIMIT_BYTES = 512 * 1024
DEAD_VALUE_LIMIT_BYTES = 64 * 1024


class Cleanup(Enum):
    """What happens to old records: they go by age, or all but the last of each key go."""

    DELETE = "delete"
    COMPACT = "compact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One topic as it must exist on the log; compacted topics have no limits of age and size."""

    name: str
    key: str  # what the key is, for people
    message: type[Message] | None  # None: a stage's own state
    partitions: int = 1
    cleanup: Cleanup = Cleanup.DELETE
    retention: timedelta | None = None
    retention_bytes: int | None = None  # of keys, values and headers, in all partitions together

    @property
    def partition_bytes(self) -> int | None:
        """What each partition may hold."""
        return None if self.retention_bytes is None else self.retention_bytes // self.partitions


@dataclass(frozen=True, slots=True, kw_only=True)
class StagePlace:
    """Where a stage stands: its inputs (the first is its main input), its state topic, what it writes.

    A stage has as many lanes as the topic `lanes_of` has partitions: its lane n owns partition n of the inputs
    that are partitioned like it and of the state.  It reads one-partition inputs whole in each lane.
    """

    name: str
    inputs: tuple[str, ...]
    state: str | None
    outputs: tuple[str, ...]
    lanes_of: str
    begins_at_end: bool = False  # at its first start; the others begin at the beginning


STAGES: Mapping[str, StagePlace] = {
    place.name: place
    for place in (
        StagePlace(name="ingest", inputs=(COMMANDS,), state=FEEDS, outputs=(ARTICLES, ALERTS), lanes_of=FEEDS),
        StagePlace(name="enrich", inputs=(ARTICLES,), state=None, outputs=(ENRICHED,), lanes_of=ARTICLES),
        StagePlace(
            name="cluster", inputs=(ENRICHED, COMMANDS), state=STORIES, outputs=(STORY_EVENTS,), lanes_of=STORIES
        ),
        StagePlace(
            name="alerts", inputs=(STORY_EVENTS, COMMANDS), state=WATCH_STATE, outputs=(ALERTS,), lanes_of=WATCH_STATE
        ),
        StagePlace(
            name="deliver",
            inputs=(ALERTS, COMMANDS),
            state=DELIVERIES,
            outputs=(),
            lanes_of=DELIVERIES,
            begins_at_end=True,
        ),
    )
}


def topic_catalogue(*, article_partitions: int = 1, feed_lanes: int = 1) -> dict[str, Topic]:
    """Every topic by name.

    Args:
        article_partitions: how many lanes enrich may have (N of the design).
        feed_lanes: how many lanes ingest may have (M of the design).
    """
    month, quarter, year = timedelta(days=30), timedelta(days=90), timedelta(days=365)
    topics = (
        Topic(name=ARTICLES, key="article", message=Article, partitions=article_partitions, retention=month),
        Topic(name=ENRICHED, key="article", message=Enriched, retention=month),
        Topic(name=STORY_EVENTS, key="story", message=StoryEvent, retention=quarter),
        Topic(name=ALERTS, key="watch", message=Alert, retention=year),
        Topic(name=COMMANDS, key="stage", message=Command, retention=year),
        Topic(name=DEAD_LETTERS, key="origin", message=DeadLetter, retention=month),
        Topic(name=FEEDS, key="feed", message=None, partitions=feed_lanes, cleanup=Cleanup.COMPACT),
        Topic(name=STORIES, key="own", message=None, cleanup=Cleanup.COMPACT),
        Topic(name=WATCH_STATE, key="own", message=None, cleanup=Cleanup.COMPACT),
        Topic(name=DELIVERIES, key="own", message=None, cleanup=Cleanup.COMPACT),
    )
    return {topic.name: topic for topic in topics}


def kept(topics: Mapping[str, Topic], limits: Mapping[str, tuple[timedelta | None, int | None]]) -> dict[str, Topic]:
    """`topics` with other limits, by name: how long records stay (None: as it was), and how many bytes of them.

    Commands outlast all that they may speak of: else an index built anew would show what had been taken down.
    """
    changed = {
        name: replace(topics[name], retention=time or topics[name].retention, retention_bytes=size)
        for name, (time, size) in limits.items()
    }
    found = {**topics, **changed}
    longest = max(topic.retention for topic in found.values() if topic.retention is not None)
    return {**found, COMMANDS: replace(found[COMMANDS], retention=longest)}
