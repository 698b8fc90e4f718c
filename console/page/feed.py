"""The page's own thread: keeps the index up to the log, and hands on what happened to stories."""

import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from time import sleep

from console.index.file import IndexFile
from console.index.follow import Follower, following
from console.index.prune import prune
from console.index.redaction import redacted
from console.page.live import Told, told
from wire.codec import decode
from wire.errors import BadRecord, WireError
from wire.log.port import Log, Record
from wire.messages import StoryEvent
from wire.topics import STORY_EVENTS

_log = logging.getLogger(__name__)
Publish = Callable[[Sequence[tuple[int, Told]]], None]
_WAIT = timedelta(milliseconds=250)
_AGAIN_SECONDS = 2.0  # after the log could not be reached, or while another process writes the index
_MOST_AT_ONCE = 200  # older events of a long catching-up are in the index; nobody is shown them one by one


class Feed:
    """Follows until `stop`; `alive` tells whether it has reached the log lately."""

    def __init__(self, file: IndexFile, open_log: Callable[[], Log], publish: Publish) -> None:
        self._file = file
        self._open_log = open_log
        self._publish = publish
        self._stopping = threading.Event()
        self.trouble: str | None = "starting"
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """End; returns when the index is closed."""
        self._stopping.set()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._follow()
            except (WireError, sqlite3.Error, OSError) as error:
                self.trouble = str(error)
                _log.warning("the page cannot follow the log; it tries again", extra={"reason": str(error)})
                self._stopping.wait(_AGAIN_SECONDS)

    def _follow(self) -> None:
        log = self._open_log()
        try:
            with following(self._file, log) as follower:
                if follower is None:
                    self.trouble = "another process writes the index"
                    self._stopping.wait(_AGAIN_SECONDS)
                    return
                self._take_all(follower, log)
        finally:
            log.close()

    def _take_all(self, follower: Follower, log: Log) -> None:
        self.trouble, rested = None, False
        while not self._stopping.is_set():
            records = follower.take(_WAIT)
            if events := _stories(follower.db, records[-_MOST_AT_ONCE:]):
                self._publish(events)
            if records:
                sleep(0)  # a long catching-up lets the answers through
                rested = False
            elif not rested:
                rested = follower.settled()
            prune(follower.db, log.topics)


def _stories(db: sqlite3.Connection, records: Sequence[Record]) -> list[tuple[int, Told]]:
    found = []
    for record in records:
        if record.topic == STORY_EVENTS:
            try:
                event = decode(record.value, StoryEvent)
            except (BadRecord, WireError):
                continue
            found.append((record.offset, told(redacted(db, event))))
    return found
