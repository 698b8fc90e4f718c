"""What has to go as the clock moves: quiet stories, articles that have left the window."""

from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from cluster.draft import Draft
from cluster.events import tell
from cluster.state import MeanKey
from wire.messages import ArticleId, StoryEventKind, StoryId

# Bounds the work of one step after a long silence; the rest follows with the next articles, and takes part in nothing
# in between.  More than one each, so that what waits gets less.
_MOST_AT_ONCE = 100


def age(draft: Draft, space: str) -> None:
    """Close and forget what has had its time, when vectors of `space` are in use."""
    closing = draft.memory.closing(draft.now, _MOST_AT_ONCE)
    for story_id in closing:
        draft.put_story(story_id, replace(draft.memory.stories[story_id], closed=True))
        tell(draft, StoryEventKind.CLOSED, story_id)
    left = draft.memory.leaving(draft.now, _MOST_AT_ONCE)
    if not closing and not left:
        return
    gone = sorted(_gone_stories(draft, closing, left))
    for key in _unused_means(draft, left, space):
        draft.put_mean(key, None)
    for article_id in left:
        draft.put_article(article_id, None)
        draft.put_place(article_id, None)
    for story_id in gone:
        draft.put_story(story_id, None)


def _gone_stories(draft: Draft, closing: Sequence[StoryId], left: Sequence[ArticleId]) -> Iterator[StoryId]:
    """The stories that are closed and lose their last live article."""
    leaving = set(left)
    for story_id in {*closing, *(draft.memory.places[article_id].story for article_id in left)}:
        story = draft.story(story_id)
        if story is not None and story.closed and leaving.issuperset(draft.memory.members(story_id)):
            yield story_id


def _unused_means(draft: Draft, left: Sequence[ArticleId], space: str) -> Iterator[MeanKey]:
    """The means of spaces that lose their last article and are no longer in use."""
    # One that was taken down has only its place left.
    articles = (draft.memory.articles.get(article_id) for article_id in left)
    leaving = Counter(article.space for article in articles if article is not None)
    unused = {old for old, count in leaving.items() if old != space and count == len(draft.memory.windows[old])}
    return (key for key in draft.memory.means if key.space in unused)
