"""Real feed files, found by WIREWATCH_DATA, against a reviewed listing that holds numbers and hashes only.

`python -m tests.ingest.test_outside_feeds` prints the listing anew, for review.
"""

import asyncio
import hashlib
import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from ingest.edge import Poller
from ingest.errors import PollFailed
from ingest.identity import identify
from ingest.parse import parse
from ingest.polled import Polled, PollRequest, Shown
from ingest.stage import Ingest
from ingest.state import FeedState, feed_key
from tests.feed_server import Answer, feed_server
from tests.hand_clock import HandClock
from tests.stage_runner import StageRunner
from wire.codec import decode, encode
from wire.log.port import Record
from wire.settings import FeedSettings, IngestSettings, OutletSettings
from wire.stage import DUE, RESULT
from wire.topics import ARTICLES, FEEDS

LISTING = Path(__file__).with_name("feeds_listing.toml")
DATA = os.environ.get("WIREWATCH_DATA")
outside = pytest.mark.skipif(DATA is None, reason="WIREWATCH_DATA is not set: the real feed files are elsewhere")


def files() -> list[Path]:
    return sorted((Path(DATA or "") / "feeds").iterdir())


@dataclass(frozen=True, kw_only=True)
class Listed:
    """What the listing says of one file."""

    failed: str = ""
    format: str = ""
    items: int = 0
    articles: int = 0
    titles: str = ""  # hash of all titles, and so on
    links: str = ""
    dates: str = ""
    texts: str = ""


def listing() -> tuple[Mapping[str, int], Mapping[str, Listed]]:
    found = tomllib.loads(LISTING.read_text(encoding="utf-8"))
    return found["total"], {name: Listed(**fields) for name, fields in found["file"].items()}


def read(path: Path) -> tuple[Listed, tuple[Shown, ...]]:
    try:
        parsed = parse(path.read_bytes(), "", f"https://feeds.example/{path.name}")
    except PollFailed as failure:
        return Listed(failed=failure.word.value), ()
    shown, _ = identify(path.name, parsed)
    fields = Listed(
        format=parsed.format,
        items=len(parsed.items),
        articles=len(shown),
        titles=digest(item.title for item in parsed.items),
        links=digest(item.url for item in parsed.items),
        dates=digest(f"{item.published} {item.updated}" for item in parsed.items),
        texts=digest(f"{item.summary}\0{item.body}" for item in parsed.items),
    )
    return fields, shown


def digest(values: object) -> str:
    assert not isinstance(values, str)
    return hashlib.sha256("\n".join(map(repr, values)).encode()).hexdigest()[:12]  # type: ignore[call-overload]


@pytest.mark.slow
@outside
def test_every_file_reads_as_listed() -> None:
    total, listed = listing()
    assert {path.name: read(path)[0] for path in files()} == listed
    assert total["files"] == len(listed)
    assert total["items"] == sum(fields.items for fields in listed.values())
    assert total["articles_by_file"] == sum(fields.articles for fields in listed.values())


@pytest.mark.slow
@outside
def test_the_stage_brings_every_distinct_item_once() -> None:
    """All files served on loopback, each the feed of an outlet of its own, polled twice."""
    total, listed = listing()
    with feed_server({f"/{path.name}": [Answer(body=path.read_bytes())] for path in files()}) as server:
        outlets = [
            OutletSettings(id=f"o{n}", name=path.name, feed=(FeedSettings(url=server.url(f"/{path.name}")),))
            for n, path in enumerate(files())
        ]
        settings = IngestSettings(allow_networks=("127.0.0.1/32",), host_gap=timedelta(0), start_per_second=0)
        runner = StageRunner(partial(Ingest, settings, outlets), FEEDS)
        told = asyncio.run(polled_twice(runner, settings))
    assert told == [total["articles"], 0]
    states = {outlet.name: decode(runner.state[feed_key(f"{outlet.id}.1")], FeedState) for outlet in outlets}
    failing = {name: state.failed.word.value for name, state in states.items() if state.failed is not None}
    assert failing == {name: fields.failed for name, fields in listed.items() if fields.failed}
    assert sum(state.items for state in states.values()) == total["items"]


async def polled_twice(runner: StageRunner[Ingest], settings: IngestSettings) -> list[int]:
    """How many articles each round told."""
    clock, told = HandClock(), []
    poller = Poller(settings, clock, version="1")
    for _ in range(2):
        before = told_so_far(runner)
        for feed in list(runner.stage.feeds):
            effects = runner.take(Record(topic=DUE, key=feed), clock.now())
            (work,) = effects.work
            # The second time without conditions and digest, so that everything is parsed and judged again.
            assert isinstance(work.body, PollRequest)
            request = PollRequest(feed=feed, url=work.body.url)
            outcome: Polled = await poller.perform(type(work)(feed, request, work.until))
            runner.take(Record(topic=RESULT, key=feed, value=encode(outcome)), clock.now())
        told.append(told_so_far(runner) - before)
    await poller.close()
    return told


def told_so_far(runner: StageRunner[Ingest]) -> int:
    """Articles only: most of these feeds have been silent for years, which the stage also reports."""
    return sum(output.topic == ARTICLES for output in runner.outputs)


def print_listing() -> None:
    holders: dict[str, int] = {}
    for path in files():
        fields, shown = read(path)
        for article in shown:
            holders[article.article_id] = holders.get(article.article_id, 0) + 1
        stated = [(name, value) for name, value in vars_of(fields).items() if value]
        print(f'[file."{path.name}"]')
        print("\n".join(f"{name} = {value!r}".replace("'", '"') for name, value in stated), end="\n\n")
    print(f"articles = {len(holders)}; in two files: {sum(count > 1 for count in holders.values())}", file=sys.stderr)


def vars_of(fields: Listed) -> Mapping[str, str | int]:
    return {name: getattr(fields, name) for name in Listed.__dataclass_fields__}


if __name__ == "__main__":
    print_listing()
