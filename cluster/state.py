"""What the stage keeps on its state topic: many small records, so that an article rewrites few bytes.

| key | record | removed |
| --- | --- | --- |
| `article:ID` | `ArticleState` | when the article leaves the window, or is taken down |
| `place:ID` | `PlaceState` | when the article leaves the window |
| `story:ID` | `StoryState` | when it is merged away, or closed and without an article in the window |
| `mean:SPACE:LANGUAGE` | `MeanState` | when another space is in use and the last article of this one has left |
| `command:ID` | `CommandState` | never: a replay needs it |
| `clock` | `ClockState` | never |

Those of which there are many are in no cycle and leave the garbage collector alone (`gc=False`).
Numbers are rounded to the form below before they are used, so that memory equals restore bit for bit.
"""

from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from wire.messages import ArticleId, Cited, Command, Message, StoryEventKind, StoryFacts, StoryId, UtcTime

CLOCK = "clock"
ARTICLE, PLACE, STORY, MEAN, COMMAND = "article:", "place:", "story:", "mean:", "command:"
# The mean over all languages stands beside those of each; no language has this code.
ALL_LANGUAGES = "*"

_SUM = np.dtype("<f8")


class ClockState(Message, frozen=True, kw_only=True):
    """The stage's time: the largest `seen` read so far, and how many articles were placed."""

    time: UtcTime
    arrivals: int
    background: float | None = None  # what strangers of one language usually score; None before the first article
    background_across: float | None = None  # the same of two languages
    judged: int = 0  # decisions that the background has seen
    offset: int = -1  # of the newest record of the main input
    applied: tuple[str, ...] = ()  # ids of commands


class ArticleState(Message, frozen=True, kw_only=True, gc=False):
    """One live article as it came: never rewritten."""

    arrival: int  # its number among all articles placed
    placed: UtcTime  # the clock then
    event_time: UtcTime
    space: str
    vector: bytes  # centred by the means of its arrival, of float16; base64 on the topic
    language: str
    outlet: str
    title: str
    words: tuple[str, ...] = ()  # of the headline, shortened
    names: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()  # its rarest tokens, by which it is found
    word_mass: float = 0.0  # sums of squared weights, by what was rare at its arrival
    name_mass: float = 0.0
    number_mass: float = 0.0
    signature: str = ""  # of its text, for copies
    entities: tuple[str, ...] = ()
    cites: tuple[Cited, ...] = ()
    origin: str = ""  # the outlet that the news comes from: its own, the one it cites, or the one it copies
    copy_of: ArticleId | None = None
    fit: float | None = None  # its score with the story that it joined; None where it came on another day


class PlaceState(Message, frozen=True, kw_only=True, gc=False):
    """Where an article is, and what of it was read."""

    story: StoryId
    arrived: UtcTime  # the clock when its newest version came; it stays for one window from then
    versions: tuple[str, ...]  # read so far, oldest first
    pinned: bool = False  # an operator put it here


class StoryState(Message, frozen=True, kw_only=True, gc=False):
    """One story."""

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
    facts: StoryFacts = StoryFacts()
    origins: tuple[str, ...] = ()  # where the news of each of `facts.independent` comes from
    apart: tuple[StoryId, ...] = ()  # stories that an operator parted from this one


class CommandState(Message, frozen=True, kw_only=True):
    """An operator's command and where it was applied, so that a replay applies it there again."""

    command: Command
    noted: UtcTime  # the clock when it came
    came: int = -1  # offset of the record of the main input after which it came
    offset: int | None = None  # the same of that after which it was applied; None while it waits


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


def story_id(first: ArticleId, clock: UtcTime) -> StoryId:
    """The id of the story that article `first` opened at `clock`: an article that comes back later opens another."""
    return f"st-{_digest('story', first, clock.isoformat())}"


def split_story_id(source: StoryId, number: int) -> StoryId:
    """The id of the story that parted from `source` by its event `number`."""
    return f"st-{_digest('split', source, str(number))}"


def event_id(kind: StoryEventKind, story: StoryId, number: int) -> str:
    """The id of a story's event: the same whenever history runs again."""
    return f"ev-{_digest(kind.value, story, str(number))}"


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
