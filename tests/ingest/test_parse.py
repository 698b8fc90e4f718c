"""A feed is known by its content; whatever the bytes are, the answer is a feed or a typed reason."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import Unreadable, Word
from ingest.parse import ITEMS_LIMIT, parse
from ingest.polled import Item, ParsedFeed
from tests.examples import examples

BASE = "https://outlet.example/feeds/all"
RSS = """<?xml version="1.0" encoding="{encoding}"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:yandex="http://news.yandex.ru">
<channel><title>Новини</title><link>https://outlet.example/</link><language>ua-UA</language><ttl>30</ttl>
<item><title>Міст &quot;Паркова&quot; &amp;laquo;відкрито&amp;raquo;</title><link>/news/1?utm_source=rss</link>
<guid isPermaLink="false">n1</guid>
<pubDate>Sun, 01 Mar 2026 10:00:00 +0200</pubDate><author>Олена Гай</author>
<description>&lt;p&gt;Перший&lt;/p&gt;&lt;script&gt;bad()&lt;/script&gt;&lt;p&gt;другий&lt;/p&gt;</description>
{more}</item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>Wire</title><link href="https://outlet.example/"/>
<entry><id>tag:1</id><title type="html">A &amp;amp; B &lt;b&gt;met&lt;/b&gt;</title><link href="two"/>
<updated>2026-03-01T09:00:00Z</updated><author><name>Ann</name></author><author><name>Bob</name></author>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One</p><p>Two</p></div></content></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://outlet.example/"><title>R</title></channel>
<item rdf:about="https://outlet.example/3"><title>Three</title><link>https://outlet.example/3</link>
<dc:date>2026-03-01T08:00:00Z</dc:date></item></rdf:RDF>"""
JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "J",
        "home_page_url": "https://outlet.example/",
        "language": "ru-RU",
        "items": [
            {
                "id": 7,
                "url": "https://outlet.example/7",
                "title": "Seven",
                "summary": "lead",
                "content_html": "<p>one</p><p>two</p>",
                "date_published": "2026-03-01T10:00:00+02:00",
                "authors": [{"name": "Eve"}],
            },
            "no item",
        ],
    }
)
SITEMAP = """<?xml version="1.0"?><!-- made by hand --><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc> https://outlet.example/9 </loc>
<news:news><news:publication><news:name>O</news:name><news:language>uk</news:language></news:publication>
<news:publication_date>2026-03-01T08:00:00Z</news:publication_date><news:title>Nine</news:title></news:news></url>
<url><loc>https://outlet.example/about</loc></url></urlset>"""
EIGHT = datetime(2026, 3, 1, 8, tzinfo=UTC)


def rss(encoding: str = "utf-8", more: str = "") -> str:
    return RSS.format(encoding=encoding, more=more)


def only(feed: ParsedFeed) -> Item:
    (item,) = feed.items
    return item


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (rss().encode(), "text/html"),
        (b"\xef\xbb\xbf" + rss().encode(), ""),
        (b"\n\n" + rss().encode(), ""),
        (rss("windows-1251").encode("cp1251"), "application/rss+xml"),
        (rss("windows-1251").encode("utf-8"), "text/xml; charset=windows-1251"),
        (rss().replace(' encoding="utf-8"', "").encode("cp1251"), "text/xml; charset=windows-1251"),
        (rss().replace(' encoding="utf-8"', "").encode("cp1251"), "text/xml"),
        (rss("no-such-charset").encode("cp1251"), "text/xml; charset=nor-this"),
        (rss("utf-16").encode("utf-16"), ""),
        (b"Warning: something in the template\n" + rss().encode(), ""),
    ],
    ids=["html type", "mark", "blank lines", "1251", "wrongly declared", "header", "neither", "nonsense", "16", "junk"],
)
def test_rss_reads_right_in_every_charset(body: bytes, content_type: str) -> None:
    feed = parse(body, content_type, BASE)
    item = only(feed)
    assert (feed.format, feed.title, feed.home, feed.language) == ("rss20", "Новини", "https://outlet.example/", "uk")
    assert feed.ttl is not None
    assert feed.ttl.total_seconds() == 1800
    assert item.title == 'Міст "Паркова" «відкрито»'
    assert item.summary == "Перший\nдругий"
    assert item.url == "https://outlet.example/news/1?utm_source=rss"
    assert (item.guid, item.published, item.authors, item.body) == ("n1", EIGHT, ("Олена Гай",), "")


@pytest.mark.parametrize(
    "field",
    [
        "<full-text>Повний &lt;b&gt;текст&lt;/b&gt;</full-text>",
        "<yandex:full-text>Повний текст</yandex:full-text>",
        "<content:encoded><![CDATA[<p>Повний текст</p>]]></content:encoded>",
    ],
)
def test_full_text_is_the_body(field: str) -> None:
    item = only(parse(rss(more=field).encode(), "", BASE))
    assert item.body == "Повний текст"
    assert item.summary == "Перший\nдругий"


def test_atom() -> None:
    feed = parse(ATOM.encode(), "", BASE)
    item = only(feed)
    assert (feed.format, feed.home, feed.language) == ("atom10", "https://outlet.example/", "en")
    assert (item.guid, item.title, item.url) == ("tag:1", "A & B met", "https://outlet.example/feeds/two")
    assert (item.summary, item.body, item.authors) == ("", "One\nTwo", ("Ann", "Bob"))
    assert (item.published, item.updated) == (None, datetime(2026, 3, 1, 9, tzinfo=UTC))


def test_rdf() -> None:
    item = only(parse(RDF.encode(), "", BASE))
    assert (item.title, item.url, item.updated or item.published) == ("Three", "https://outlet.example/3", EIGHT)


def test_json_feed() -> None:
    feed = parse(JSON_FEED.encode(), "text/plain", BASE)
    item = only(feed)
    assert (feed.format, feed.language, feed.home) == ("json-feed", "ru", "https://outlet.example/")
    assert (item.guid, item.title, item.summary, item.body) == ("7", "Seven", "lead", "one\ntwo")
    assert (item.published, item.authors) == (EIGHT, ("Eve",))


def test_news_sitemap() -> None:
    feed = parse(SITEMAP.encode(), "", BASE)
    item = only(feed)
    assert (feed.format, item.title, item.url) == ("news-sitemap", "Nine", "https://outlet.example/9")
    assert (item.published, item.language) == (EIGHT, "uk")


def test_an_index_names_the_few_sitemaps_that_are_worth_reading() -> None:
    entries = {
        "pages-1": "2026-03-02",
        "news-old": "2026-02-01",
        "news-a": "2026-03-01",
        "news-b": "",
        "news-c": "2026",
    }
    document = "".join(
        f"<sitemap><loc>/{name}.xml</loc><lastmod>{changed}</lastmod></sitemap>" for name, changed in entries.items()
    )
    feed = parse(f"<sitemapindex>{document}</sitemapindex>".encode(), "", BASE)
    assert (feed.format, feed.items) == ("sitemap-index", ())
    assert feed.index == tuple(f"https://outlet.example/{name}.xml" for name in ("news-a", "news-old", "news-c"))
    plain = b"<sitemapindex><sitemap><loc>/1.xml</loc></sitemap><sitemap><loc>/2.xml</loc></sitemap></sitemapindex>"
    assert parse(plain, "", BASE).index == ("https://outlet.example/1.xml", "https://outlet.example/2.xml")


REFUSED = {
    "nothing": (b"", Word.EMPTY),
    "blanks": (b" \n\t ", Word.EMPTY),
    "page": (b"<!DOCTYPE html><html><body>Sign in</body></html>", Word.HTML),
    "page with a comment first": (b"<!-- x --><HTML><rss></rss></HTML>", Word.HTML),
    "words": (b"Service unavailable", Word.UNKNOWN),
    "other XML": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Word.UNKNOWN),
    "other JSON": (b'{"error": "no such key"}', Word.UNKNOWN),
    "broken JSON": (b'{"items": [', Word.BROKEN),
    "deep JSON": (b"[" * 100_000, Word.BROKEN),
    "broken RSS": (b"<rss version='2.0'><channel><ite", Word.BROKEN),
    "empty index": (b"<sitemapindex></sitemapindex>", Word.NO_NEWS),
    "pages only": (b"<urlset><url><loc>https://x.example/</loc></url></urlset>", Word.NO_NEWS),
    "broken sitemap": (b"<urlset><url>", Word.BROKEN),
    "too many": (b"<rss version='2.0'><channel>" + b"<item/>" * (ITEMS_LIMIT + 1) + b"</channel></rss>", Word.TOO_MANY),
}


@pytest.mark.parametrize(("body", "word"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_feed_has_a_reason(body: bytes, word: Word) -> None:
    with pytest.raises(Unreadable) as failure:
        parse(body, "application/rss+xml", BASE)
    assert failure.value.word is word
    assert len(failure.value.reason) > 10


@pytest.mark.parametrize(
    "document",
    [
        '<rss version="2.0"><channel><item><link>https://outlet.example/1</link></item>'
        "<item><title>Two</title><link>https://outlet.example/2",
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><link href="https://outlet.example/1"/></entry>'
        '<entry xml:lang="en"><id>2</id><link href="https://outlet.example/2"/><title>Tw',
        "<urlset xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>"
        "<url><loc>https://outlet.example/1</loc><n:news><n:title>One</n:title></n:news></url>"
        "<url><loc>https://outlet.example/2</loc><n:news><n:title>Tw",
    ],
    ids=["rss", "atom", "sitemap"],
)
def test_an_item_that_breaks_off_is_left_to_the_next_poll(document: str) -> None:
    """Its address or text may be cut: it would be an article, and another one when it comes whole."""
    assert [item.url for item in parse(document.encode()).items] == ["https://outlet.example/1"]


def test_an_item_that_speaks_of_items_is_whole() -> None:
    item = "<item><title>{}</title><description><![CDATA[</item> and <item>]]></description></item>"
    document = f'<rss version="2.0"><channel>{item.format(1)}{item.format(2)}<!-- <item> --></channel></rss>'
    assert [item.title for item in parse(document.encode()).items] == ["1", "2"]


def test_an_empty_feed_is_a_feed() -> None:
    assert parse(b"<rss version='2.0'><channel><title>t</title></channel></rss>").items == ()


def test_a_body_that_names_a_file_is_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_text(rss())
    for body in (str(secret), f"file://{secret}", f"<rss>{secret}", f"{{{secret}"):
        with pytest.raises(Unreadable):
            parse(body.encode(), "application/rss+xml", BASE)


def test_entities_are_not_expanded_and_files_not_included(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("confidential")
    lines = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE x [<!ENTITY e0 "boom"><!ENTITY f SYSTEM "{secret.as_uri()}">{lines}]>'
    for document in (rss().split("?>", 1)[1], SITEMAP.split("-->", 1)[1]):
        hostile = doctype + document.replace("Новини", "&e9;&f;").replace("Nine", "&e9;&f;").replace("n1", "&f;")
        try:
            text = repr(parse(hostile.encode(), "", BASE))
        except Unreadable:
            continue
        assert "confidential" not in text
        assert len(text) < 10_000


@pytest.mark.parametrize("tag", ["<p>", "<channel>", "<div><b>"])
def test_deep_nesting_ends(tag: str) -> None:
    body = rss(more=f"<description><![CDATA[{tag * 20_000}x]]></description>")
    assert only(parse(body.encode(), "", BASE)).title


FRAGMENTS = st.sampled_from(
    [
        rss(),
        ATOM,
        RDF,
        JSON_FEED,
        SITEMAP,
        "<rss>",
        "<item>",
        "<link>",
        "]]>",
        "<![CDATA[",
        "<!DOCTYPE",
        "<!ENTITY",
        "&#0;",
    ]
)


@examples(150)
@given(st.lists(st.one_of(FRAGMENTS.map(str.encode), st.binary(max_size=40)), max_size=4), st.text(max_size=30))
def test_no_exception_but_its_own(parts: list[bytes], content_type: str) -> None:
    with suppress(Unreadable):
        parse(b"".join(parts), content_type, BASE)


@examples(100)
@given(st.sampled_from([rss(), ATOM, RDF, JSON_FEED, SITEMAP]), st.integers(0, 1500), st.binary(max_size=6))
def test_a_damaged_feed_ends_well(document: str, place: int, damage: bytes) -> None:
    body = document.encode()
    with suppress(Unreadable):
        parse(body[:place] + damage + body[place + len(damage) :], "", BASE)
