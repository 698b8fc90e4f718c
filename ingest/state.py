"""The stage's records in `news.feeds`: one per feed, and one per article that a feed shows or showed lately.

Keys: `feed:<feed>` holds a `FeedState`, `seen:<feed>:<article>` a `Seen`.  Feed ids have no colon.
"""

from datetime import timedelta

from ingest.polled import Failed, Validators
from wire.codec import decode
from wire.log.port import Record
from wire.messages import Dated, Message, UtcTime

_FEED = "feed:"
_SEEN = "seen:"


class FeedState(Message, frozen=True, kw_only=True):
    """All that is known of a feed after its last poll; enough for `status`, nothing that could hold a secret."""

    feed: str
    address: str  # digest of the feed's address: validators belong to the address that gave them
    next_poll: UtcTime
    hold_until: UtcTime | None = None  # the host's demand, which no command overrides
    validators: Validators = Validators()
    body_digest: str | None = None
    ttl: timedelta | None = None
    usual_gap: timedelta | None = None  # between new articles
    last_poll: UtcTime | None = None
    last_success: UtcTime | None = None
    last_news: UtcTime | None = None  # the last success with a new article or version; at first the first success
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
    pair: str  # of guid and address, by which the item keeps its article while its neighbours change
    event_time: UtcTime  # of the article's first version; a re-dated one stays where it was
    dated: Dated = Dated.OUTLET
    gone: UtcTime | None = None  # since when the feed shows it no more


def feed_key(feed: str) -> str:
    """The state key of a feed."""
    return f"{_FEED}{feed}"


def seen_key(feed: str, article: str) -> str:
    """The state key of an article in a feed."""
    return f"{_SEEN}{feed}:{article}"


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
