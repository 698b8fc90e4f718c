"""The file of the index: one writer at a time, many readers; thrown away when it fits log or program no more."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from console.index.schema import TABLES, VERSION
from wire.errors import LogUnreachable

# What SQLite may keep of the file in memory, for each connection.
_CACHE_KIB = 32 * 1024


class IndexFile:
    """Where the index of one log lives.

    Args:
        path: the database; `path.lock` beside it says who writes.
        log: which log it is of, in any words that another log would not use.
    """

    def __init__(self, path: Path, log: str) -> None:
        self.path = path
        self._log = log

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection | None]:
        """A connection to write with, the tables in place; None while another process is the writer.

        Raises:
            LogUnreachable: the file cannot be opened or made.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock = open(self.path.with_name(self.path.name + ".lock"), "ab")  # noqa: SIM115
        except OSError as error:
            raise LogUnreachable(str(self.path), str(error)) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield None
                return
            if not self._fits():
                self.throw_away()
            with closing(self._made()) as connection:
                yield connection

    def reading(self) -> sqlite3.Connection:
        """A connection that can only read, usable by one thread at a time.

        Raises:
            LogUnreachable: there is no index yet.
        """
        try:
            connection = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?mode=ro",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
                timeout=10,
            )
            connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
            connection.execute("SELECT 1 FROM meta").fetchone()
        except sqlite3.Error as error:
            raise LogUnreachable(str(self.path), f"the index cannot be read ({error})") from error
        return connection

    def throw_away(self) -> None:
        """Remove the file; it is built again from the log."""
        for name in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                self.path.with_name(self.path.name + name).unlink()

    def _fits(self) -> bool:
        """Whether the file is an index of this log, made by a program with the same tables."""
        if not self.path.exists():
            return True
        try:
            with closing(sqlite3.connect(self.path, timeout=10)) as connection:
                found = dict(connection.execute("SELECT key, value FROM meta WHERE key IN ('version', 'log')"))
        except sqlite3.DatabaseError:
            return False
        return found == {"version": str(VERSION), "log": self._log}

    def _made(self) -> sqlite3.Connection:
        fresh = not self.path.exists()
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=30)
        connection.execute("PRAGMA journal_mode=WAL")
        # A crash of the machine may cost the last commits, positions included: they are read again.
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        if fresh:
            connection.executescript(f"BEGIN; {TABLES}")
            rows = [("version", str(VERSION)), ("log", self._log), ("skipped", "0")]
            connection.executemany("INSERT INTO meta VALUES (?, ?)", rows)
            connection.execute("COMMIT")
        return connection
