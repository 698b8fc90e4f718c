"""A day of virtual time over a hundred feeds, through the real stage, fetcher and parser and a transport in process.

No host is asked more often than it wished, every article is told once, every edit is one version.  The checker knows
only what was asked and answered when, and what was told.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import partial
from itertools import pairwise

import httpx
import pytest

from ingest.edge import Poller
from ingest.fetch import Fetcher
from ingest.polled import PollRequest
from ingest.stage import Ingest
from tests.hand_clock import HandClock
from tests.stage_runner import StageRunner
from wire.codec import encode
from wire.log.port import Record
from wire.messages import Article
from wire.settings import FeedSettings, IngestSettings, OutletSettings
from wire.stage import DUE, RESULT
from wire.topics import FEEDS

FEED_COUNT, HOSTS, WINDOW = 100, 40, 40
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BUSY = range(5, 7)  # hours in which some hosts have enough
SETTINGS = IngestSettings(host_gap=timedelta(0), start_per_second=2, longest_interval=6 * HOUR)


@dataclass
class Asked:
    """One request: when, what was answered, and until when the answer asks to be left alone."""

    at: datetime
    status: int
    until: datetime
    shown: dict[str, str] = field(default_factory=dict)  # titles by address


class World(httpx.AsyncBaseTransport):
    """What a hundred outlets publish, as a function of the time; notes what is asked."""

    def __init__(self, clock: HandClock) -> None:
        self._clock = clock
        self._start = clock.now()
        self.asked: dict[int, list[Asked]] = defaultdict(list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        number, now = int(request.url.path[1:]), self._clock.now()
        hour = (now - self._start) // HOUR
        if number % HOSTS % 10 == 3 and hour in BUSY:
            self.asked[number].append(Asked(now, 503, now + 50 * MINUTE))
            return httpx.Response(503, headers={"Retry-After": "3000"})
        if number % 20 == 7 and hour == 9:
            self.asked[number].append(Asked(now, 500, now))
            return httpx.Response(500)
        shown = self.shown(number, now)
        etag = f'W/"{hash(tuple(shown.items()))}"'
        fresh = timedelta(minutes=number % 5 * 10)
        headers = {"Cache-Control": f"max-age={fresh.seconds}"} if fresh else {}
        if number % 4:
            headers["ETag"] = etag
        if number % 4 and request.headers.get("if-none-match") == etag:
            self.asked[number].append(Asked(now, 304, now + fresh))
            return httpx.Response(304, headers=headers)
        assert number % 4 or "if-none-match" not in request.headers, "validators were invented"
        ttl = number % 3 * 15
        self.asked[number].append(Asked(now, 200, now + max(fresh, ttl * MINUTE), shown))
        return httpx.Response(200, headers=headers, stream=httpx.ByteStream(self._document(shown, ttl, now)))

    def shown(self, number: int, now: datetime) -> dict[str, str]:
        """The newest articles of a feed; every third is edited once, 50 minutes after it came."""
        gap = timedelta(minutes=15 + number * 3)
        age = now - self._start + 10 * gap
        newest = age // gap
        return {
            f"https://o{number}.example/{article}": f"Article {article}"
            + (", corrected" if article % 3 == 0 and age - article * gap > 50 * MINUTE else "")
            for article in range(newest, max(-1, newest - WINDOW), -1)
        }

    def _document(self, shown: dict[str, str], ttl: int, now: datetime) -> bytes:
        items = "".join(
            f"<item><title>{title}</title><link>{url}</link><pubDate>{format_datetime(now)}</pubDate></item>"
            for url, title in shown.items()
        )
        stated = f"<ttl>{ttl}</ttl>" if ttl else ""
        return f"<rss version='2.0'><channel><title>t</title>{stated}{items}</channel></rss>".encode()


def outlets() -> list[OutletSettings]:
    return [
        OutletSettings(
            id=f"h{host}",
            name=f"Host {host}",
            feed=tuple(
                FeedSettings(url=f"https://h{host}.example/{number}") for number in range(host, FEED_COUNT, HOSTS)
            ),
        )
        for host in range(HOSTS)
    ]


async def live(runner: StageRunner[Ingest], clock: HandClock, world: World) -> None:
    fetcher = Fetcher(SETTINGS, clock, version="1", transport=world)
    poller = Poller(SETTINGS, clock, version="1", fetcher=fetcher)
    end = clock.now() + DAY
    while clock.now() < end:
        for due in runner.stage.due(clock.now()):
            for work in runner.take(Record(topic=DUE, key=due.key), clock.now()).work:
                assert isinstance(work.body, PollRequest)
                outcome = await poller.perform(work)
                runner.take(Record(topic=RESULT, key=due.key, value=encode(outcome)), clock.now())
        clock.move(timedelta(seconds=20))
    await poller.close()


@pytest.mark.slow
def test_a_day_of_a_hundred_feeds() -> None:
    clock = HandClock()
    world = World(clock)
    runner = StageRunner(partial(Ingest, SETTINGS, outlets()), FEEDS)
    asyncio.run(live(runner, clock, world))
    assert len(world.asked) == FEED_COUNT
    nobody_was_asked_early(world)
    everything_was_told_once(world, runner)
    last = clock.now() - 3 * HOUR
    for number, asked in world.asked.items():
        seen = {url for one in asked for url in one.shown}
        missed = world.shown(number, last).keys() - seen
        assert not missed, f"feed {number} was asked too rarely: {missed}"
    assert 100 * 10 < sum(map(len, world.asked.values())) < 100 * 288


def nobody_was_asked_early(world: World) -> None:
    for number, asked in world.asked.items():
        for before, after in pairwise(asked):
            assert after.at >= before.until, f"feed {number} was asked at {after.at}, it wished {before.until}"
            assert after.at - before.at >= timedelta(minutes=4), "more often than the settings allow"
    for host in range(HOSTS):
        answers = sorted(
            (one for number in range(host, FEED_COUNT, HOSTS) for one in world.asked[number]), key=lambda one: one.at
        )
        for number, busy in enumerate(answers):
            if busy.status == 503:
                early = [one.at for one in answers[number + 1 :] if busy.at < one.at < busy.until]
                assert not early, f"host {host} was asked at {early}, it wished to be left alone until {busy.until}"


def everything_was_told_once(world: World, runner: StageRunner[Ingest]) -> None:
    told: dict[str, list[str]] = defaultdict(list)
    for output in runner.outputs:
        if isinstance(output.message, Article):
            told[output.message.url].append(output.message.title)
            assert (output.message.previous is None) == (len(told[output.message.url]) == 1)
    assert told == {url: titles for number in world.asked for url, titles in showings(world.asked[number])}


def showings(asked: list[Asked]) -> Iterator[tuple[str, list[str]]]:
    """Each article's different titles in the order in which they were shown."""
    titles: dict[str, list[str]] = defaultdict(list)
    for one in asked:
        for url, title in one.shown.items():
            if titles[url][-1:] != [title]:
                titles[url].append(title)
    yield from titles.items()
