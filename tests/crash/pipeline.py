"""All five stages as processes that die by schedule and are started again at once, as under the supervisor."""

import os
import signal
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic

from tests.crash.life import Crash, Orders, begin
from wire.errors import Exit
from wire.topics import STAGES

# After these a supervisor starts again; any other end of its own accord is a fault of the program.
AGAIN = frozenset({Exit.DOUBT, Exit.WATCHDOG, Exit.LOG_UNREACHABLE})
LONGEST_LIFE = timedelta(seconds=180)  # within which a stage has to come where it is to die
_PAUSE = 0.2  # seconds before a start after an end that no schedule ordered


class Unexpected(AssertionError):
    """A stage did what no schedule explains: ended by itself, or never came where it was to die."""


@dataclass
class Place:
    """One stage's lives: the one at hand, what is still to come, and how the former ended."""

    name: str
    orders: list[Crash | None] = field(default_factory=list)
    process: BaseProcess | None = None
    crash: Crash | None = None
    begun: float = 0.0
    said_before: int = 0  # bytes of output when this life began
    begin_at: float = 0.0
    crashes: list[Crash] = field(default_factory=list)  # that have happened
    ends: dict[int, int] = field(default_factory=lambda: defaultdict(int))  # exit status: how often
    stopped: bool = False
    asked_to_end: bool = False


class Pipeline:
    """The stages of one log.  `tick` looks after them; nothing happens between ticks."""

    def __init__(
        self,
        settings: Path,
        folder: Path,
        *,
        mutation: str | None = None,
        may_end: Collection[int] = (),
        longest_life: timedelta | None = LONGEST_LIFE,
        real_model: bool = False,
    ) -> None:
        """`may_end`: with which statuses stages may end beside those that a supervisor expects."""
        self._settings = settings
        self._longest_life = longest_life
        self._again = AGAIN | set(may_end)
        self._folder = folder
        self._mutation = mutation
        self._real_model = real_model
        self.places = {name: Place(name) for name in STAGES}
        self.extra: list[BaseProcess] = []

    def schedule(self, orders: Mapping[str, Iterable[Crash]]) -> None:
        """From the next life on each stage dies by these, one after the other; then it lives on."""
        for name, crashes in orders.items():
            self.places[name].orders += crashes

    def tick(self) -> None:
        """Start what is to live, note what has died."""
        for place in self.places.values():
            if place.process is None and not place.stopped and monotonic() >= place.begin_at:
                self._begin(place)
        wait([place.process.sentinel for place in self.places.values() if place.process is not None], timeout=0.03)
        for place in self.places.values():
            if place.process is None:
                continue
            if place.process.exitcode is not None:
                self._ended(place, place.process.exitcode)
            elif place.orders and place.crash is not None and self._too_long(place):
                raise Unexpected(f"{place.name} never came to {place.crash}; {self.state()}")

    def _too_long(self, place: Place) -> bool:
        limit = self._longest_life
        return limit is not None and monotonic() - place.begun > limit.total_seconds()

    def _begin(self, place: Place) -> None:
        place.crash = place.orders[0] if place.orders else None
        if place.crash is not None and place.crash.may_survive:
            place.orders.pop(0)  # who survives it may live on
        place.begun = monotonic()
        place.said_before = self._said(place)
        place.process = begin(self._orders(place.name, place.crash))

    def _orders(self, name: str, crash: Crash | None) -> Orders:
        return Orders(
            stage=name,
            settings=self._settings,
            output=self.output(name),
            crash=crash,
            mutation=self._mutation,
            real_model=self._real_model,
        )

    def output(self, name: str) -> Path:
        """What a stage's lives have said."""
        return self._folder / f"{name}.log"

    def _said(self, place: Place) -> int:
        output = self.output(place.name)
        return output.stat().st_size if output.exists() else 0

    def _ended(self, place: Place, status: int) -> None:
        place.process = None
        place.ends[status] += 1
        if status == -signal.SIGKILL:
            if place.crash is not None:
                place.crashes.append(place.crash)
                place.orders = place.orders[1:]
            return
        # One that has said nothing yet may not listen yet either: the signal alone ends it, and nothing is lost.
        deaf = status == -signal.SIGTERM and self._said(place) == place.said_before
        if (status == Exit.WELL or deaf) and (place.stopped or place.asked_to_end):
            place.asked_to_end = False
            return
        if status not in self._again:
            said = self.output(place.name).read_text("utf-8", "replace")[-3000:]
            raise Unexpected(f"{place.name} ended with status {status}:\n{said}")
        place.asked_to_end = False  # it was asked before it listened
        place.begin_at = monotonic() + _PAUSE

    def kill(self, name: str) -> None:
        """Kill -9; what was scheduled for this life stays scheduled for the next."""
        place = self.places[name]
        if place.process is not None:
            place.crash = None
            place.process.kill()

    def terminate(self, name: str) -> None:
        """SIGTERM, as at an upgrade; a new life follows."""
        place = self.places[name]
        if place.process is not None:
            place.asked_to_end = True
            _send(place.process, signal.SIGTERM)

    def succeed(self, name: str) -> BaseProcess | None:
        """Stop a stage's process and let a successor begin; the stopped one is given back, to be continued."""
        place = self.places[name]
        zombie, place.process = place.process, None
        if zombie is not None:
            _send(zombie, signal.SIGSTOP)
            self.extra.append(zombie)
        return zombie

    def second(self, name: str) -> BaseProcess:
        """Another process for a stage that has one: two owners of one lane."""
        process = begin(self._orders(name, None))
        self.extra.append(process)
        return process

    def ask_for_states(self, names: Iterable[str]) -> None:
        """Ask those of these stages that live for a digest of their state."""
        for name in names:
            _send(self.places[name].process, signal.SIGUSR1)

    def run_until(self, done: Callable[[], bool], limit: timedelta, what: str) -> None:
        """Tick until `done`; `Unexpected` after `limit`."""
        end = monotonic() + limit.total_seconds()
        while not done():
            self.tick()
            if monotonic() > end:
                raise Unexpected(f"{what}: not within {limit}; {self.state()}")

    def state(self) -> str:
        """Where every stage stands, for people."""
        return "; ".join(
            f"{place.name}: {len(place.crashes)} crashes, next {place.orders[:1]}, ends {dict(place.ends)}"
            for place in self.places.values()
        )

    def exhausted(self) -> bool:
        """Whether every scheduled death has happened."""
        return not any(place.orders for place in self.places.values())

    def stop(self) -> None:
        """SIGTERM to all; each has to end well."""
        for place in self.places.values():
            place.stopped = True
            _send(place.process, signal.SIGTERM)
        self.run_until(
            lambda: all(place.process is None for place in self.places.values()), timedelta(seconds=60), "the stop"
        )

    def close(self) -> None:
        """End whatever still lives."""
        for process in [*self.extra, *(place.process for place in self.places.values() if place.process is not None)]:
            process.kill()
            process.join()


def _send(process: BaseProcess | None, number: signal.Signals) -> None:
    """To a process that may have ended a moment ago."""
    if process is not None and process.pid is not None:
        with suppress(ProcessLookupError):
            os.kill(process.pid, number)
