"""How `wirewatch topics` shows the catalogue: one line a topic, with what ends the stay of its records."""

from collections.abc import Collection, Iterable, Iterator
from datetime import timedelta

from console.words import counted
from wire.topics import Topic


def topic_lines(topics: Iterable[Topic], made: Collection[str]) -> Iterator[str]:
    """One line for each topic, those `made` just now told as such."""
    for topic in topics:
        word = "created" if topic.name in made else "is well"
        yield f"{topic.name:<18} {counted(topic.partitions, 'partition'):<15} {stay(topic):<24} {word}"


def stay(topic: Topic) -> str:
    """What its records stay for: "30 d, 20 GB", or that only the last of each key does."""
    if topic.retention is None:
        return topic.cleanup.value
    size = topic.retention_bytes
    return f"{topic.retention / timedelta(days=1):g} d" + ("" if size is None else f", {size / 1e9:.3g} GB")


def topic_facts(topic: Topic, made: Collection[str]) -> dict[str, object]:
    """The same for machines."""
    seconds = None if topic.retention is None else topic.retention.total_seconds()
    return {
        "topic": topic.name,
        "partitions": topic.partitions,
        "cleanup": topic.cleanup.value,
        "retention_seconds": seconds,
        "retention_bytes": topic.retention_bytes,
        "created": topic.name in made,
    }
