"""What the processes that read are asked and answer.  Apart from `reading`, so that asking costs no parser's memory."""

from datetime import datetime, timedelta

from msgspec import Struct

from ingest.polled import Failed, Rhythm, Shown


class FeedTask(Struct, frozen=True, kw_only=True, tag=True):
    """Read a feed's document."""

    feed: str
    body: bytes
    content_type: str
    url: str  # that relative links belong to
    seen: datetime  # aware UTC


class PageTask(Struct, frozen=True, kw_only=True, tag=True):
    """Read an article's page."""

    body: bytes
    content_type: str
    url: str
    title: str  # as the feed gives it: the page must be about the same


class Read(Struct, frozen=True, kw_only=True, tag=True):
    """What a document shows, or why it cannot be read."""

    failed: Failed | None = None
    shown: tuple[Shown, ...] = ()
    items: int = 0
    passed_over: int = 0
    language: str | None = None
    ttl: timedelta | None = None
    format: str | None = None
    rhythm: Rhythm | None = None
    index: tuple[str, ...] = ()


class PageText(Struct, frozen=True, kw_only=True, tag=True):
    """The body that a page gave, or why it gave none: then the feed's own words stand."""

    body: str = ""
    cut: bool = False
    refused: str | None = None


Task = FeedTask | PageTask
Answer = Read | PageText
