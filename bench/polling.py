"""Polling with durable storage on the embedded log: first every feed in full, then most of them unchanged.

    python -m bench polling [--feeds 10000] [--hosts 500] [--items 30]

The stage, the loop, the fetcher and the log are the real ones; hosts are addresses of this machine behind one server
in a process of its own, whose share is told apart.  Politeness gaps are 0 here, and at most 64 requests are under way:
what is measured is what a poll costs, not how patient we are.  The second round finds a tenth of the feeds changed by
one article, the rest answer 304.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, process_time, sleep

from prometheus_client import CollectorRegistry

from ingest.edge import Poller
from ingest.polled import Polled
from ingest.stage import Ingest
from wire.log.port import lane_specs
from wire.log.sqlite import SqliteLog
from wire.log.sqlite_file import LogFile
from wire.loop import Loop, LoopLimits
from wire.metrics import LaneMetrics
from wire.outgoing import Outgoing
from wire.settings import FeedSettings, IngestSettings, OutletSettings
from wire.topics import ARTICLES, FEEDS, STAGES, topic_catalogue
from wire.work import Performer

TOPICS = topic_catalogue()
(SPEC,) = lane_specs(STAGES["ingest"], TOPICS)
_TICKS = os.sysconf("SC_CLK_TCK")
_PATIENCE_SECONDS = 600.0
SETTINGS = IngestSettings(
    contact="bench@bench.invalid",
    allow_networks=("127.0.0.0/8",),
    host_requests=16,
    host_gap=timedelta(0),
    start_per_second=0,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one round over all feeds took."""

    name: str
    polls: int
    articles: int
    seconds: float
    cpu_seconds: float  # ours, the reading processes included
    server_cpu_seconds: float

    def line(self) -> str:
        """One line of figures."""
        return (
            f"{self.name}: {self.polls} polls in {self.seconds:.1f} s, {self.polls / self.seconds:.0f} polls/s,"
            f" {1000 * self.cpu_seconds / self.polls:.2f} CPU-seconds per 1,000 polls"
            f" (the server's own: {1000 * self.server_cpu_seconds / self.polls:.2f}),"
            f" {self.articles} articles stored, {self.articles / self.seconds:.0f}/s"
        )


class HandClock:
    """Stands still during a round, so that every feed is polled once in it."""

    def __init__(self) -> None:
        self.time = datetime.now(UTC)

    def now(self) -> datetime:
        """The time that was set."""
        return self.time


def main(arguments: Sequence[str]) -> int:
    """Run it in a process of its own, whose memory is not that of the other benches' libraries."""
    return subprocess.call([sys.executable, "-m", "bench.polling", *arguments])


def run(arguments: Sequence[str]) -> int:
    """Run both rounds; 1 if a floor of speed is missed or memory is over 150 MB."""
    parser = argparse.ArgumentParser(prog="python -m bench polling", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--feeds", type=int, default=10_000)
    parser.add_argument("--hosts", type=int, default=500)
    parser.add_argument("--items", type=int, default=30)
    parser.add_argument("--concurrency", type=int, default=64)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="wirewatch-bench-") as place, feed_host(asked.items) as (port, server):
        outlets = outlets_of(asked.feeds, asked.hosts, port)
        path = Path(place) / "wirewatch.db"
        cold, warm, kib = measure(outlets, path, port, server, asked.concurrency)
        records, seconds = start(outlets, path)
    print(cold.line())
    print(warm.line())
    print(f"memory at its highest: {kib / 1024:.0f} MB, the reading process included; {asked.feeds} feeds held")
    print(f"a start after that: {records} records of state in {seconds:.1f} CPU-seconds, then the first feeds are due")
    print("politeness gaps were 0, starts were not spread")
    well = warm.polls / warm.seconds >= 500 and 1000 * warm.cpu_seconds / warm.polls <= 3
    well = well and cold.polls / cold.seconds >= 100 and cold.articles / cold.seconds >= 3000
    return 0 if well and kib < 150 * 1024 else 1


@contextmanager
def feed_host(items: int) -> Iterator[tuple[int, int]]:
    """The server's port and process id, for the length of a `with`."""
    command = [sys.executable, "-m", "bench.feed_host", str(items)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield int(process.stdout.readline()), process.pid
        process.stdin.close()


def outlets_of(feeds: int, hosts: int, port: int) -> list[OutletSettings]:
    """So many feeds, spread over as many addresses of this machine as there are hosts."""
    return [
        OutletSettings(
            id=f"h{host}",
            name=f"Host {host}",
            feed=tuple(
                FeedSettings(url=f"http://127.1.{host // 250}.{host % 250 + 1}:{port}/{number}")
                for number in range(host, feeds, hosts)
            ),
        )
        for host in range(hosts)
    ]


def measure(
    outlets: Sequence[OutletSettings], path: Path, port: int, server: int, concurrency: int
) -> tuple[Round, Round, int]:
    """Both rounds, and the highest memory in KiB."""
    clock, polls = HandClock(), threading.Semaphore(0)
    settings = SETTINGS.model_copy(update={"concurrency": concurrency})
    feeds = sum(len(outlet.feed) for outlet in outlets)

    def count(_polled: Polled) -> None:
        polls.release()

    with closing(SqliteLog(LogFile(path), TOPICS, clock)) as log:
        log.create()
        stage, poller = Ingest(settings, outlets), Poller(settings, clock, version="bench", count=count)
        loop = Loop(
            stage,
            log.lane(SPEC),
            Outgoing(SPEC, TOPICS, "bench"),
            clock=clock,
            guard=lambda _what, _limit: nullcontext(),
            metrics=LaneMetrics(CollectorRegistry()),
            limits=LoopLimits(in_flight=settings.concurrency),
            performer=Performer(poller.perform, poller.close),
        )
        thread = threading.Thread(target=loop.run, name="loop")
        meter = Meter(log, server)

        def one_round(name: str) -> Round:
            meter.begin()
            if name == "cold":
                thread.start()
            for _ in range(feeds):
                if not polls.acquire(timeout=_PATIENCE_SECONDS):
                    raise TimeoutError("polls have stopped")
            stored = -1
            while stage.due(clock.now()) or meter.stored() != stored:  # the last commit may be under way
                stored = meter.stored()
                sleep(0.2)
            return meter.end(name, feeds)

        cold = one_round("cold")
        urllib.request.urlopen(f"http://127.0.0.1:{port}/edition/2").close()
        clock.time += timedelta(days=2)
        warm = one_round("warm")
        kib = meter.highest_kib()
        loop.stop()
        thread.join()
    return cold, warm, kib


def start(outlets: Sequence[OutletSettings], path: Path) -> tuple[int, float]:
    """How many records a new process restores, and the processor time until it knows which feeds are due."""
    clock = HandClock()
    with closing(SqliteLog(LogFile(path), TOPICS, clock)) as log:
        begun, records, stage = process_time(), 0, Ingest(SETTINGS, outlets)
        for record in log.lane(SPEC).restore():
            stage.fold(record)
            records += 1
        stage.due(clock.now())
        return records, process_time() - begun


class Meter:
    """Time, processor time and articles between `begin` and `end`."""

    def __init__(self, log: SqliteLog, server: int) -> None:
        self._log = log
        self._server = server

    def begin(self) -> None:
        """Note where we are."""
        self._at, self._cpu, self._server_cpu, self._articles = (monotonic(), *self._now())

    def end(self, name: str, polls: int) -> Round:
        """What has passed since."""
        seconds = monotonic() - self._at
        cpu, server_cpu, articles = self._now()
        return Round(
            name=name,
            polls=polls,
            articles=articles - self._articles,
            seconds=seconds,
            cpu_seconds=cpu - self._cpu,
            server_cpu_seconds=server_cpu - self._server_cpu,
        )

    def stored(self) -> int:
        """Records of the stage's state so far."""
        return self._log.bounds([FEEDS])[FEEDS, 0][1]

    def highest_kib(self) -> int:
        """The highest memory of this process and of those that read for it."""
        return sum(_status_kib(pid, "VmHWM") for pid in (os.getpid(), *self._readers()))

    def _now(self) -> tuple[float, float, int]:
        ours = sum(_cpu_seconds(pid) for pid in (os.getpid(), *self._readers()))
        return ours, _cpu_seconds(self._server), self._log.bounds([ARTICLES])[ARTICLES, 0][1]

    def _readers(self) -> list[int]:
        children = Path(f"/proc/{os.getpid()}/task").glob("*/children")
        found = {int(pid) for file in children for pid in file.read_text().split()}
        return [pid for pid in found if pid != self._server]


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _status_kib(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
