"""Whatever a body is or does, it ends as a failed poll of that feed alone, in bounded time and memory."""

import asyncio
import gzip
import zlib
from collections.abc import Mapping
from datetime import timedelta

import pytest

from ingest.edge import Poller
from ingest.errors import Word
from ingest.parse import ITEMS_LIMIT
from ingest.polled import Polled, PollRequest
from tests.feed_server import Answer, feed_server
from tests.hand_clock import HandClock
from wire.settings import IngestSettings
from wire.stage import Work

GOOD = b"<rss version='2.0'><channel><title>t</title><item><title>n</title><link>/1</link></item></channel></rss>"
HEAD = b"<rss version='2.0'><channel>"
GZIP = {"Content-Encoding": "gzip"}
SETTINGS = IngestSettings(
    allow_networks=("127.0.0.0/8",),
    host_gap=timedelta(0),
    host_requests=16,
    timeout=timedelta(seconds=6),
    silence_timeout=timedelta(seconds=3),
    max_body_bytes=1024 * 1024,
)
ENTITIES = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 12))
CASES: Mapping[str, tuple[Answer, set[Word]]] = {
    "endless": (Answer(body=HEAD + b"<item/>" * 1000, endless=True), {Word.TOO_LARGE}),
    "endless headers": (Answer(headers={f"X-{n}": "x" * 1000 for n in range(300)}), {Word.UNREACHABLE}),
    "dripping": (Answer(body=GOOD * 9, drip=True), {Word.TIMED_OUT}),
    "mute": (Answer(mute=True), {Word.TIMED_OUT}),
    "stalled": (Answer(body=GOOD, stall=True), {Word.TIMED_OUT}),
    "truncated": (Answer(body=GOOD[:60], declared_bytes=5000), {Word.UNREACHABLE}),
    "truncated gzip": (Answer(body=gzip.compress(GOOD)[:-9], headers=GZIP), {Word.BAD_ENCODING}),
    "bomb": (Answer(body=gzip.compress(bytes(50_000_000)), headers=GZIP), {Word.TOO_LARGE}),
    "bomb in a bomb": (Answer(body=gzip.compress(gzip.compress(bytes(50_000_000))), headers=GZIP), {Word.TOO_LARGE}),
    "bomb of deflate": (
        Answer(body=zlib.compress(bytes(50_000_000)), headers={"Content-Encoding": "deflate"}), {Word.TOO_LARGE},
    ),
    "many items": (Answer(body=HEAD + b"<item/>" * (ITEMS_LIMIT + 1)), {Word.TOO_MANY}),
    "deep elements": (Answer(body=HEAD + b"<item><description>" + b"<a>" * 200_000), {Word.BROKEN}),
    "deep sitemap": (Answer(body=b"<urlset>" + b"<url>" * 200_000), {Word.BROKEN}),
    "deep JSON": (Answer(body=b'{"items":' + b"[" * 500_000), {Word.BROKEN}),
    "entities": (
        Answer(body=b"<!DOCTYPE r [<!ENTITY e0 'x'>" + ENTITIES + b"]><urlset><url><loc>&e11;</loc></url></urlset>"),
        {Word.BROKEN},
    ),
    "entities of a feed": (
        Answer(body=b"<!DOCTYPE r [<!ENTITY e0 'x'>" + ENTITIES + b"]>" + GOOD.replace(b">n<", b">&e11;<")),
        {Word.BROKEN},
    ),
    "a page": (Answer(body=b"<!doctype html><title>x</title>"), {Word.HTML}),
    "nothing": (Answer(), {Word.EMPTY}),
    "noise": (Answer(body=bytes(range(256)) * 999), {Word.UNKNOWN, Word.BROKEN}),
}  # fmt: skip


def polled(answers: Mapping[str, Answer]) -> Mapping[str, Polled]:
    """Every feed at once, each on its own path."""
    with feed_server({f"/{n}": [answer] for n, answer in enumerate(answers.values())}) as server:

        async def run() -> list[Polled]:
            clock = HandClock()
            poller = Poller(SETTINGS, clock, version="1")
            requests = [PollRequest(feed=f"f.{n}", url=server.url(f"/{n}")) for n in range(len(answers))]
            until = clock.now() + timedelta(minutes=5)
            try:
                return await asyncio.gather(*(poller.perform(Work(r.feed, r, until)) for r in requests))
            finally:
                await poller.close()

        return dict(zip(answers, asyncio.run(run()), strict=True))


@pytest.mark.slow
def test_hostile_feeds_harm_themselves_alone() -> None:
    answers = {name: answer for name, (answer, _) in CASES.items()}
    found = polled({"good": Answer(body=GOOD), **answers, "good too": Answer(body=GOOD)})
    for name in ("good", "good too"):
        shown = found[name].shown
        assert shown is not None
        assert [one.item.title for one in shown] == ["n"]
    words = {name: outcome.failed.word for name, outcome in found.items() if outcome.failed is not None}
    wrong = {name: words.get(name) for name, (_, allowed) in CASES.items() if words.get(name) not in allowed}
    assert not wrong
