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
    ttl: timedelta | None = None  # how long the document may be cached, by its own word (ttl, sy:updatePeriod)
    items: tuple[Item, ...] = ()
    index: tuple[str, ...] = ()  # of an index of sitemaps: the addresses of those that are worth reading


class Validators(Struct, frozen=True, kw_only=True):
    """What a conditional request sends back: both to the letter as the host gave them, never invented."""

    etag: str | None = None
    last_modified: str | None = None


class Part(Struct, frozen=True, kw_only=True):
    """A sitemap that an index names, with what its last answer gave."""

    url: str
    validators: Validators = Validators()
    body_digest: str | None = None


class PollRequest(Struct, frozen=True, kw_only=True):
    """Everything that a poll needs to know of its feed."""

    feed: str
    url: str
    validators: Validators = Validators()
    body_digest: str | None = None  # of the body parsed last; an equal body is not parsed again
    moved: bool = False  # `url` is where permanent redirects led, not what the settings say
    parts: tuple[Part, ...] = ()  # of an index of sitemaps: those that were read last
    page_bodies: bool = False  # fetch the pages of what is new
    known: dict[str, str] = {}  # with `page_bodies`: the versions that the feed has shown, by article


class Rhythm(Struct, frozen=True, kw_only=True):
    """What the dates of a document say of its feed's pace."""

    newest: UtcTime  # of its believable dates
    usual_gap: timedelta  # median of the newest gaps
    usual_silence: timedelta  # the longest of them


class Shown(Struct, frozen=True, kw_only=True):
    """An article that a poll saw, by the identity rule."""

    article_id: str
    pair: str  # digest of guid and address together: the same item, whatever else the feed shows beside it
    version: str
    parts: str  # digests of title, summary and body, by which a later version tells what it changed
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
    moved: str | None = None  # where permanent redirects led; never written where it could hold a secret
    format: str | None = None
    rhythm: Rhythm | None = None
    parts: tuple[Part, ...] = ()
    partial: bool = False  # some of the feed was not looked at again: what is not shown may still be there
