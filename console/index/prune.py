"""The index forgets what the log has forgotten: by the topics' retention and the log's own time, in small slices."""

import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from wire.topics import ALERTS, ARTICLES, COMMANDS, DEAD_LETTERS, STORY_EVENTS, Topic

SLICE = 200  # rows of a table in one go
# Looked at so often; in between nothing is done.
EVERY = timedelta(minutes=1)


def prune(db: sqlite3.Connection, topics: Mapping[str, Topic], now: datetime | None = None) -> int:
    """Drop rows past their topic's retention where it is time to look; how many were dropped."""
    time = now or datetime.now(UTC)
    last = db.execute("SELECT value FROM meta WHERE key = 'pruned'").fetchone()
    if last is not None and int(last[0]) > (time - EVERY).timestamp():
        return 0
    db.execute("BEGIN IMMEDIATE")
    gone = _slice(db, topics, time)
    if gone < SLICE:  # else there is more: the next call goes on at once
        db.execute("INSERT OR REPLACE INTO meta VALUES ('pruned', ?)", (str(int(time.timestamp())),))
    db.execute("COMMIT")
    return gone


def _slice(db: sqlite3.Connection, topics: Mapping[str, Topic], now: datetime) -> int:
    def before(topic: str) -> int:
        retention = topics[topic].retention
        return 0 if retention is None else round((now - retention).timestamp() * 1000)

    # An article is of use as long as its story's events are there.
    old = max(topics[ARTICLES].retention or timedelta(0), topics[STORY_EVENTS].retention or timedelta(0))
    gone = _articles(db, round((now - old).timestamp() * 1000))
    gone += _rows(db, "events", "at", before(STORY_EVENTS))
    gone += _rows(db, "stories", "at", before(STORY_EVENTS))
    gone += _rows(db, "alerts", "at", before(ALERTS))
    gone += _rows(db, "deadletters", "at", before(DEAD_LETTERS))
    return gone + _rows(db, "commands", "at", before(COMMANDS))


def _rows(db: sqlite3.Connection, table: str, column: str, before: int) -> int:
    key = "origin" if table == "deadletters" else "id"
    # Names of tables and columns are the constants above.
    sql = f"DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} WHERE {column} < ? LIMIT ?)"  # noqa: S608
    return db.execute(sql, (before, SLICE)).rowcount


def _articles(db: sqlite3.Connection, before: int) -> int:
    rows = db.execute("SELECT number, id FROM articles WHERE at < ? LIMIT ?", (before, SLICE)).fetchall()
    for number, article in rows:
        db.execute("DELETE FROM texts WHERE rowid = ?", (number,))
        for table in ("mentions", "steps", "event_articles", "alert_articles"):
            db.execute(f"DELETE FROM {table} WHERE article = ?", (article,))  # noqa: S608
        db.execute("DELETE FROM articles WHERE number = ?", (number,))
    return len(rows)
