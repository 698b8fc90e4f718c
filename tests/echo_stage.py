"""A stage small enough to reason about: counts words by key, and answers each with an output."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from wire.codec import decode
from wire.errors import SchemaTooNew
from wire.log.port import Record
from wire.messages import Command, CommandKind
from wire.stage import DUE, ERROR, NOTHING, RESULT, STARTED, Change, Effects, Failure, Output, Work
from wire.topics import COMMANDS, FEEDS, StagePlace

ECHO = StagePlace(name="echo", inputs=("news.articles",), state=FEEDS, outputs=(COMMANDS,), lanes_of=FEEDS)


class Count(msgspec.Struct):
    """How often a key was seen."""

    times: int


def command(key: str, times: int, now: datetime) -> Command:
    return Command(command_id=f"{key}-{times}", stage="echo", kind=CommandKind.OTHER, target=key, who="echo", when=now)


class Echo:
    """Counts each key; a value of b"poison" raises, b"work" asks for work, b"fatal" is a fault of the process,
    b"newer" is of a schema that this program does not know."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.results: list[tuple[str, str | None]] = []
        self.timers: list[str] = []
        self.prepared: list[int] = []

    def fold(self, record: Record) -> None:
        assert record.key is not None
        self.counts[record.key] = decode(record.value, Count).times
        if record.key in self.timers:
            self.timers.remove(record.key)

    def remembered(self) -> Iterable[Change]:
        return [Change(key, Count(times)) for key, times in self.counts.items()]

    def prepare(self, records: Sequence[Record]) -> None:
        self.prepared.append(len(records))

    def due(self, now: datetime) -> Sequence[Record]:
        return [Record(topic=DUE, key=key) for key in self.timers]

    def step(self, record: Record, now: datetime) -> Effects:
        if record.topic in (STARTED, RESULT, ERROR):
            self.results.append((record.topic, record.key))
            return NOTHING
        assert record.key is not None
        if record.value == b"poison":
            raise ValueError("a hostile record")
        if record.value == b"newer":
            raise SchemaTooNew("Article", 99, 1)
        if record.value == b"fatal":
            raise MemoryError("too much")
        times = self.counts.get(record.key, 0) + 1
        ask = record.value == b"work" or record.topic == DUE
        return Effects(
            outputs=(Output(COMMANDS, record.key, command(record.key, times, now)),),
            changes=(Change(record.key, Count(times)),),
            work=(Work(record.key, Count(times), now + timedelta(seconds=5)),) if ask else (),
        )

    def failed(self, record: Record, why: Failure, now: datetime) -> Effects:
        return Effects(changes=(Change("failed", Count(self.counts.get("failed", 0) + 1)),))
