"""The stage's records in `news.feeds`: one per feed, and one per article that a feed shows or showed lately.

Keys: `feed:<feed>` holds a `FeedState`, `seen:<feed>:<article>` a `Seen`, `added:<feed>` an `AddedFeed`.
Feed ids have no colon.
"""

from datetime import datetime, timedelta

from msgspec.structs import replace

from ingest.polled import Failed, Part, Validators
from ingest.standing import Standing
from wire.codec import decode
from wire.log.port import Record
from wire.messages import Dated, Message, UtcTime

_FEED = "feed:"
_SEEN = "seen:"
_ADDED = "added:"
_PAST = ("last_poll", "last_success", "last_news", "first_success", "failing_since")


class FeedState(Message, frozen=True, kw_only=True):
    """All that is known of a feed after its last poll; enough for `status`, nothing that could hold a secret."""

    feed: str
    address: str  # digest of the feed's address: validators belong to the address that gave them
    next_poll: UtcTime
    hold_until: UtcTime | None = None  # the host's demand, which no command overrides
    stopped: bool = False  # the host said that the feed is gone for good: asked again only by command
    moved: str | None = None  # where permanent redirects led in each of the last `moved_times` successes
    moved_times: int = 0
    validators: Validators = Validators()
    body_digest: str | None = None
    parts: tuple[Part, ...] = ()  # of an index of sitemaps
    ttl: timedelta | None = None
    fresh_for: timedelta | None = None  # of the last answer that said so
    format: str | None = None
    usual_gap: timedelta | None = None  # between new articles
    usual_silence: timedelta | None = None  # about the longest of the last gaps
    weekly: float = 0.0  # articles after the first poll, each counting less the older it is (time constant 7 d)
    first_success: UtcTime | None = None
    standing: Standing = Standing.OK
    last_poll: UtcTime | None = None
    last_success: UtcTime | None = None
    last_news: UtcTime | None = None  # the last success with a new article or version; at first the newest date shown
    status: int | None = None  # of the last answer
    failures: int = 0  # in a row
    failing_since: UtcTime | None = None
    failed: Failed | None = None  # the last failure while the feed fails, else None
    items: int = 0  # in the document parsed last
    articles: int = 0  # written so far, versions included
    polls: int = 0  # that have ended


class Seen(Message, frozen=True, kw_only=True):
    """One article as one feed showed it last.  Removed when it has been gone from the feed for long (`Memory`)."""

    version: str
    parts: str = ""  # digests of title, summary and body
    pair: str  # of guid and address, by which the item keeps its article while its neighbours change
    event_time: UtcTime  # of the article's first version; a re-dated one stays where it was
    dated: Dated = Dated.OUTLET
    gone: UtcTime | None = None  # since when the feed shows it no more


def moved_back(state: FeedState, now: datetime) -> FeedState:
    """The state as if the last poll, which a wrong clock put after `now`, had ended `now`; its waits stay as long."""
    ahead = timedelta(0) if state.last_poll is None else state.last_poll - now
    waits = {name: getattr(state, name) for name in ("next_poll", "hold_until")}
    past = {name: getattr(state, name) for name in _PAST}
    moved = {name: at - ahead for name, at in waits.items() if at is not None}
    return replace(state, **moved, **{name: min(at, now) for name, at in past.items() if at is not None})


def feed_key(feed: str) -> str:
    """The state key of a feed."""
    return f"{_FEED}{feed}"


def seen_key(feed: str, article: str) -> str:
    """The state key of an article in a feed."""
    return f"{_SEEN}{feed}:{article}"


class AddedFeed(Message, frozen=True, kw_only=True):
    """A feed that a command has added."""

    outlet: str
    url: str
    language: str | None = None
    body: str = "feed"


def added_key(feed: str) -> str:
    """The state key of a feed that a command has added."""
    return f"{_ADDED}{feed}"


def added_place(key: str) -> str | None:
    """The feed of an `AddedFeed` record's key; None for other keys."""
    return key.removeprefix(_ADDED) if key.startswith(_ADDED) else None


def feed_place(key: str) -> str | None:
    """The feed of a `FeedState` record's key; None for other keys."""
    return key.removeprefix(_FEED) if key.startswith(_FEED) else None


def read_feed(record: Record) -> FeedState | None:
    """The feed's state in a record of `news.feeds`; None for tombstones and records of other kinds.

    Raises:
        Undecodable, SchemaTooNew: the record is not what its key says.
    """
    if record.value is None or not (record.key or "").startswith(_FEED):
        return None
    return decode(record.value, FeedState)


def seen_place(key: str) -> tuple[str, str] | None:
    """Feed and article of a `Seen` record's key; None for other keys."""
    if not key.startswith(_SEEN):
        return None
    feed, _, article = key.removeprefix(_SEEN).partition(":")
    return feed, article
