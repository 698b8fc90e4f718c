"""Three brokers of which the leader of the data, of the transactions or of the offsets is killed every 20 s.

Here the client can wait for ever for a coordinator that is gone; then only the watchdog and the supervisor go on.
"""

import sys
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count, cycle
from pathlib import Path
from time import monotonic, sleep

import pytest

from console.services.supervisor import Supervisor
from tests.kafka.small_service import SPEC, TOPICS
from tests.kafka.three_brokers import Cluster, coordinating, three_brokers
from wire.codec import decode
from wire.errors import CommitFailed, WireError
from wire.headers import CAUSE, header
from wire.log.kafka import KafkaLog
from wire.log.port import BEGINNING, NewRecord, Record
from wire.messages import Command
from wire.settings import LogSettings
from wire.topics import ARTICLES, COMMANDS

pytestmark = [pytest.mark.kafka, pytest.mark.long]

SPAN = timedelta(minutes=3)
EVERY = timedelta(seconds=20)
RATE = 50  # records a second
HEALED = timedelta(minutes=2)  # within which all has to be processed after the last kill


@dataclass
class Background:
    """Something that goes on on a thread of its own until `end`, which raises what it raised."""

    do: Callable[[threading.Event], None]
    raised: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.do(self._stop)
        except BaseException as error:  # noqa: BLE001
            self.raised.append(error)

    def end(self, limit: timedelta) -> None:
        self._stop.set()
        self._thread.join(limit.total_seconds())
        assert not self._thread.is_alive(), "it does not end"
        if self.raised:
            raise self.raised[0]


class Source:
    """Writes `RATE` records a second, in what calls the brokers allow; knows what was acknowledged."""

    def __init__(self, log: KafkaLog) -> None:
        self._log = log
        self.acknowledged: set[str] = set()
        self.doubted = 0

    def write(self, stop: threading.Event) -> None:
        begun, written, calls = monotonic(), 0, count()
        while not stop.wait(0.5):
            due = min(int((monotonic() - begun) * RATE) - written, 1000)
            call = next(calls)
            keys = [f"{call}.{n}" for n in range(due)]
            try:
                self._log.append([NewRecord(topic=ARTICLES, partition=0, key=key, value=b"{}") for key in keys])
            except (CommitFailed, WireError):
                self.doubted += 1  # some may be there: the topic says which
                continue
            written += due
            self.acknowledged |= set(keys)


class Watcher:
    """Follows what the stage writes; knows the longest time without anything new."""

    def __init__(self, log: KafkaLog) -> None:
        self._log = log
        self.seen: list[Record] = []
        self.pause = 0.0

    def follow(self, stop: threading.Event) -> None:
        with closing(self._log.reader([COMMANDS], BEGINNING)) as reader:
            last = monotonic()
            while not stop.is_set():
                try:
                    found = reader.read(1000, timedelta(milliseconds=100))
                except WireError:
                    sleep(0.1)
                    continue
                if found:
                    if self.seen:
                        self.pause = max(self.pause, monotonic() - last)
                    last = monotonic()
                    self.seen += found


def kill_leaders(cluster: Cluster, prefix: str, span: timedelta) -> Counter[str]:
    """Every 20 s the leader of another thing; each comes back at once."""
    coordinator = coordinating(f"{prefix}{SPEC.name}")
    led = {
        "data": (prefix + COMMANDS, 0),
        "transactions": ("__transaction_state", coordinator),
        "offsets": ("__consumer_offsets", coordinator),
    }
    kills: Counter[str] = Counter()
    end = monotonic() + span.total_seconds()
    for what in cycle(led):
        next_kill = monotonic() + EVERY.total_seconds()
        leader = cluster.leader(*led[what])
        leader.kill()
        leader.start()
        kills[what] += 1
        sleep(max(0, next_kill - monotonic()))
        if monotonic() >= end:
            return kills
    raise AssertionError


def read_all(log: KafkaLog, topic: str) -> list[Record]:
    with closing(log.reader([topic], BEGINNING)) as reader:
        records: list[Record] = []
        while not reader.caught_up():
            records += reader.read(1000, timedelta(milliseconds=100))
        return records


def test_leaders_killed_one_after_the_other(tmp_path: Path, prefix: str) -> None:
    with three_brokers(tmp_path) as cluster:
        settings = LogSettings(kind="kafka", bootstrap=cluster.bootstrap, prefix=prefix, replication=3)
        log = KafkaLog(settings, TOPICS, environment={})
        log.create()
        command = [sys.executable, "-m", "tests.kafka.small_service", prefix, *cluster.bootstrap]
        supervisor = Supervisor({"echo": command}, output=tmp_path / "echo.log")
        supervised = Background(lambda _stop: print(f"supervisor: {supervisor.run().name}"))
        watcher, source = Watcher(log), Source(log)
        writing, following = Background(source.write), Background(watcher.follow)
        until(lambda: len(watcher.seen) > 0, HEALED)
        kills = kill_leaders(cluster, prefix, SPAN)
        writing.end(HEALED)
        until(lambda: log.progress([SPEC])[0].behind == 0, HEALED)
        sleep(1)
        following.end(HEALED)
        supervisor.stop()
        supervised.end(HEALED)
        inputs, outputs = read_all(log, ARTICLES), read_all(log, COMMANDS)

    starts = len(supervisor.children["echo"].pids)
    print(
        f"{len(inputs)} records, {source.doubted} appends in doubt, kills {dict(kills)}, {starts} starts of the stage,"
        f" longest pause {watcher.pause:.1f} s"
    )
    causes = Counter(header(record, CAUSE) for record in outputs)
    assert source.acknowledged <= {record.key for record in inputs}, "the log lost what it had acknowledged"
    assert [r.origin for r in inputs if causes[r.origin] == 0] == [], "lost"
    assert [origin for origin, times in causes.items() if times > 1] == [], "twice"
    assert len(outputs) == len(inputs)
    copies = Counter(record.key for record in inputs)  # the source's own repeats are the source's
    last = {r.key: decode(r.value, Command).command_id for r in outputs}
    assert last == {key: f"{key}-{times}" for key, times in copies.items()}, "the state is not its fold"
    assert [r.origin for r in watcher.seen] == [r.origin for r in outputs], "a reader saw something else meanwhile"


def until(done: Callable[[], bool], limit: timedelta) -> None:
    end = monotonic() + limit.total_seconds()
    while True:
        try:
            if done():
                return
        except WireError as error:
            print(error)
        assert monotonic() < end, "not within the limit"
        sleep(0.3)
