"""One commit with a fault in the middle of it, and what a successor finds afterwards.

What hangs is ended by the watchdog, as in a service: that commit's outcome is then unknown, like any doubt.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic, sleep

from tests.wire.log.conformance import SPEC, TOPICS, everything, new, take, texts
from wire.broker import Broker
from wire.errors import InDoubt, LogUnreachable
from wire.log.kafka import KafkaLog, unguarded
from wire.log.kafka_client import Guard, Limits
from wire.log.kafka_lane import KafkaLane
from wire.settings import LogSettings
from wire.watchdog import Watchdog

SECOND = timedelta(seconds=1)
LIMITS = Limits(request=SECOND, delivery=2 * SECOND, block=10 * SECOND, transaction=6 * SECOND)
LONGEST_COMMIT = 120  # seconds, after which not even the watchdog has done its duty
LONGEST_RESTART = 180
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


def injecting(case: Case, victim: Victim, armed: threading.Event, watchdog: Watchdog) -> Guard:
    @contextmanager
    def guard(what: str, limit: timedelta) -> Iterator[None]:
        hit = armed.is_set() and what == case.at
        if hit and not case.after:
            case.fault(victim)
        with watchdog.guard(what, limit):
            yield
        if hit and case.after:
            case.fault(victim)

    return guard


def restarted(log: Callable[[], KafkaLog], victim: Victim) -> KafkaLane:
    """As the supervisor does: again until the broker is back."""
    victim.back()
    refusals: list[str] = []
    end = monotonic() + LONGEST_RESTART
    while monotonic() < end:
        try:
            return log().lane(SPEC)
        except (LogUnreachable, InDoubt) as error:
            refusals.append(f"{monotonic() - end + LONGEST_RESTART:.1f} s: {error}")
            sleep(0.5)
    said = "\n".join(refusals)
    raise AssertionError(f"the lane cannot be opened again\n{said}\nthe broker says:\n{victim.broker.last_words()}")


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


def commit_under(case: Case, victim: Victim, prefix: str, second: str = "2") -> Seen:
    armed, over = threading.Event(), threading.Event()

    def log(guard: Guard = unguarded) -> KafkaLog:
        settings = LogSettings(kind="kafka", bootstrap=(victim.broker.bootstrap,), prefix=prefix)
        return KafkaLog(settings, TOPICS, environment={}, guard=guard, limits=LIMITS)

    log().create()
    log().append([new("words", str(n)) for n in range(4)])
    with closing(Watchdog(expired=lambda _what: over.set())) as watchdog:
        lane = log(injecting(case, victim, armed, watchdog)).lane(SPEC)
        taken = take(lane, 4)
        lane.commit([new("sums", "0"), new("memory", "0", key="a")], taken[:1])
        armed.set()
        outcome = [HUNG]

        def commit() -> None:
            try:
                lane.commit([new("sums", "1"), new("sums", second), new("memory", "2", key="a")], taken[1:3])
                outcome[0] = COMMITTED
            except InDoubt:
                outcome[0] = DOUBT
            over.set()

        threading.Thread(target=commit, daemon=True).start()
        assert over.wait(LONGEST_COMMIT), "it hangs, and no limit has ended it"
        said = outcome[0]
        armed.clear()

    successor = restarted(log, victim)  # its opening ends whatever transaction was left open
    state = texts(successor.restore())
    rest = texts(take(successor, 4 - int(state[0]) - 1))
    sums = texts(everything(log(), "sums"))
    successor.close()
    print(f"outcome: {said}, state {state}, sums {[one[:9] for one in sums]}, rest {rest}")
    return Seen(said, state, ["2" if one == second else one for one in sums], rest)
