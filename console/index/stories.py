"""What the index keeps of stories: their events, how they stand, and which articles are whose."""

import sqlite3

import msgspec
from msgspec.structs import replace

from console.index.schema import ms
from wire.log.port import Record
from wire.messages import OtherStory, StoryEvent, StoryEventKind, StoryFacts, StoryStatus

_STATUS = {StoryEventKind.CLOSED: StoryStatus.CLOSED, StoryEventKind.OPENED: StoryStatus.NEW}


def keep_event(db: sqlite3.Connection, event: StoryEvent, record: Record) -> None:
    """The event itself, for timelines; its article stands elsewhere."""
    message = msgspec.json.encode(replace(event, article=None, reading=None))
    article = None if event.article is None else event.article.article_id
    db.execute(
        "INSERT OR REPLACE INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(event.event_id, event.story_id, event.number, event.kind.value, article, event.other),
            *(ms(event.seen), ms(record.timestamp), record.offset, message),
        ),
    )


def keep_story(db: sqlite3.Connection, event: StoryEvent, at: int) -> None:
    """The story as it is after the event."""
    facts = event.facts or StoryFacts(status=_STATUS.get(event.kind, StoryStatus.DEVELOPING))
    status = "retired" if event.kind is StoryEventKind.RETIRED else facts.status.value
    after = OtherStory(
        title=event.title,
        article_count=event.article_count,
        outlets=event.outlets,
        languages=event.languages,
        facts=facts,
    )
    _put_story(db, event.story_id, event.number, status, after, event, at)


def _put_story(
    db: sqlite3.Connection, story: str, number: int, status: str, after: OtherStory, event: StoryEvent, at: int
) -> None:
    first, last = after.facts.first_event_time, after.facts.last_event_time
    db.execute(
        "INSERT INTO stories VALUES (?, ?, ?, NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
        " title = iif(excluded.title = '', title, excluded.title), status = excluded.status, became = NULL,"
        " number = excluded.number,"
        " article_count = excluded.article_count, outlets = excluded.outlets, languages = excluded.languages,"
        " first_event_time = min(first_event_time, excluded.first_event_time),"
        " last_event_time = max(last_event_time, excluded.last_event_time),"
        " last_seen = max(last_seen, excluded.last_seen), facts = excluded.facts, at = max(at, excluded.at)",
        (
            *(story, after.title, status, number, after.article_count),
            *(msgspec.json.encode(after.outlets).decode(), msgspec.json.encode(after.languages).decode()),
            *(
                ms(first or event.event_time),
                ms(last or event.event_time),
                ms(event.seen),
                msgspec.json.encode(after.facts),
                at,
            ),
        ),
    )


def rearrange(db: sqlite3.Connection, event: StoryEvent, at: int) -> None:
    """Articles that change their story, and stories that end in another."""
    if event.kind is StoryEventKind.MERGED and event.other is not None:
        db.execute("UPDATE articles SET story = ? WHERE story = ?", (event.story_id, event.other))
        db.execute("UPDATE stories SET status = 'merged', became = ? WHERE id = ?", (event.story_id, event.other))
    elif event.kind in (StoryEventKind.SPLIT, StoryEventKind.MOVED) and event.other is not None:
        pairs = [(article, event.event_id) for article in event.articles]
        db.executemany("INSERT OR REPLACE INTO event_articles VALUES (?, ?)", pairs)
        db.executemany("UPDATE articles SET story = ? WHERE id = ?", [(event.other, one) for one in event.articles])
        if event.other_after is not None:
            after = event.other_after
            _put_story(db, event.other, _number(db, event.other), after.facts.status.value, after, event, at)
    elif event.kind is StoryEventKind.RETIRED:
        db.execute("UPDATE articles SET story = NULL WHERE story = ?", (event.story_id,))


def _number(db: sqlite3.Connection, story: str) -> int:
    row = db.execute("SELECT number FROM stories WHERE id = ?", (story,)).fetchone()
    return 0 if row is None else int(row[0])
