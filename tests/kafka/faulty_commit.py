"""One commit with a fault in the middle of it, and what a successor finds afterwards.

What hangs is ended by the watchdog, as in a service: that commit's outcome is then unknown, like any doubt.

Only the faulty commit is in a hurry.  Everything around it has patience with a machine that stands still for seconds,
and a commit that such a moment ended before its fault is tried anew.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from time import monotonic, sleep
from typing import TypeVar

from tests.wire.log.conformance import SPEC, TOPICS, everything, new, take, texts
from wire.broker import Broker
from wire.errors import InDoubt, LogUnreachable
from wire.log.kafka import KafkaLog, unguarded
from wire.log.kafka_client import Guard, Limits
from wire.log.kafka_lane import KafkaLane
from wire.log.port import Record
from wire.settings import LogSettings
from wire.watchdog import Watchdog

SECOND = timedelta(seconds=1)
LIMITS = Limits(request=SECOND, delivery=2 * SECOND, block=10 * SECOND, transaction=6 * SECOND)
PATIENT = Limits(
    bootstrap=60 * SECOND, request=20 * SECOND, delivery=40 * SECOND, block=60 * SECOND, transaction=90 * SECOND
)
LONGEST_COMMIT = 120  # seconds, after which not even the watchdog has done its duty
LONGEST_RESTART = 180
MOST_TRIES = 5
T = TypeVar("T")
COMMITTED, DOUBT, HUNG = "committed", "doubt", "hung"


class Victim:
    """A broker that is killed and comes back by itself; what went wrong with its start is not lost."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self._threads = ThreadPoolExecutor(1)
        self._restart: Future[None] | None = None

    def stop_for_a_while(self) -> None:
        """Longer than the delivery time-out, shorter than the transaction's."""
        assert self.broker.process_id is not None
        os.kill(self.broker.process_id, signal.SIGSTOP)
        threading.Timer(4, os.kill, (self.broker.process_id, signal.SIGCONT)).start()

    def kill(self) -> None:
        self.broker.kill()
        self._restart = self._threads.submit(self.broker.start)

    def back(self) -> None:
        """Wait for the restart, where there is one; raises what it raised."""
        if self._restart is not None:
            self._restart.result()


Fault = Callable[[Victim], None]


@dataclass(frozen=True)
class Case:
    at: str  # the call of the commit
    fault: Fault
    after: bool = False  # the call has returned
    outcomes: tuple[str, ...] = (COMMITTED, DOUBT, HUNG)
    written: bool | None = None  # None: either, but whole
    second: str = "2"  # the second record's value
    happened: Callable[[], bool] | None = None  # None: with the fault itself


class Injection:
    """The guard of a lane: the fault at its call of the armed commit, and the watchdog's limits."""

    def __init__(self, case: Case, victim: Victim, watchdog: Watchdog) -> None:
        self._case, self._victim, self._watchdog = case, victim, watchdog
        self.armed = threading.Event()
        self.done = False

    @contextmanager
    def guard(self, what: str, limit: timedelta) -> Iterator[None]:
        here = self.armed.is_set() and what == self._case.at
        if here and not self._case.after:
            self._harm()
        with self._watchdog.guard(what, limit):
            yield
        if here and self._case.after:
            self._harm()

    def _harm(self) -> None:
        self.done = True
        self._case.fault(self._victim)

    def happened(self) -> bool:
        return self._case.happened() if self._case.happened else self.done


def again(attempt: Callable[[], T], victim: Victim) -> T:
    """As the supervisor does: until the broker is back."""
    victim.back()
    refusals: list[str] = []
    end = monotonic() + LONGEST_RESTART
    while monotonic() < end:
        try:
            return attempt()
        except (LogUnreachable, InDoubt) as error:
            refusals.append(f"{monotonic() - end + LONGEST_RESTART:.1f} s: {error}")
            sleep(0.5)
    said = "\n".join(refusals)
    raise AssertionError(f"the log cannot be reached again\n{said}\nthe broker says:\n{victim.broker.last_words()}")


def log_of(victim: Victim, prefix: str, limits: Limits, guard: Guard = unguarded) -> KafkaLog:
    settings = LogSettings(kind="kafka", bootstrap=(victim.broker.bootstrap,), prefix=prefix)
    return KafkaLog(settings, TOPICS, environment={}, guard=guard, limits=limits)


@dataclass(frozen=True)
class Seen:
    """What came of a commit of the records 1 and 2 with a state of 2, as a successor finds it."""

    outcome: str
    state: list[str]
    sums: list[str]
    rest: list[str]  # what the successor is given next

    @property
    def written(self) -> bool:
        return self.state == ["2"]

    def broken(self) -> list[str]:
        """The rules that do not hold."""
        whole = (["0", "1", "2"], ["3"]) if self.written else (["0"], ["1", "2", "3"])
        rules = {
            "all or nothing": (self.sums, self.rest) == whole,
            "success is never said of what did not happen": self.outcome != COMMITTED or self.sums == ["0", "1", "2"],
        }
        return [rule for rule, holds in rules.items() if not holds]


def commit_under(case: Case, victim: Victim, prefix: str) -> Seen:
    """The commit until its fault has happened, each try on topics of its own."""
    for turn in range(MOST_TRIES):
        log = log_of(victim, f"{prefix}{turn}.", PATIENT)
        log.create()
        log.append([new("words", str(n)) for n in range(4)])
        with closing(log.lane(SPEC)) as lane:
            lane.commit([new("sums", "0"), new("memory", "0", key="a")], take(lane, 1))
        outcome, happened = _commit(case, victim, f"{prefix}{turn}.")
        seen = again(partial(_found, log, outcome), victim)
        assert seen.broken() == []
        if happened:
            return seen
        print(f"the fault did not come about, the commit ended as {outcome} before it")
    raise AssertionError(f"in none of {MOST_TRIES} tries did the fault come about")


def _commit(case: Case, victim: Victim, prefix: str) -> tuple[str, bool]:
    """The outcome, and whether the fault came about."""
    over = threading.Event()
    outcome = [HUNG]
    with closing(Watchdog(expired=lambda _what: over.set())) as watchdog:
        injection = Injection(case, victim, watchdog)
        log = log_of(victim, prefix, LIMITS, injection.guard)

        def opened() -> tuple[KafkaLane, list[Record]]:
            lane = log.lane(SPEC)
            return lane, take(lane, 2)

        lane, taken = again(opened, victim)
        injection.armed.set()

        def commit() -> None:
            try:
                lane.commit([new("sums", "1"), new("sums", case.second), new("memory", "2", key="a")], taken)
                outcome[0] = COMMITTED
            except InDoubt:
                outcome[0] = DOUBT
            over.set()

        threading.Thread(target=commit, daemon=True).start()
        assert over.wait(LONGEST_COMMIT), "it hangs, and no limit has ended it"
        said = outcome[0]
        injection.armed.clear()
    return said, injection.happened()


def _found(log: KafkaLog, outcome: str) -> Seen:
    """By a successor; its opening ends whatever transaction was left open."""
    with closing(log.lane(SPEC)) as successor:
        state = texts(successor.restore())
        rest = texts(take(successor, 4 - int(state[0]) - 1))
    sums = texts(everything(log, "sums"))
    print(f"outcome: {outcome}, state {state}, sums {[one[:9] for one in sums]}, rest {rest}")
    return Seen(outcome, state, [one[:1] for one in sums], rest)
