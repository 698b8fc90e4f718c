"""Bytes to `ParsedFeed`: the format is known by the content, since Content-Type says it wrongly too often."""

import re

from ingest.charset import text_of
from ingest.errors import Unreadable, Word
from ingest.feedxml import parse_xml_feed
from ingest.jsonfeed import parse_json_feed
from ingest.polled import ParsedFeed
from ingest.sitemap import parse_news_sitemap, parse_sitemap_index

# More than any feed shows; a commit must stay within what a log takes at once.
ITEMS_LIMIT = 5000

# White space, comments, processing instructions and a DOCTYPE may stand before the first element.
_BEFORE_ROOT = re.compile(r"\s+|<!--.*?-->|<\?.*?\?>|<!DOCTYPE(?:[^<>\[]|\[.*?\]\s*(?=>))*>", re.DOTALL | re.IGNORECASE)
_NAME = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_ITEM = re.compile(r"<(?:\w{1,20}:)?(?:item|entry|news)(?=[\s/>])", re.IGNORECASE)
_FEEDS = frozenset({"rss", "rdf", "feed", "channel", "entry"})
_PAGES = frozenset({"html", "head", "body", "title", "meta", "script"})
_PAGE_TYPE = re.compile(r"(?:\s|<!--.*?-->)*<!DOCTYPE\s+html\b", re.DOTALL | re.IGNORECASE)
# An entity made of other entities: ten lines of them are a billion characters, and no feed needs one.
_EXPANDING = re.compile(r"""<!ENTITY\s+[\w.-]+\s+["'][^"']{0,5000}&(?!(?:#|amp;|lt;|gt;|quot;|apos;))\w""")
_TAG = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<(/?)[A-Za-z_][^<>]*?(/?)>", re.DOTALL)
# HTML that was not escaped and closes nothing is some hundred deep.
DEPTH_LIMIT = 2000
# Words or notices printed before the feed: lenient readers skip them, so do we.
_FEED_SOON = re.compile(r"<(?:rss|feed|rdf:RDF)[\s>]")
_SOON_CHARACTERS = 4096


def parse(body: bytes, content_type: str = "", base: str = "") -> ParsedFeed:
    """The feed in `body`; pure, and without any exception but its own whatever the bytes are.

    Args:
        body: the whole answer, decompressed.
        content_type: the header; only its charset counts, and only where the bytes leave doubt.
        base: the address that relative links belong to.

    Raises:
        Unreadable: `body` is no feed or cannot be read; its `reason` is a sentence for people.
    """
    document = text_of(body, content_type)
    # Counted before they are parsed: that takes a millisecond for a dozen of them.
    _refuse_many(sum(1 for _ in _ITEM.finditer(document)))
    found = _by_format(document, base)
    _refuse_many(len(found.items))
    return found


def _refuse_many(items: int) -> None:
    if items > ITEMS_LIMIT:
        raise Unreadable(Word.TOO_MANY, f"{items} items, at most {ITEMS_LIMIT} are taken from one feed")


def _by_format(document: str, base: str) -> ParsedFeed:
    start = document.lstrip()
    if not start:
        raise Unreadable(Word.EMPTY, "the answer is empty")
    if start[0] in "{[":
        return parse_json_feed(document, base)
    _refuse_traps(start)
    root = _root_name(start)
    if root in _FEEDS:
        return parse_xml_feed(start, base)
    if root == "urlset":
        return parse_news_sitemap(start, base)
    if root == "sitemapindex":
        return parse_sitemap_index(start, base)
    if root in _PAGES or _PAGE_TYPE.match(start):
        raise Unreadable(Word.HTML, "a web page came in place of a feed")
    soon = _FEED_SOON.search(start, 0, _SOON_CHARACTERS)
    if soon is not None:
        return parse_xml_feed(start[soon.start() :], base)
    raise Unreadable(Word.UNKNOWN, "neither RSS, Atom, RDF, JSON Feed nor a news sitemap")


def _refuse_traps(document: str) -> None:
    """What is built to exhaust a parser is refused before one sees it."""
    if _EXPANDING.search(document):
        raise Unreadable(Word.BROKEN, "its entities are made of other entities, which is how bombs are built")
    if document.count("<") > DEPTH_LIMIT and _is_deep(document):
        raise Unreadable(Word.BROKEN, f"its elements are nested more than {DEPTH_LIMIT} deep")


def _is_deep(document: str) -> bool:
    depth = 0
    for tag in _TAG.finditer(document):
        if tag[1] is not None and not tag[2]:
            depth += -1 if tag[1] else 1
            if depth > DEPTH_LIMIT:
                return True
    return False


def _root_name(document: str) -> str:
    """The first element's name in lower case without its prefix; empty where none is found."""
    position = 0
    while (skipped := _BEFORE_ROOT.match(document, position)) is not None:
        position = skipped.end()
    name = _NAME.match(document, position)
    return "" if name is None else name[1].lower()
