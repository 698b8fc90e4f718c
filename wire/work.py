"""External work beside the loop: a bounded number of coroutines on an event loop of their own."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from wire.clock import Clock
from wire.codec import encode
from wire.crash import crash_point
from wire.log.port import Record
from wire.stage import ERROR, RESULT, Work, WorkFailed

Perform = Callable[[Work], Awaitable[msgspec.Struct]]
_log = logging.getLogger(__name__)
_ENDING_SECONDS = 5.0


async def _nothing() -> None:
    """What most performers hold."""


@dataclass(frozen=True, slots=True)
class Performer:
    """How work is done.  Both are called on one event loop; `close` once, when no work is under way any more."""

    perform: Perform
    close: Callable[[], Awaitable[None]] = _nothing  # lets go of what `perform` holds: connections, processes


class WorkPool:
    """Runs `perform` for each work, at most `limit` at once; each ends as one record, given to `deliver`.

    The record has the work's key and topic `RESULT` with what `perform` returned, or `ERROR` with a `WorkFailed` when
    it raised or was still running at its `until`.  `deliver` is called from the pool's thread.
    The pool owns the performer: it closes it.
    """

    def __init__(self, performer: Performer, limit: int, clock: Clock, deliver: Callable[[Record], None]) -> None:
        self._performer = performer
        self.limit = limit
        self._clock = clock
        self._deliver = deliver
        self._events = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._events.run_forever, name="work", daemon=True)
        self._thread.start()

    def start(self, work: Work) -> None:
        """Begin a work; returns at once."""
        self._events.call_soon_threadsafe(self._begin, work)

    def _begin(self, work: Work) -> None:
        task = self._events.create_task(self._run(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, work: Work) -> None:
        left = max(timedelta(0), work.until - self._clock.now())
        try:
            async with asyncio.timeout(left.total_seconds()):
                crash_point("work begins")
                answer = await self._performer.perform(work)
                crash_point("work answered")
            record = Record(topic=RESULT, key=work.key, value=encode(answer))
        except TimeoutError:
            record = _failed(work, f"no answer within {left.total_seconds():.0f} s", timed_out=True)
        # Whatever it was, the stage must learn that its work has ended, or the key would be in flight for ever.
        except Exception as error:  # noqa: BLE001
            _log.exception("work raised", extra={"key": work.key})
            record = _failed(work, f"{type(error).__name__}: {error}", timed_out=False)
        self._deliver(record)

    def close(self) -> None:
        """End what is still running, without a result, and close the performer."""
        ended = asyncio.run_coroutine_threadsafe(self._end(), self._events)
        try:
            ended.result(_ENDING_SECONDS)
        except TimeoutError:
            _log.warning("work did not end in time")
        self._events.call_soon_threadsafe(self._events.stop)
        self._thread.join(timeout=2)
        if not self._thread.is_alive():
            self._events.close()

    async def _end(self) -> None:
        running = list(self._tasks)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._performer.close()


def _failed(work: Work, reason: str, *, timed_out: bool) -> Record:
    sayable = reason.encode("utf-8", "backslashreplace").decode()  # an exception may quote half a surrogate pair
    return Record(topic=ERROR, key=work.key, value=encode(WorkFailed(reason=sayable, timed_out=timed_out)))
