"""How the records of a story and its articles change as articles and versions come.  Pure."""

import msgspec
import numpy as np

from cluster.state import ArticleState, ClockState, StoryState, centre_of, centre_to_bytes
from wire.messages import Enriched, StoryId
from wire.vectors import Vector, encode_vector

# An outlet may change a page for ever; a version older than the last 32 that comes again is told once more.
_VERSIONS_KEPT = 32


def opened(enriched: Enriched, centred: Vector, clock: ClockState) -> StoryState:
    """The story of one article; its title stays the story's."""
    article = enriched.article
    return StoryState(
        title=article.title,
        opened=clock.arrivals,
        number=1,
        article_count=1,
        outlets=(article.outlet,),
        languages=(enriched.reading.language,),
        first_event_time=article.event_time,
        last_event_time=article.event_time,
        last_arrival=clock.time,
        centre=centre_to_bytes(centred.astype(np.float64)),
    )


def joined(story: StoryState, enriched: Enriched, centred: Vector, clock: ClockState) -> StoryState:
    """`story` with one more article."""
    article = enriched.article
    return msgspec.structs.replace(
        story,
        number=story.number + 1,
        article_count=story.article_count + 1,
        outlets=_with(story.outlets, article.outlet),
        languages=_with(story.languages, enriched.reading.language),
        first_event_time=min(story.first_event_time, article.event_time),
        last_event_time=max(story.last_event_time, article.event_time),
        last_arrival=clock.time,
        centre=centre_to_bytes(centre_of(story.centre) + centred),
    )


def revised(story: StoryState) -> StoryState:
    """`story` after a new version of one of its articles: a corrected word keeps no story open."""
    return msgspec.structs.replace(story, number=story.number + 1)


def closed(story: StoryState) -> StoryState:
    """`story` when it takes no more articles."""
    return msgspec.structs.replace(story, number=story.number + 1, closed=True)


def placed(enriched: Enriched, story: StoryId, centred: Vector, clock: ClockState) -> ArticleState:
    """The record of an article that has come into `story`."""
    return ArticleState(
        story=story,
        arrival=clock.arrivals,
        arrived=clock.time,
        event_time=enriched.article.event_time,
        versions=(enriched.article.version,),
        space=enriched.space,
        vector=encode_vector(centred),
    )


def with_version(article: ArticleState, version: str, clock: ClockState) -> ArticleState:
    """`article` after one more version: it stays another window, with the vector and the place of its first one."""
    return msgspec.structs.replace(article, arrived=clock.time, versions=(*article.versions, version)[-_VERSIONS_KEPT:])


def _with(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return names if name in names else (*names, name)
