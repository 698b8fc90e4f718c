"""An index to ask: opened for the settings, brought up to the log first, honest where it could not be."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic, sleep

from console.index.file import IndexFile
from console.index.follow import Lag, catch_up, lag, positions
from console.index.projection import FOLLOWED
from console.progress import bar
from wire.errors import LogUnreachable
from wire.log.port import Log
from wire.settings import Settings

# Another process follows the log; so long may it take for what is there now.
_OTHERS_TURN = timedelta(milliseconds=500)
# Fewer records are taken in before a bar could be read.
_WORTH_A_BAR = 5000


@dataclass(frozen=True, slots=True)
class Index:
    """A connection that reads, and how far the index was behind the log when it was opened."""

    db: sqlite3.Connection
    behind: Lag


def index_file(settings: Settings) -> IndexFile:
    """Where the index of the settings' log lives."""
    log = settings.log
    if log.kind == "kafka":
        return IndexFile(settings.index.path, f"kafka {','.join(log.bootstrap)} {log.prefix}")
    # Whoever removes the log and begins anew has another file under the same name.
    inode = log.path.stat().st_ino if log.path.exists() else 0
    return IndexFile(settings.index.path, f"sqlite {log.path.resolve()} {inode}")


@contextmanager
def ready_index(settings: Settings, log: Log) -> Iterator[Index]:
    """The index, with everything that the log held a moment ago.

    Where another process is the writer, that one is given half a second; the lag says what is missing then.
    """
    file = index_file(settings)
    with ExitStack() as stack:
        if not _caught_up_here(file, log):
            _wait_for_the_writer(file, log)
        db = stack.enter_context(closing(file.reading()))
        yield Index(db=db, behind=_lag(db, log))


def _caught_up_here(file: IndexFile, log: Log) -> bool:
    behind = _first_lag(file, log)
    if behind.records < _WORTH_A_BAR:
        return catch_up(file, log)
    with bar("reading the log", behind.records) as advance:
        return catch_up(file, log, advance)


def _first_lag(file: IndexFile, log: Log) -> Lag:
    if not file.path.exists():
        return lag({}, log.bounds(FOLLOWED))
    try:
        with closing(file.reading()) as db:
            return _lag(db, log)
    except LogUnreachable:
        return lag({}, log.bounds(FOLLOWED))


def _wait_for_the_writer(file: IndexFile, log: Log) -> None:
    until = monotonic() + _OTHERS_TURN.total_seconds()
    wanted = log.bounds(FOLLOWED)
    while monotonic() < until:
        # The other may just be about to make it.
        with suppress(LogUnreachable), closing(file.reading()) as db:
            if not lag(positions(db), wanted).records:
                return
        sleep(0.02)


def _lag(db: sqlite3.Connection, log: Log) -> Lag:
    return lag(positions(db), log.bounds(FOLLOWED))
