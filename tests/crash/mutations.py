"""Breaches of the discipline, to prove that the checker sees them; each is applied in a stage's own process.

`breaks` are the rules of the checker by which it may be found: at least one of them has to name it.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from secrets import token_hex
from typing import Any

import kafka

from alerts.stage import Alerts
from alerts.state import CLOCK, Newest, WatchState
from tests.crash.poison import poisonable
from wire.clock import SystemClock
from wire.crash import crash_point
from wire.errors import InDoubt
from wire.log import kafka_client, kafka_lane
from wire.log.kafka_lane import KafkaLane
from wire.log.port import NewRecord, Record, last_per_key
from wire.log.sqlite_lane import SqliteLane
from wire.loop import Loop
from wire.stage import Change, Effects, Failure


@dataclass(frozen=True)
class Mutation:
    """One breach."""

    apply: Callable[[], None]
    breaks: frozenset[str]


def go_on_after_doubt() -> None:
    """A commit that raised is taken for one that did not matter."""
    sound = Loop._commit

    def commit(self: Loop, writes: Sequence[NewRecord], taken: Sequence[Record]) -> None:
        try:
            sound(self, writes, taken)
        except InDoubt:
            print("went on", flush=True)

    Loop._commit = commit  # type: ignore[method-assign]


def reuse_the_producer() -> None:
    """After an abort the same producer, and the same memory, go on."""
    sound = KafkaLane._one_transaction

    def transaction(self: KafkaLane, writes: Any, positions: Any) -> None:
        try:
            sound(self, writes, positions)
        except OSError:
            self._producer.abort_transaction()  # type: ignore[attr-defined]

    KafkaLane._one_transaction = transaction  # type: ignore[method-assign]


def read_uncommitted() -> None:
    """Inputs are read before it is known whether they will count."""
    consumer = kafka.KafkaConsumer

    def eager(**settings: Any) -> Any:
        return consumer(**{**settings, "isolation_level": "read_uncommitted"})

    setattr(kafka_client, "KafkaConsumer", eager)  # noqa: B010


def commit_offsets_outside() -> None:
    """The records are committed first, the positions by a consumer afterwards."""

    def transaction(self: KafkaLane, writes: Any, positions: Any) -> None:
        self._producer.begin_transaction()
        sent = [self._producer.send(w.topic, w.value, w.key, w.headers, w.partition) for w in writes]
        self._producer.flush(timeout=10)
        for one in sent:
            one.get(timeout=0)
        self._producer.commit_transaction()
        crash_point("kafka ended")
        if not hasattr(self, "_committer"):
            self._committer = kafka.KafkaConsumer(  # type: ignore[attr-defined]
                bootstrap_servers=self._clients.where.split(", "),
                group_id=self._names.lane(self.spec.name),
                enable_auto_commit=False,
            )
        self._committer.commit(positions)  # type: ignore[attr-defined]

    KafkaLane._one_transaction = transaction  # type: ignore[method-assign]


def name_transactions_at_random() -> None:
    """Nobody fences whom he succeeds."""
    sound = kafka_client.Clients.producer

    def producer(self: kafka_client.Clients, *, transaction: str | None = None) -> kafka_client.Producer:
        return sound(self, transaction=None if transaction is None else transaction + token_hex(4))

    kafka_client.Clients.producer = producer  # type: ignore[method-assign]


def skip_bad_records() -> None:
    """What cannot be processed is passed over in silence."""
    sound = Loop._give_up

    def give_up(self: Loop, record: Record, failure: Failure, now: datetime) -> tuple[Effects, list[NewRecord]]:
        effects, (_letter, *writes) = sound(self, record, failure, now)
        return effects, writes

    Loop._give_up = give_up  # type: ignore[method-assign]


def work_before_the_commit() -> None:
    """The outside is touched before it is noted that it will be."""
    start, take = Loop._start, Loop._take

    def eager_take(
        self: Loop, record: Record, now: datetime, given_up: Failure | None
    ) -> tuple[Effects, list[NewRecord]]:
        effects, writes = take(self, record, now, given_up)
        if effects.work:
            start(self, effects.work)
            time.sleep(0.3)  # as long as a commit may take
        return effects, writes

    Loop._take = eager_take  # type: ignore[method-assign]
    Loop._start = lambda self, work: None  # type: ignore[method-assign]


def move_positions_apart() -> None:
    """The embedded log: the records in one transaction, the positions in another."""

    def commit(self: SqliteLane, writes: Sequence[NewRecord], taken: Sequence[Record], note: str = "") -> None:
        with self._file.writing(self._connection):
            self._still_mine()
            self._write(last_per_key(writes, self.spec.place.state))
        crash_point("sqlite written")
        with self._file.writing(self._connection):
            for record in taken:
                self._move((record.topic, record.partition), record.offset + 1, note)
            if not taken:
                self._set_note(note)
        self._file.wake_waiters()

    SqliteLane.commit = commit  # type: ignore[method-assign]


def ignore_the_epoch() -> None:
    """The embedded log: who has lost a lane goes on writing."""
    SqliteLane._still_mine = lambda self: None  # type: ignore[method-assign]


def forget_a_record() -> None:
    """What was committed is not taken into the state in memory: of alerts, every second story's head."""
    sound, heads = WatchState.fold, count()

    def fold(self: WatchState, record: Record) -> None:
        if not (record.key or "").startswith("story:") or next(heads) % 2:
            sound(self, record)

    WatchState.fold = fold  # type: ignore[method-assign]


def look_at_the_clock() -> None:
    """A step of alerts takes the time of the machine for that of the stream."""
    sound = Alerts.step

    def step(self: Alerts, record: Record, now: datetime) -> Effects:
        effects = sound(self, record, now)
        changes = (Change(c.key, Newest(seen=now)) if c.key == CLOCK else c for c in effects.changes)
        return Effects(outputs=effects.outputs, changes=tuple(changes), work=effects.work)

    Alerts.step = step  # type: ignore[method-assign]


def ignore_the_futures() -> None:
    """Nobody asks what became of each record; the client gives it up after 2 s, so that a test need not wait longer."""
    connection = kafka_client.Clients.__init__

    def impatient(self: kafka_client.Clients, settings: Any, environment: Any, limits: kafka_client.Limits) -> None:
        second = timedelta(seconds=1)
        connection(self, settings, environment, replace(limits, request=second, delivery=2 * second))

    kafka_client.Clients.__init__ = impatient  # type: ignore[method-assign]
    kafka_lane.refuse_unwritten = lambda _sent: None


def stepping_clock() -> None:
    """The machine's clock jumps forward and back by an hour, every two seconds, whatever goes on."""

    def now(self: SystemClock) -> datetime:
        step = int(time.monotonic() / 2) % 4  # right, an hour ahead, right, an hour behind
        return datetime.now(UTC) + timedelta(hours=(0, 1, 0, -1)[step])

    SystemClock.now = now  # type: ignore[method-assign]


_INPUT_ONCE = frozenset({"every-input-once"})

MUTATIONS: Mapping[str, Mutation] = {
    "goes on after a doubtful commit": Mutation(go_on_after_doubt, _INPUT_ONCE),
    "producer reused after an abort": Mutation(reuse_the_producer, _INPUT_ONCE),
    "reads what is not committed": Mutation(read_uncommitted, frozenset({"causes-are-committed"})),
    "offsets outside the transaction": Mutation(commit_offsets_outside, _INPUT_ONCE),
    "random transactional id": Mutation(name_transactions_at_random, _INPUT_ONCE),
    "poison passed over in silence": Mutation(skip_bad_records, frozenset({"poison-has-its-letter"})),
    "work begun before the commit": Mutation(work_before_the_commit, frozenset({"repeats-say-so"})),
    "positions in a transaction of their own": Mutation(move_positions_apart, _INPUT_ONCE),
    # Which stage's records it strikes is chance: an article, an effect, or what a state topic would have held.
    "futures not checked": Mutation(ignore_the_futures, _INPUT_ONCE | {"every-article-once", "memory-is-its-topic"}),
    "a record not folded": Mutation(forget_a_record, frozenset({"memory-is-its-topic"})),
    "a step that looks at the clock": Mutation(look_at_the_clock, frozenset({"state-is-its-fold"})),
    "owner epoch not looked at": Mutation(ignore_the_epoch, _INPUT_ONCE),
    # No breach: articles may order how their step goes wrong (`tests.crash.poison`).
    "poisonable": Mutation(partial(poisonable), frozenset()),
    # No breach either: a machine's clock may do so.
    "the clock steps": Mutation(stepping_clock, frozenset()),
}
