"""What the settings say of topics is what the log is opened with."""

from datetime import timedelta

from console.open_log import topics_of
from wire.settings import LogSettings
from wire.topics import ALERTS, ARTICLES, COMMANDS, ENRICHED, topic_catalogue


def test_limits_come_from_the_settings() -> None:
    keep = {
        "articles": {"bytes": "20 GB"},
        "enriched": {"time": "7 d", "bytes": "500 MiB"},
        "alerts": {"time": "800 d"},
    }
    topics = topics_of(LogSettings.model_validate({"keep": keep}))
    known = topic_catalogue()
    assert (topics[ARTICLES].retention, topics[ARTICLES].retention_bytes) == (known[ARTICLES].retention, 20 * 10**9)
    assert (topics[ENRICHED].retention, topics[ENRICHED].retention_bytes) == (timedelta(days=7), 500 * 2**20)
    assert topics[ALERTS].retention == topics[COMMANDS].retention == timedelta(days=800), (
        "a takedown outlasts its words"
    )


def test_without_a_word_it_is_the_catalogue() -> None:
    assert topics_of(LogSettings()) == topic_catalogue()


def test_each_partition_has_its_share() -> None:
    keep = {"articles": {"bytes": "40 MB"}}
    topics = topics_of(LogSettings.model_validate({"keep": keep, "article_partitions": 4}))
    assert topics[ARTICLES].partition_bytes == 10**7
