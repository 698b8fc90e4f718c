"""Google news sitemaps (schema sitemap-news 0.9) and their indexes: address, title and date of the newest articles."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from lxml import etree

from ingest.dates import instant
from ingest.errors import Unreadable, Word
from ingest.fields import language_code, title_text, web_address
from ingest.mend import mended, without_broken_end
from ingest.polled import Item, ParsedFeed

# More than a few sitemaps for one poll would be a crawl.
INDEX_LIMIT = 3
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"


def parse_news_sitemap(document: str, base: str) -> ParsedFeed:
    """The entries of `document` that are news.

    Raises:
        Unreadable: broken XML, or not one entry has news in it.
    """
    root, sound = _root(_declared(without_broken_end(document)))
    items = tuple(item for url in root.iterfind("{*}url") if (item := _item(url, base)) is not None)
    if not items and not sound:
        raise Unreadable(Word.BROKEN, "the sitemap's XML is broken before its first entry")
    if not items and root.find("{*}url") is not None:
        raise Unreadable(Word.NO_NEWS, "a sitemap of pages: none of its entries is marked as news")
    return ParsedFeed(format="news-sitemap", items=items)


def parse_sitemap_index(document: str, base: str) -> ParsedFeed:
    """The few sitemaps of an index that are likeliest to hold news: those named so, the latest changed first.

    Raises:
        Unreadable: broken XML, or an index of nothing.
    """
    root, _ = _root(mended(document))
    found = [
        (address, instant(_text(entry, "{*}lastmod")))
        for entry in root.iterfind("{*}sitemap")
        if (address := web_address(_text(entry, "{*}loc"), base)) is not None
    ]
    if not found:
        raise Unreadable(Word.NO_NEWS, "an index of sitemaps that names none")
    named = [entry for entry in found if "news" in urlsplit(entry[0]).path.lower()]
    # Python's sort keeps the order of the document where the index gives no times.
    latest = sorted(named or found, key=lambda entry: entry[1] or _LONG_AGO, reverse=True)
    return ParsedFeed(format="sitemap-index", index=tuple(address for address, _ in latest[:INDEX_LIMIT]))


def _declared(document: str) -> str:
    """`document` with what makers forget: the namespace of `news:`, and sound references."""
    if "<news:" in document and "xmlns:news" not in document:
        document = document.replace("<urlset", f'<urlset xmlns:news="{_NEWS}"', 1)
    return mended(document)


def _root(document: str) -> tuple[etree._Element, bool]:
    """The root element, and whether everything around it was sound XML."""
    # Recovers from what is broken, as readers of feeds do.
    # No entity is resolved, no DTD loaded, nothing fetched; depth and text size keep libxml2's own limits.
    parser = etree.XMLParser(
        encoding="utf-8",
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
    )
    try:
        root: etree._Element | None = etree.fromstring(document.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(Word.BROKEN, f"the sitemap's XML is broken: {str(error)[:200]}") from error
    if root is None:
        raise Unreadable(Word.BROKEN, "the sitemap's XML is broken from the beginning")
    return root, not parser.error_log


def _item(url: etree._Element, base: str) -> Item | None:
    news = url.find("{*}news")
    address = web_address(_text(url, "{*}loc"), base)
    if news is None or address is None:
        return None
    return Item(
        url=address,
        title=title_text(_text(news, "{*}title"), markup=False),
        published=instant(_text(news, "{*}publication_date")),
        updated=instant(_text(url, "{*}lastmod")),
        language=language_code(_text(news, "{*}publication/{*}language")),
    )


def _text(element: etree._Element, path: str) -> str:
    return element.findtext(path) or ""
