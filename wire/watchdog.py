"""Ends a process whose loop makes no progress: the one cure for a client that hangs for ever (kafka defect F)."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from time import monotonic
from typing import NoReturn

from wire.errors import Exit


def end_process(what: str) -> NoReturn:
    """Leave at once with the watchdog's status; nothing is flushed, nothing is committed."""
    os.write(
        2, f'{{"level": "error", "code": "watchdog", "message": "no progress: {what}; the process ends"}}\n'.encode()
    )
    os._exit(Exit.WATCHDOG)


class Watchdog:
    """Knows what one lane is doing and until when that may last; checks on a thread of its own.

    `expired` is called with what outlasted its limit; by default it ends the process.
    """

    def __init__(
        self, expired: Callable[[str], None] = end_process, every: timedelta = timedelta(seconds=0.25)
    ) -> None:
        self._expired = expired
        self._every = every
        self._limits: dict[int, tuple[str, float]] = {}
        self._tickets = count()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._thread.start()

    @contextmanager
    def guard(self, what: str, limit: timedelta) -> Iterator[None]:
        """Run the body under a limit; guards may be nested and come from any thread."""
        ticket = next(self._tickets)
        self._limits[ticket] = (what, monotonic() + limit.total_seconds())
        try:
            yield
        finally:
            self._limits.pop(ticket, None)

    def _watch(self) -> None:
        while not self._stop.wait(self._every.total_seconds()):
            now = monotonic()
            for what, end in list(self._limits.values()):
                if now > end:
                    self._expired(what)

    def close(self) -> None:
        """Stop watching."""
        self._stop.set()
        self._thread.join()
