"""`/events`: what changes in stories, as it changes, for as long as a reader takes it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from console.index.queries import events_after
from console.page.context import Page, chosen_in, page_of
from console.page.live import Viewer, frame, stream, told

# Who comes back is given at most so many events that they missed; beyond that the page is loaded anew.
MISSED = 500
# A reader who takes nothing for so long has gone, whatever their connection says.
PATIENCE_SECONDS = 20.0
_LONGEST_ID = 18  # digits of an offset


async def follow(request: Request) -> Response:
    """Server-sent events: a story's line whenever it changes, from the event id on that the browser has seen last."""
    page = page_of(request)
    _, query = chosen_in(request)
    viewer = page.hub.join(query)
    if viewer is None:
        return PlainTextResponse("too many viewers\n", 503, headers={"Retry-After": "30"})
    try:
        before = _missed(page, viewer, request.headers.get("last-event-id", ""))
    except Exception:
        page.hub.leave(viewer)
        raise
    return EventStream(stream(viewer, before), lambda: page.hub.leave(viewer))


def _missed(page: Page, viewer: Viewer, last: str) -> list[bytes]:
    """What came after the event id `last`; nothing for an id that no log could have given."""
    if not (last.isascii() and last.isdigit() and len(last) <= _LONGEST_ID):
        return []
    with page.index() as db:
        missed = events_after(db, int(last), MISSED + 1)
    if len(missed) > MISSED:
        return [b"event: missed\ndata: {}\n\n"]
    return [frame(at, one) for at, event in missed if viewer.wants(one := told(event))]


class EventStream(StreamingResponse):
    """A stream that ends when its reader takes nothing for a while."""

    def __init__(self, body: AsyncIterator[bytes], left: Callable[[], None]) -> None:
        """`left` is told when the reader has gone, even before the first word."""
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(body, media_type="text/event-stream", headers=headers)
        self._left = left

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the body ends, the reader goes, or the reader stops reading."""

        async def send_soon(message: Message) -> None:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await send(message)

        try:
            with suppress(TimeoutError):
                await super().__call__(scope, receive, send_soon)
        finally:
            self._left()
