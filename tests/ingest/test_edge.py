"""Whatever a feed does, its poll ends as an outcome that can be written down."""

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from datetime import timedelta

import pytest

from ingest.edge import Poller
from ingest.errors import Word
from ingest.polled import Polled, PollRequest, Validators
from tests.feed_server import Answer, FeedServer, feed_server
from tests.hand_clock import HandClock
from wire.codec import decode, encode
from wire.settings import IngestSettings
from wire.stage import Work

FEED = (
    "<rss version='2.0'><channel><title>t</title><link>/</link><ttl>60</ttl><language>uk</language>"
    "<item><title>Міст</title><link>/1</link></item><item><title>Порт</title><link>/2</link></item>"
    "<item><author>nobody</author></item></channel></rss>"
)
ANSWER = Answer(body=FEED.encode(), headers={"ETag": '"1"', "Cache-Control": "max-age=90"})
# With this digest the body counts as read, which spares a process that reads.
KNOWN = hashlib.sha256(FEED.encode()).hexdigest()[:32]


def poll(*requests: PollRequest) -> Sequence[Polled]:
    """Outcomes as the stage reads them, after their way through the log's form."""
    clock = HandClock()

    async def run() -> list[Polled]:
        poller = Poller(IngestSettings(allow_networks=("127.0.0.0/8",), host_gap=timedelta(0)), clock, version="1")
        until = clock.now().replace(year=2100)
        found = [await poller.perform(Work(request.feed, request, until)) for request in requests]
        await poller.close()
        return found

    return [decode(encode(outcome), Polled) for outcome in asyncio.run(run())]


def request(server: FeedServer, validators: Validators | None = None, digest: str | None = None) -> PollRequest:
    return PollRequest(feed="f.1", url=server.url(), validators=validators or Validators(), body_digest=digest)


def dead_address() -> str:
    """Where a server was a moment ago."""
    with feed_server({}) as server:
        return server.url("/")


def test_a_feed_and_its_wishes() -> None:
    with feed_server({"/feed": [ANSWER]}) as server:
        (found,) = poll(request(server))
    assert found.shown is not None
    assert [shown.item.title for shown in found.shown] == ["Міст", "Порт"]
    assert found.shown[0].item.url == server.url("/1")
    assert (found.failed, found.status, found.items, found.passed_over) == (None, 200, 3, 1)
    assert (found.validators, found.language) == (Validators(etag='"1"'), "uk")
    assert found.ttl is not None
    assert found.fresh_for is not None
    assert (found.ttl.total_seconds(), found.fresh_for.total_seconds()) == (3600, 90)


def test_an_unchanged_body_is_not_parsed_again_but_brings_its_validators() -> None:
    with feed_server({"/feed": [ANSWER, Answer(body=FEED.encode(), headers={"ETag": '"2"'})]}) as server:
        (first,) = poll(request(server))
        (second,) = poll(request(server, first.validators, first.body_digest))
    assert (second.shown, second.failed, second.status) == (None, None, 200)
    assert (second.body_digest, second.validators) == (first.body_digest, Validators(etag='"2"'))


def test_not_modified_keeps_validators_and_digest() -> None:
    with feed_server({"/feed": [Answer(status=304)]}) as server:
        (found,) = poll(request(server, Validators(etag='"1"'), "d"))
    assert (found.shown, found.failed, found.status) == (None, None, 304)
    assert (found.validators, found.body_digest) == (Validators(etag='"1"'), "d")


def test_failures_of_all_kinds_are_outcomes() -> None:
    script = {
        "/page": [Answer(body=b"<html>Moved</html>")],
        "/gone": [Answer(status=410)],
        "/busy": [Answer(status=503, headers={"Retry-After": "7"})],
    }
    with feed_server(script) as server:
        urls = [server.url(path) for path in script] + [dead_address(), "gopher://x/"]
        page, gone, busy, dead, strange = poll(*(PollRequest(feed="f.1", url=url) for url in urls))
    outcomes = [found.failed for found in (page, gone, busy, dead, strange) if found.failed is not None]
    assert [failed.word for failed in outcomes] == [
        Word.HTML, Word.STATUS, Word.STATUS, Word.UNREACHABLE, Word.ADDRESS_REFUSED
    ]  # fmt: skip
    assert all(found.shown is None for found in (page, gone, busy, dead, strange))
    assert (page.status, gone.status, busy.status, dead.status) == (200, 410, 503, None)
    assert busy.retry_after is not None
    assert busy.retry_after.total_seconds() == 7


MOVES = {  # name: the statuses on the way -> where the feed is for good
    "permanent": ((301,), "/1"),
    "permanent twice": ((308, 301), "/2"),
    "for now": ((302,), None),
    "for now first": ((307, 301), None),
    "permanent, then for now": ((301, 303), "/1"),
    "none": ((), None),
}


@pytest.mark.parametrize(("statuses", "moved"), MOVES.values(), ids=MOVES.keys())
def test_only_permanent_redirects_from_the_start_on_move_a_feed(statuses: Sequence[int], moved: str | None) -> None:
    script = {f"/{n}": [Answer(status=s, headers={"Location": f"/{n + 1}"})] for n, s in enumerate(statuses)}
    script[f"/{len(statuses)}"] = [ANSWER]
    with feed_server(script) as server:
        (found,) = poll(PollRequest(feed="f.1", url=server.url("/0"), body_digest=KNOWN))
        assert found.failed is None
        assert found.moved == (None if moved is None else server.url(moved))


def test_an_address_that_may_hold_a_secret_is_not_kept() -> None:
    script = {
        "/feed?key=s3cr3t": [Answer(status=301, headers={"Location": "/there"})],
        "/there": [ANSWER],
        "/open": [Answer(status=301, headers={"Location": "/x?key=s3cr3t"})],
        "/x?key=s3cr3t": [ANSWER],
    }
    with feed_server(script) as server:
        for path in ("/feed?key=s3cr3t", "/open"):
            (found,) = poll(PollRequest(feed="f.1", url=server.url(path), body_digest=KNOWN))
            assert found.failed is None
            assert found.moved is None


def test_a_feed_at_its_new_address_stays_there() -> None:
    with feed_server({"/there": [ANSWER]}) as server:
        (found,) = poll(PollRequest(feed="f.1", url=server.url("/there"), moved=True, body_digest=KNOWN))
        assert found.moved == server.url("/there")


def test_no_log_line_shows_the_secret_of_an_address(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    script = {"/a?key=s3cr3t": [ANSWER], "/b?key=s3cr3t": [Answer(status=500)], "/c?key=s3cr3t": [Answer(body=b"<x>")]}
    with feed_server(script) as server:
        found = poll(*(PollRequest(feed="f.1", url=server.url(path)) for path in script))
        poll(PollRequest(feed="f.1", url=dead_address().replace("://", "://u:s3cr3t@") + "s3cr3t"))
    assert "s3cr3t" not in caplog.text
    assert not any("s3cr3t" in str(outcome.failed) for outcome in found)
