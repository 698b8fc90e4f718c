"""The one loop that drives every stage; all transactions of the program are here.

    restore → [ poll + due + inbox → prepare → (step → encode → fold) for each record → commit → start the work ] …

Folding ahead of the commit is harmless, because any doubt about the commit ends the process (design, section 3).
"""

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from wire.clock import Clock
from wire.codec import encode
from wire.crash import crash_point
from wire.digest import digest_of
from wire.errors import BadRecord, InDoubt, NeedsSomebody, StateUnreadable, TooManyDeadLetters
from wire.garbage import no_collections
from wire.log.port import Lane, NewRecord, Record
from wire.metrics import LaneMetrics
from wire.outgoing import Outgoing
from wire.stage import ERROR, NOTHING, RESULT, STARTED, Effects, Failure, Stage, Work
from wire.starts import StartNote, started
from wire.work import Performer, WorkPool

_log = logging.getLogger(__name__)
Guard = Callable[[str, timedelta], AbstractContextManager[None]]

# Never the record's fault: the process ends and the supervisor starts it again.
_PROCESS_FAULTS = (MemoryError, OSError, InDoubt, NeedsSomebody)
_NOW = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopLimits:
    """Bounds of the loop; `stuck_after` is what the watchdog allows each call of the stage or the log."""

    batch: int = 64
    idle_wait: timedelta = timedelta(milliseconds=200)
    stuck_after: timedelta = timedelta(seconds=120)
    drain: timedelta = timedelta(seconds=5)
    # An idle lane commits its positions: so it learns that it was reset, and Kafka does not forget them after 7 days.
    recommit: timedelta = timedelta(seconds=15)
    dead_letters: int = 5  # more than these ...
    dead_letters_of: int = 50  # ... among so many records stop the stage
    in_flight: int = 32


class Loop:
    """One stage on one lane, on the thread that calls `run`."""

    def __init__(
        self,
        stage: Stage,
        lane: Lane,
        outgoing: Outgoing,
        *,
        clock: Clock,
        guard: Guard,
        metrics: LaneMetrics,
        limits: LoopLimits,
        performer: Performer | None = None,
    ) -> None:
        self._stage = stage
        self._lane = lane
        self._outgoing = outgoing
        self._clock = clock
        self._guard = guard
        self._limits = limits
        self._metrics = metrics
        self._inbox: queue.SimpleQueue[Record] = queue.SimpleQueue()
        self._pool = None if performer is None else WorkPool(performer, limits.in_flight, clock, self._receive)
        self._in_flight: set[str] = set()
        self._recent: deque[bool] = deque(maxlen=limits.dead_letters_of)
        self._stopping = threading.Event()
        self._asked = threading.Event()
        self._was_asked = False
        self._committed_at = monotonic()
        self._note = ""
        self.ready = threading.Event()

    @property
    def name(self) -> str:
        """The lane's name, `stage.index`."""
        return self._lane.spec.name

    def stop(self) -> None:
        """Ask the loop to end well; from any thread, also from a signal handler's."""
        self._stopping.set()
        self._lane.wake()

    def tell(self) -> None:
        """Ask the loop to say what its state is, between two commits; from any thread or a signal handler.

        Who has asked is told once more at a clean end, when nothing can change any more.
        """
        self._asked.set()
        self._lane.wake()

    def run(self) -> None:
        """Restore, then process until `stop`; returns after a clean end.

        Raises:
            InDoubt, NeedsSomebody, OSError, MemoryError, or whatever `fold` or `failed` raised: the process must end.
        """
        self._restore()
        crash_point("restored")
        note = started(self._lane.note)
        self._note = note.text()
        self._commit((), ())
        if self._pool is not None:
            self._inbox.put(Record(topic=STARTED))
        self.ready.set()
        self._go_carefully(note)
        while not self._stopping.is_set():
            self._turn()
            self._answer()
        self._drain()
        if self._was_asked or self._asked.is_set():
            self._say_state()
        if self._pool is not None:
            self._pool.close()
        self._lane.close()

    def _restore(self) -> None:
        begun, count = monotonic(), 0
        # A large state is hundreds of thousands of objects in no cycle: looking for one takes a tenth of the restart.
        with self._guard("restore", self._limits.stuck_after * 10), no_collections():
            for record in self._lane.restore():
                try:
                    self._stage.fold(record)
                except BadRecord as error:
                    raise StateUnreadable(self.name, record.key or "", str(error)) from error
                count += 1
                crash_point("restoring")
        _log.info("restored", extra={"lane": self.name, "records": count, "seconds": round(monotonic() - begun, 3)})

    def _go_carefully(self, note: StartNote) -> None:
        """After repeated deaths at one position: one record at a time, each noted before it is tried."""
        left = self._limits.batch if note.careful else 0
        while left and not self._stopping.is_set():
            polled = self._poll(1, self._limits.idle_wait)
            if not polled:
                # Nothing waits here, so no record can have been what it died of: deaths in idle times do not add up.
                self._note = ""
                self._commit((), ())
                return
            (record,) = polled
            if note.is_killer(record.origin):
                killer = Failure(code="killer", reason="the process died each time it took this record")
                self._process(polled, polled, given_up={record.origin: killer})
            else:
                self._note = note.tries(record.origin).text()
                self._commit((), ())
                self._try_alone(polled)
            left -= 1

    def _try_alone(self, polled: Sequence[Record]) -> None:
        try:
            self._process(polled, polled)
        except NeedsSomebody:
            # It has said what it needs: no death, however often an orchestrator starts it again before that is done.
            self._note = ""
            self._commit((), ())
            raise

    def _turn(self) -> None:
        due = self._due()
        inbox = self._received()
        polled = self._poll(self._limits.batch, _NOW if due or inbox else self._limits.idle_wait)
        batch = [*inbox, *self._received(), *due, *polled]
        if batch:
            crash_point("polled")
            self._process(batch, polled)
        elif monotonic() - self._committed_at > self._limits.recommit.total_seconds():
            self._write((), ())

    def _answer(self) -> None:
        if self._asked.is_set():
            self._asked.clear()
            self._was_asked = True
            self._say_state()

    def _say_state(self) -> None:
        begun = monotonic()
        with self._guard("digest of the state", self._limits.stuck_after * 10):
            kept = (
                (change.key, encode(change.value)) for change in self._stage.remembered() if change.value is not None
            )
            state = digest_of(kept)
        said = {"lane": self.name, "keys": state.keys, "digest": state.digest}
        _log.info("state", extra={**said, "seconds": round(monotonic() - begun, 3)})

    def _due(self) -> list[Record]:
        room = self._limits.batch if self._pool is None else self._pool.limit - len(self._in_flight)
        if room <= 0:
            return []
        with self._guard("due", self._limits.stuck_after):
            waiting = self._stage.due(self._clock.now())
        return [record for record in waiting if record.key not in self._in_flight][:room]

    def _poll(self, limit: int, wait: timedelta) -> Sequence[Record]:
        with self._guard("poll", wait + self._limits.stuck_after):
            return self._lane.poll(limit, wait)

    def _receive(self, record: Record) -> None:
        self._inbox.put(record)
        self._lane.wake()

    def _received(self) -> list[Record]:
        records = []
        while not self._inbox.empty():
            records.append(self._inbox.get())
        return records

    def _process(
        self, batch: Sequence[Record], taken: Sequence[Record], given_up: dict[str, Failure] | None = None
    ) -> None:
        begun, now = monotonic(), self._clock.now()
        if not given_up:
            self._prepare(batch)
            crash_point("prepared")
        writes: list[NewRecord] = []
        work: list[Work] = []
        for record in batch:
            with self._guard(f"record {record.origin}", self._limits.stuck_after):
                effects, written = self._take(record, now, (given_up or {}).get(record.origin))
            writes += written
            work += effects.work
        crash_point("committing")
        self._commit(writes, taken)
        crash_point("committed")
        self._metrics.records.labels(self.name).inc(len(taken))
        self._metrics.batch_seconds.labels(self.name).observe(monotonic() - begun)
        self._in_flight -= {record.key or "" for record in batch if record.topic in (RESULT, ERROR)}
        self._start(work)

    def _prepare(self, batch: Sequence[Record]) -> None:
        try:
            with self._guard("prepare", self._limits.stuck_after):
                self._stage.prepare(batch)
        except _PROCESS_FAULTS:
            raise
        # Forgotten on purpose: each step then computes its own, and the record at fault shows itself there.
        except Exception:  # noqa: BLE001
            self._metrics.prepare_failures.labels(self.name).inc()
            _log.warning("prepare raised; records are taken one by one", exc_info=True, extra={"lane": self.name})

    def _take(self, record: Record, now: datetime, given_up: Failure | None) -> tuple[Effects, list[NewRecord]]:
        failure = given_up
        effects, writes = NOTHING, []
        if failure is None:
            try:
                effects = self._stage.step(record, now)
                crash_point("stepped")
                writes = self._outgoing.encode(effects, record, now)
            except _PROCESS_FAULTS:
                raise
            # Whatever a step raises is this record's alone: it goes to the dead letters, in the same commit.
            except Exception as error:  # noqa: BLE001
                _log.warning("dead letter", exc_info=True, extra={"lane": self.name, "origin": record.origin})
                failure = Failure(code=getattr(error, "code", "bug"), reason=f"{type(error).__name__}: {error}"[:2000])
        if failure is not None:
            effects, writes = self._give_up(record, failure, now)
        self._count(failure)
        for write in writes:
            if write.topic == self._lane.spec.place.state:
                self._stage.fold(Record(topic=write.topic, partition=write.partition, key=write.key, value=write.value))
                crash_point("folded")
        return effects, writes

    def _give_up(self, record: Record, failure: Failure, now: datetime) -> tuple[Effects, list[NewRecord]]:
        effects = self._stage.failed(record, failure, now)
        letter = self._outgoing.dead_letter(record, failure, now)
        self._metrics.dead_letters.labels(self.name, failure.code).inc()
        return effects, [letter, *self._outgoing.encode(effects, record, now)]

    def _count(self, failure: Failure | None) -> None:
        self._recent.append(failure is not None)
        if failure is not None and sum(self._recent) > self._limits.dead_letters:
            raise TooManyDeadLetters(self.name, sum(self._recent), len(self._recent), failure.reason)

    def _commit(self, writes: Sequence[NewRecord], taken: Sequence[Record]) -> None:
        begun = monotonic()
        if taken:
            self._note = ""  # progress: the next start counts anew
        self._write(writes, taken)
        self._metrics.commit_seconds.labels(self.name).observe(self._committed_at - begun)
        self._metrics.last_commit.labels(self.name).set(self._clock.now().timestamp())
        self._metrics.wrote(self.name, writes, self._clock.now())
        self._metrics.outputs.labels(self.name).inc(sum(w.topic != self._lane.spec.place.state for w in writes))

    def _write(self, writes: Sequence[NewRecord], taken: Sequence[Record]) -> None:
        with self._guard("commit", self._limits.stuck_after):
            self._lane.commit(writes, taken, self._note)
        self._committed_at = monotonic()

    def _start(self, work: Sequence[Work]) -> None:
        if self._pool is None or self._stopping.is_set():
            return
        for item in work:
            assert item.key not in self._in_flight, f"work {item.key} is in flight already"
            self._in_flight.add(item.key)
            self._pool.start(item)
            crash_point("work handed over")
        self._metrics.in_flight.labels(self.name).set(len(self._in_flight))

    def _drain(self) -> None:
        """Take the results of what is still under way, for a few seconds; begin nothing."""
        until = monotonic() + self._limits.drain.total_seconds()
        while self._in_flight and (left := until - monotonic()) > 0:
            try:
                first = self._inbox.get(timeout=left)
            except queue.Empty:
                return
            self._process([first, *self._received()], ())
