"""What one record of the log changes in the index.

Topics are read side by side, so a story event may come before its article: whatever the order in which topics are
interleaved, the same records give the same index.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from alerts.delivery import Delivery
from console.index.articles import keep_article, keep_reading, keep_step
from console.index.redaction import forget_title, is_removed, redacted, remove_article, shown_title
from console.index.schema import ms
from console.index.stories import keep_event, keep_story, rearrange
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
    StoryEvent,
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


def _article(db: sqlite3.Connection, record: Record) -> None:
    article = decode(record.value, Article)
    if keep_article(db, article, ms(record.timestamp)):
        keep_step(db, article.article_id, "ingest", article.version, record, article.outlet)


def _enriched(db: sqlite3.Connection, record: Record) -> None:
    article = decode(record.value, _Enriched).article
    if not is_removed(db, article.article_id):
        keep_step(db, article.article_id, "enrich", article.version, record)


def _event(db: sqlite3.Connection, record: Record) -> None:
    event = decode(record.value, StoryEvent)
    article = event.article
    if article is not None and keep_article(db, article, ms(record.timestamp)):
        keep_step(db, article.article_id, "cluster", article.version, record, f"{event.kind.value} {event.story_id}")
        db.execute("UPDATE articles SET story = ? WHERE id = ?", (event.story_id, article.article_id))
        if event.reading is not None:
            keep_reading(db, article.article_id, event.reading)
    event = redacted(db, event)
    keep_event(db, event, record)
    keep_story(db, event, ms(record.timestamp))
    rearrange(db, event, ms(record.timestamp))


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
            *(record.origin, msgspec.json.encode(alert)),
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
