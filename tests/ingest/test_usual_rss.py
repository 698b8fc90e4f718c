"""The fast reader of usual RSS says what feedparser says, or leaves the document to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.charset import text_of
from ingest.feedxml import feed_of, read_by_feedparser
from ingest.mend import mended
from ingest.usual_rss import read_usual_rss
from tests.ingest.test_outside_feeds import files, outside

BASE = "https://outlet.example/feeds/all"
NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "itunes": "http://www.itunes.com/DTDs/PodCast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "yandex": "http://news.yandex.ru",
}
HEAD = "<rss version='2.0' " + " ".join(f"xmlns:{prefix}='{uri}'" for prefix, uri in NAMESPACES.items()) + ">"
# What most outlets write: read fast.
USUAL_FEED = (
    "<title>Новини й події</title>",
    "<link>https://outlet.example/</link>",
    "<description>all &amp; everything</description>",
    "<language>uk-UA</language>",
    "<ttl>15</ttl>",
    "<image><url>/i.png</url><title>logo</title><link>https://outlet.example/logo</link></image>",
    "<atom:link href='https://outlet.example/rss' rel='self' type='application/rss+xml'/>",
    "<lastBuildDate>Sun, 01 Mar 2026 10:00:00 +0200</lastBuildDate>",
    "<sy:updatePeriod>hourly</sy:updatePeriod>",
    "<sy:updateFrequency>2</sy:updateFrequency>",
    "<generator>press</generator>",
)
USUAL_ITEM = (
    "<title>Порт відновив роботу: що відомо</title>",
    "<link>https://outlet.example/news/1?a=1&amp;b=2</link>",
    "<guid isPermaLink='false'>n 1</guid>",
    "<pubDate>Sun, 01 Mar 2026 10:00:00 +0200</pubDate>",
    "<description><![CDATA[<p>Перший</p> <b>другий</b>]]></description>",
    "<content:encoded><![CDATA[<p>Усе</p>]]></content:encoded>",
    "<dc:creator>Олена Гай</dc:creator>",
    "<category domain='x'>світ</category>",
    "<enclosure url='https://outlet.example/i.jpg' length='1' type='image/jpeg'/>",
    "<yandex:full-text>Повний текст</yandex:full-text>",
    "<media:thumbnail url='https://outlet.example/t.jpg' width='1'/>",
    "<comments>https://outlet.example/news/1#talk</comments>",
    "<slash:comments>3</slash:comments>",
    "<source url='https://other.example/rss'>Other</source>",
)
ODD_FEED = (
    "<title>A &lt;b&gt;bold&lt;/b&gt; feed</title>",
    "<title/>",
    "<link>/</link>",
    "<link/>",
    "<atom:link href='https://outlet.example/page' rel='alternate'/>",
    "<atom:link href='https://outlet.example/page'/>",
    "<atom:link rel='self'>https://outlet.example/text</atom:link>",
    "<language xml:lang='en'> fr </language>",
    "<ttl>soon</ttl>",
    "<textInput><title>find</title><link>https://outlet.example/find</link></textInput>",
    "<image><title>deep <b>bold</b></title></image>",
    "<itunes:author>Ann</itunes:author>",
    "<managingEditor>a@outlet.example (Ann)</managingEditor>",
    "<sy:updatePeriod>often</sy:updatePeriod>",
)
ODD_ITEM = (
    "<title>AT&amp;amp;T &lt;i&gt;rises&lt;/i&gt;</title>",
    "<title>a &lt; b &amp; c; d</title>",
    "<title>Ð\u009cÐ¾Ñ\u0082</title>",
    "<title>caf\u00c3\u00a9</title>",
    "<title>caf\u00e9</title>",
    "<title>a<!-- no -->b<?x y?>c</title>",
    "<title><b>nested</b> mark-up</title>",
    "<title/>",
    "<media:title>Other title</media:title>",
    "<link>/news/2</link>",
    "<link>https:///outlet.example//news/2</link>",
    "<link>https://outlet.example/2?a=1&amp;amp;b=2&amp;copy;</link>",
    "<link> https://outlet.example/2#part\n</link>",
    "<link>https://outlet.example/вісті</link>",
    "<link/>",
    "<guid>https://outlet.example/guid/3</guid>",
    "<guid>three</guid>",
    "<guid isPermaLink='true'>https://outlet.example/guid/4</guid>",
    "<guid isPermaLink='TRUE'>https://outlet.example/guid/5</guid>",
    "<guid/>",
    "<pubDate>Sun, 30 Feb 2026 10:00:00 +0200</pubDate>",
    "<pubDate>1. März 2026, 10:00</pubDate>",
    "<pubDate>soon</pubDate>",
    "<pubDate/>",
    "<dc:date>2026-03-01T09:00:00Z</dc:date>",
    "<description/>",
    "<description>Ціна \u0096 1</description>",
    "<description type='text'>typed</description>",
    "<content:encoded/>",
    "<author>ann@outlet.example (Ann)</author>",
    "<author>Ann</author>",
    "<author/>",
    "<full-text>Повний &lt;b&gt;текст&lt;/b&gt;</full-text>",
    "<x:full-text xmlns:x='http://news.yandex.ru'>Повніший текст іншим</x:full-text>",
    "<enclosure url='' length='1'/>",
    "<enclosure href='https://outlet.example/h.jpg'/>",
    "<source>bare</source>",
    "<media:content url='https://outlet.example/c.jpg'><media:title>in it</media:title></media:content>",
    "<item><title>inner</title></item>",
    "bare words",
    "<dc:language>en</dc:language>",
    "<unknown/>",
    "<unknown a='1'>text</unknown>",
)


def some(usual: tuple[str, ...], odd: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Mostly usual, so that many documents are; in any order, repeated at times."""
    return st.tuples(
        st.lists(st.sampled_from(usual), unique=True, max_size=6), st.lists(st.sampled_from(odd), max_size=2)
    ).flatmap(lambda both: st.permutations([*both[0], *both[1]]).map("".join))


def document(feed: str, *items: str, head: str = HEAD) -> str:
    return f"{head}<channel>{feed}{''.join(f'<item>{item}</item>' for item in items)}</channel></rss>"


def agree(text: str) -> bool:
    """Whether the fast reader had an answer; then it is feedparser's."""
    found = read_usual_rss(text)
    if found is not None:
        assert feed_of(found, BASE) == feed_of(read_by_feedparser(text), BASE)
    return found is not None


@given(some(USUAL_FEED, ODD_FEED), st.lists(some(USUAL_ITEM, ODD_ITEM), max_size=3))
def test_it_says_what_feedparser_says(feed: str, items: list[str]) -> None:
    agree(document(feed, *items))


@pytest.mark.parametrize("odd", [*ODD_FEED, *ODD_ITEM])
def test_each_odd_thing_alone(odd: str) -> None:
    agree(document("<title>T</title>" + odd, odd, "".join(USUAL_ITEM)))
    for usual in USUAL_ITEM:
        agree(document("", odd + usual, usual + odd))


def test_the_usual_is_read() -> None:
    """Else all of the above would hold of a reader that never answers."""
    assert agree(document("".join(USUAL_FEED), "".join(USUAL_ITEM), "".join(reversed(USUAL_ITEM)), *USUAL_ITEM))
    assert agree(document("".join(USUAL_FEED)))


@pytest.mark.parametrize(
    "head",
    [
        "<rss>",
        "<rss version='0.92'>",
        "<rss version='2.0' xml:lang='fr'>",
        "<rss version='2.0' xml:base='https://b.example/'>",
        "<rss version='2.0' xmlns='http://backend.userland.com/rss2'>",
        "<rss version='2.0' xmlns:r='http://purl.org/rss/1.0/'>",
        "<!DOCTYPE rss SYSTEM 'rss.dtd'><rss version='2.0'>",
        "<!-- made by hand --><rss version='2.0'>",
        "<RSS version='2.0'>",
        "<rss version='2.0'><channel/>",
    ],
)
def test_other_roots(head: str) -> None:
    agree(document("<title>T</title>", "<title>a</title><link>https://outlet.example/1</link>", head=head))


@outside
def test_the_real_files() -> None:
    fast = [path.name for path in files() if agree(mended(text_of(path.read_bytes()).lstrip()))]
    assert fast
