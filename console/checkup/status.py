"""Where every lane stands: position, what is behind it, when it last committed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.topics.reading import next_records
from console.words import span_words
from ingest.standing import Standing
from ingest.state import FeedState, feed_place, read_feed
from wire.log.port import BEGINNING, Log, Progress, Since, lane_specs
from wire.topics import FEEDS, STAGES


def read_progress(log: Log) -> list[Progress]:
    """How far every lane of every stage is in each of its inputs."""
    specs = [spec for place in STAGES.values() for spec in lane_specs(place, log.topics)]
    return list(log.progress(specs))


def oldest_waiting(log: Log, progress: Sequence[Progress]) -> dict[tuple[str, str, int], datetime]:
    """When the log took the first record that waits, by (lane, topic, partition); only of what waits."""
    found = {}
    for one in progress:
        if one.behind:
            at = {(one.topic, one.partition): one.position or 0}
            reader = log.reader([one.topic], Since(offsets=at))
            page = next_records(reader, 50)
            reader.close()
            first = next((record for record in page if record.partition == one.partition), None)
            if first is not None and first.timestamp is not None:
                found[one.lane, one.topic, one.partition] = first.timestamp
    return found


def status_lines(
    progress: Sequence[Progress], now: datetime, oldest: Mapping[tuple[str, str, int], datetime] | None = None
) -> list[str]:
    """The table for people: state first, `-` for what is absent, ages beside times."""
    rows: list[tuple[str, ...]] = [("LANE", "INPUT", "STATE", "POSITION", "BEHIND", "OLDEST", "LAST COMMIT")]
    waits = oldest or {}
    rows += [_row(one, now, waits.get((one.lane, one.topic, one.partition))) for one in progress]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingFeed:
    """A feed in trouble, and why: its last poll failed, or it has fallen silent."""

    feed: str
    failures: int  # in a row
    word: str
    reason: str
    since: datetime | None


def failing_feeds(log: Log) -> list[FailingFeed]:
    """The feeds in trouble, by id."""
    last: dict[str, FeedState] = {}
    reader = log.reader([FEEDS], BEGINNING)
    while not reader.caught_up():
        for record in reader.read(1000, timedelta(seconds=1)):
            name = feed_place(record.key or "")
            if name is not None and record.value is None:
                last.pop(name, None)
            state = read_feed(record)
            if state is not None:
                last[state.feed] = state
    reader.close()
    return [
        _failing(state)
        for _, state in sorted(last.items())
        if state.failed is not None or state.standing is Standing.SILENT
    ]


def _failing(state: FeedState) -> FailingFeed:
    if state.failed is None:
        what = "answers, but has brought nothing new"
        return FailingFeed(feed=state.feed, failures=0, word="silent", reason=what, since=state.last_news)
    return FailingFeed(
        feed=state.feed,
        failures=state.failures,
        word=state.failed.word.value,
        reason=state.failed.reason,
        since=state.failing_since,
    )


def trouble_line(feed: FailingFeed, now: datetime) -> str:
    """One line for people."""
    times = f"{feed.failures} times in a row, " if feed.failures > 1 else "once, " if feed.failures else ""
    since = "" if feed.since is None else f"for {span_words(now - feed.since)}"
    return f"! feed {feed.feed}: {feed.word}: {feed.reason} ({times}{since})"


def state_word(one: Progress) -> str:
    """`new` before the first commit, `behind` with records waiting, else `ok`."""
    if one.position is None:
        return "new"
    return "behind" if one.behind else "ok"


def _row(one: Progress, now: datetime, oldest: datetime | None) -> tuple[str, ...]:
    position = "-" if one.position is None else str(one.position)
    return (
        one.lane,
        f"{one.topic}/{one.partition}",
        state_word(one),
        position,
        str(one.behind),
        "-" if oldest is None else span_words(now - oldest),
        _age(one.last_commit, now),
    )


def _age(at: datetime | None, now: datetime) -> str:
    if at is None:
        return "-"
    return f"{at:%H:%M:%S}Z, {span_words(now - at)} ago"
