"""Questions to the index about articles and stories; each is answered from an index of SQLite, never by a scan."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from console.index.schema import ms
from console.index.views import ArticleView, Found, StoryView
from wire.messages import StoryEvent, StoryFacts

# Around found words in a snippet: invisible characters that no title can steer a terminal or a page with.
MARK_BEGIN, MARK_END = "\u2068", "\u2069"
_LONGEST_WAY = 64  # merges of merges

_ARTICLE = (
    "a.id, a.outlet, a.feed, a.url, a.title, a.language, a.published, a.event_time, a.first_seen, a.seen, a.version,"
    " a.versions, a.story"
)
_STORY = (
    "s.id, s.title, s.status, s.became, s.article_count, s.outlets, s.languages, s.first_event_time,"
    " s.last_event_time, s.last_seen, s.facts"
)
# Of events: the story's own, and those of others that brought it articles.
_OF_STORY = "story = ?1 OR (other = ?1 AND kind IN ('split', 'moved'))"
_NO_LATER_ID = "\U0010ffff"
Row = tuple[object, ...]


def instant(at_ms: int) -> datetime:
    """The aware UTC time of milliseconds since 1970."""
    return datetime.fromtimestamp(at_ms / 1000, UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which stories or articles are wanted; empty fields let everything pass."""

    language: str | None = None
    outlet: str | None = None
    entity: str | None = None
    since: datetime | None = None
    before: datetime | None = None  # last seen before this; for the next page
    beyond: str | None = None  # of those last seen at `before` itself: stories whose id comes after this one

    def facets(self) -> Mapping[str, str]:
        """The fields of articles that are asked for."""
        asked = {"language": self.language, "outlet": self.outlet, "entity": self.entity}
        return {name: value for name, value in asked.items() if value}


def article(db: sqlite3.Connection, article_id: str) -> ArticleView | None:
    """One article by its id."""
    row = db.execute(f"SELECT {_ARTICLE} FROM articles a WHERE a.id = ?", (article_id,)).fetchone()
    return None if row is None else _article(row)


def articles_at(db: sqlite3.Connection, url: str) -> list[ArticleView]:
    """The articles at an address."""
    return [_article(row) for row in db.execute(f"SELECT {_ARTICLE} FROM articles a WHERE a.url = ?", (url,))]


def articles_of(db: sqlite3.Connection, story_id: str, limit: int = 1000) -> list[ArticleView]:
    """The articles of a story by event time, the oldest first; at most `limit`."""
    rows = db.execute(
        f"SELECT {_ARTICLE} FROM articles a WHERE a.story = ? ORDER BY a.event_time, a.id LIMIT ?", (story_id, limit)
    )
    return [_article(row) for row in rows]


def story(db: sqlite3.Connection, story_id: str) -> StoryView | None:
    """One story by its id."""
    row = db.execute(f"SELECT {_STORY} FROM stories s WHERE s.id = ?", (story_id,)).fetchone()
    return None if row is None else _story(row)


def living_story(db: sqlite3.Connection, story_id: str) -> StoryView | None:
    """The story that `story_id` is now: itself, or what it was merged into."""
    found = story(db, story_id)
    for _ in range(_LONGEST_WAY):
        if found is None or found.became is None:
            return found
        found = story(db, found.became)
    return found


def stories(db: sqlite3.Connection, chosen: Chosen, limit: int) -> list[StoryView]:
    """Stories by when they last changed, the newest first; merged and retired ones are left out."""
    where = ["s.status NOT IN ('merged', 'retired')", "s.article_count > 0"]
    values: list[object] = []
    if chosen.since is not None:
        where.append("s.last_seen >= ?")
        values.append(ms(chosen.since))
    if chosen.before is not None:
        where.append("s.last_seen <= ? AND (s.last_seen < ? OR s.id > ?)")
        at = ms(chosen.before)
        values += (at, at, chosen.beyond or _NO_LATER_ID)
    facets = chosen.facets()
    if facets:
        condition, said = _facets(facets)
        where.append(f"s.id IN (SELECT a.story FROM articles a WHERE {condition})")
        values += said
    sql = f"SELECT {_STORY} FROM stories s WHERE {' AND '.join(where)} ORDER BY s.last_seen DESC, s.id LIMIT ?"
    return [_story(row) for row in db.execute(sql, (*values, limit))]


def articles(db: sqlite3.Connection, chosen: Chosen, limit: int) -> list[ArticleView]:
    """Articles by when they were last seen, the newest first."""
    where = ["1"]
    values: list[object] = []
    if chosen.since is not None:
        where.append("a.seen >= ?")
        values.append(ms(chosen.since))
    if chosen.before is not None:
        where.append("a.seen < ?")
        values.append(ms(chosen.before))
    condition, said = _facets(chosen.facets())
    sql = f"SELECT {_ARTICLE} FROM articles a WHERE {' AND '.join(where)} AND {condition} ORDER BY a.seen DESC LIMIT ?"
    return [_article(row) for row in db.execute(sql, (*values, *said, limit))]


def _facets(facets: Mapping[str, str]) -> tuple[str, list[object]]:
    conditions = {
        "language": "a.language = ?",
        "outlet": "a.outlet = ?",
        "entity": "a.id IN (SELECT m.article FROM mentions m WHERE m.entity = ?)",
    }
    return " AND ".join(["1", *(conditions[name] for name in facets)]), list(facets.values())


def search(db: sqlite3.Connection, words: str, limit: int) -> list[Found]:
    """Articles that have all of `words`, the best first.  A word in quotes stands as it is; any word may end in `*`."""
    rows = db.execute(
        f"SELECT {_ARTICLE}, snippet(texts, -1, ?, ?, '…', 24) FROM texts JOIN articles a ON a.number = texts.rowid"
        " WHERE texts MATCH ? ORDER BY texts.rank LIMIT ?",
        (MARK_BEGIN, MARK_END, match_of(words), limit),
    )
    return [Found(article=_article(row[:-1]), snippet=str(row[-1])) for row in rows]


def match_of(words: str) -> str:
    """`words` as a query of FTS5 that cannot fail, whatever a person typed: each word is a string of its own."""
    terms = []
    for word in words.split():
        prefix = "*" if word.endswith("*") and len(word) > 1 else ""
        # SQLite reads a query no further than a NUL, and would miss the quote behind it.
        quoted = word.removesuffix("*").replace('"', "").replace("\0", "")
        if any(char.isalnum() for char in quoted):
            terms.append(f'"{quoted}"{prefix}')
    return " ".join(terms) or '""'


def text_of(db: sqlite3.Connection, article_id: str) -> tuple[str, str]:
    """Summary and body of an article; empty where it is not there."""
    row = db.execute(
        "SELECT summary, body FROM texts WHERE rowid = (SELECT number FROM articles WHERE id = ?)", (article_id,)
    ).fetchone()
    return ("", "") if row is None else (row[0], row[1])


def entities_of(db: sqlite3.Connection, article_id: str) -> list[str]:
    """Entities that an article mentions."""
    rows = db.execute("SELECT entity FROM mentions WHERE article = ? ORDER BY entity", (article_id,))
    return [entity for (entity,) in rows]


def main_entities(db: sqlite3.Connection, story_id: str, limit: int = 12) -> list[tuple[str, int]]:
    """The entities of a story with the number of articles that mention them, most first."""
    rows = db.execute(
        "SELECT m.entity, count(*) FROM articles a JOIN mentions m ON m.article = a.id WHERE a.story = ?"
        " GROUP BY m.entity ORDER BY count(*) DESC, m.entity LIMIT ?",
        (story_id, limit),
    )
    return [(entity, count) for entity, count in rows]


def events_of(db: sqlite3.Connection, story_id: str, limit: int = 500) -> list[tuple[StoryEvent, str | None]]:
    """The newest events of a story, newest first, each with the article that it is about.

    Splits and moves of other stories that brought it articles are among them.
    """
    rows = db.execute(
        f"SELECT message, article FROM events WHERE {_OF_STORY} ORDER BY place DESC LIMIT ?2", (story_id, limit)
    )
    return [(_event(message), about) for message, about in rows]


def placements(db: sqlite3.Connection, article_id: str) -> list[StoryEvent]:
    """The events that brought the article or a version of it, newest first."""
    rows = db.execute("SELECT message FROM events WHERE article = ? ORDER BY place DESC", (article_id,))
    return [_event(message) for (message,) in rows]


def rearrangements(db: sqlite3.Connection, article_id: str, since: StoryEvent) -> list[StoryEvent]:
    """Merges, splits and moves from `since` on that may have carried the article on, in the order of the log."""
    moved = {place: event for event, _, place in _moves(db, article_id)}
    merged = {
        place: _event(message)
        for begin in {since.story_id, *(event.other for event in moved.values())}
        for place, message in db.execute(_MERGES, (begin,))
    }
    begin = place_of(db, since)
    return [event for place, event in sorted((moved | merged).items(), key=lambda one: one[0]) if place > begin]


_MERGES = (
    "WITH RECURSIVE way (story) AS (SELECT ? UNION SELECT became FROM stories, way WHERE id = way.story"
    " AND became IS NOT NULL) SELECT e.place, e.message FROM events e JOIN way ON e.other = way.story"
    " WHERE e.kind = 'merged'"
)


def place_of(db: sqlite3.Connection, event: StoryEvent) -> int:
    """The offset of an event that the index holds."""
    return int(db.execute("SELECT place FROM events WHERE id = ?", (event.event_id,)).fetchone()[0])


def first_event_of(db: sqlite3.Connection, story_id: str) -> StoryEvent | None:
    """The event that opened a story, or parted it from another; None where the index holds none of it any more."""
    row = db.execute(f"SELECT message FROM events WHERE {_OF_STORY} ORDER BY place LIMIT 1", (story_id,)).fetchone()
    return None if row is None else _event(row[0])


def events_after(db: sqlite3.Connection, place: int, limit: int) -> list[tuple[int, StoryEvent]]:
    """The events of all stories after offset `place` of their topic, in order, at most `limit`."""
    rows = db.execute("SELECT place, message FROM events WHERE place > ? ORDER BY place LIMIT ?", (place, limit))
    return [(at, _event(message)) for at, message in rows]


def moves_of(db: sqlite3.Connection, article_id: str) -> list[tuple[StoryEvent, int]]:
    """Splits and moves that took the article along, each with the time (ms) at which the log took it."""
    return [(event, at) for event, at, _ in _moves(db, article_id)]


def _moves(db: sqlite3.Connection, article_id: str) -> list[tuple[StoryEvent, int, int]]:
    """The same, each also with its offset."""
    rows = db.execute(
        "SELECT e.message, e.at, e.place FROM event_articles x JOIN events e ON e.id = x.event WHERE x.article = ?"
        " ORDER BY e.place",
        (article_id,),
    )
    return [(_event(message), at, place) for message, at, place in rows]


def _event(message: bytes) -> StoryEvent:
    return msgspec.json.decode(message, type=StoryEvent)


def _article(row: Sequence[object]) -> ArticleView:
    id_, outlet, feed, url, title, language, published, event_time, first_seen, seen, version, versions, to = row
    return msgspec.convert(
        {
            "article_id": id_,
            "outlet": outlet,
            "feed": feed,
            "url": url,
            "title": title,
            "language": language,
            "published": None if published is None else _time(published),
            "event_time": _time(event_time),
            "first_seen": _time(first_seen),
            "seen": _time(seen),
            "version": version,
            "versions": versions,
            "story_id": to,
        },
        ArticleView,
    )


def _story(row: Sequence[Any]) -> StoryView:
    id_, title, status, became, article_count, outlets, languages, first, last, seen, facts = row
    return msgspec.convert(
        {
            "story_id": id_,
            "title": title,
            "status": status,
            "became": became,
            "article_count": article_count,
            "outlets": msgspec.json.decode(str(outlets)),
            "languages": msgspec.json.decode(str(languages)),
            "first_event_time": _time(first),
            "last_event_time": _time(last),
            "last_seen": _time(seen),
            "facts": msgspec.json.decode(bytes(facts), type=StoryFacts),
        },
        StoryView,
    )


def _time(at_ms: object) -> datetime:
    assert isinstance(at_ms, int)
    return instant(at_ms)
