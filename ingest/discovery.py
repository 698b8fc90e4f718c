"""Which feeds a web page names (`<link rel="alternate" type=...>`), and which it only links to.  Pure."""

import re

from lxml import etree

from ingest.charset import text_of
from ingest.fields import web_address

_TYPES = re.compile(r"^(?:application/(?:rss|atom|rdf)\+xml|application/feed\+json|application/json|text/xml)\b", re.I)
_LIKELY = re.compile(r"(?:\brss\b|\bfeeds?\b|\batom\b|\.xml$|feed\.json$)", re.IGNORECASE)
LINKS_LIMIT = 10


def feed_links(body: bytes, content_type: str, base: str) -> tuple[str, ...]:
    """Addresses of feeds, those that the page declares first; a few at most, each once."""
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True)
    try:
        root = etree.fromstring(text_of(body, content_type).encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return ()
    if root is None:
        return ()
    declared = [
        link.get("href")
        for link in root.iter("link")
        if "alternate" in (link.get("rel") or "").lower().split() and _TYPES.match((link.get("type") or "").strip())
    ]
    linked = [link.get("href") for link in root.iter("a") if _LIKELY.search(link.get("href") or "")]
    found = (web_address(href, base) for href in (*declared, *linked))
    return tuple(dict.fromkeys(address for address in found if address is not None))[:LINKS_LIMIT]
