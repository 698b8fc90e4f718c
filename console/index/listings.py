"""Lists that people look through: alerts, deliveries, feeds, dead letters, commands."""

import sqlite3

import msgspec

from alerts.delivery import Delivery
from console.index.queries import instant
from console.index.views import DeadLetterView
from ingest.state import FeedState
from wire.messages import Alert, Command


def alerts(db: sqlite3.Connection, limit: int, *, watch: str | None = None) -> list[Alert]:
    """Alerts, the newest first; of one watch where named."""
    if watch is None:
        rows = db.execute("SELECT message FROM alerts ORDER BY at DESC, id LIMIT ?", (limit,))
    else:
        rows = db.execute("SELECT message FROM alerts WHERE watch = ? ORDER BY at DESC, id LIMIT ?", (watch, limit))
    return [msgspec.json.decode(message, type=Alert) for (message,) in rows]


def alert_count(db: sqlite3.Connection, watch: str) -> int:
    """How many alerts a watch has raised, as far as the log remembers."""
    return int(db.execute("SELECT count(*) FROM alerts WHERE watch = ?", (watch,)).fetchone()[0])


def deliveries(db: sqlite3.Connection, limit: int) -> list[Delivery]:
    """Deliveries by when they were taken or ended, the newest first."""
    rows = db.execute("SELECT message FROM deliveries ORDER BY at DESC, id LIMIT ?", (limit,))
    return [msgspec.json.decode(message, type=Delivery) for (message,) in rows]


def delivery_counts(db: sqlite3.Connection) -> dict[str, int]:
    """How many deliveries are in each state."""
    return dict(db.execute("SELECT state, count(*) FROM deliveries GROUP BY state ORDER BY state").fetchall())


def feeds(db: sqlite3.Connection) -> list[FeedState]:
    """All feeds by id."""
    rows = db.execute("SELECT message FROM feeds ORDER BY feed")
    return [msgspec.json.decode(message, type=FeedState) for (message,) in rows]


def dead_letters(db: sqlite3.Connection, limit: int) -> list[DeadLetterView]:
    """Dead letters, the newest first."""
    rows = db.execute(
        "SELECT origin, stage, code, reason, article, at FROM deadletters ORDER BY at DESC LIMIT ?", (limit,)
    )
    return [
        DeadLetterView(origin=origin, stage=stage, code=code, reason=reason, article_id=article, at=instant(at))
        for origin, stage, code, reason, article, at in rows
    ]


def commands_about(db: sqlite3.Connection, target: str, limit: int = 20) -> list[Command]:
    """Commands about a story, article or feed, the newest first."""
    rows = db.execute("SELECT message FROM commands WHERE target = ? ORDER BY at DESC LIMIT ?", (target, limit))
    return [msgspec.json.decode(message, type=Command) for (message,) in rows]
