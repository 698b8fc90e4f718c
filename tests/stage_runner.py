"""Drives a stage as the loop does - step, encode, fold - without a log; keeps what it wrote."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from wire.codec import encode
from wire.log.port import Record
from wire.stage import Effects, Failure, Output, Stage, Work

S = TypeVar("S", bound=Stage)


class StageRunner(Generic[S]):
    """One stage with its state topic as a map: the last value per key."""

    def __init__(self, make: Callable[[], S], state_topic: str) -> None:
        self._make = make
        self._state_topic = state_topic
        self.stage = make()
        self.state: dict[str, bytes] = {}
        self.outputs: list[Output] = []
        self.work: list[Work] = []

    def take(self, record: Record, now: datetime) -> Effects:
        """One record through step, encoding and fold."""
        return self._keep(self.stage.step(record, now))

    def fail(self, record: Record, why: Failure, now: datetime) -> Effects:
        """One record that raised."""
        return self._keep(self.stage.failed(record, why, now))

    def take_all(self, records: Iterable[Record], now: datetime) -> None:
        for record in records:
            self.take(record, now)

    def restart(self, order: Callable[[Sequence[str]], Sequence[str]] = list) -> "StageRunner[S]":
        """A new runner whose stage is restored from the state, its keys in an `order` of the test's choice."""
        fresh = StageRunner(self._make, self._state_topic)
        for key in order(list(self.state)):
            fresh.state[key] = self.state[key]
            fresh.stage.fold(Record(topic=self._state_topic, key=key, value=self.state[key]))
        return fresh

    def _keep(self, effects: Effects) -> Effects:
        for change in effects.changes:
            value = None if change.value is None else encode(change.value)
            if value is None:
                self.state.pop(change.key, None)
            else:
                self.state[change.key] = value
            self.stage.fold(Record(topic=self._state_topic, key=change.key, value=value))
        for output in effects.outputs:
            encode(output.message)
        self.outputs += effects.outputs
        self.work += effects.work
        return effects
