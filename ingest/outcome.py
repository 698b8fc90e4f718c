"""A feed's next state from its last one and a poll's outcome.  Pure."""

import math
from datetime import datetime, timedelta

import msgspec

from ingest.feeds import Feed
from ingest.polled import Polled
from ingest.schedule import Bounds, Wishes, demand, usual_gap
from ingest.standing import GONE, Patience, failure_of, refuses, usual_silence
from ingest.state import FeedState

# A permanent redirect is believed when it has been so in this many polls in a row.
MOVED_AFTER = 3
_WEEK = timedelta(days=7)
_NO_TIME = timedelta(0)


def after_success(
    feed: Feed, state: FeedState | None, polled: Polled, news: int, bounds: Bounds, patience: Patience, now: datetime
) -> FeedState:
    """The state after a poll that showed the feed, or said that it is unchanged.

    Args:
        feed: as the settings give it.
        state: before; None before the first poll.
        polled: without a failure.
        news: how many articles and versions the poll brought.
        bounds: of the interval.
        patience: how long a silence is borne.
        now: when the outcome is taken.
    """
    before = _paced(state or unknown(feed, now), polled, news, now)
    parsed = polled.shown is not None
    ttl = polled.ttl if parsed else before.ttl
    # A 304 that says nothing of freshness leaves what was said before (RFC 9111, section 4.3.4).
    fresh_for = polled.fresh_for if polled.status == 200 or polled.fresh_for is not None else before.fresh_for
    silence = max(now - (before.last_news or now), _NO_TIME)
    wait = bounds.after_success(before.usual_gap, silence, Wishes(fresh_for=fresh_for, ttl=ttl))
    return msgspec.structs.replace(
        before,
        next_poll=now + wait,
        hold_until=None,
        stopped=False,
        moved=polled.moved,
        moved_times=_moved_times(before, polled),
        validators=polled.validators,
        body_digest=polled.body_digest,
        parts=polled.parts,
        ttl=ttl,
        fresh_for=fresh_for,
        format=polled.format or before.format,
        first_success=before.first_success or now,
        standing=patience.after_success(silence, before.usual_silence),
        last_poll=now,
        last_success=now,
        status=polled.status,
        failures=0,
        failing_since=None,
        failed=None,
        items=polled.items if parsed else before.items,
        articles=before.articles + news,
        polls=before.polls + 1,
    )


def after_failure(
    feed: Feed, state: FeedState | None, polled: Polled, bounds: Bounds, patience: Patience, now: datetime
) -> FeedState:
    """The state after a poll that failed: validators and memory stay, so that nothing is missed or told again."""
    before = state or unknown(feed, now)
    assert polled.failed is not None
    failures = before.failures + 1
    failed = failure_of(polled.failed, polled.status, failures, patience)
    wishes = Wishes(retry_after=polled.retry_after, fresh_for=polled.fresh_for)  # a page in its place may be fresh too
    wait = bounds.after_failure(failures, wishes, feed.id, refused=refuses(polled.status))
    return msgspec.structs.replace(
        before,
        next_poll=now + wait,
        hold_until=_hold(polled, wait, now),
        stopped=before.stopped or polled.status == GONE,
        moved=None,  # the address of the settings is asked again: what had moved may have moved back
        moved_times=0,
        standing=patience.after_failure(failed, failures) or before.standing,
        last_poll=now,
        status=polled.status,
        failures=failures,
        failing_since=before.failing_since or now,
        failed=failed,
        polls=before.polls + 1,
    )


def unknown(feed: Feed, now: datetime) -> FeedState:
    """The state of a feed that was never polled."""
    return FeedState(feed=feed.id, address=feed.address, next_poll=now)


def per_day(state: FeedState, now: datetime) -> float | None:
    """Articles a day of late; None before there has been a day to count."""
    age = _NO_TIME if state.first_success is None else now - state.first_success
    if age < timedelta(days=1):
        return None
    since = now - (state.last_success or now)
    return state.weekly * _fading(since) / 7 / (1 - _fading(age))


def _paced(before: FeedState, polled: Polled, news: int, now: datetime) -> FeedState:
    """`before` with what this poll says of the feed's pace."""
    if before.last_news is None:
        # The first poll shows what gathered before us: its dates tell the pace, its number of articles does not.
        rhythm = polled.rhythm
        return msgspec.structs.replace(
            before,
            last_news=now if rhythm is None else rhythm.newest,
            usual_gap=None if rhythm is None else rhythm.usual_gap,
            usual_silence=None if rhythm is None else rhythm.usual_silence,
        )
    weekly = before.weekly * _fading(now - (before.last_success or now)) + news
    if not news:
        return msgspec.structs.replace(before, weekly=weekly)
    silence = max(now - before.last_news, _NO_TIME)
    return msgspec.structs.replace(
        before,
        weekly=weekly,
        last_news=now,
        usual_gap=usual_gap(before.usual_gap, silence),
        usual_silence=usual_silence(before.usual_silence, silence),
    )


def _fading(age: timedelta) -> float:
    return math.exp(-max(age, _NO_TIME) / _WEEK)


def _moved_times(before: FeedState, polled: Polled) -> int:
    if polled.moved is None:
        return 0
    return before.moved_times + 1 if polled.moved == before.moved else 1


def _hold(polled: Polled, wait: timedelta, now: datetime) -> datetime | None:
    """Until when the host wants to be left alone: as it said, or as we back off where it said only that it is busy."""
    demanded = demand(Wishes(retry_after=polled.retry_after))
    if demanded:
        return now + demanded
    return now + wait if polled.status in (429, 503) else None
