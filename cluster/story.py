"""How the record of a story grows, shrinks and is told.  Pure; to join is to be combined with a story of one."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import reduce
from statistics import fmean
from typing import TypeVar

from msgspec.structs import replace

from cluster.draft import Draft
from cluster.state import ArticleState, StoryState
from wire.messages import ArticleId, Cited, EntityCount, Headline, StoryFacts, StoryId, StoryStatus, UtcTime

# Of a story that hundreds of outlets tell; what is rarest goes.
_MOST_ENTITIES = 40
_MOST_CITATIONS = 40
_MOST_ALIASES = 50
_TOLD_ENTITIES = 10
_TOLD_CITATIONS = 20
_CENTRAL_OF = 24  # newest articles against which headlines are compared
_PACE_SPAN = timedelta(hours=6)
_PACE_OF = 300  # newest articles
_QUIET = timedelta(hours=24)
T = TypeVar("T")


def single(article_id: ArticleId, article: ArticleState) -> StoryState:
    """The story of one article."""
    return StoryState(
        title=article.title,
        opened=article.arrival,
        number=0,
        article_count=1,
        outlets=(article.outlet,),
        languages=(article.language,),
        first_event_time=article.event_time,
        last_event_time=article.event_time,
        last_arrival=article.placed,
        origins=(article.origin,),
        facts=StoryFacts(
            independent=(article.outlet,),
            copies=int(article.copy_of is not None),
            first_outlet=article.outlet,
            headlines=(Headline(language=article.language, title=article.title, article_id=article_id),),
            entities=tuple(EntityCount(entity=entity, articles=1) for entity in article.entities[:_MOST_ENTITIES]),
            citations=article.cites,
        ),
    )


def combined(story: StoryState, other: StoryState) -> StoryState:
    """`story` with all that `other` holds; its title, number and headlines stay where it has them."""
    first = story if story.first_event_time <= other.first_event_time else other
    mine, theirs = story.facts, other.facts
    new = [at for at, origin in enumerate(other.origins) if origin not in story.origins]
    languages = {headline.language for headline in mine.headlines}
    return replace(
        story,
        opened=min(story.opened, other.opened),
        article_count=story.article_count + other.article_count,
        outlets=_union(story.outlets, other.outlets),
        languages=_union(story.languages, other.languages),
        first_event_time=first.first_event_time,
        last_event_time=max(story.last_event_time, other.last_event_time),
        last_arrival=max(story.last_arrival, other.last_arrival),
        origins=(*story.origins, *(other.origins[at] for at in new)),
        apart=_union(story.apart, other.apart),
        facts=replace(
            mine,
            independent=(*mine.independent, *(theirs.independent[at] for at in new)),
            copies=mine.copies + theirs.copies,
            first_outlet=first.facts.first_outlet,
            headlines=(*mine.headlines, *(one for one in theirs.headlines if one.language not in languages)),
            entities=_entities(mine.entities, theirs.entities),
            citations=_citations(mine.citations, theirs.citations),
        ),
    )


def of_articles(articles: Iterable[tuple[ArticleId, ArticleState]]) -> StoryState:
    """The story that these articles make, at least one, told in this order."""
    return reduce(combined, (single(article_id, article) for article_id, article in articles))


def merged(story: StoryState, gone_id: StoryId, gone: StoryState) -> StoryState:
    """`story` after `gone` went into it."""
    whole = combined(story, gone)
    aliases = (*story.facts.aliases, *gone.facts.aliases, gone_id)[-_MOST_ALIASES:]
    return replace(whole, facts=replace(whole.facts, aliases=aliases))


def with_headline(draft: Draft, story_id: StoryId, story: StoryState, article_id: ArticleId) -> StoryState:
    """`story` with the headline of a new article in its language where that is more central than the present one.

    The title is the headline of the story's first language.
    """
    article = draft.article(article_id)
    assert article is not None
    own = Headline(language=article.language, title=article.title, article_id=article_id)
    present = next((one for one in story.facts.headlines if one.language == article.language), own)
    if present.article_id != article_id and draft.article(present.article_id) is not None:
        around = draft.members(story_id, _CENTRAL_OF)
        if _centrality(draft, article_id, around) <= _centrality(draft, present.article_id, around):
            return story
    headlines = tuple(own if one.language == own.language else one for one in story.facts.headlines)
    title = own.title if story.languages[0] == own.language else story.title
    return replace(story, title=title, facts=replace(story.facts, headlines=headlines))


def with_central_headlines(draft: Draft, story_id: StoryId, story: StoryState) -> StoryState:
    """`story`, whose articles have changed places, with the most central headline of each language.

    Of equally central ones it is the oldest; a language that none of the newest articles has keeps its headline.
    """
    around = {
        one: article for one in draft.members(story_id, _CENTRAL_OF) if (article := draft.article(one)) is not None
    }
    near = dict[ArticleId, float]()
    for space in {article.space for article in around.values()}:
        ones = [one for one, article in around.items() if article.space == space]
        near |= zip(ones, map(fmean, draft.similarities(ones, ones).tolist()), strict=True)
    central = dict[str, Headline]()
    for one, article in around.items():
        best = central.get(article.language)
        if best is None or near[one] > near[best.article_id]:
            central[article.language] = Headline(language=article.language, title=article.title, article_id=one)
    headlines = tuple(central.get(one.language, one) for one in story.facts.headlines)
    title = next((one.title for one in headlines if one.language == story.languages[0]), story.title)
    return replace(story, title=title, facts=replace(story.facts, headlines=headlines))


def told_facts(draft: Draft, story_id: StoryId, story: StoryState) -> StoryFacts:
    """What an event says of `story`."""
    return replace(
        story.facts,
        status=_status(draft, story),
        first_event_time=story.first_event_time,
        last_event_time=story.last_event_time,
        pace=_pace(draft, story_id),
        entities=story.facts.entities[:_TOLD_ENTITIES],
        citations=story.facts.citations[:_TOLD_CITATIONS],
    )


def _status(draft: Draft, story: StoryState) -> StoryStatus:
    if story.closed:
        return StoryStatus.CLOSED
    if draft.now - story.last_arrival > _QUIET:
        return StoryStatus.QUIET
    return StoryStatus.NEW if len(story.facts.independent) < 2 else StoryStatus.DEVELOPING


def _pace(draft: Draft, story_id: StoryId) -> float:
    """Articles an hour, of the last six; by bisection, since members stand by arrival and the clock never goes back."""
    members = draft.members(story_id, _PACE_OF)
    first = bisect_left(members, draft.now - _PACE_SPAN, key=lambda one: _placed(draft, one))
    return round((len(members) - first) / (_PACE_SPAN / timedelta(hours=1)), 2)


def _placed(draft: Draft, article_id: ArticleId) -> UtcTime:
    article = draft.article(article_id)
    assert article is not None
    return article.placed


def _centrality(draft: Draft, article_id: ArticleId, around: Sequence[ArticleId]) -> float:
    article = draft.article(article_id)
    assert article is not None
    near = [one for one in around if (other := draft.article(one)) is not None and other.space == article.space]
    return sum(draft.similarities([article_id], near)[0].tolist()) / len(near) if near else 0.0


def _entities(mine: Sequence[EntityCount], theirs: Sequence[EntityCount]) -> tuple[EntityCount, ...]:
    if not theirs:
        return tuple(mine)
    counts = {one.entity: one.articles for one in mine}
    for one in theirs:
        counts[one.entity] = counts.get(one.entity, 0) + one.articles
    ranked = sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:_MOST_ENTITIES]
    return tuple(EntityCount(entity=entity, articles=articles) for entity, articles in ranked)


def _citations(mine: Sequence[Cited], theirs: Sequence[Cited]) -> tuple[Cited, ...]:
    if not theirs:
        return tuple(mine)
    counts = {(one.outlet, one.cites): one.articles for one in mine}
    for one in theirs:
        counts[one.outlet, one.cites] = counts.get((one.outlet, one.cites), 0) + one.articles
    ranked = sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:_MOST_CITATIONS]
    return tuple(Cited(outlet=outlet, cites=cites, articles=articles) for (outlet, cites), articles in ranked)


def _union(mine: tuple[T, ...], theirs: tuple[T, ...]) -> tuple[T, ...]:
    new = [one for one in theirs if one not in mine]
    return (*mine, *new) if new else mine
