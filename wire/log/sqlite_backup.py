"""A consistent copy of the embedded log while stages go on writing; it is put back by copying it to the log's place."""

import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from wire.errors import LogDamaged, LogUnreachable
from wire.log.sqlite_file import LogFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """What a copy holds."""

    records: int
    size_bytes: int


def back_up(file: LogFile, target: Path) -> Copy:
    """Copy the log as of one moment to `target`, which appears whole or not at all.

    One read transaction: writers go on meanwhile, their commits are not in the copy.  The copy is checked page by page.

    Raises:
        LogUnreachable: no log is there, or the target cannot be written.
        LogDamaged: log or copy do not pass SQLite's check.
    """
    if not file.path.exists():
        raise LogUnreachable(str(file.path), "there is no such file")
    unfinished = target.with_name(target.name + ".unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        with closing(file.connect()) as source, closing(sqlite3.connect(unfinished)) as copy:
            source.backup(copy)
            # Alone in its file from here on: no side files that would have to travel with it.
            copy.execute("PRAGMA journal_mode=DELETE")
            (verdict,) = copy.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                raise LogDamaged(str(file.path), verdict)
            (records,) = copy.execute("SELECT count(*) FROM records").fetchone()
        _to_disk(unfinished)
        unfinished.replace(target)
        _to_disk(target.parent)
    except (sqlite3.Error, OSError) as error:
        raise LogUnreachable(str(target), str(error)) from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return Copy(records=records, size_bytes=target.stat().st_size)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
