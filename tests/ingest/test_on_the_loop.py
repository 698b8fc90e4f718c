"""The stage on the real loop, the embedded log and real HTTP: every article once, also after a restart."""

import os
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing, nullcontext
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from ingest.edge import Poller
from ingest.stage import Ingest
from tests.feed_server import Answer, FeedServer, feed_server
from tests.hand_clock import HandClock
from tests.ingest.test_outside_feeds import files, listing
from wire.codec import decode
from wire.log.port import BEGINNING, Record, lane_specs
from wire.log.sqlite import SqliteLog
from wire.log.sqlite_file import LogFile
from wire.loop import Loop, LoopLimits
from wire.messages import Article
from wire.metrics import LaneMetrics
from wire.outgoing import Outgoing
from wire.settings import FeedSettings, IngestSettings, OutletSettings
from wire.topics import ARTICLES, DEAD_LETTERS, STAGES, topic_catalogue
from wire.work import Performer

TOPICS = topic_catalogue()
(SPEC,) = lane_specs(STAGES["ingest"], TOPICS)
SETTINGS = IngestSettings(
    allow_networks=("127.0.0.1/32",), concurrency=8, host_requests=8, host_gap=timedelta(0), start_per_second=0
)


def outlets(server: FeedServer, paths: Sequence[str]) -> list[OutletSettings]:
    return [
        OutletSettings(id=f"o{n}", name=path, feed=(FeedSettings(url=server.url(path)),))
        for n, path in enumerate(paths)
    ]


def run(log: SqliteLog, of: Sequence[OutletSettings], clock: HandClock, until: int, seconds: float = 30) -> None:
    """A whole life of the stage: until it has polled each of `until` feeds, or has had the time to."""
    before = children()
    stage, poller = Ingest(SETTINGS, of), Poller(SETTINGS, clock, version="1")
    loop = Loop(
        stage,
        log.lane(SPEC),
        Outgoing(SPEC, TOPICS, "0"),
        clock=clock,
        guard=lambda _what, _limit: nullcontext(),
        metrics=LaneMetrics(CollectorRegistry()),
        limits=LoopLimits(idle_wait=timedelta(milliseconds=20), in_flight=SETTINGS.concurrency),
        performer=Performer(poller.perform, poller.close),
    )
    thread = threading.Thread(target=loop.run)
    thread.start()
    deadline = time.monotonic() + seconds
    while len(stage.due(clock.now())) > len(of) - until and time.monotonic() < deadline:
        time.sleep(0.02)
    loop.stop()
    thread.join(20)
    assert not thread.is_alive()
    assert children() <= before, "a process that reads was left behind"


def read(log: SqliteLog, topic: str) -> list[Record]:
    with closing(log.reader([topic], BEGINNING)) as reader:
        found: list[Record] = []
        while batch := reader.read(1000, timedelta(0)):
            found += batch
        return found


def feed(*numbers: int) -> Answer:
    items = "".join(f"<item><title>n{n}</title><link>https://o.example/{n}</link></item>" for n in numbers)
    body = f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>"
    return Answer(body=body.encode(), headers={"ETag": f'"{numbers}"'})


def test_articles_are_told_once_over_restarts(tmp_path: Path) -> None:
    clock = HandClock()
    script = {"/a": [feed(1, 2), feed(2, 3)], "/b": [feed(2, 4)], "/broken": [Answer(body=b"<html></html>")]}
    with feed_server(script) as server, closing(SqliteLog(LogFile(tmp_path / "w.db"), TOPICS, clock)) as log:
        log.create()
        of = outlets(server, list(script))
        run(log, of, clock, 3)
        run(log, of, clock, 3)
        assert len(server.asked) == 3, "a restart asked early"
        clock.move(timedelta(minutes=10))
        run(log, of, clock, 3)
        asked = Counter(asked.path for asked in server.asked)
        articles = [decode(record.value, Article) for record in read(log, ARTICLES)]
        assert read(log, DEAD_LETTERS) == []
    assert asked == {"/a": 2, "/b": 2, "/broken": 2}
    assert [asked.headers.get("if-none-match") for asked in server.asked if asked.path == "/a"] == [None, '"(1, 2)"']
    assert sorted(article.title for article in articles) == ["n1", "n2", "n3", "n4"]


def children() -> set[int]:
    """Processes begun by this one, as Linux shows them; elsewhere none are seen."""
    files = Path("/proc/self/task").glob("*/children")
    return {int(pid) for file in files for pid in file.read_text().split()}


@pytest.mark.slow
@pytest.mark.skipif("WIREWATCH_DATA" not in os.environ, reason="WIREWATCH_DATA is not set")
def test_all_real_files(tmp_path: Path) -> None:
    total, _ = listing()
    clock = HandClock()
    script = {f"/{path.name}": [Answer(body=path.read_bytes())] for path in files()}
    with feed_server(script) as server, closing(SqliteLog(LogFile(tmp_path / "w.db"), TOPICS, clock)) as log:
        log.create()
        of = outlets(server, list(script))
        run(log, of, clock, len(of))
        clock.move(timedelta(days=2))
        run(log, of, clock, len(of))
        keys = [record.key for record in read(log, ARTICLES)]
        assert read(log, DEAD_LETTERS) == []
        assert len(server.asked) == 2 * total["files"]
    assert len(keys) == len(set(keys)) == total["articles"]
