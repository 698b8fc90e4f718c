"""In which stories live articles are, and which stories take an article, in arrays: a search asks it of some hundreds.

Articles go by the numbers of `cluster.columns`, stories by numbers of their own.
"""

from datetime import timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cluster.columns import microseconds
from cluster.numbering import Numbering, Numbers, doubled
from cluster.state import StoryState
from wire.messages import StoryId, UtcTime

_FIRST_ROWS = 256
_MICROSECOND = timedelta(microseconds=1)
_NEVER = np.iinfo(np.int64).min
Mask = NDArray[np.bool_]


class Asking(NamedTuple):
    """What decides whether a story takes an article."""

    event_time: UtcTime
    now: UtcTime
    stay: timedelta  # of an article in the window
    quiet_after: timedelta  # of a story


class Places:
    """The story of each article, and of each story when it was told of.

    A story is known as long as its record is or an article is in it, whichever was folded first.
    """

    def __init__(self) -> None:
        self._story = np.zeros(_FIRST_ROWS, dtype=np.int64)  # by article, and so is:
        self._arrived = np.zeros(_FIRST_ROWS, dtype=np.int64)
        self._stories = Numbering()
        self._holders: list[int] = []  # by story: its articles, and its record; and so are:
        self._opened = np.zeros(_FIRST_ROWS, dtype=np.int64)
        self._first = np.zeros(_FIRST_ROWS, dtype=np.int64)
        self._last = np.zeros(_FIRST_ROWS, dtype=np.int64)
        self._heard = np.zeros(_FIRST_ROWS, dtype=np.int64)  # when an article last came; _NEVER where it is not open

    def put(self, article: int, story_id: StoryId, arrived: UtcTime) -> None:
        """Put an article, which is in no story, into one."""
        while article >= len(self._story):
            self._story, self._arrived = doubled(self._story), doubled(self._arrived)
        self._story[article] = self._held(story_id)
        self._arrived[article] = microseconds(arrived)

    def remove(self, story_id: StoryId) -> None:
        """Take an article out of a story that it is in."""
        self._let_go(story_id)

    def put_story(self, story_id: StoryId, story: StoryState, *, new: bool) -> None:
        """Set a story; `new` if it had no record."""
        row = self._held(story_id) if new else self._stories[story_id]
        self._opened[row] = story.opened
        self._first[row] = microseconds(story.first_event_time)
        self._last[row] = microseconds(story.last_event_time)
        self._heard[row] = _NEVER if story.closed else microseconds(story.last_arrival)

    def remove_story(self, story_id: StoryId) -> None:
        """Forget the record of a story."""
        self._heard[self._stories[story_id]] = _NEVER
        self._let_go(story_id)

    def number(self, story_id: StoryId) -> int | None:
        """The number of a story, None where nothing is known of it."""
        return self._stories.get(story_id)

    def story_id(self, story: int) -> StoryId:
        """Which story has the number."""
        return self._stories.key(story)

    def stories(self, articles: Numbers) -> Numbers:
        """The stories of the articles."""
        return self._story.take(articles)

    def opened(self, story: int) -> int:
        """The arrival number of the first article of the story with the number."""
        return int(self._opened[story])

    def live(self, articles: Numbers, asking: Asking) -> Mask:
        """Which articles are in the window; their records may stay a little longer."""
        return np.asarray(self._arrived.take(articles) >= microseconds(asking.now - asking.stay))

    def taking(self, stories: Numbers, asking: Asking) -> Mask:
        """Which stories take the article: they are open, and were told of around its event time."""
        time, quiet = microseconds(asking.event_time), asking.quiet_after // _MICROSECOND
        heard = self._heard.take(stories) >= microseconds(asking.now) - quiet
        return np.asarray(
            heard & (self._first.take(stories) <= time + quiet) & (self._last.take(stories) >= time - quiet)
        )

    def _held(self, story_id: StoryId) -> int:
        row = self._stories.get(story_id)
        if row is None:
            row = self._stories.add(story_id)
            if row == len(self._holders):
                self._holders.append(0)
            if row == len(self._heard):
                self._heard, self._opened = doubled(self._heard), doubled(self._opened)
                self._first, self._last = doubled(self._first), doubled(self._last)
            self._heard[row] = _NEVER
        self._holders[row] += 1
        return row

    def _let_go(self, story_id: StoryId) -> None:
        row = self._stories[story_id]
        self._holders[row] -= 1
        if not self._holders[row]:
            self._stories.remove(story_id)
