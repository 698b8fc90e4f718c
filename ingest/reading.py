"""From a body to what a poll shows: parsed, identified, its rhythm told.  Runs in a process of its own (`parsers`)."""

from datetime import datetime, timedelta

from msgspec import Struct

from ingest.errors import Unreadable
from ingest.identity import identify
from ingest.page import PageText, read_page
from ingest.parse import parse
from ingest.polled import Failed, Rhythm, Shown
from ingest.rhythm import rhythm_of


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


Task = FeedTask | PageTask
Answer = Read | PageText


def read(task: Task) -> Answer:
    """Do one task; whatever the bytes are, the answer says what came of it."""
    if isinstance(task, PageTask):
        return read_page(task.body, task.content_type, task.url, title=task.title)
    try:
        parsed = parse(task.body, task.content_type, task.url)
    except Unreadable as failure:
        return Read(failed=Failed(word=failure.word, reason=failure.reason))
    shown, passed_over = identify(task.feed, parsed)
    return Read(
        shown=shown,
        items=len(parsed.items),
        passed_over=passed_over,
        language=parsed.language,
        ttl=parsed.ttl,
        format=parsed.format,
        rhythm=rhythm_of(parsed.items, seen=task.seen),
        index=parsed.index,
    )
