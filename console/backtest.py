"""A watch over history: the very stage over the story events that the log still has."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from alerts.history import replayed
from alerts.stage import Alerts
from alerts.watch import Watch
from console.services.run_stage import entity_names
from wire.catalogue import Catalogue
from wire.codec import decode, encode
from wire.errors import BadRecord
from wire.log.port import Log, Record, Since
from wire.messages import Alert, Article, Reading, StoryEvent, StoryId
from wire.settings import OutletSettings
from wire.topics import STORY_EVENTS

_PAGE = 1000
_WAIT = timedelta(milliseconds=200)
# Stories that were open when the time began have their earlier articles in events before it.
RUN_UP = timedelta(days=4)

Read = Callable[[Article, str], Reading]
"""What a text says, given its language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The story events of a span with a run-up, as they were."""

    records: tuple[Record, ...]
    entities: frozenset[str]  # that they mention
    begins: datetime | None  # of the first record kept; None where there is none
    unreadable: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Stories that one watch tells of and the other does not."""

    added: tuple[StoryId, ...]
    missing: tuple[StoryId, ...]


def history(log: Log, since: datetime, advance: Callable[[int], None] = lambda _count: None) -> History:
    """The story events from a run-up before `since` on; `advance` is told how many each step read."""
    reader = log.reader([STORY_EVENTS], Since(time=since - RUN_UP))
    kept, entities, begins, unreadable = list[Record](), set[str](), None, 0
    try:
        while True:
            page = reader.read(_PAGE, _WAIT)
            advance(len(page))
            for record in page:
                try:
                    event = decode(record.value, StoryEvent)
                except BadRecord:
                    unreadable += 1
                    continue
                kept.append(record)
                begins = begins or event.seen
                if event.reading is not None:
                    entities |= {mention.entity for mention in event.reading.mentions}
            if not page and reader.caught_up():
                break
    finally:
        reader.close()
    return History(records=tuple(kept), entities=frozenset(entities), begins=begins, unreadable=unreadable)


def unseen(watch: Watch, past: History) -> frozenset[str]:
    """Entities of the watch that nothing in the history mentions: perhaps they were not in the catalogue then."""
    return watch.entities - past.entities


def told(watch: Watch, records: Iterable[Record], catalogue: Catalogue, since: datetime) -> list[Alert]:
    """What the watch would have told since then."""
    stage = Alerts([watch], entity_names(catalogue))
    return [alert for alert in replayed(stage, records) if alert.seen >= since]


def read_anew(records: Iterable[Record], read: Read) -> Iterator[Record]:
    """The records with their articles read anew; language and cited outlets stay as they were."""
    for record in records:
        event = decode(record.value, StoryEvent)
        if event.article is None or event.reading is None:
            yield record
            continue
        found = read(event.article, event.reading.language)
        reading = replace(event.reading, sentences=found.sentences, mentions=found.mentions, cited=found.cited)
        yield replace(record, value=encode(replace(event, reading=reading)))


def finder(catalogue: Catalogue, outlets: Sequence[OutletSettings]) -> Read:
    """Enrich's own reader with this catalogue, under the language that was found then."""
    # Enrich's packages are an extra, and slow to load.
    from enrich.article_reader import article_reader

    reader = article_reader(catalogue, outlets=outlets)

    def read(article: Article, language: str) -> Reading:
        return reader.read(article, language_known=language)

    return read


def difference(tried: Iterable[Alert], other: Iterable[Alert]) -> Difference:
    """By stories: a story told under both watches is no difference, however often."""
    ours, theirs = ({alert.story_id: None for alert in alerts} for alerts in (tried, other))
    return Difference(
        added=tuple(story for story in ours if story not in theirs),
        missing=tuple(story for story in theirs if story not in ours),
    )
