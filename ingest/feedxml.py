"""RSS 0.9x to 2.0, Atom and RDF, by feedparser; what it would say of usual RSS 2.0 is found faster.

feedparser is given an `io.BytesIO`: bytes or text it would open as a file name or an address if they look like one.
"""

import calendar
import io
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import cast

from ingest.dates import instant
from ingest.errors import Unreadable, Word
from ingest.fields import absolute_address, author_names, guid_text, language_code, texts, title_text, web_address
from ingest.mend import mended, without_broken_end
from ingest.polled import Item, ParsedFeed
from ingest.usual_rss import read_usual_rss

# feedparser's values are of no fixed type; what is used is checked on the way.
Fields = Mapping[str, object]
# RSS does not say whether a title is mark-up; with one of these it is.
_TAG = re.compile(
    r"</?(?:a|abbr|b|br|em|font|i|img|p|script|small|span|strong|style|sub|sup|u|wbr)\b[^<>]*>", re.IGNORECASE
)
_FULL_TEXTS = ("yandex_full-text", "full-text", "fulltext", "yandex_fulltext")
# RDF's `about` is the page's address.
_IDENTIFIED_BY_ADDRESS = frozenset({"rss10", "rss090"})
LONGEST_TTL = timedelta(days=30)
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
    "monthly": LONGEST_TTL,
    "yearly": LONGEST_TTL,
}


def parse_xml_feed(document: str, base: str) -> ParsedFeed:
    """The feed in `document`, whose XML declaration has been taken off.

    Raises:
        Unreadable: it holds no feed, or its mark-up breaks before the first item.
    """
    sound = mended(without_broken_end(document))
    return feed_of(read_usual_rss(sound) or read_by_feedparser(sound), base)


def read_by_feedparser(document: str) -> Fields:
    """What feedparser says of `document`.

    Raises:
        Unreadable: it raised.
    """
    # Imported here: a third of the start of a process that may never need it, and 5 MB.
    import feedparser

    data = io.BytesIO(document.encode("utf-8", "replace"))
    headers = {"content-type": "application/xml; charset=utf-8"}
    try:
        return cast(
            Fields,
            feedparser.parse(data, response_headers=headers, resolve_relative_uris=False, sanitize_html=False),
        )
    # feedparser promises no exceptions and raises many kinds on hostile input; each is the document's fault.
    except Exception as error:
        raise Unreadable(Word.BROKEN, f"the feed cannot be parsed ({type(error).__name__})") from error


def feed_of(found: Fields, base: str) -> ParsedFeed:
    """The feed in what was found, links joined to `base`.

    Raises:
        Unreadable: there is none, or the mark-up breaks before the first item.
    """
    feed = _mapping(found.get("feed"))
    version = _text(found, "version")
    items = tuple(_item(_mapping(entry), version, base) for entry in _list(found.get("entries")))
    if not items and (found.get("bozo") or not version):
        problem = str(found.get("bozo_exception") or "no feed in it")[:200]
        raise Unreadable(Word.BROKEN, f"the feed's XML is broken before its first item: {problem}")
    return ParsedFeed(
        format=version or "rss",
        title=title_text(_text(feed, "title"), markup=_is_markup(feed, "title")),
        home=web_address(_text(feed, "link"), base),
        language=language_code(_text(feed, "language")),
        ttl=max(filter(None, (_ttl(_text(feed, "ttl")), _update_gap(feed))), default=None),
        items=items,
    )


def _item(entry: Fields, version: str, base: str) -> Item:
    summary, body, cut = texts(_text(entry, "summary"), _body(entry))
    title, of_rss = _text(entry, "title"), not version.startswith("atom")
    return Item(
        guid=guid_text(_text(entry, "id")),
        url=_address(entry, version, base),
        title=title_text(title, markup=_is_markup(entry, "title") or (of_rss and _TAG.search(title) is not None)),
        summary=summary,
        body=body,
        cut=cut,
        authors=_authors(entry),
        published=_instant(entry, "published") or _instant(entry, "created"),
        updated=_instant(entry, "updated"),
        language=language_code(_text(entry, "language")),
    )


def _address(entry: Fields, version: str, base: str) -> str | None:
    """The page: the first link that is one, else an identifier that is an address, else what is enclosed."""
    identifier, link = _text(entry, "id"), _text(entry, "link")
    links = [_mapping(found) for found in _list(entry.get("links"))]
    others = [found for found in links if _text(found, "rel").rpartition("/")[2] == "alternate"]
    pages = [_text(found, "href") for found in sorted(others, key=lambda found: "html" not in _text(found, "type"))]
    # A permanent link by default (RSS 2.0), but often a bare word.
    if link and link == identifier and not pages:
        return absolute_address(link)
    named = web_address(next(filter(None, pages), link), base)
    if named is None and (version in _IDENTIFIED_BY_ADDRESS or "link" in entry):
        named = absolute_address(identifier)
    enclosed = (_text(found, "href") for found in links if _text(found, "rel") == "enclosure")
    return named or web_address(next(enclosed, None), base)


def _body(entry: Fields) -> str:
    contents = [_text(_mapping(part), "value") for part in _list(entry.get("content"))]
    full = [_text(entry, name) for name in _FULL_TEXTS]
    return max([*contents, *full], key=len, default="")


def _authors(entry: Fields) -> tuple[str, ...]:
    names = [_text(_mapping(author), "name") for author in _list(entry.get("authors"))]
    return author_names(names if any(names) else [_text(entry, "author")])


def _instant(entry: Fields, name: str) -> datetime | None:
    # dict's own `get`: feedparser's would answer for `updated` with `published`.
    own = cast("dict[str, object]", entry)
    text, value = dict.get(own, name), dict.get(own, f"{name}_parsed")
    # feedparser knows fewer zones and months than we do, but forgives more: days that no month has, for instance.
    read = instant(text) if isinstance(text, str) else None
    if read is not None:
        return read
    if not isinstance(value, tuple):
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(cast("tuple[int, ...]", value)), tz=UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def _ttl(text: str) -> timedelta | None:
    # Minutes (RSS 2.0); a mistyped one must not silence a feed.
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 9:
        return None
    return min(timedelta(minutes=int(digits)), LONGEST_TTL)


def _update_gap(feed: Fields) -> timedelta | None:
    """How often the feed says that it is updated (RSS 1.0 syndication module): period over frequency."""
    period = _PERIODS.get(_text(feed, "sy_updateperiod").strip().lower())
    if period is None:
        return None
    frequency = _text(feed, "sy_updatefrequency").strip()
    return period / max(1, int(frequency) if frequency.isascii() and frequency.isdigit() and len(frequency) < 5 else 1)


def _is_markup(fields: Fields, name: str) -> bool:
    return "html" in _text(_mapping(fields.get(f"{name}_detail")), "type")


def _text(fields: Fields, name: str) -> str:
    # dict's own `get`: feedparser's looks through its old names of fields each time, and would answer with others'.
    value = dict.get(cast("dict[str, object]", fields), name) if isinstance(fields, dict) else None
    return value if isinstance(value, str) else ""


def _mapping(value: object) -> Fields:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
