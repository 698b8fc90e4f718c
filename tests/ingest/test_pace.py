"""What a poll costs does not depend on how many feeds are held; counted in calls, so no machine is fast or slow."""

import sys
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from ingest.polled import Polled, Validators
from ingest.stage import Ingest
from tests.messages import NOON
from tests.stage_runner import StageRunner
from wire.codec import encode
from wire.log.port import Record
from wire.settings import FeedSettings, IngestSettings, OutletSettings
from wire.stage import DUE, RESULT
from wire.topics import FEEDS

SETTINGS = IngestSettings(start_per_second=0)
POLLS = 20
UNCHANGED = encode(Polled(arrived=NOON, status=304, validators=Validators(etag='"1"'), body_digest="d"))


def outlets(feeds: int) -> Sequence[OutletSettings]:
    """A host for every five feeds."""
    return [
        OutletSettings(
            id=f"o{host}",
            name="O",
            feed=tuple(FeedSettings(url=f"https://host-{host}.example/{number}") for number in range(5)),
        )
        for host in range(feeds // 5)
    ]


def calls_of_polls(feeds: int) -> int:
    """All calls, those into C included, that `POLLS` whole polls take among so many feeds held."""
    runner = StageRunner(partial(Ingest, SETTINGS, outlets(feeds)), FEEDS)
    now, count = NOON, 0

    def counting(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    def poll() -> None:
        nonlocal now
        now += timedelta(seconds=1)
        feed = runner.stage.due(now)[0].key
        (work,) = runner.take(Record(topic=DUE, key=feed), now).work
        assert work.key == feed
        runner.take(Record(topic=RESULT, key=feed, value=UNCHANGED), now)

    poll()  # what is computed once is computed now
    sys.setprofile(counting)
    try:
        for _ in range(POLLS):
            poll()
    finally:
        sys.setprofile(None)
    return count


def test_a_poll_among_many_feeds_costs_what_it_costs_among_few() -> None:
    few, many = calls_of_polls(1_000), calls_of_polls(8_000)
    assert many < 1.05 * few


def test_counting_would_find_a_walk_over_all() -> None:
    """A stage that looked at each feed at each poll would show: the count is not blind."""
    assert calls_of_polls(1_000) < POLLS * 1_000
