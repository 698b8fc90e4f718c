"""Render a feed of the day as it stands at one moment of the run.  Pure: the same moment gives the same bytes.

RSS 2.0 with `content:encoded` and `dc:creator`, Atom 1.0 (RFC 4287), JSON Feed 1.1, Google's news sitemap.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from xml.etree import ElementTree as ET

from msgspec import Struct

from demo.day import Article, Day
from demo.texts import Feed, Format, Outlet

CONTENT_TYPES = {
    Format.RSS: "application/rss+xml; charset=utf-8",
    Format.ATOM: "application/atom+xml; charset=utf-8",
    Format.JSON: "application/feed+json; charset=utf-8",
    Format.SITEMAP: "application/xml; charset=utf-8",
}


class RenderedFeed(Struct, frozen=True, kw_only=True):
    """An answer's body and the values of its headers."""

    content: bytes
    content_type: str
    etag: str  # strong, with its quotes (RFC 9110, section 8.8.3); a hash of the content
    last_modified: datetime  # aware UTC, whole seconds; moves whenever the content does


class Edition(Struct, frozen=True, kw_only=True):
    """What a renderer needs: one feed with the articles that it shows now, newest first."""

    outlet: Outlet
    feed: Feed
    articles: Sequence[Article]
    base_url: str
    day_start: datetime

    @property
    def url(self) -> str:
        """The feed's own address."""
        return f"{self.base_url}{self.feed.path}"

    @property
    def modified(self) -> datetime:
        """When the newest article was published, or the day's start for a feed that is still empty."""
        return self.published(self.articles[0]) if self.articles else self.day_start

    def link(self, article: Article) -> str:
        """Return the address of an article's page."""
        return f"{self.base_url}{article.path}"

    def published(self, article: Article) -> datetime:
        """Return when the outlet says that it published; aware UTC."""
        return self.day_start + article.published


def render(day: Day, feed_id: str, *, elapsed: timedelta, base_url: str, day_start: datetime) -> RenderedFeed:
    """Return a feed as it stands when the run is `elapsed` old.

    Args:
        feed_id: of `outlets.toml`; `KeyError` for any other.
        base_url: of the site that serves the day, without a slash at its end.
        day_start: six in the morning of the invented day, aware UTC, whole seconds; its last article comes some
            15 hours later, so a start that is less than that ago publishes in the future.
    """
    outlet, feed = day.feed(feed_id)
    edition = Edition(
        outlet=outlet, feed=feed, articles=day.shown(feed_id, elapsed), base_url=base_url, day_start=day_start
    )
    content = _RENDERERS[feed.format](edition)
    return RenderedFeed(
        content=content,
        content_type=CONTENT_TYPES[feed.format],
        etag=f'"{sha256(content).hexdigest()[:24]}"',
        last_modified=edition.modified,
    )


def rss(edition: Edition) -> bytes:
    """Return the edition as RSS 2.0, full texts as `content:encoded`."""
    root = ET.Element("rss", {"version": "2.0", **_RSS_NAMESPACES})
    channel = ET.SubElement(root, "channel")
    _leaf(channel, "title", edition.outlet.name)
    _leaf(channel, "link", f"{edition.base_url}/{edition.outlet.id}/")
    _leaf(channel, "description", f"{edition.outlet.name}, {edition.feed.language}")
    _leaf(channel, "language", edition.feed.language)
    _leaf(channel, "lastBuildDate", format_datetime(edition.modified, usegmt=True))
    for article in edition.articles:
        item = ET.SubElement(channel, "item")
        _leaf(item, "title", article.title)
        _leaf(item, "link", edition.link(article))
        _leaf(item, "guid", edition.link(article), isPermaLink="true")
        _leaf(item, "pubDate", format_datetime(edition.published(article), usegmt=True))
        _leaf(item, "description", article.summary)
        for author in article.authors:
            _leaf(item, "dc:creator", author)
        if article.paragraphs:
            _leaf(item, "content:encoded", html(article.paragraphs))
    return _xml(root)


def atom(edition: Edition) -> bytes:
    """Return the edition as Atom 1.0 (RFC 4287)."""
    root = ET.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": edition.feed.language})
    _leaf(root, "id", f"urn:wirewatch-demo:{edition.feed.id}")
    _leaf(root, "title", edition.outlet.name)
    _leaf(root, "updated", edition.modified.isoformat())
    ET.SubElement(root, "link", {"rel": "self", "href": edition.url})
    # RFC 4287, section 4.1.2: an entry has an author, or its feed has one.
    _leaf(ET.SubElement(root, "author"), "name", edition.outlet.name)
    for article in edition.articles:
        entry = ET.SubElement(root, "entry")
        _leaf(entry, "id", f"urn:wirewatch-demo:{article.path.strip('/').replace('/', ':')}")
        _leaf(entry, "title", article.title)
        ET.SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": edition.link(article)})
        _leaf(entry, "published", edition.published(article).isoformat())
        _leaf(entry, "updated", edition.published(article).isoformat())
        for author in article.authors:
            _leaf(ET.SubElement(entry, "author"), "name", author)
        _leaf(entry, "summary", article.summary)
        if article.paragraphs:
            _leaf(entry, "content", html(article.paragraphs), type="html")
    return _xml(root)


def json_feed(edition: Edition) -> bytes:
    """Return the edition as JSON Feed 1.1."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": edition.outlet.name,
        "home_page_url": f"{edition.base_url}/{edition.outlet.id}/",
        "feed_url": edition.url,
        "language": edition.feed.language,
        "items": [_json_item(edition, article) for article in edition.articles],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1).encode()


def sitemap(edition: Edition) -> bytes:
    """Return the edition as a Google news sitemap: titles and keywords, no text."""
    root = ET.Element("urlset", _SITEMAP_NAMESPACES)
    for article in edition.articles:
        url = ET.SubElement(root, "url")
        _leaf(url, "loc", edition.link(article))
        news = ET.SubElement(url, "news:news")
        publication = ET.SubElement(news, "news:publication")
        _leaf(publication, "news:name", edition.outlet.name)
        _leaf(publication, "news:language", edition.feed.language)
        _leaf(news, "news:publication_date", edition.published(article).isoformat())
        _leaf(news, "news:title", article.title)
        _leaf(news, "news:keywords", ", ".join(article.keywords))
    return _xml(root)


def html(paragraphs: Sequence[str]) -> str:
    """Return paragraphs as HTML, one element each."""
    return "\n".join(ET.tostring(_paragraph(text), encoding="unicode", method="html") for text in paragraphs)


def _json_item(edition: Edition, article: Article) -> dict[str, object]:
    item: dict[str, object] = {
        "id": edition.link(article),
        "url": edition.link(article),
        "title": article.title,
        "summary": article.summary,
        "date_published": edition.published(article).isoformat(),
        "language": edition.feed.language,
    }
    # JSON Feed 1.1 wants one of the two contents in every item: a lead has no markup to keep.
    item |= {"content_html": html(article.paragraphs)} if article.paragraphs else {"content_text": article.summary}
    return item | ({"authors": [{"name": name} for name in article.authors]} if article.authors else {})


def _paragraph(text: str) -> ET.Element:
    element = ET.Element("p")
    element.text = text
    return element


def _leaf(parent: ET.Element, tag: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, tag, attributes).text = text


def _xml(root: ET.Element) -> bytes:
    ET.indent(root)
    return _DECLARATION + ET.tostring(root, encoding="unicode").encode()


_DECLARATION = b"<?xml version='1.0' encoding='utf-8'?>\n"
# Prefixes are written out, for ElementTree's own way is a registry that the whole process shares.
_RSS_NAMESPACES = {
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
}
_SITEMAP_NAMESPACES = {
    "xmlns": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "xmlns:news": "http://www.google.com/schemas/sitemap-news/0.9",
}
_RENDERERS = {Format.RSS: rss, Format.ATOM: atom, Format.JSON: json_feed, Format.SITEMAP: sitemap}
