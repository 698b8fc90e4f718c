"""Drives a stage as the loop does - step, encode, fold - without a log; keeps what it wrote."""

from collections.abc import Callable, Iterable, Mapping, Sequence
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
        """A new runner whose stage is restored from the state, its keys in an `order` of the test's choice.

        Both have to remember what was written, byte for byte.
        """
        fresh = StageRunner(self._make, self._state_topic).over(
            {key: self.state[key] for key in order(list(self.state))}
        )
        assert self.remembered() == self.state, "memory is not what was written"
        assert fresh.remembered() == self.state, "memory after a restart is not what was written"
        return fresh

    def over(self, state: Mapping[str, bytes]) -> "StageRunner[S]":
        """This runner, which has taken nothing yet, with its stage restored from `state`, its keys in that order."""
        for key, value in state.items():
            self.state[key] = value
            self.stage.fold(Record(topic=self._state_topic, key=key, value=value))
        return self

    def remembered(self) -> dict[str, bytes]:
        """What the stage itself says that its state is."""
        return {change.key: encode(change.value) for change in self.stage.remembered() if change.value is not None}

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
