"""The coroutine that polls: request in, outcome out; whatever a feed does becomes a `Polled`, never an exception."""

import asyncio
import hashlib
from concurrent.futures import ThreadPoolExecutor

import msgspec

from ingest.errors import FetchFailed, PollFailed
from ingest.fetch import NOT_MODIFIED, Answer, Fetcher
from ingest.hints import fresh_for
from ingest.identity import identify
from ingest.parse import parse
from ingest.polled import Failed, Polled, PollRequest
from wire.clock import Clock
from wire.settings import IngestSettings
from wire.stage import Work

# Parsing is bound by the interpreter's lock: more threads would only wait for one another.
_PARSERS = 2


class Poller:
    """Polls feeds for the stage: `perform` is what the loop's pool calls.

    Fetching shares one asyncio loop; parsing runs beside it in threads of its own.
    """

    def __init__(self, settings: IngestSettings, clock: Clock, *, version: str) -> None:
        self._clock = clock
        self._fetcher = Fetcher(settings, clock, version=version)
        self._threads = ThreadPoolExecutor(_PARSERS, thread_name_prefix="parse")

    async def perform(self, work: Work) -> Polled:
        """Poll the feed that `work.body`, a `PollRequest`, names."""
        request = work.body
        assert isinstance(request, PollRequest)
        try:
            answer = await self._fetcher.fetch(request.url, request.validators)
        except FetchFailed as failure:
            return Polled(
                arrived=self._clock.now(),
                status=failure.status,
                failed=Failed(word=failure.word, reason=failure.reason),
                retry_after=failure.retry_after,
            )
        polled = self._unchanged(request, answer)
        if answer.status == NOT_MODIFIED or polled.body_digest == request.body_digest:
            return polled
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _parsed, request.feed, answer, polled)

    async def close(self) -> None:
        """Let go of connections and threads."""
        await self._fetcher.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _unchanged(self, request: PollRequest, answer: Answer) -> Polled:
        now = self._clock.now()
        same = answer.status == NOT_MODIFIED
        return Polled(
            arrived=now,
            status=answer.status,
            validators=answer.validators(request.validators),
            body_digest=request.body_digest if same else hashlib.sha256(answer.body).hexdigest()[:32],
            fresh_for=fresh_for(answer.headers, now),
        )


def _parsed(feed: str, answer: Answer, polled: Polled) -> Polled:
    """`polled` with what the body shows, or with the reason why it cannot be read."""
    try:
        parsed = parse(answer.body, answer.headers.get("content-type", ""), answer.url)
    except PollFailed as failure:
        return msgspec.structs.replace(polled, failed=Failed(word=failure.word, reason=failure.reason))
    shown, passed_over = identify(feed, parsed)
    return msgspec.structs.replace(
        polled,
        shown=shown,
        items=len(parsed.items),
        passed_over=passed_over,
        language=parsed.language,
        ttl=parsed.ttl,
    )
