"""What one record of the log changes in the index.

Topics are read side by side, so a story event may come before its article: whatever the order in which topics are
interleaved, the same records give the same index.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from alerts.delivery import Delivery
from console.index.redaction import forget_title, is_removed, redacted, remove_article, shown_title
from ingest.state import read_feed
from wire.codec import decode
from wire.errors import BadRecord, SchemaTooNew
from wire.log.port import Record
from wire.messages import (
    Alert,
    Article,
    Command,
    CommandKind,
    DeadLetter,
    OtherStory,
    Reading,
    StoryEvent,
    StoryEventKind,
    StoryFacts,
    StoryStatus,
)
from wire.topics import (
    ALERTS,
    ARTICLES,
    COMMANDS,
    DEAD_LETTERS,
    DELIVERIES,
    ENRICHED,
    FEEDS,
    STORY_EVENTS,
)

_encode = msgspec.json.encode


class _Head(msgspec.Struct):
    article_id: str
    version: str


class _Enriched(msgspec.Struct):
    """What the index needs of an `Enriched`; its vector and text are passed over."""

    article: _Head
    schema: int = 1


def apply(db: sqlite3.Connection, record: Record) -> bool:
    """Take one record in, inside a transaction; False where it is nothing that this program can read."""
    change = _CHANGES.get(record.topic)
    if change is None:
        return True
    try:
        change(db, record)
    except (BadRecord, SchemaTooNew, msgspec.ValidationError):
        return False
    return True


def ms(time: datetime | None) -> int:
    """Milliseconds since 1970; 0 where the log did not say when."""
    return 0 if time is None else round(time.timestamp() * 1000)


def _article(db: sqlite3.Connection, record: Record) -> None:
    article = decode(record.value, Article)
    if _keep_article(db, article, ms(record.timestamp)):
        _step(db, article.article_id, "ingest", article.version, record, article.outlet)


def _keep_article(db: sqlite3.Connection, article: Article, at: int) -> bool:
    """The newest version is what is shown; False for one that was taken down."""
    row = db.execute("SELECT number, version, seen FROM articles WHERE id = ?", (article.article_id,)).fetchone()
    if row is None:
        if is_removed(db, article.article_id):
            forget_title(db, article.title)
            return False
        _new_article(db, article, at)
    elif row[1] != article.version:
        _new_version(db, article, at, number=row[0], newer=ms(article.seen) >= row[2])
    return True


def _new_article(db: sqlite3.Connection, article: Article, at: int) -> None:
    published = None if article.published is None else ms(article.published)
    seen = ms(article.seen)
    cursor = db.execute(
        "INSERT INTO articles (id, outlet, feed, url, title, language, version, versions, published, event_time,"
        " first_seen, seen, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(article.article_id, article.outlet, article.feed, article.url, article.title, article.language_hint),
            *(article.version, 1, published, ms(article.event_time), seen, seen, at),
        ),
    )
    text = (cursor.lastrowid, article.title, article.summary, article.body)
    db.execute("INSERT INTO texts (rowid, title, summary, body) VALUES (?, ?, ?, ?)", text)


def _new_version(db: sqlite3.Connection, article: Article, at: int, *, number: int, newer: bool) -> None:
    db.execute(
        "UPDATE articles SET first_seen = min(first_seen, ?), at = max(at, ?) WHERE number = ?",
        (ms(article.seen), at, number),
    )
    known = db.execute(
        "SELECT 1 FROM steps WHERE article = ? AND version = ? AND stage <> 'enrich' LIMIT 1",
        (article.article_id, article.version),
    ).fetchone()
    if known is None:
        db.execute("UPDATE articles SET versions = versions + 1 WHERE number = ?", (number,))
    if newer:
        db.execute(
            "UPDATE articles SET title = ?, version = ?, url = ?, seen = ? WHERE number = ?",
            (article.title, article.version, article.url, ms(article.seen), number),
        )
        text = (article.title, article.summary, article.body, number)
        db.execute("UPDATE texts SET title = ?, summary = ?, body = ? WHERE rowid = ?", text)


def _step(db: sqlite3.Connection, article: str, stage: str, version: str, record: Record, note: str = "") -> None:
    row = (article, stage, version, ms(record.timestamp), record.origin, note)
    db.execute("INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?, ?, ?)", row)


def _enriched(db: sqlite3.Connection, record: Record) -> None:
    article = decode(record.value, _Enriched).article
    if not is_removed(db, article.article_id):
        _step(db, article.article_id, "enrich", article.version, record)


def _event(db: sqlite3.Connection, record: Record) -> None:
    event = decode(record.value, StoryEvent)
    article = event.article
    if article is not None and _keep_article(db, article, ms(record.timestamp)):
        _step(db, article.article_id, "cluster", article.version, record, f"{event.kind.value} {event.story_id}")
        db.execute("UPDATE articles SET story = ? WHERE id = ?", (event.story_id, article.article_id))
        if event.reading is not None:
            _keep_reading(db, article.article_id, event.reading)
    event = redacted(db, event)
    _keep_event(db, event, record)
    _keep_story(db, event, ms(record.timestamp))
    _rearrange(db, event, ms(record.timestamp))


def _keep_reading(db: sqlite3.Connection, article: str, reading: Reading) -> None:
    db.execute("UPDATE articles SET language = ? WHERE id = ?", (reading.language, article))
    db.execute("DELETE FROM mentions WHERE article = ?", (article,))
    entities = {mention.entity for mention in reading.mentions}
    db.executemany("INSERT INTO mentions VALUES (?, ?)", [(entity, article) for entity in entities])


def _keep_event(db: sqlite3.Connection, event: StoryEvent, record: Record) -> None:
    message = _encode(replace(event, article=None, reading=None))
    article = None if event.article is None else event.article.article_id
    db.execute(
        "INSERT OR REPLACE INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(event.event_id, event.story_id, event.number, event.kind.value, article, event.other),
            *(ms(event.seen), ms(record.timestamp), record.offset, message),
        ),
    )


def _keep_story(db: sqlite3.Connection, event: StoryEvent, at: int) -> None:
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
            *(_encode(after.outlets).decode(), _encode(after.languages).decode()),
            *(ms(first or event.event_time), ms(last or event.event_time), ms(event.seen), _encode(after.facts), at),
        ),
    )


_STATUS = {StoryEventKind.CLOSED: StoryStatus.CLOSED, StoryEventKind.OPENED: StoryStatus.NEW}


def _rearrange(db: sqlite3.Connection, event: StoryEvent, at: int) -> None:
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


def _alert(db: sqlite3.Connection, record: Record) -> None:
    alert = decode(record.value, Alert)
    gone = {one.article_id for one in alert.evidence if is_removed(db, one.article_id)}
    for one in alert.evidence:
        if one.article_id in gone:
            forget_title(db, one.title)
    if gone:
        alert = replace(alert, evidence=tuple(one for one in alert.evidence if one.article_id not in gone))
    alert = replace(alert, title=shown_title(db, alert.title))
    db.execute(
        "INSERT OR REPLACE INTO alerts VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(alert.alert_id, alert.watch, alert.story_id, alert.number, ms(alert.seen), ms(record.timestamp)),
            *(record.origin, _encode(alert)),
        ),
    )
    pairs = [(one.article_id, alert.alert_id) for one in alert.evidence]
    db.executemany("INSERT OR REPLACE INTO alert_articles VALUES (?, ?)", pairs)


def _delivery(db: sqlite3.Connection, record: Record) -> None:
    kind, _, name = (record.key or "").partition(":")
    if kind != "delivery":
        return
    if record.value is None:
        db.execute("DELETE FROM deliveries WHERE id = ?", (name,))
        return
    delivery = decode(record.value, Delivery)
    at = ms(delivery.ended or delivery.taken)
    row = (delivery.delivery_id, delivery.alert_id, delivery.channel, delivery.state.value, at, record.value)
    db.execute("INSERT OR REPLACE INTO deliveries VALUES (?, ?, ?, ?, ?, ?)", row)


def _dead_letter(db: sqlite3.Connection, record: Record) -> None:
    letter = decode(record.value, DeadLetter)
    origin = f"{letter.topic}/{letter.partition}/{letter.offset}"
    article = letter.key if letter.topic in (ARTICLES, ENRICHED) else None
    row = (origin, letter.stage, letter.code, letter.reason, article, ms(letter.at))
    db.execute("INSERT OR REPLACE INTO deadletters VALUES (?, ?, ?, ?, ?, ?)", row)


def _feed(db: sqlite3.Connection, record: Record) -> None:
    key = record.key or ""
    if key.startswith("feed:") and record.value is None:
        db.execute("DELETE FROM feeds WHERE feed = ?", (key.removeprefix("feed:"),))
    state = read_feed(record)
    if state is not None:
        row = (state.feed, int(state.failed is not None), record.value)
        db.execute("INSERT OR REPLACE INTO feeds VALUES (?, ?, ?)", row)


def _command(db: sqlite3.Connection, record: Record) -> None:
    command = decode(record.value, Command)
    db.execute(
        "INSERT OR REPLACE INTO commands VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            *(command.command_id, command.stage, command.kind.value, command.target),
            *(ms(command.when), record.origin, record.value),
        ),
    )
    if command.kind is CommandKind.REMOVE:
        remove_article(db, command.target, command.titles, ms(command.when))


_CHANGES: Mapping[str, Callable[[sqlite3.Connection, Record], None]] = {
    ARTICLES: _article,
    ENRICHED: _enriched,
    STORY_EVENTS: _event,
    ALERTS: _alert,
    DELIVERIES: _delivery,
    DEAD_LETTERS: _dead_letter,
    FEEDS: _feed,
    COMMANDS: _command,
}
FOLLOWED: Sequence[str] = tuple(_CHANGES)
