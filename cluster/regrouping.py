"""Merging, splitting and moving as changes of the state and events; who decided is in the evidence."""

from collections.abc import Collection, Sequence

from msgspec.structs import replace

from cluster.draft import Draft
from cluster.events import tell
from cluster.state import ArticleState, StoryState, split_story_id
from cluster.story import combined, merged, of_articles, with_central_headlines
from wire.messages import ArticleId, JoinEvidence, StoryEventKind, StoryId

_MOST_APART = 50


def merge(draft: Draft, one: StoryId, two: StoryId, score: float, evidence: JoinEvidence, *, pin: bool = False) -> None:
    """Make two stories one: the older keeps its id, and stays open if either was."""
    first, second = _story(draft, one), _story(draft, two)
    (into, stays), (gone, goes) = sorted(((one, first), (two, second)), key=lambda each: (each[1].opened, each[0]))
    articles = draft.members(gone)
    for article_id in (*articles, *(draft.members(into) if pin else ())):
        _place(draft, article_id, into, pin=pin)
    whole = merged(stays, gone, goes)
    draft.put_alias(gone, into)
    apart = tuple(other for other in whole.apart if other not in (one, two))
    whole = replace(whole, closed=stays.closed and goes.closed, apart=apart)
    draft.put_story(into, with_central_headlines(draft, into, whole))
    tell(draft, StoryEventKind.MERGED, into, other=gone, articles=tuple(articles), score=score, evidence=evidence)


def split(
    draft: Draft,
    source: StoryId,
    articles: Sequence[ArticleId],
    score: float,
    evidence: JoinEvidence,
    *,
    pin: bool = False,
) -> None:
    """Let `articles`, some but not all of a story's live ones, leave for a new story."""
    story = _story(draft, source)
    new = split_story_id(source, story.number + 1)
    for article_id in articles:
        _place(draft, article_id, new, pin=pin)
    draft.put_story(new, with_central_headlines(draft, new, of_articles(_states(draft, articles))))
    _leave(draft, source, articles)
    if pin:
        part(draft, source, new)
    tell(draft, StoryEventKind.SPLIT, source, other=new, articles=tuple(articles), score=score, evidence=evidence)


def move(
    draft: Draft,
    source: StoryId,
    target: StoryId,
    articles: Sequence[ArticleId],
    score: float,
    evidence: JoinEvidence,
    *,
    pin: bool = False,
) -> None:
    """Let `articles` go from one story to another; a story left without articles closes."""
    own = _story(draft, target)
    coming = of_articles(_states(draft, articles))
    for article_id in articles:
        _place(draft, article_id, target, pin=pin)
    whole = replace(combined(own, coming), opened=own.opened)
    draft.put_story(target, with_central_headlines(draft, target, whole))
    emptied = _leave(draft, source, articles)
    if pin and not emptied:
        part(draft, source, target)
    tell(draft, StoryEventKind.MOVED, source, other=target, articles=tuple(articles), score=score, evidence=evidence)
    if emptied:
        tell(draft, StoryEventKind.CLOSED, source)
        # No article is left whose leaving would remove its record.
        draft.put_story(source, None)


def part(draft: Draft, one: StoryId, two: StoryId) -> None:
    """Keep the machine from ever merging two stories."""
    for own, other in ((one, two), (two, one)):
        story = _story(draft, own)
        draft.put_story(own, replace(story, apart=(*story.apart, other)[-_MOST_APART:]))


def are_apart(draft: Draft, one: StoryId, two: StoryId) -> bool:
    """Whether an operator parted the two, or stories that went into them."""
    first, second = draft.story(one), draft.story(two)
    return (first is not None and two in map(draft.living, first.apart)) or (
        second is not None and one in map(draft.living, second.apart)
    )


def _leave(draft: Draft, source: StoryId, gone: Collection[ArticleId]) -> bool:
    """Take what has left out of the record of `source`; whether nothing is left of it."""
    story = _story(draft, source)
    left = draft.members(source)
    # What left the window earlier is known by number alone.
    count = story.article_count - len(gone)
    if not left:
        draft.put_story(source, replace(story, article_count=max(0, count)))
        return True
    rest = with_central_headlines(draft, source, of_articles(_states(draft, left)))
    draft.put_story(
        source,
        replace(
            rest,
            opened=story.opened,
            number=story.number,
            article_count=max(count, len(left)),
            last_arrival=story.last_arrival,
            closed=story.closed,
            apart=story.apart,
            facts=replace(rest.facts, aliases=story.facts.aliases),
        ),
    )
    return False


def _place(draft: Draft, article_id: ArticleId, story_id: StoryId, *, pin: bool) -> None:
    place = draft.place(article_id)
    assert place is not None
    draft.put_place(article_id, replace(place, story=story_id, pinned=pin or place.pinned))


def _states(draft: Draft, articles: Sequence[ArticleId]) -> list[tuple[ArticleId, ArticleState]]:
    states = [(one, draft.article(one)) for one in articles]
    return sorted(((one, state) for one, state in states if state is not None), key=lambda each: each[1].arrival)


def _story(draft: Draft, story_id: StoryId) -> StoryState:
    story = draft.story(story_id)
    assert story is not None
    return story
