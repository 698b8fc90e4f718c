"""What a feed of the day shows can be read back whole by parsers that are not ours."""

import io
import json
from calendar import timegm
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import feedparser
import pytest
from lxml import etree, html
from msgspec import structs

from demo.day import Article, Day, load_day
from demo.feeds import CONTENT_TYPES, RenderedFeed, render
from demo.pages import page
from demo.texts import Feed, Format

START = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
BASE = "http://127.0.0.1:8000"
NEWS = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "n": "http://www.google.com/schemas/sitemap-news/0.9"}
DAY = load_day()
FEEDS = [feed for outlet in DAY.outlets for feed in outlet.feeds]


@dataclass(frozen=True)
class Seen:
    """An item as a foreign parser reads it."""

    link: str
    title: str
    published: datetime
    lead: str = ""
    paragraphs: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()


def edition(feed_id: str, elapsed: timedelta, day: Day = DAY) -> RenderedFeed:
    return render(day, feed_id, elapsed=elapsed, base_url=BASE, day_start=START)


def paragraphs(markup: str) -> tuple[str, ...]:
    return tuple(all_text(p) for p in html.fragment_fromstring(markup, create_parent=True)) if markup else ()


def all_text(element: etree._Element) -> str:
    return "".join(str(part) for part in element.itertext())


def read_parsed(content: bytes) -> list[Seen]:
    parsed = feedparser.parse(io.BytesIO(content))
    assert not parsed.bozo, parsed.get("bozo_exception")
    return [
        Seen(
            link=entry.link,
            title=entry.title,
            published=datetime.fromtimestamp(timegm(entry.published_parsed), UTC),
            lead=entry.summary,
            paragraphs=paragraphs(entry.content[0].value if "content" in entry else ""),
            authors=tuple(author["name"] for author in entry.get("authors", [])),
        )
        for entry in parsed.entries
    ]


def read_json(content: bytes) -> list[Seen]:
    return [
        Seen(
            link=item["url"],
            title=item["title"],
            published=datetime.fromisoformat(item["date_published"]),
            lead=item["summary"],
            paragraphs=paragraphs(item.get("content_html", "")),
            authors=tuple(author["name"] for author in item.get("authors", [])),
        )
        for item in json.loads(content)["items"]
    ]


def read_sitemap(content: bytes) -> list[Seen]:
    return [
        Seen(
            link=url.findtext("s:loc", namespaces=NEWS) or "",
            title=url.findtext("n:news/n:title", namespaces=NEWS) or "",
            published=datetime.fromisoformat(url.findtext("n:news/n:publication_date", namespaces=NEWS) or ""),
        )
        for url in etree.fromstring(content).findall("s:url", namespaces=NEWS)
    ]


READERS = {Format.RSS: read_parsed, Format.ATOM: read_parsed, Format.JSON: read_json, Format.SITEMAP: read_sitemap}


def written(article: Article) -> Seen:
    return Seen(
        link=BASE + article.path,
        title=article.title,
        published=START + article.published,
        lead=article.summary,
        paragraphs=article.paragraphs,
        authors=article.authors,
    )


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.id)
def test_what_was_written_is_what_is_read(feed: Feed, share: float) -> None:
    elapsed = DAY.duration * share
    rendered = edition(feed.id, elapsed)
    assert READERS[feed.format](rendered.content) == [written(a) for a in DAY.shown(feed.id, elapsed)]
    assert rendered.content_type == CONTENT_TYPES[feed.format]


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.id)
def test_validators_move_with_each_release_and_only_then(feed: Feed) -> None:
    releases = [a.released for a in DAY.articles if a.feed == feed.id]
    before = edition(feed.id, timedelta(0))
    for released in releases:
        assert edition(feed.id, released - timedelta(milliseconds=1)) == before
        after = edition(feed.id, released)
        assert after.etag != before.etag
        assert after.last_modified > before.last_modified
        before = after
    assert releases


def test_markup_in_a_text_stays_text() -> None:
    sharp = "Profit < 5% & <b>not</b> bold"
    for feed in FEEDS:
        (first, *_) = [a for a in DAY.articles if a.feed == feed.id]
        body = (sharp,) if first.paragraphs else ()
        lead = sharp if first.summary else ""
        day = structs.replace(DAY, articles=(structs.replace(first, title=sharp, summary=lead, paragraphs=body),))
        content = edition(feed.id, day.duration, day).content
        if feed.format in (Format.JSON, Format.SITEMAP):
            (item,) = READERS[feed.format](content)
            assert item.title == sharp
            assert item.paragraphs == body
        else:  # feedparser turns text into markup, so the XML itself is asked
            assert sharp in [element.text for element in etree.fromstring(content).iter()]


def test_a_feed_that_nobody_has() -> None:
    with pytest.raises(KeyError, match="nobody-en"):
        edition("nobody-en", timedelta(0))


@pytest.mark.parametrize("article", DAY.articles, ids=lambda article: article.path)
def test_a_page_shows_the_article_and_that_it_is_invented(article: Article) -> None:
    outlet, _ = DAY.feed(article.feed)
    text = all_text(html.fromstring(page(outlet, article)))
    for part in (article.title, article.summary, *article.paragraphs, f"{outlet.name} did not write this"):
        assert part in text
