"""What `status` tells beside lanes and feeds: channels in trouble, dead letters, the disk."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta

import msgspec

from alerts.delivery import Delivery
from console.index.ready import index_file
from console.index.schema import ms
from console.words import counted, plain
from wire.disk import disk_of
from wire.errors import LogUnreachable
from wire.settings import Settings

_LATELY = timedelta(hours=24)


class InTrouble(msgspec.Struct, frozen=True, kw_only=True):
    """Something that somebody should look at, and what is known of it."""

    what: str  # `channel mail`, `dead letters`, `disk`
    said: str


def seen_by_index(settings: Settings, now: datetime) -> list[InTrouble]:
    """Channels and dead letters, as far as the index is; nothing where there is none yet."""
    file = index_file(settings)
    if not file.path.exists():
        return []
    try:
        with closing(file.reading()) as db:
            return [*_channels(db), *_dead_letters(db, now)]
    except (LogUnreachable, sqlite3.Error):
        return []


def _channels(db: sqlite3.Connection) -> Iterator[InTrouble]:
    rows = db.execute(
        "SELECT channel, count(*), max(message) FROM deliveries WHERE state = 'retry' GROUP BY channel ORDER BY channel"
    )
    for channel, count, message in rows.fetchall():
        reason = msgspec.json.decode(message, type=Delivery).reason
        said = f"{counted(count, 'message')} to be tried again; {plain(reason)}"
        yield InTrouble(what=f"channel {channel}", said=said)


def _dead_letters(db: sqlite3.Connection, now: datetime) -> Iterator[InTrouble]:
    (count,) = db.execute("SELECT count(*) FROM deadletters WHERE at >= ?", (ms(now - _LATELY),)).fetchone()
    if count:
        said = f"{count} in the last 24 h; look at them with: wirewatch deadletters list"
        yield InTrouble(what="dead letters", said=said)


def disk_in_trouble(settings: Settings) -> Iterator[InTrouble]:
    """The disk that holds log or index, where it is nearly full; nothing while that folder is not there."""
    folder = (settings.log.path if settings.log.kind == "sqlite" else settings.index.path).parent
    if folder.exists() and (disk := disk_of(folder)).nearly_full:
        yield InTrouble(
            what="disk", said=f"{disk.used:.0%} used at {folder}; wirewatch doctor estimates what the log will take"
        )
