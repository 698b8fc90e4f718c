"""The file under the embedded log: schema, connections, the fair lock for writers, and waking those who wait.

SQLite's own busy handler is unfair (one of five writers waited 7.3 s), so writers queue on a side file first.  Waiters
are woken by a touched side file, written after the commit; watching the WAL itself would fire too early.
"""

import fcntl
import os
import select
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from wire.errors import LogDamaged, LogUnreachable

# Behind the wake-up by the side file: how long a missed touch can hold up a reader.
SLOW_POLL = timedelta(milliseconds=500)

# A record's row id is its partition's number and its offset in one integer, so that a partition is one range of rows.
OFFSET_BITS = 40
# The bytes of a record that its partition's limit counts.
_SIZE = "coalesce(length(CAST({0}.key AS BLOB)), 0) + coalesce(length({0}.value), 0) + length({0}.headers)"
RECORD_BYTES = _SIZE.format("records")
# `sizes` is kept by the file itself, whoever writes; partitions of a file that is older than it are counted once.
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS topics (
    name TEXT PRIMARY KEY, partitions INTEGER NOT NULL, cleanup TEXT NOT NULL, retention_s INTEGER) STRICT;
CREATE TABLE IF NOT EXISTS partitions (
    number INTEGER PRIMARY KEY, topic TEXT NOT NULL REFERENCES topics(name), partition INTEGER NOT NULL,
    low INTEGER NOT NULL DEFAULT 0, next INTEGER NOT NULL DEFAULT 0, cleaned INTEGER NOT NULL DEFAULT 0,
    UNIQUE (topic, partition)) STRICT;
CREATE TABLE IF NOT EXISTS records (
    id INTEGER PRIMARY KEY, key TEXT, value BLOB, headers BLOB NOT NULL, at_ms INTEGER NOT NULL,
    slot INTEGER) STRICT;
CREATE INDEX IF NOT EXISTS by_slot ON records (slot, key, id) WHERE slot IS NOT NULL;
CREATE TABLE IF NOT EXISTS sizes (number INTEGER PRIMARY KEY, bytes INTEGER NOT NULL) STRICT;
CREATE TRIGGER IF NOT EXISTS grown AFTER INSERT ON records WHEN NEW.slot IS NULL BEGIN
    INSERT INTO sizes VALUES (NEW.id >> {OFFSET_BITS}, {_SIZE.format("NEW")})
    ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes; END;
CREATE TRIGGER IF NOT EXISTS shrunk AFTER DELETE ON records WHEN OLD.slot IS NULL BEGIN
    UPDATE sizes SET bytes = bytes - ({_SIZE.format("OLD")}) WHERE number = OLD.id >> {OFFSET_BITS}; END;
INSERT INTO sizes SELECT number, (
    SELECT coalesce(sum({RECORD_BYTES}), 0) FROM records
    WHERE id >= number << {OFFSET_BITS} AND id < (number + 1) << {OFFSET_BITS}
) FROM partitions JOIN topics ON name = topic WHERE cleanup = 'delete' AND number NOT IN (SELECT number FROM sizes);
CREATE TABLE IF NOT EXISTS lanes (name TEXT PRIMARY KEY, epoch INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS positions (
    lane TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, position INTEGER NOT NULL,
    note TEXT NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY (lane, topic, partition)) STRICT;
"""  # noqa: S608


class LogFile:
    """The database file and the two side files beside it (`.lock`, `.wake`)."""

    def __init__(self, path: Path, *, lock_wait: timedelta = timedelta(seconds=30)) -> None:
        self.path = path
        self._lock_path = path.with_name(path.name + ".lock")
        self.wake_path = path.with_name(path.name + ".wake")
        self._lock_wait = lock_wait

    def connect(self) -> sqlite3.Connection:
        """A connection of its own for one thread, the schema in place.

        Raises:
            LogUnreachable: the folder or file cannot be opened.
            LogDamaged: it is no database, or one with pages that cannot be.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.wake_path.touch(exist_ok=True)
            connection = sqlite3.connect(
                self.path,
                isolation_level=None,
                check_same_thread=False,
                timeout=self._lock_wait.total_seconds(),
                factory=_Connection,
            )
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            with self.writing(connection):
                for statement in _SCHEMA.split(";\n"):
                    connection.execute(statement)
        except (sqlite3.Error, OSError) as error:
            raise LogUnreachable(str(self.path), str(error)) from error
        return connection

    @contextmanager
    def writing(self, connection: sqlite3.Connection) -> Iterator[None]:
        """One write transaction, begun in turn with all other writers; rolled back when the body raises."""
        with open(self._lock_path, "ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def wake_waiters(self) -> None:
        """Tell every waiter that something was committed; a lost touch costs them one slow poll."""
        try:
            os.utime(self.wake_path)
        except OSError:
            self.wake_path.touch(exist_ok=True)


_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@contextmanager
def _damage_named(connection: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        # The low byte is the kind of error, the rest says more about it.
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _DAMAGE:
            raise
        assert isinstance(connection, _Connection)
        raise LogDamaged(connection.path, str(error)) from error


class _Cursor(sqlite3.Cursor):
    """Tells damage from every other trouble, wherever SQLite comes upon it."""

    def execute(self, *arguments: Any) -> Self:
        with _damage_named(self.connection):
            return super().execute(*arguments)

    def executemany(self, *arguments: Any) -> Self:
        with _damage_named(self.connection):
            return super().executemany(*arguments)

    def fetchone(self) -> Any:
        with _damage_named(self.connection):
            return super().fetchone()

    def fetchall(self) -> list[Any]:
        with _damage_named(self.connection):
            return super().fetchall()

    def __next__(self) -> Any:
        with _damage_named(self.connection):
            return super().__next__()


class _Connection(sqlite3.Connection):
    """A connection with such cursors; `path` is its file."""

    def __init__(self, path: Path, *arguments: Any, **named: Any) -> None:
        super().__init__(path, *arguments, **named)
        self.path = str(path)

    def execute(self, *arguments: Any) -> _Cursor:
        return self.cursor(_Cursor).execute(*arguments)

    def executemany(self, *arguments: Any) -> _Cursor:
        return self.cursor(_Cursor).executemany(*arguments)


class Waiter:
    """Waits until the log was written to, until `wake`, or for a time; `wake` may come from any thread."""

    def __init__(self, file: LogFile) -> None:
        self._inbox, self._outbox = os.pipe()
        os.set_blocking(self._inbox, False)
        os.set_blocking(self._outbox, False)
        self._poll = select.poll()
        self._poll.register(self._inbox, select.POLLIN)
        self._watch = _watch(file.wake_path)
        if self._watch is not None:
            self._poll.register(self._watch, select.POLLIN)

    def wait(self, longest: timedelta) -> bool:
        """Wait; True when woken by `wake`, False after a write to the log or at the end of the time."""
        slow = SLOW_POLL if self._watch is not None else timedelta(milliseconds=10)
        ready = {fd for fd, _ in self._poll.poll(max(0, min(longest, slow) // timedelta(milliseconds=1)))}
        if self._watch is not None and self._watch.fileno() in ready:
            self._watch.read(timeout=0)
        if self._inbox in ready:
            while _drained(self._inbox):
                pass
        return self._inbox in ready

    def wake(self) -> None:
        """End a wait that is under way, or the next one."""
        with suppress(OSError):  # full: a wake-up is pending anyway; closed: nobody waits
            os.write(self._outbox, b"w")

    def close(self) -> None:
        """Let go of the descriptors."""
        if self._watch is not None:
            self._watch.close()
        os.close(self._inbox)
        os.close(self._outbox)


def _drained(descriptor: int) -> bool:
    try:
        return bool(os.read(descriptor, 4096))
    except BlockingIOError:
        return False


if sys.platform == "linux":
    from inotify_simple import INotify, flags

    def _watch(path: Path) -> INotify | None:
        watch = INotify()
        watch.add_watch(path, flags.ATTRIB | flags.MODIFY)
        return watch
else:

    def _watch(path: Path) -> None:
        return None
