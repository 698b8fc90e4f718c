"""Enriched articles with vectors made by hand: a common part, as multilingual models have it, and a topic's own."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import cos, radians, sin
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cluster.centring import Prior
from wire.codec import encode
from wire.log.port import Record
from wire.messages import Article, Command, CommandKind, Enriched, Reading
from wire.topics import COMMANDS, ENRICHED
from wire.vectors import encode_vector

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
SPACE = "hand-8"
DIMENSIONS = 8
COMMON = 0
# Where a topic's own direction is; 0 is the common part.
TOPICS = {"probe": 1, "grain": 2, "ferry": 3, "chess": 4, "quake": 5}
PRIOR = Prior(
    space=SPACE,
    weight=30,
    overall=(0.8, *[0.0] * (DIMENSIONS - 1)),
    languages={"en": (0.8, *[0.0] * (DIMENSIONS - 1)), "uk": (0.8, *[0.0] * (DIMENSIONS - 2), 0.1)},
)


def direction(topic: str, lean: float = 0.0, towards: str = "chess") -> NDArray[np.float32]:
    """The vector of an article on `topic` that leans `towards` another."""
    vector = np.zeros(DIMENSIONS, dtype=np.float32)
    vector[COMMON] = 0.8
    vector[TOPICS[topic]] = 0.6
    vector[TOPICS[towards]] += lean
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def enriched(
    article_id: str,
    topic: str = "probe",
    *,
    version: str = "v1",
    outlet: str = "alpha",
    language: str = "en",
    after: timedelta = timedelta(0),
    happened: timedelta | None = None,
    lean: float = 0.0,
    towards: str = "chess",
    space: str = SPACE,
    vector: Sequence[float] | None = None,
    title: str | None = None,
    reading: Reading | None = None,
) -> Enriched:
    """An article seen `after` the start; it `happened` then too unless said otherwise."""
    happened = after if happened is None else happened
    numbers = direction(topic, lean, towards) if vector is None else np.array(vector, dtype=np.float32)
    article = Article(
        article_id=article_id,
        version=version,
        outlet=outlet,
        feed=f"{outlet}.1",
        url=f"https://{outlet}.example/{article_id}",
        title=f"{article_id} on {topic}" if title is None else title,
        published=START + happened,
        seen=START + after,
        event_time=START + happened,
    )
    read = reading or Reading(language=language)
    return Enriched(article=article, reading=read, vector=encode_vector(numbers), space=space)


def turned(article_id: str, degrees: float, **said: Any) -> Enriched:
    """An article of its own outlet whose meaning is turned from the probe's to the grain's; nobody has its headline."""
    vector = [0.8, *[0.0] * (DIMENSIONS - 1)]
    vector[TOPICS["probe"]] = 0.6 * cos(radians(degrees))
    vector[TOPICS["grain"]] = 0.6 * sin(radians(degrees))
    return enriched(article_id, vector=vector, title=f"{article_id}word", **({"outlet": article_id} | said))


def command(kind: CommandKind, target: str, *, other: str | None = None, articles: Sequence[str] = ()) -> Record:
    """An operator's command as a record of its topic."""
    word = Command(
        command_id=f"{kind.value}-{target}-{other}",
        stage="cluster",
        kind=kind,
        target=target,
        other=other,
        articles=tuple(articles),
        who="desk",
        when=START,
        why="seen by eye",
    )
    return Record(topic=COMMANDS, key="cluster", value=encode(word))


def record(message: Enriched, offset: int = 0) -> Record:
    """The message as a record of its topic."""
    return Record(topic=ENRICHED, offset=offset, key=message.article.article_id, value=encode(message))
