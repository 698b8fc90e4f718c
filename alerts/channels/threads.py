"""A blocking call beside an event loop, on a thread that cannot keep the process alive.

`asyncio.to_thread` has a pool that all callers share, where one hanging server would hold up the others, and whose
threads the interpreter waits for when it ends.
"""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

R = TypeVar("R")


async def on_own_thread(call: Callable[[], R], abort: Callable[[], None]) -> R:
    """What `call` returns or raises.  On cancellation `abort` is called, from the loop's thread: it must end `call`."""
    events = asyncio.get_running_loop()
    future: asyncio.Future[R] = events.create_future()

    def settle(result: R | None, error: BaseException | None) -> None:
        if future.done():
            return  # cancelled: nobody waits any more
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, error = None, None
        try:
            result = call()
        # Not swallowed: carried over to whoever awaits.
        except BaseException as raised:  # noqa: BLE001
            error = raised
        if not future.cancelled():
            events.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name="send", daemon=True).start()
    try:
        return await future
    except asyncio.CancelledError:
        abort()
        raise
