"""What is exported, as rows, and the formats that carry it: JSON Lines, CSV, Atom and JSON Feed."""

import csv
import io
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from xml.etree import ElementTree as Xml

import msgspec

from console.index.queries import Chosen, articles, stories, text_of
from console.index.schema import ms
from console.index.views import StoryView
from wire.messages import Alert

ATOM = "http://www.w3.org/2005/Atom"
# A cell that begins so would be a formula in a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
Rows = Iterator[Mapping[str, object]]


def article_rows(db: sqlite3.Connection, since: datetime | None, limit: int) -> Rows:
    """Articles with their words, the newest first."""
    for one in articles(db, Chosen(since=since), limit):
        summary, body = text_of(db, one.article_id)
        yield {**_plain(one), "summary": summary, "body": body}


def story_rows(db: sqlite3.Connection, since: datetime | None, limit: int) -> Rows:
    """Stories, the last changed first."""
    yield from map(_plain, stories(db, Chosen(since=since), limit))


def alert_rows(db: sqlite3.Connection, since: datetime | None, limit: int) -> Rows:
    """Alerts with their evidence, the newest first."""
    rows = db.execute("SELECT message FROM alerts WHERE seen >= ? ORDER BY seen DESC LIMIT ?", (_from(since), limit))
    yield from (_plain(msgspec.json.decode(message, type=Alert)) for (message,) in rows)


def verdict_rows(db: sqlite3.Connection, since: datetime | None, limit: int) -> Rows:
    """What people said of alerts, the newest first."""
    rows = db.execute(
        "SELECT message FROM commands WHERE kind = 'rate' AND at >= ? ORDER BY at DESC LIMIT ?", (_from(since), limit)
    )
    yield from (msgspec.json.decode(message) for (message,) in rows)


EXPORTS: Mapping[str, Callable[[sqlite3.Connection, datetime | None, int], Rows]] = {
    "stories": story_rows,
    "articles": article_rows,
    "alerts": alert_rows,
    "verdicts": verdict_rows,
}


def _from(since: datetime | None) -> int:
    return 0 if since is None else ms(since)


def _plain(value: msgspec.Struct) -> Mapping[str, object]:
    found = msgspec.to_builtins(value)
    assert isinstance(found, dict)
    return found


def json_lines(rows: Rows) -> Iterator[str]:
    """One object a line."""
    yield from (msgspec.json.encode(row).decode() + "\n" for row in rows)


def csv_lines(rows: Rows) -> Iterator[str]:
    """RFC 4180 with a head; lists are joined by spaces, what is nested is JSON, no cell is a formula."""
    buffer = io.StringIO()
    writer: csv.DictWriter[str] | None = None
    for row in rows:
        cells = {name: _cell(value) for name, value in row.items()}
        if writer is None:
            writer = csv.DictWriter(buffer, fieldnames=list(cells), extrasaction="ignore", restval="")
            writer.writeheader()
        writer.writerow(cells)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple) and all(isinstance(part, str) for part in value):
        text = " ".join(value)
    elif isinstance(value, list | tuple | dict):
        text = msgspec.json.encode(value).decode()
    else:
        text = str(value)
    return f"'{text}" if isinstance(value, str | list | tuple) and text.startswith(_FORMULA) else text


def atom(found: list[StoryView], link: Callable[[str], str]) -> str:
    """Stories as an Atom feed (RFC 4287); `link` is where a story's page is, by id."""
    feed = Xml.Element("feed", xmlns=ATOM)
    _add(feed, "title", "Wirewatch stories")
    _add(feed, "id", "urn:wirewatch:stories")
    newest = max((one.last_seen for one in found), default=datetime(1970, 1, 1, tzinfo=UTC))
    _add(feed, "updated", _stamp(newest))
    _add(_add(feed, "author"), "name", "Wirewatch")
    for one in found:
        entry = _add(feed, "entry")
        _add(entry, "title", _xml_text(one.title) or one.story_id)
        _add(entry, "id", f"urn:wirewatch:story:{one.story_id}")
        _add(entry, "updated", _stamp(one.last_seen))
        _add(entry, "published", _stamp(one.first_event_time))
        _add(entry, "summary", story_words(one))
        _add(entry, "link").set("href", link(one.story_id))
        for language in one.languages:
            _add(entry, "category").set("term", language)
    Xml.indent(feed)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(feed, encoding="unicode") + "\n"


def _add(parent: Xml.Element, name: str, text: str | None = None) -> Xml.Element:
    child = Xml.SubElement(parent, name)
    child.text = text
    return child


def _xml_text(text: str) -> str:
    """`text` without what XML 1.0 cannot hold."""
    return "".join(char for char in text if char in "\t\n" or (char >= " " and char not in "\ufffe\uffff"))


def json_feed(found: list[StoryView], link: Callable[[str], str]) -> str:
    """Stories as a JSON Feed 1.1."""
    items = [
        {
            "id": one.story_id,
            "url": link(one.story_id),
            "title": one.title or one.story_id,
            "content_text": story_words(one),
            "date_published": _stamp(one.first_event_time),
            "date_modified": _stamp(one.last_seen),
            "tags": list(one.languages),
        }
        for one in found
    ]
    head = {"version": "https://jsonfeed.org/version/1.1", "title": "Wirewatch stories", "items": items}
    return msgspec.json.format(msgspec.json.encode(head), indent=2).decode() + "\n"


def story_words(one: StoryView) -> str:
    """The coverage in one sentence."""
    outlets = ", ".join(one.outlets[:12]) + (" and others" if len(one.outlets) > 12 else "")
    return f"{one.status}: {one.article_count} articles of {len(one.outlets)} outlets ({outlets})"


def _stamp(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
