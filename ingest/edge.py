"""The coroutine that polls: request in, outcome out; whatever a feed does becomes a `Polled`, never an exception."""

import asyncio
import hashlib
from collections.abc import Callable
from contextlib import suppress

import msgspec

from ingest.errors import FetchFailed
from ingest.fetch import NOT_MODIFIED, Answer, Fetcher
from ingest.hints import fresh_for
from ingest.pages import Pages
from ingest.parsers import Parsers
from ingest.polled import Failed, Part, Polled, PollRequest, Shown
from ingest.tasks import FeedTask, Read
from wire.clock import Clock
from wire.settings import IngestSettings
from wire.stage import Work

READING_SECONDS = 30.0  # for one document
PAGES_SECONDS = 90.0  # for all pages of one poll


class Poller:
    """Polls feeds for the stage: `perform` is what the loop's pool calls.

    Fetching shares one asyncio loop; parsing runs beside it in processes of its own.
    """

    def __init__(
        self,
        settings: IngestSettings,
        clock: Clock,
        *,
        version: str,
        fetcher: Fetcher | None = None,
        count: Callable[[Polled], None] = lambda _polled: None,
    ) -> None:
        """`fetcher`: how hosts are asked, default: over the network; `count` is told each outcome."""
        self._clock = clock
        self._fetcher = fetcher or Fetcher(settings, clock, version=version)
        self._parsers = Parsers(settings.parsers, READING_SECONDS)
        self._count = count
        self._pages = Pages(self._fetcher, self._parsers, clock)

    async def perform(self, work: Work) -> Polled:
        """Poll the feed that `work.body`, a `PollRequest`, names."""
        request = work.body
        assert isinstance(request, PollRequest)
        polled = await self._poll(request)
        self._count(polled)
        return polled

    async def _poll(self, request: PollRequest) -> Polled:
        try:
            answer = await self._fetcher.fetch(request.url, request.validators)
        except FetchFailed as failure:
            return _failed(failure, self._clock)
        polled = self._unchanged(request, answer)
        if not _same(answer, polled.body_digest, request.body_digest):
            polled = _with_reading(polled, await self._read(request.feed, answer))
        elif request.parts:
            polled = msgspec.structs.replace(polled, parts=request.parts)
        if polled.parts:
            return await self._with_parts(request, polled)
        return await self._with_pages(request, polled)

    async def close(self) -> None:
        """Let go of connections and processes."""
        await self._fetcher.close()
        await self._parsers.close()

    def _unchanged(self, request: PollRequest, answer: Answer) -> Polled:
        now = self._clock.now()
        return Polled(
            arrived=now,
            status=answer.status,
            validators=answer.validators(request.validators),
            body_digest=request.body_digest if answer.status == NOT_MODIFIED else _digest(answer.body),
            fresh_for=fresh_for(answer.headers, now),
            moved=_moved(request, answer),
        )

    async def _read(self, feed: str, answer: Answer) -> Read:
        content_type = answer.headers.get("content-type", "")
        task = FeedTask(feed=feed, body=answer.body, content_type=content_type, url=answer.url, seen=self._clock.now())
        found = await self._parsers.do(task)
        assert isinstance(found, Read)
        return found

    async def _with_parts(self, request: PollRequest, polled: Polled) -> Polled:
        """The sitemaps of an index, one after another, each asked as politely as a feed."""
        known = {part.url: part for part in request.parts}
        parts: list[Part] = []
        shown: dict[str, Shown] = {}
        failure: Failed | None = None
        changed = items = 0
        for place in polled.parts:
            part = known.get(place.url, place)
            try:
                answer = await self._fetcher.fetch(part.url, part.validators)
            except FetchFailed as failed:
                failure = Failed(word=failed.word, reason=f"a sitemap of the index: {failed.reason}")
                parts.append(part)
                continue
            digest = part.body_digest if answer.status == NOT_MODIFIED else _digest(answer.body)
            asked = Part(url=part.url, validators=answer.validators(part.validators), body_digest=digest)
            if _same(answer, digest, part.body_digest):
                parts.append(asked)
                continue
            found = await self._read(request.feed, answer)
            if found.failed is not None:
                # As it was: with the new validators it would be unchanged next time, and never read.
                failure = found.failed
                parts.append(part)
                continue
            parts.append(asked)
            changed, items = changed + 1, items + found.items
            for one in found.shown:
                shown.setdefault(one.article_id, one)
        if failure is not None and not shown:
            return msgspec.structs.replace(polled, failed=failure)
        polled = msgspec.structs.replace(polled, parts=tuple(parts), partial=changed < len(parts))
        if not changed:
            return polled
        return await self._with_pages(
            request, msgspec.structs.replace(polled, shown=tuple(shown.values()), items=items)
        )

    async def _with_pages(self, request: PollRequest, polled: Polled) -> Polled:
        """With the bodies of new articles from their pages, where the settings ask for that."""
        if not request.page_bodies or not polled.shown:
            return polled
        new = [one for one in polled.shown if request.known.get(one.article_id) != one.version]
        bodies: dict[str, Shown] = {}
        with suppress(TimeoutError):  # the rest keep what the feed says
            async with asyncio.timeout(PAGES_SECONDS):
                await self._pages.fill(new, bodies)
        return msgspec.structs.replace(polled, shown=tuple(bodies.get(one.article_id, one) for one in polled.shown))


def _failed(failure: FetchFailed, clock: Clock) -> Polled:
    return Polled(
        arrived=clock.now(),
        status=failure.status,
        failed=Failed(word=failure.word, reason=failure.reason),
        retry_after=failure.retry_after,
    )


def _with_reading(polled: Polled, read: Read) -> Polled:
    if read.failed is not None:
        return msgspec.structs.replace(polled, failed=read.failed)
    return msgspec.structs.replace(
        polled,
        shown=None if read.index else read.shown,
        items=read.items,
        passed_over=read.passed_over,
        language=read.language,
        ttl=read.ttl,
        format=read.format,
        rhythm=read.rhythm,
        parts=tuple(Part(url=url) for url in read.index),
    )


def _same(answer: Answer, digest: str | None, before: str | None) -> bool:
    return answer.status == NOT_MODIFIED or digest == before


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]


def _moved(request: PollRequest, answer: Answer) -> str | None:
    """Where the feed is for good, if that is elsewhere and the address could not hold a secret."""
    moved = answer.moved or (request.url if request.moved else None)
    if moved is None or _may_hold_secret(moved) or (not request.moved and _may_hold_secret(request.url)):
        return None
    return moved


def _may_hold_secret(url: str) -> bool:
    return "@" in url or "?" in url
