"""What the stage keeps on its state topic: one record per article, story, mean and one clock, all small.

| key | record | removed |
| --- | --- | --- |
| `article:ID` | `ArticleState` | when the article leaves the window |
| `story:ID` | `StoryState` | when the story is closed and its last article has left the window |
| `mean:SPACE:LANGUAGE` | `MeanState` | when another space is in use and the last article of this one has left |
| `clock` | `ClockState` | never |

Numbers are rounded to the form below before they are used, so that memory equals restore bit for bit.
"""

from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from wire.messages import ArticleId, Message, StoryEventKind, StoryId, UtcTime

CLOCK = "clock"
ARTICLE, STORY, MEAN = "article:", "story:", "mean:"
# The mean over all languages stands beside those of each; no language has this code.
ALL_LANGUAGES = "*"

_SUM = np.dtype("<f8")
_CENTRE = np.dtype("<f4")


class ClockState(Message, frozen=True, kw_only=True):
    """The stage's time: the largest `seen` read so far, and how many articles were placed."""

    time: UtcTime
    arrivals: int


class ArticleState(Message, frozen=True, kw_only=True):
    """One live article."""

    story: StoryId
    arrival: int  # its number among all articles placed
    arrived: UtcTime  # the clock when its newest version came; it stays for one window from then
    event_time: UtcTime
    versions: tuple[str, ...]  # read so far, oldest first
    space: str
    vector: str  # centred by the means of its arrival, base64 of float16


class StoryState(Message, frozen=True, kw_only=True):
    """One story; `centre` is the sum of its articles' centred vectors, whichever have left the window."""

    title: str
    opened: int  # arrival number of its first article: the smaller, the older
    number: int  # of its newest event
    article_count: int
    outlets: tuple[str, ...]  # in order of arrival
    languages: tuple[str, ...]
    first_event_time: UtcTime
    last_event_time: UtcTime
    last_arrival: UtcTime  # the clock when an article last came
    closed: bool = False
    centre: bytes  # little-endian float32


class MeanState(Message, frozen=True, kw_only=True):
    """Sum and count of the uncentred vectors of one language in one space."""

    count: int
    sum: bytes  # little-endian float64

    @property
    def dimensions(self) -> int:
        """How many components the vectors of its space have."""
        return len(self.sum) // _SUM.itemsize


@dataclass(frozen=True, slots=True)
class MeanKey:
    """Which articles a mean is of."""

    space: str
    language: str

    def __str__(self) -> str:
        return f"{MEAN}{self.space}:{self.language}"

    @classmethod
    def parse(cls, key: str) -> "MeanKey":
        """The `MeanKey` of a record's key."""
        space, _, language = key.removeprefix(MEAN).rpartition(":")
        return cls(space, language)


def sum_to_bytes(vector: NDArray[np.float64]) -> bytes:
    """A sum as it is stored, without loss."""
    return vector.astype(_SUM).tobytes()


def sum_of(stored: bytes) -> NDArray[np.float64]:
    """The sum that `sum_to_bytes` stored."""
    return np.frombuffer(stored, dtype=_SUM).astype(np.float64, copy=False)


def centre_to_bytes(vector: NDArray[np.float64]) -> bytes:
    """A story's centre as it is stored: rounded to float32."""
    return vector.astype(_CENTRE).tobytes()


def centre_of(stored: bytes) -> NDArray[np.float64]:
    """The rounded centre that `centre_to_bytes` stored."""
    return np.frombuffer(stored, dtype=_CENTRE).astype(np.float64)


def story_id(first: ArticleId, clock: UtcTime) -> StoryId:
    """The id of the story that article `first` opened at `clock`: an article that comes back later opens another."""
    return f"st-{_digest('story', first, clock.isoformat())}"


def event_id(kind: StoryEventKind, story: StoryId, number: int) -> str:
    """The id of a story's event: the same whenever history runs again."""
    return f"ev-{_digest(kind.value, story, str(number))}"


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
