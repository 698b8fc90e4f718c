"""What has to go as the clock moves: quiet stories, articles that have left the window.  Reads, never writes."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cluster.events import told_closed
from cluster.memory import Memory
from cluster.state import ARTICLE, STORY, MeanKey, StoryState
from cluster.story import closed
from wire.messages import ArticleId, StoryId, UtcTime
from wire.stage import Change, Output

# Bounds the work of one step after a long silence; the rest follows with the next articles, and takes part in nothing
# in between.  More than one each, so that what waits gets less.
_MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Ageing:
    """What follows from the time alone."""

    closed: Mapping[StoryId, StoryState]  # as they are afterwards
    outputs: tuple[Output, ...]
    changes: tuple[Change, ...]


def age(memory: Memory, now: UtcTime, space: str) -> Ageing:
    """What goes at `now`, when vectors of `space` are in use."""
    closing = {story_id: closed(memory.stories[story_id]) for story_id in memory.closing(now, _MOST_AT_ONCE)}
    left = memory.leaving(now, _MOST_AT_ONCE)
    gone = set(_gone_stories(memory, closing, left))
    return Ageing(
        closed=closing,
        outputs=tuple(told_closed(story_id, story, now) for story_id, story in closing.items()),
        changes=(
            *(Change(f"{ARTICLE}{article_id}", None) for article_id in left),
            *(Change(f"{STORY}{story_id}", None if story_id in gone else story) for story_id, story in closing.items()),
            *(Change(f"{STORY}{story_id}", None) for story_id in sorted(gone - closing.keys())),
            *(Change(str(key), None) for key in _unused_means(memory, left, space)),
        ),
    )


def _gone_stories(
    memory: Memory, closing: Mapping[StoryId, StoryState], left: Sequence[ArticleId]
) -> Iterator[StoryId]:
    """The stories that are closed and lose their last live article."""
    leaving = set(left)
    for story_id in closing.keys() | {memory.articles[article_id].story for article_id in left}:
        story = closing.get(story_id) or memory.stories[story_id]
        if story.closed and memory.members(story_id) <= leaving:
            yield story_id


def _unused_means(memory: Memory, left: Sequence[ArticleId], space: str) -> Iterator[MeanKey]:
    """The means of spaces that lose their last article and are no longer in use."""
    leaving = Counter(memory.articles[article_id].space for article_id in left)
    unused = {old for old, count in leaving.items() if old != space and count == len(memory.windows[old])}
    return (key for key in memory.means if key.space in unused)
