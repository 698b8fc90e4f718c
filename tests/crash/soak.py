"""Random schedules of all faults on both logs, for as long as asked: `make soak SEED=1 FOR=300`.

    python -m tests.crash.soak --seed 1 --for 300 [--log kafka]

Rounds of some 45 s, each on a new log and judged by the checker.  Status 1 on a violation, which is printed with the
round's own seed.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from time import monotonic

from tests.crash.checker import Evidence, check
from tests.crash.life import Crash
from tests.crash.points import crashes_of
from tests.crash.poison import BAD
from tests.crash.run import AND_A_DEAF_ONE, QUIET, Run, a_run
from tests.kafka_proxy import Api, Harm, Proxy
from wire.broker import Broker
from wire.settings import LogSettings
from wire.topics import ENRICHED, STAGES

ROUND = timedelta(seconds=45)
REST = QUIET
LONGEST_PAUSE = 1.2  # seconds between two faults
LATE = 7.0  # seconds: an answer that comes after the client has given it up


@dataclass
class Tally:
    """What was done in a round, or in all of them."""

    faults: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    stall: float = 0.0  # the longest time without an enriched article while news came
    articles: int = 0

    @property
    def kills(self) -> int:
        """How often a process was ended by force."""
        return sum(count for name, count in self.faults.items() if name.startswith("kill"))

    def add(self, other: "Tally") -> None:
        """Take another round's."""
        self.faults += other.faults
        self.violations += other.violations
        self.stall = max(self.stall, other.stall)
        self.articles += other.articles


@dataclass(frozen=True)
class Cluster:
    """A broker of the round's own, which may be killed, and the proxy through which everybody reaches it."""

    broker: Broker
    proxy: Proxy


class Round:
    """One schedule: faults at random, one after the other, each healed by itself."""

    def __init__(self, run: Run, chance: random.Random, cluster: Cluster | None) -> None:
        self._run, self._chance, self._cluster = run, chance, cluster
        self._kind = run.settings.log.kind
        self.tally = Tally()
        self._poisoned = 0
        self._healing: list[tuple[float, Callable[[], None]]] = []

    def go(self, span: timedelta) -> None:
        """Do faults for `span`, then heal what is still open."""
        end = monotonic() + span.total_seconds()
        while monotonic() < end:
            self._one()
            pause = monotonic() + self._chance.uniform(0.1, LONGEST_PAUSE)
            while monotonic() < pause:
                self._run.pipeline.tick()
                self._heal()
        while self._healing:
            self._run.pipeline.tick()
            self._heal()
        if self._cluster is not None:
            self._cluster.proxy.forget()
            self.tally.faults += Counter({f"answer {h.name}": n for (_, h), n in self._cluster.proxy.done.items()})
        for place in self._run.pipeline.places.values():
            self.tally.faults["kill at a point"] += len(place.crashes)
            place.orders.clear()

    def _one(self) -> None:
        kinds: dict[Callable[[str], None], int] = {
            self._kill: 10,
            self._crash: 6,
            self._terminate: 2,
            self._stop: 2,
            self._zombie: 2,
            self._second: 2,
            self._poison: 1,
        }
        if self._cluster is not None:
            kinds |= {self._stop_broker: 1, self._kill_broker: 1, self._harm_answer: 6}
        (fault,) = self._chance.choices(list(kinds), list(kinds.values()))
        fault(self._chance.choice(list(STAGES)))

    def _kill(self, stage: str) -> None:
        self._run.pipeline.kill(stage)
        self.tally.faults["kill -9"] += 1

    def _crash(self, stage: str) -> None:
        crash = self._chance.choice(crashes_of(stage, self._kind))
        self._run.pipeline.schedule({stage: [Crash(crash.point, crash.hit + self._chance.randrange(4))]})
        self._kill(stage)

    def _terminate(self, stage: str) -> None:
        self._run.pipeline.terminate(stage)
        self.tally.faults["SIGTERM"] += 1

    def _stop(self, stage: str) -> None:
        process = self._run.pipeline.places[stage].process
        if process is not None and process.pid is not None:
            self._stopped(process.pid, self._chance.uniform(0.2, 3))
            self.tally.faults["SIGSTOP"] += 1

    def _stopped(self, pid: int, seconds: float) -> None:
        os.kill(pid, signal.SIGSTOP)
        self._healing.append((monotonic() + seconds, lambda: _continue(pid)))

    def _zombie(self, stage: str) -> None:
        zombie = self._run.pipeline.succeed(stage)
        if zombie is not None and zombie.pid is not None:
            pid = zombie.pid
            self._healing.append((monotonic() + self._chance.uniform(1, 5), lambda: _continue(pid)))
            self.tally.faults["zombie"] += 1

    def _second(self, stage: str) -> None:
        self._run.pipeline.second(stage)
        self.tally.faults["second owner"] += 1

    def _poison(self, _stage: str) -> None:
        if self._healing or self._poisoned == 4:  # more among 50 records stop the stage, and shall
            return
        self._poisoned += 1
        self._run.poison_with([self._chance.choice(list(BAD.values()))])
        self.tally.faults["poison"] += 1

    def _stop_broker(self, _stage: str) -> None:
        assert self._cluster is not None
        if self._cluster.broker.process_id is not None and not self._healing:
            self._stopped(self._cluster.broker.process_id, self._chance.uniform(0.5, 8))
            self.tally.faults["broker SIGSTOP"] += 1

    def _kill_broker(self, _stage: str) -> None:
        assert self._cluster is not None
        if self._healing:
            return
        self._cluster.broker.kill()
        self.tally.faults["broker kill -9"] += 1
        restart = threading.Thread(target=self._cluster.broker.start)
        restart.start()
        self._healing.append((0.0, restart.join))

    def _harm_answer(self, _stage: str) -> None:
        assert self._cluster is not None
        self._cluster.proxy.order(self._chance.choice(list(Api)), self._chance.choice(list(Harm)))

    def _heal(self) -> None:
        due = [item for item in self._healing if item[0] <= monotonic()]
        for item in due:
            self._healing.remove(item)
            item[1]()


def _continue(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGCONT)
    except ProcessLookupError:
        return


def stall(evidence: Evidence) -> float:
    """The longest time between two enriched articles, seconds."""
    times = [record.timestamp for record in evidence.topics[ENRICHED] if record.timestamp is not None]
    return max(((later - earlier).total_seconds() for earlier, later in pairwise(times)), default=0.0)


def one_round(log: LogSettings, folder: Path, seed: int, cluster: Cluster | None) -> Tally:
    """One schedule and its verdict."""
    with a_run(log, folder, seed=seed, longest_life=None, may_end=[-signal.SIGTERM], channels=AND_A_DEAF_ONE) as run:
        schedule = Round(run, random.Random(seed), cluster)
        try:
            schedule.go(ROUND)
            run.rest(REST)
            evidence = run.evidence()
        except AssertionError as error:
            schedule.tally.violations.append(f"{type(error).__name__}: {error}")
            return schedule.tally
    tally = schedule.tally
    tally.violations += [str(violation) for violation in check(evidence)]
    tally.stall = stall(evidence)
    tally.articles = len(evidence.topics[ENRICHED])
    return tally


@contextmanager
def a_log(kind: str, folder: Path, number: int) -> Iterator[tuple[LogSettings, Cluster | None]]:
    """A new log for one round."""
    if kind == "sqlite":
        yield LogSettings(path=folder / "log.db"), None
        return
    with Proxy(late=LATE) as proxy, Broker(folder / "broker", advertised=proxy.port) as broker:
        proxy.to = broker.port
        settings = LogSettings(kind="kafka", bootstrap=(broker.bootstrap,), prefix=f"s{number}.")
        yield settings, Cluster(broker, proxy)


def soak(kind: str, seed: int, span: timedelta) -> Tally:
    """Rounds on one log for `span`."""
    total, number, end = Tally(), 0, monotonic() + span.total_seconds()
    while monotonic() < end:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wirewatch-soak-")))
            log, cluster = stack.enter_context(a_log(kind, folder, number))
            tally = one_round(log, folder, seed + number, cluster)
        said = {"log": kind, "seed": seed + number, "faults": tally.faults, "articles": tally.articles}
        print(json.dumps({**said, "stall_s": round(tally.stall, 1), "violations": tally.violations[:20]}), flush=True)
        total.add(tally)
        number += 1
    return total


def main() -> int:
    """Soak, print the verdict; 1 on a violation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--for", dest="seconds", type=float, default=300)
    parser.add_argument("--log", choices=["sqlite", "kafka"], action="append")
    chosen = parser.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    logs = chosen.log or ["sqlite", "kafka"]
    bad = 0
    for kind in logs:
        total = soak(kind, chosen.seed, timedelta(seconds=chosen.seconds) / len(logs))
        bad += len(total.violations)
        print(
            f"{kind}: {total.kills} kills among {sum(total.faults.values())} faults, {total.articles} articles,"
            f" longest stall {total.stall:.1f} s, violations {len(total.violations)}  {dict(total.faults)}"
        )
    print("no violation" if not bad else f"VIOLATIONS: {bad}; seed {chosen.seed}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
