"""What the index keeps of an article: its newest version, how many there were, and which stages have had it."""

import sqlite3

from console.index.redaction import forget_title, is_removed
from console.index.schema import ms
from wire.log.port import Record
from wire.messages import Article, Reading


def keep_article(db: sqlite3.Connection, article: Article, at: int) -> bool:
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


def keep_step(db: sqlite3.Connection, article: str, stage: str, version: str, record: Record, note: str = "") -> None:
    """A stage has had this version of the article."""
    row = (article, stage, version, ms(record.timestamp), record.origin, note)
    db.execute("INSERT OR REPLACE INTO steps VALUES (?, ?, ?, ?, ?, ?)", row)


def keep_reading(db: sqlite3.Connection, article: str, reading: Reading) -> None:
    """Its language and whom it mentions, in place of what was known."""
    db.execute("UPDATE articles SET language = ? WHERE id = ?", (reading.language, article))
    db.execute("DELETE FROM mentions WHERE article = ?", (article,))
    entities = {mention.entity for mention in reading.mentions}
    db.executemany("INSERT INTO mentions VALUES (?, ?)", [(entity, article) for entity in entities])
