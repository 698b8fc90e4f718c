"""Ask an address once, as ingest would, and say what it is; a page leads to the feeds that it names."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

from ingest.discovery import feed_links
from ingest.errors import FetchFailed, Word
from ingest.fetch import Answer, Fetcher
from ingest.hints import fresh_for
from ingest.parsers import Parsers
from ingest.polled import Validators
from ingest.tasks import FeedTask, Read
from wire.clock import SystemClock
from wire.settings import IngestSettings

_FIRST = Validators()
_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What one address gave."""

    url: str
    answer: Answer | None = None  # None: it could not be fetched
    failed: str | None = None  # why nothing could be read
    read: Read | None = None
    fresh_for: timedelta | None = None
    links: tuple[str, ...] = ()  # of a page: the feeds that it names


def try_address(url: str, settings: IngestSettings) -> Sequence[Tried]:
    """The address, and where it is a web page the feeds that it names, until one of them can be read."""
    return asyncio.run(_tried(url, settings))


async def _tried(url: str, settings: IngestSettings) -> Sequence[Tried]:
    clock = SystemClock()
    fetcher = Fetcher(settings, clock, version=version("wirewatch"))
    parsers = Parsers(1, _SECONDS)
    try:
        found = [await _one(url, fetcher, parsers, clock.now())]
        for link in found[0].links:
            found.append(await _one(link, fetcher, parsers, clock.now()))
            if found[-1].read is not None:
                break
        return found
    finally:
        await fetcher.close()
        await parsers.close()


async def _one(url: str, fetcher: Fetcher, parsers: Parsers, now: datetime) -> Tried:
    try:
        answer = await fetcher.fetch(url, _FIRST)
    except FetchFailed as failure:
        return Tried(url=url, failed=f"{failure.word.value}: {failure.reason}")
    content_type = answer.headers.get("content-type", "")
    task = FeedTask(feed="trial", body=answer.body, content_type=content_type, url=answer.url, seen=now)
    read = await parsers.do(task)
    assert isinstance(read, Read)
    fresh = fresh_for(answer.headers, now)
    if read.failed is None:
        return Tried(url=url, answer=answer, read=read, fresh_for=fresh)
    is_page = read.failed.word in (Word.HTML, Word.UNKNOWN)
    links = feed_links(answer.body, content_type, answer.url) if is_page else ()
    reason = f"{read.failed.word.value}: {read.failed.reason}"
    return Tried(url=url, answer=answer, failed=reason, links=links)


def tried_lines(tried: Tried, shown: int = 5) -> list[str]:
    """What an operator wants to know of the address before it is added."""
    if tried.read is None or tried.answer is None:
        named = [f"  names the feed {link}" for link in tried.links]
        return [f"{tried.url}: {tried.failed}", *named]
    answer, read = tried.answer, tried.read
    wish = "-" if tried.fresh_for is None else f"{tried.fresh_for.total_seconds():g} s"
    validators = answer.validators(_FIRST)
    has = [name for name, value in (("ETag", validators.etag), ("Last-Modified", validators.last_modified)) if value]
    lines = [
        f"{tried.url}: {read.format}, {read.items} items, {len(read.shown)} articles, language {read.language or '-'}",
        f"  validators {', '.join(has) or 'none: every poll will cost a whole answer'}; fresh for {wish};"
        f" ttl {'-' if read.ttl is None else f'{read.ttl.total_seconds():g} s'}",
    ]
    if answer.moved is not None:
        lines.append(f"  moved for good to {answer.moved}: use that address")
    lines += [f"  leads to {part}" for part in read.index]
    lines += _doubts(read)
    for one in read.shown[:shown]:
        when = one.item.published or one.item.updated
        dated = "-" if when is None else f"{when.astimezone(UTC):%Y-%m-%d %H:%M}Z"
        lines.append(f"  {dated:>17}  {one.item.title[:100] or '(no title)'}  {one.item.url or '(no address)'}")
    return lines


def tried_facts(tried: Tried) -> dict[str, object]:
    """The same for machines; what is not known of an address that could not be read is left out."""
    facts: dict[str, object] = {"url": tried.url, "failed": tried.failed, "feeds": tried.links}
    if tried.read is None or tried.answer is None:
        return facts
    read = tried.read
    fresh = None if tried.fresh_for is None else tried.fresh_for.total_seconds()
    return facts | {
        "format": read.format,
        "items": read.items,
        "language": read.language,
        "fresh_seconds": fresh,
        "moved_to": tried.answer.moved,
        "articles": [{"title": one.item.title, "url": one.item.url} for one in read.shown],
    }


def _doubts(read: Read) -> list[str]:
    undated = sum(one.item.published is None and one.item.updated is None for one in read.shown)
    homeless = sum(one.item.url is None for one in read.shown)
    said = [
        (undated, "without a date: they count from when they are seen"),
        (homeless, "without an address of their own: they are known by their guid"),
        (read.passed_over, "without address, guid and text: they are passed over"),
    ]
    return [f"  note: {count} {what}" for count, what in said if count]
