"""Articles' pages are read where they may be read and are the article; else the feed's own words stand."""

from collections.abc import Sequence

import pytest

from ingest.page import read_page
from ingest.polled import Polled, PollRequest
from tests.feed_server import Answer, FeedServer, feed_server
from tests.ingest.test_edge import poll

TITLE = "Harbour reopens after the storm"
SENTENCE = "The harbour reopens on Monday after the storm, the port authority said, and ferries will follow by noon. "
ARTICLE = f"<h1>{TITLE}</h1>" + "".join(f"<p>{SENTENCE * 3}</p>" for _ in range(4))
HTML = {"Content-Type": "text/html; charset=utf-8"}


def page(inside: str, head: str = "") -> bytes:
    menu = "<nav><a href='/'>Home</a><a href='/news'>News</a></nav>"
    return (
        f"<!doctype html><html><head><title>{TITLE}</title>{head}</head><body>{menu}<article>{inside}</article>"
        f"<script>track()</script><footer>Share this on everything</footer></body></html>"
    ).encode()


PAGES = {  # name: the page -> whether it is the article
    "an article": (page(ARTICLE), True),
    "a paywall that says so": (
        page(ARTICLE, '<script type="application/ld+json">{"isAccessibleForFree": "False"}</script>'), False,
    ),
    "a teaser": (page(f"<p>{SENTENCE}</p><p>Subscribe to read on.</p>"), False),
    "consent": (page("<p>We and our partners store cookies on your device to measure our audience. </p>" * 9), False),
    "nothing": (b"", False),
    "no mark-up at all": (b"\x00\xff" * 500, False),
}  # fmt: skip


@pytest.mark.parametrize(("body", "is_article"), PAGES.values(), ids=PAGES.keys())
def test_what_is_the_article(body: bytes, is_article: bool) -> None:
    found = read_page(body, "text/html; charset=utf-8", "https://o.example/1", title=TITLE)
    assert (SENTENCE.strip() in found.body) is is_article
    assert (found.refused is None) is is_article
    for absent in ("track()", "Share this"):
        assert absent not in found.body


def feed(*paths: str) -> bytes:
    items = "".join(
        f"<item><title>{TITLE}</title><link>{path}</link><description>lead</description></item>" for path in paths
    )
    return f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>".encode()


def bodies(server: FeedServer, known: dict[str, str] | None = None) -> tuple[Sequence[str], Polled]:
    (found,) = poll(PollRequest(feed="f.1", url=server.url(), page_bodies=True, known=known or {}))
    assert found.shown is not None
    return [one.item.body[:11] for one in found.shown], found


def test_pages_are_fetched_once_where_robots_allow_it() -> None:
    script = {
        "/feed": [Answer(body=feed("/free", "/private", "/paid", "/file"))],
        "/robots.txt": [Answer(body=b"User-agent: *\nDisallow: /private\n")],
        "/free": [Answer(body=page(ARTICLE), headers=HTML)],
        "/paid": [Answer(status=402)],
        "/file": [Answer(body=page(ARTICLE), headers={"Content-Type": "application/pdf"})],
    }
    with feed_server(script) as server:
        found, polled = bodies(server)
        assert found == ["The harbour", "", "", ""]
        assert [asked.path for asked in server.asked] == ["/feed", "/robots.txt", "/free", "/paid", "/file"]
        assert all("wirewatch/" in asked.headers["user-agent"] for asked in server.asked)
        assert polled.shown is not None
        assert polled.shown[0].item.summary == "lead"
        known = {one.article_id: one.version for one in polled.shown}
        again, _ = bodies(server, known)
        assert again == ["", "", "", ""]
        assert [asked.path for asked in server.asked[5:]] == ["/feed"]


@pytest.mark.parametrize(("robots", "asked"), [(Answer(status=404), True), (Answer(status=503), False)])
def test_robots_that_are_missing_allow_and_that_cannot_be_had_forbid(robots: Answer, asked: bool) -> None:
    script = {
        "/feed": [Answer(body=feed("/free"))],
        "/robots.txt": [robots],
        "/free": [Answer(body=page(ARTICLE), headers=HTML)],
    }
    with feed_server(script) as server:
        found, _ = bodies(server)
    assert found == (["The harbour"] if asked else [""])


def test_a_feed_that_does_not_ask_for_pages_fetches_none() -> None:
    with feed_server({"/feed": [Answer(body=feed("/free"))]}) as server:
        poll(PollRequest(feed="f.1", url=server.url()))
        assert [asked.path for asked in server.asked] == ["/feed"]
