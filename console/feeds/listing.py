"""The feeds as the log knows them: who is polled when, and how each stands."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from console.words import span_words
from ingest.feeds import Feed, added_feed, feeds_of_lane
from ingest.outcome import per_day
from ingest.state import AddedFeed, FeedState, added_place, feed_place
from wire.codec import decode
from wire.errors import BadRecord
from wire.log.port import BEGINNING, Log, Since, lane_specs
from wire.messages import Command, CommandKind
from wire.settings import OutletSettings
from wire.topics import COMMANDS, FEEDS, STAGES

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """One feed for people and machines; no address, since that may hold a secret."""

    feed: str
    outlet: str
    standing: str  # new, ok, silent, failing, blocked, gone
    format: str | None = None
    last_success: datetime | None = None
    last_change: datetime | None = None
    next_poll: datetime | None = None
    interval_seconds: float | None = None
    failures: int = 0
    reason: str | None = None
    items_per_day: float | None = None
    articles: int = 0
    added: bool = False


def known_feeds(log: Log, outlets: Sequence[OutletSettings]) -> tuple[Mapping[str, Feed], Mapping[str, FeedState]]:
    """Every feed by id, of the settings and added by command, and the states of those that were polled.

    What ingest has not taken of `news.commands` yet counts as if it had.
    """
    feeds = dict(feeds_of_lane(outlets, 0, 1))
    added: dict[str, AddedFeed] = {}
    states: dict[str, FeedState] = {}
    reader = log.reader([FEEDS], BEGINNING)
    while not reader.caught_up():
        for record in reader.read(1000, timedelta(seconds=1)):
            key = record.key or ""
            if (name := feed_place(key)) is not None:
                _keep(states, name, None if record.value is None else decode(record.value, FeedState))
            elif (name := added_place(key)) is not None:
                _keep(added, name, None if record.value is None else decode(record.value, AddedFeed))
    reader.close()
    for said in _waiting(log):
        if said.kind is CommandKind.REMOVE_FEED:
            added.pop(said.target, None)
        elif said.kind is CommandKind.ADD_FEED and (new := said.feed) is not None:
            added[said.target] = AddedFeed(outlet=new.outlet, url=new.url, language=new.language, body=new.body)
    return {name: added_feed(name, one) for name, one in added.items()} | feeds, states


def _waiting(log: Log) -> Iterator[Command]:
    """The commands that some lane of ingest has still to read."""
    place = (COMMANDS, 0)
    lanes = log.progress(lane_specs(STAGES["ingest"], log.topics))
    begin = max(log.bounds([COMMANDS])[place][0], min(one.position or 0 for one in lanes))
    with closing(log.reader([COMMANDS], Since(offsets={place: begin}))) as reader:
        while not reader.caught_up():
            for record in reader.read(1000, timedelta(seconds=1)):
                with suppress(BadRecord):
                    yield decode(record.value, Command)


def _keep(found: dict[str, T], name: str, value: T | None) -> None:
    if value is None:
        found.pop(name, None)
    else:
        found[name] = value


def feed_rows(feeds: Mapping[str, Feed], states: Mapping[str, FeedState], now: datetime) -> list[FeedRow]:
    """One row a feed, in order of id."""
    return [_row(feeds[name], states.get(name), now) for name in sorted(feeds)]


def _row(feed: Feed, state: FeedState | None, now: datetime) -> FeedRow:
    if state is None or state.address != feed.address:
        return FeedRow(feed=feed.id, outlet=feed.outlet, standing="new", added=feed.added)
    return FeedRow(
        feed=feed.id,
        outlet=feed.outlet,
        standing=state.standing.value,
        format=state.format,
        last_success=state.last_success,
        last_change=state.last_news,
        next_poll=None if state.stopped else state.next_poll,
        interval_seconds=None if state.last_poll is None else (state.next_poll - state.last_poll).total_seconds(),
        failures=state.failures,
        reason=None if state.failed is None else f"{state.failed.word.value}: {state.failed.reason}",
        items_per_day=per_day(state, now),
        articles=state.articles,
        added=feed.added,
    )


def feed_lines(rows: Sequence[FeedRow], now: datetime) -> list[str]:
    """The table for people; `-` for what is absent."""
    head = ("FEED", "STATE", "FORMAT", "SUCCESS", "CHANGE", "NEXT", "EVERY", "FAILED", "A DAY", "NOTE")
    cells = [head, *(_cells(row, now) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def _cells(row: FeedRow, now: datetime) -> tuple[str, ...]:
    wait = None if row.next_poll is None else row.next_poll - now
    return (
        row.feed,
        row.standing,
        row.format or "-",
        _ago(row.last_success, now),
        _ago(row.last_change, now),
        "-" if wait is None else "now" if wait <= timedelta(0) else f"in {span_words(wait)}",
        "-" if row.interval_seconds is None else span_words(timedelta(seconds=row.interval_seconds)),
        str(row.failures),
        "-" if row.items_per_day is None else f"{row.items_per_day:.1f}",
        row.reason or ("added by command" if row.added else ""),
    )


def _ago(when: datetime | None, now: datetime) -> str:
    return "-" if when is None else f"{span_words(now - when)} ago"
