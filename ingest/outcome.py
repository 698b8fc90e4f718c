"""A feed's next state from its last one and a poll's outcome.  Pure."""

from datetime import datetime, timedelta

import msgspec

from ingest.feeds import Feed
from ingest.polled import Polled
from ingest.schedule import Bounds, Wishes, demand, usual_gap
from ingest.state import FeedState


def after_success(
    feed: Feed, state: FeedState | None, polled: Polled, news: int, bounds: Bounds, now: datetime
) -> FeedState:
    """The state after a poll that showed the feed, or said that it is unchanged.

    Args:
        feed: as the settings give it.
        state: before; None before the first poll.
        polled: without a failure.
        news: how many articles and versions the poll brought.
        bounds: of the interval.
        now: when the outcome is taken.
    """
    before = state or _unknown(feed, now)
    parsed = polled.shown is not None
    ttl = polled.ttl if parsed else before.ttl
    last_news = now if news or before.last_news is None else before.last_news
    # The first poll shows what gathered before us: it says nothing of the pace.
    paced = news and before.last_news is not None
    silence = max(now - (before.last_news or now), timedelta(0))
    gap = usual_gap(before.usual_gap, silence) if paced else before.usual_gap
    wishes = Wishes(fresh_for=polled.fresh_for, ttl=ttl)
    return msgspec.structs.replace(
        before,
        next_poll=now + bounds.after_success(gap, timedelta(0) if news else silence, wishes),
        hold_until=None,
        validators=polled.validators,
        body_digest=polled.body_digest,
        ttl=ttl,
        usual_gap=gap,
        last_poll=now,
        last_success=now,
        last_news=last_news,
        status=polled.status,
        failures=0,
        failing_since=None,
        failed=None,
        items=polled.items if parsed else before.items,
        articles=before.articles + news,
        polls=before.polls + 1,
    )


def after_failure(feed: Feed, state: FeedState | None, polled: Polled, bounds: Bounds, now: datetime) -> FeedState:
    """The state after a poll that failed: validators and memory stay, so that nothing is missed or told again."""
    before = state or _unknown(feed, now)
    wishes = Wishes(retry_after=polled.retry_after)
    demanded = demand(wishes)
    return msgspec.structs.replace(
        before,
        next_poll=now + bounds.after_failure(before.failures + 1, wishes, feed.id),
        hold_until=now + demanded if demanded else None,
        last_poll=now,
        status=polled.status,
        failures=before.failures + 1,
        failing_since=before.failing_since or now,
        failed=polled.failed,
        polls=before.polls + 1,
    )


def _unknown(feed: Feed, now: datetime) -> FeedState:
    return FeedState(feed=feed.id, address=feed.address, next_poll=now)
