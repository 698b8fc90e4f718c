"""What goes to the edge and comes back: a request to poll, the feed as parsed, the outcome of the poll.

These travel in memory between the stage and the coroutine that polls; none is written on a topic, so an address
with a secret in it stays here.
"""

from datetime import timedelta

from msgspec import Struct

from ingest.errors import Word
from wire.messages import Message, UtcTime


class Item(Message, frozen=True, kw_only=True):
    """One entry of a feed as shown: text plain and bounded, the link absolute, nothing judged yet."""

    guid: str | None = None
    url: str | None = None
    title: str = ""
    summary: str = ""
    body: str = ""
    cut: bool = False  # the body was longer than may be kept
    authors: tuple[str, ...] = ()
    published: UtcTime | None = None
    updated: UtcTime | None = None
    language: str | None = None  # ISO 639-1


class ParsedFeed(Struct, frozen=True, kw_only=True):
    """A feed's document, whatever its format."""

    format: str  # rss20, atom10, rdf …, json-feed, news-sitemap
    title: str = ""
    home: str | None = None  # the feed's home page
    language: str | None = None
    ttl: timedelta | None = None  # how long the document may be cached, by its own word
    items: tuple[Item, ...] = ()


class Validators(Struct, frozen=True, kw_only=True):
    """What a conditional request sends back: both to the letter as the host gave them, never invented."""

    etag: str | None = None
    last_modified: str | None = None


class PollRequest(Struct, frozen=True, kw_only=True):
    """Everything that a poll needs to know of its feed."""

    feed: str
    url: str
    validators: Validators = Validators()
    body_digest: str | None = None  # of the body parsed last; an equal body is not parsed again


class Shown(Struct, frozen=True, kw_only=True):
    """An article that a poll saw, by the identity rule."""

    article_id: str
    pair: str  # digest of guid and address together: the same item, whatever else the feed shows beside it
    version: str
    item: Item


class Failed(Struct, frozen=True, kw_only=True):
    """Why a poll failed."""

    word: Word
    reason: str  # one sentence without the feed's address


class Polled(Message, frozen=True, kw_only=True):
    """The outcome of one poll: a failure, an unchanged feed (`shown` is None), or what it shows."""

    arrived: UtcTime  # when the answer was complete
    status: int | None = None
    failed: Failed | None = None
    shown: tuple[Shown, ...] | None = None
    items: int = 0  # entries in the document, before those of one article were joined
    passed_over: int = 0  # entries without address, guid and text
    validators: Validators = Validators()
    body_digest: str | None = None
    language: str | None = None
    ttl: timedelta | None = None
    fresh_for: timedelta | None = None  # Cache-Control or Expires
    retry_after: timedelta | None = None
