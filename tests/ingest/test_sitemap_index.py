"""An index of sitemaps is followed to its newest news sitemaps, each asked with validators of its own."""

from ingest.errors import Word
from ingest.polled import PollRequest
from tests.feed_server import Answer, feed_server
from tests.ingest.test_edge import poll

NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
INDEX = (
    b"<sitemapindex><sitemap><loc>/news-1.xml</loc></sitemap><sitemap><loc>/news-2.xml</loc></sitemap></sitemapindex>"
)


def sitemap(*numbers: int) -> bytes:
    urls = "".join(f"<url><loc>/{n}</loc><n:news><n:title>n{n}</n:title></n:news></url>" for n in numbers)
    return f"<urlset xmlns:n='{NEWS}'>{urls}</urlset>".encode()


def test_an_index_and_its_parts_are_each_conditional() -> None:
    script = {
        "/index": [Answer(body=INDEX, headers={"ETag": '"i"'}), Answer(status=304)],
        "/news-1.xml": [
            Answer(body=sitemap(1, 2), headers={"ETag": '"one"'}),
            Answer(status=304),
            Answer(body=sitemap(1, 2, 4), headers={"ETag": '"one, edited"'}),
        ],
        "/news-2.xml": [Answer(body=sitemap(2, 3)), Answer(body=sitemap(2, 3)), Answer(status=500)],
    }
    with feed_server(script) as server:
        request = PollRequest(feed="f.1", url=server.url("/index"))
        shown = []
        for _ in range(3):
            (found,) = poll(request)
            assert found.failed is None
            shown.append(None if found.shown is None else [one.item.title for one in found.shown])
            request = PollRequest(
                feed="f.1",
                url=request.url,
                validators=found.validators,
                body_digest=found.body_digest,
                parts=found.parts,
            )
        conditions = [(asked.path, asked.headers.get("if-none-match")) for asked in server.asked]
    assert shown == [["n1", "n2", "n3"], None, ["n1", "n2", "n4"]]
    assert found.partial
    assert conditions[3:6] == [("/index", '"i"'), ("/news-1.xml", '"one"'), ("/news-2.xml", None)]


def test_a_part_that_could_not_be_read_is_asked_for_whole_again() -> None:
    script = {
        "/index": [Answer(body=INDEX)],
        "/news-1.xml": [Answer(body=sitemap(1)), Answer(body=sitemap(1, 4))],
        "/news-2.xml": [Answer(body=b"<html>back soon</html>", headers={"ETag": '"two"'})],
    }
    with feed_server(script) as server:
        request = PollRequest(feed="f.1", url=server.url("/index"))
        (first,) = poll(request)
        (second,) = poll(PollRequest(feed="f.1", url=request.url, body_digest=first.body_digest, parts=first.parts))
        conditions = [asked.headers.get("if-none-match") for asked in server.asked if asked.path == "/news-2.xml"]
    assert (first.partial, second.partial) == (True, True)
    assert conditions == [None, None]


def test_an_index_whose_parts_all_fail_has_failed() -> None:
    with feed_server({"/index": [Answer(body=INDEX)]}) as server:
        (found,) = poll(PollRequest(feed="f.1", url=server.url("/index")))
    assert found.failed is not None
    assert found.failed.word is Word.STATUS
    assert found.failed.reason == "a sitemap of the index: answered 404 Not Found"
