"""What `status` tells beside lanes and feeds: channels in trouble, dead letters, corrections that wait, the disk."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta

import msgspec

from alerts.delivery import Delivery
from console.index.ready import index_file
from console.index.schema import ms
from console.words import counted, plain, span_words
from wire.disk import disk_of
from wire.errors import LogUnreachable
from wire.messages import Command, CommandKind, JoinEvidence, StoryEventKind
from wire.settings import Settings

_LATELY = timedelta(hours=24)
_CORRECTIONS = (CommandKind.MERGE, CommandKind.SPLIT, CommandKind.MOVE)
_CORRECTED = (StoryEventKind.MERGED, StoryEventKind.SPLIT, StoryEventKind.MOVED)
_MOST_SHOWN = 5


class InTrouble(msgspec.Struct, frozen=True, kw_only=True):
    """Something that somebody should look at, and what is known of it."""

    what: str  # `channel mail`, `dead letters`, `correction 7f3a`, `disk`
    said: str


class _Decided(msgspec.Struct, frozen=True):
    """What is read of an event to learn whose word it was."""

    evidence: JoinEvidence | None = None


def seen_by_index(settings: Settings, now: datetime) -> list[InTrouble]:
    """Channels, dead letters and corrections that wait, as far as the index is; nothing where there is none yet."""
    file = index_file(settings)
    if not file.path.exists():
        return []
    try:
        with closing(file.reading()) as db:
            return [*_channels(db), *_dead_letters(db, now), *_corrections(db, now, settings.cluster.window)]
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


def _corrections(db: sqlite3.Connection, now: datetime, window: timedelta) -> Iterator[InTrouble]:
    """The newest corrections of the window that no event names: what they are about is not known to cluster yet."""
    since = ms(now - window)
    asked = db.execute(
        "SELECT message FROM commands WHERE kind IN (?, ?, ?) AND at >= ? ORDER BY at DESC",
        (*(kind.value for kind in _CORRECTIONS), since),
    )
    commands = [msgspec.json.decode(message, type=Command) for (message,) in asked.fetchall()]
    done = set[str | None]()
    if commands:
        told = db.execute(
            "SELECT message FROM events WHERE kind IN (?, ?, ?) AND at >= ?",
            (*(kind.value for kind in _CORRECTED), since),
        )
        read = (msgspec.json.decode(message, type=_Decided).evidence for (message,) in told)
        done = {evidence.command for evidence in read if evidence is not None}
    waiting = [one for one in commands if one.command_id not in done]
    for one in waiting[:_MOST_SHOWN]:
        asked_for = f"{one.kind.value} of {plain(one.target)} by {plain(one.who)}, {span_words(now - one.when)} ago"
        said = f"has changed nothing yet: cluster waits for its story and articles, {span_words(window)} at most"
        yield InTrouble(what=f"correction {one.command_id}", said=f"{asked_for}, {said}")


def disk_in_trouble(settings: Settings) -> Iterator[InTrouble]:
    """The disk that holds log or index, where it is nearly full; nothing while that folder is not there."""
    folder = (settings.log.path if settings.log.kind == "sqlite" else settings.index.path).parent
    if folder.exists() and (disk := disk_of(folder)).nearly_full:
        yield InTrouble(
            what="disk", said=f"{disk.used:.0%} used at {folder}; wirewatch doctor estimates what the log will take"
        )
