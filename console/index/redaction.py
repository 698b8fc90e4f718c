"""Taking an article down: its words leave the index, and stay out whatever is read later."""

import sqlite3
from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from wire.messages import Alert, StoryEvent, StoryFacts
from wire.takedown import REMOVED_TITLE, digest


def is_removed(db: sqlite3.Connection, article: str) -> bool:
    """Whether the article was taken down."""
    return db.execute("SELECT 1 FROM removed WHERE article = ?", (article,)).fetchone() is not None


def forget_title(db: sqlite3.Connection, title: str) -> None:
    """Never show this headline again, whatever bears it: a story keeps the title of its first article."""
    db.execute("INSERT OR IGNORE INTO removed_titles VALUES (?)", (_digest(title),))


def shown_title(db: sqlite3.Connection, title: str) -> str:
    """The title, unless it is that of an article that was taken down."""
    found = db.execute("SELECT 1 FROM removed_titles WHERE digest = ?", (_digest(title),)).fetchone()
    return title if found is None else REMOVED_TITLE


def _digest(title: str) -> bytes:
    return bytes.fromhex(digest(title))


def headlines_of(db: sqlite3.Connection, article: str) -> set[str]:
    """Every headline of the article that the index knows, earlier ones too."""
    titles = {title for (title,) in db.execute("SELECT title FROM articles WHERE id = ?", (article,))}
    for message in _alerts_with(db, article).values():
        alert = msgspec.json.decode(message, type=Alert)
        titles |= {one.title for one in alert.evidence if one.article_id == article}
    for story in _stories_with(db, article):
        for (message,) in db.execute("SELECT message FROM events WHERE story = ?", (story,)):
            event = msgspec.json.decode(message, type=StoryEvent)
            facts = [event.facts, event.other_after and event.other_after.facts]
            titles |= {one.title for it in facts if it for one in it.headlines if one.article_id == article}
    return titles


def remove_article(db: sqlite3.Connection, article: str, titles: Iterable[str], at: int) -> None:
    """Take every word of the article out of the index; that there was one, and when, stays.

    Args:
        db: the index, in a transaction.
        article: which.
        titles: digests of headlines that it bore, beside those that the index knows.
        at: when it was taken down, in milliseconds since 1970.
    """
    db.execute("INSERT OR IGNORE INTO removed VALUES (?, ?)", (article, at))
    for title in {*titles, *map(digest, headlines_of(db, article))}:
        db.execute("INSERT OR IGNORE INTO removed_titles VALUES (?)", (bytes.fromhex(title),))
    for alert_id, message in _alerts_with(db, article).items():
        _redact_alert(db, alert_id, message, article)
    _redact_stories(db, article)
    row = db.execute("SELECT number FROM articles WHERE id = ?", (article,)).fetchone()
    if row is not None:
        db.execute("DELETE FROM texts WHERE rowid = ?", row)
        db.execute("DELETE FROM mentions WHERE article = ?", (article,))
        db.execute("DELETE FROM articles WHERE number = ?", row)


def _alerts_with(db: sqlite3.Connection, article: str) -> dict[str, bytes]:
    return dict(
        db.execute(
            "SELECT id, message FROM alerts JOIN alert_articles ON alert = id WHERE article = ?", (article,)
        ).fetchall()
    )


def _stories_with(db: sqlite3.Connection, article: str) -> set[str]:
    """The stories that the article is or was in."""
    events = db.execute(
        "SELECT story, other FROM events WHERE article = ?1 OR id IN (SELECT event FROM event_articles WHERE"
        " article = ?1)",
        (article,),
    )
    return {story for pair in events for story in pair if story}


def _redact_alert(db: sqlite3.Connection, alert_id: str, message: bytes, article: str) -> None:
    alert = msgspec.json.decode(message, type=Alert)
    evidence = tuple(one for one in alert.evidence if one.article_id != article)
    redacted = msgspec.json.encode(replace(alert, evidence=evidence, title=shown_title(db, alert.title)))
    db.execute("UPDATE alerts SET message = ? WHERE id = ?", (redacted, alert_id))


def redacted(db: sqlite3.Connection, event: StoryEvent) -> StoryEvent:
    """The event without the headlines of articles that were taken down."""
    after, article = event.other_after, event.article
    return replace(
        event,
        title=shown_title(db, event.title),
        article=None if article is None else replace(article, title=shown_title(db, article.title)),
        facts=None if event.facts is None else shown_facts(db, event.facts),
        other_after=None
        if after is None
        else replace(after, title=shown_title(db, after.title), facts=shown_facts(db, after.facts)),
    )


def shown_facts(db: sqlite3.Connection, facts: StoryFacts) -> StoryFacts:
    """The facts with only such headlines as may be shown."""
    return replace(facts, headlines=tuple(one for one in facts.headlines if shown_title(db, one.title) == one.title))


def _redact_stories(db: sqlite3.Connection, article: str) -> None:
    """A story that bears the article's headline bears it no more."""
    for story in _stories_with(db, article):
        for title, facts in db.execute("SELECT title, facts FROM stories WHERE id = ?", (story,)).fetchall():
            shown = shown_facts(db, msgspec.json.decode(facts, type=StoryFacts))
            row = (shown_title(db, title), msgspec.json.encode(shown), story)
            db.execute("UPDATE stories SET title = ?, facts = ? WHERE id = ?", row)
        for id_, message in db.execute("SELECT id, message FROM events WHERE story = ?", (story,)).fetchall():
            event = redacted(db, msgspec.json.decode(message, type=StoryEvent))
            db.execute("UPDATE events SET message = ? WHERE id = ?", (msgspec.json.encode(event), id_))
