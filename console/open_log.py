"""The log that the settings name, opened."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta

from wire.log.port import Log
from wire.log.sqlite import SqliteLog
from wire.log.sqlite_file import LogFile
from wire.settings import LogSettings
from wire.topics import ALERTS, ARTICLES, DEAD_LETTERS, ENRICHED, STORY_EVENTS, Topic, kept, topic_catalogue

Guard = Callable[[str, timedelta], AbstractContextManager[None]]


def unguarded(_what: str, _limit: timedelta) -> AbstractContextManager[None]:
    """No limit: for commands that a person can end."""
    return nullcontext()


def topics_of(settings: LogSettings) -> dict[str, Topic]:
    """The catalogue as these settings want it."""
    keep = settings.keep
    limits = {
        ARTICLES: keep.articles,
        ENRICHED: keep.enriched,
        STORY_EVENTS: keep.story_events,
        ALERTS: keep.alerts,
        DEAD_LETTERS: keep.deadletters,
    }
    catalogue = topic_catalogue(article_partitions=settings.article_partitions, feed_lanes=settings.feed_lanes)
    return kept(catalogue, {name: (one.time, one.bytes) for name, one in limits.items()})


def open_log(settings: LogSettings, guard: Guard = unguarded) -> Log:
    """Connect to the log.

    Raises:
        LogUnreachable: no connection within the time limit, or the file is no log.
        BadSettings: a secret is not where the settings say.
    """
    topics = topics_of(settings)
    if settings.kind == "sqlite":
        return SqliteLog(LogFile(settings.path), topics)
    from wire.log.kafka import KafkaLog  # an extra: only those who run Kafka install its client

    return KafkaLog(settings, topics, environment=os.environ, guard=guard)
