"""One request, polite and bounded, against a real host on loopback."""

import asyncio
import gzip
from collections.abc import Mapping
from datetime import timedelta

import pytest

from ingest.errors import FetchFailed, Word
from ingest.fetch import Answer as Fetched
from ingest.fetch import Fetcher
from ingest.polled import Validators
from tests.feed_server import Answer, FeedServer, feed_server
from tests.hand_clock import HandClock
from wire.settings import IngestSettings

BODY = b"<rss version='2.0'><channel><title>t</title></channel></rss>"
LOOPBACK = ("127.0.0.1/32",)
FIRST = Validators()


def fetch(
    url: str,
    validators: Validators = FIRST,
    *,
    allow: tuple[str, ...] = LOOPBACK,
    timeout: timedelta = timedelta(seconds=30),
    max_body_bytes: int = 1024,
) -> Fetched:
    settings = IngestSettings(
        contact="desk@outlet.example",
        allow_networks=allow,
        timeout=timeout,
        max_body_bytes=max_body_bytes,
        host_gap=timedelta(0),
    )

    async def run() -> Fetched:
        fetcher = Fetcher(settings, HandClock(), version="9.9")
        try:
            return await fetcher.fetch(url, validators)
        finally:
            await fetcher.close()

    return asyncio.run(run())


def failure(server: FeedServer | str, **how: object) -> FetchFailed:
    with pytest.raises(FetchFailed) as failed:
        fetch(server if isinstance(server, str) else server.url(), **how)  # type: ignore[arg-type]
    return failed.value


def test_who_asks_and_how() -> None:
    with feed_server({"/feed": [Answer(body=BODY, headers={"Set-Cookie": "id=1"})]}) as server:
        answer = fetch(server.url())
        (asked,) = server.asked
    assert (answer.status, answer.body, answer.url) == (200, BODY, server.url())
    assert asked.headers["user-agent"] == "wirewatch/9.9 (+desk@outlet.example)"
    assert asked.headers["accept-encoding"] == "gzip, deflate"
    assert not {"if-none-match", "if-modified-since", "referer", "cookie"} & set(asked.headers)


def test_cookies_are_not_kept() -> None:
    async def twice(server: FeedServer) -> None:
        fetcher = Fetcher(IngestSettings(allow_networks=LOOPBACK, host_gap=timedelta(0)), HandClock(), version="1")
        for _ in range(2):
            await fetcher.fetch(server.url(), Validators())
        await fetcher.close()

    with feed_server({"/feed": [Answer(body=BODY, headers={"Set-Cookie": "id=1"})]}) as server:
        asyncio.run(twice(server))
        assert len(server.asked) == 2
        assert not any("cookie" in asked.headers for asked in server.asked)


@pytest.mark.parametrize(
    "etag", ['"plain"', 'W/"weak"', '"a-gzip"', "unquoted", '"with ""inner"" quotes"', '"with space "', '"caf\xe9"']
)
def test_validators_go_back_to_the_letter(etag: str) -> None:
    modified = "Sun, 01 Mar 2026 11:00:00 +0000 (odd)"
    script = {"/feed": [Answer(body=BODY, headers={"ETag": etag, "Last-Modified": modified}), Answer(status=304)]}
    with feed_server(script) as server:
        first = fetch(server.url()).validators(Validators())
        second = fetch(server.url(), first)
        asked = server.asked[1].headers
    assert first == Validators(etag=etag, last_modified=modified)
    assert (asked["if-none-match"], asked["if-modified-since"]) == (etag, modified)
    assert (second.status, second.body, second.validators(first)) == (304, b"", first)


@pytest.mark.parametrize(
    ("status", "headers", "after"),
    [
        (304, {}, Validators(etag='"1"', last_modified="m")),
        (304, {"ETag": '"2"'}, Validators(etag='"2"', last_modified="m")),
        (200, {"ETag": '"2"'}, Validators(etag='"2"')),
        (200, {}, Validators()),
        (200, {"ETag": "", "Last-Modified": ""}, Validators()),
    ],
)
def test_which_validators_are_kept(status: int, headers: Mapping[str, str], after: Validators) -> None:
    before = Validators(etag='"1"', last_modified="m")
    with feed_server({"/feed": [Answer(status=status, headers=headers)]}) as server:
        assert fetch(server.url(), before).validators(before) == after


def test_a_compressed_answer() -> None:
    with feed_server({"/feed": [Answer(body=gzip.compress(BODY), headers={"Content-Encoding": "gzip"})]}) as server:
        assert fetch(server.url()).body == BODY


def test_redirects_are_followed_and_links_belong_to_the_last() -> None:
    moved = Answer(status=301, headers={"Location": "/there"})
    with feed_server({"/feed": [moved], "/there": [Answer(body=BODY)]}) as server:
        answer = fetch(server.url(), Validators(etag='"1"'))
        assert (answer.body, answer.url) == (BODY, server.url("/there"))
        assert [asked.headers["if-none-match"] for asked in server.asked] == ['"1"', '"1"']


@pytest.mark.parametrize(
    ("location", "asked"),
    [
        ("/\u0437\u043c\u0456\u0441\u0442".encode().decode("latin-1"), "/%D0%B7%D0%BC%D1%96%D1%81%D1%82"),
        ("/caf\xe9 x?q=a&b#c", "/caf%E9%20x?q=a&b"),
        ("/%D0%B7", "/%D0%B7"),
    ],
)
def test_a_redirect_leads_to_the_bytes_that_the_host_gave(location: str, asked: str) -> None:
    script = {"/feed": [Answer(status=302, headers={"Location": location})], asked: [Answer(body=BODY)]}
    with feed_server(script) as server:
        fetch(server.url())
        assert [one.path for one in server.asked] == ["/feed", asked]


REDIRECTS = {
    "loop": ("/feed", Word.REDIRECTS),
    "nowhere": ("", Word.REDIRECTS),
    "chain": ("/hop/1", Word.REDIRECTS),
    "a file": ("file:///etc/hostname", Word.ADDRESS_REFUSED),
    "another network": ("http://127.0.0.2/feed", Word.ADDRESS_REFUSED),
    "metadata": ("http://169.254.169.254/latest/meta-data/", Word.ADDRESS_REFUSED),
    "mapped": ("http://[::ffff:169.254.169.254]/", Word.ADDRESS_REFUSED),
    "no address": ("http://[::1", Word.REDIRECTS),
    "no such port": ("http://127.0.0.1:99999/", Word.ADDRESS_REFUSED),
}


@pytest.mark.parametrize(("location", "word"), REDIRECTS.values(), ids=REDIRECTS.keys())
def test_redirects_that_end(location: str, word: Word) -> None:
    script = {"/feed": [Answer(status=302, headers={"Location": location})]}
    script |= {f"/hop/{n}": [Answer(status=302, headers={"Location": f"/hop/{n + 1}"})] for n in range(1, 20)}
    with feed_server(script) as server:
        assert failure(server).word is word
        assert len(server.asked) <= 6


@pytest.mark.parametrize(
    ("answer", "word", "reason"),
    [
        (Answer(status=404), Word.STATUS, "answered 404 Not Found"),
        (Answer(status=500), Word.STATUS, "answered 500 Internal Server Error"),
        (Answer(status=304), Word.STATUS, "answered 304 to a request without conditions"),
        (Answer(body=bytes(1025)), Word.TOO_LARGE, "the answer is larger than 1024 bytes"),
        (Answer(body=BODY, declared_bytes=900), Word.UNREACHABLE, "the connection failed (RemoteProtocolError)"),
        (Answer(body=BODY, headers={"Content-Encoding": "br"}), Word.BAD_ENCODING, "the host compressed with 'br'"),
    ],
)
def test_answers_that_bring_nothing(answer: Answer, word: Word, reason: str) -> None:
    with feed_server({"/feed": [answer]}) as server:
        failed = failure(server)
    assert failed.word is word
    assert failed.reason.startswith(reason)


@pytest.mark.parametrize(("value", "seconds"), [("90", 90), ("Sun, 01 Mar 2026 12:03:00 GMT", 180)])
def test_retry_after_is_read(value: str, seconds: int) -> None:
    with feed_server({"/feed": [Answer(status=429, headers={"Retry-After": value})]}) as server:
        failed = failure(server)
    assert (failed.status, failed.retry_after) == (429, timedelta(seconds=seconds))


def test_a_stalled_answer_ends_in_time() -> None:
    with feed_server({"/feed": [Answer(body=BODY, stall=True)]}) as server:
        assert failure(server, timeout=timedelta(seconds=0.3)).word is Word.TIMED_OUT


def test_loopback_is_not_asked_unless_allowed() -> None:
    with feed_server({"/feed": [Answer(body=BODY)]}) as server:
        for url in (server.url(), server.url().replace("127.0.0.1", "localhost")):
            failed = failure(url, allow=())
            assert failed.word is Word.ADDRESS_REFUSED
            assert "ingest.allow_networks" in failed.reason
        assert server.asked == []


@pytest.mark.parametrize("url", ["file:///etc/hostname", "ftp://outlet.example/", "http://", "//x", "http://[x/feed"])
def test_only_web_addresses(url: str) -> None:
    assert failure(url).word in (Word.ADDRESS_REFUSED, Word.UNREACHABLE)


def test_a_refused_connection_keeps_the_address_to_itself() -> None:
    with feed_server({}) as server:
        url = server.url("/feed?token=secret")
    failed = failure(url)
    assert failed.word is Word.UNREACHABLE
    assert "secret" not in failed.reason
