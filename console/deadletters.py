"""Dead letters as the log tells of them: what lies there, what became of it, and how a record is tried again."""

from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from console.errors import CannotRedrive
from console.orders import command
from console.topics.reading import next_records
from wire.codec import decode
from wire.errors import BadRecord
from wire.log.port import BEGINNING, Log, NewRecord, Record, Since
from wire.messages import Command, CommandKind, DeadLetter
from wire.topics import COMMANDS, DEAD_LETTERS

RE_DRIVEN = "ww_redriven"  # header of a record that was put into its topic again: which dead letter it was
_WAIT = timedelta(seconds=1)
T = TypeVar("T", Command, DeadLetter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lying:
    """One dead letter and what was done about it last; `settled` is None while nobody has looked after it."""

    letter: DeadLetter
    settled: Command | None = None

    @property
    def name(self) -> str:
        """The origin of the record, by which the commands know the letter."""
        return f"{self.letter.topic}/{self.letter.partition}/{self.letter.offset}"

    @property
    def state(self) -> str:
        """open, re-driven or discarded."""
        if self.settled is None:
            return "open"
        return "re-driven" if self.settled.kind is CommandKind.RE_DRIVE else "discarded"


def lying(log: Log) -> list[Lying]:
    """Every dead letter that the log still has, oldest first."""
    settled: dict[str, Command] = {}
    for said in _all(log, COMMANDS, Command):
        if said.kind in (CommandKind.RE_DRIVE, CommandKind.DISCARD):
            settled[said.target] = said
    letters = (Lying(letter=letter) for letter in _all(log, DEAD_LETTERS, DeadLetter))
    return [Lying(letter=one.letter, settled=settled.get(one.name)) for one in letters]


def _all(log: Log, topic: str, kind: type[T]) -> Iterator[T]:
    """What stands in the topic; one record that others wrote and nobody can read must not hide the rest."""
    with closing(log.reader([topic], BEGINNING)) as reader:
        while not reader.caught_up():
            for record in reader.read(1000, _WAIT):
                with suppress(BadRecord):
                    yield decode(record.value, kind)


def again(log: Log, one: Lying) -> NewRecord:
    """What to append so that the stage meets the record again: same key, value and headers, at a new offset.

    Its identity is its own, so whoever has had an effect of it passes it over.

    Raises:
        CannotRedrive: it was a timer or a result of work, or neither topic nor letter has it whole any more.
    """
    if one.letter.topic not in log.topics:
        raise CannotRedrive(one.name, "it was made by the stage itself, which tries again by its own schedule")
    record = _original(log, one)
    return NewRecord(
        topic=record.topic,
        partition=record.partition,
        key=record.key or "",
        value=record.value,
        headers=(*((n, v) for n, v in record.headers if not n.startswith("ww_")), (RE_DRIVEN, one.name.encode())),
    )


def word(one: Lying, kind: CommandKind, *, who: str, when: datetime, why: str) -> Command:
    """The command by which the letter counts as settled: re-driven or discarded."""
    return command(kind, one.letter.stage.split(".")[0], one.name, who=who, when=when, why=why)


def _original(log: Log, one: Lying) -> Record:
    """The record as its topic has it, or else as the letter kept it."""
    letter = one.letter
    place = (letter.topic, letter.partition)
    with closing(log.reader([letter.topic], Since(at_end=True, offsets={place: letter.offset}))) as reader:
        found = next_records(reader, 1000)
    for record in found:
        if record.origin == one.name:
            return record
    if letter.value is not None and len(letter.value) == letter.size_bytes:
        return Record(
            topic=letter.topic,
            partition=letter.partition,
            offset=letter.offset,
            key=letter.key,
            value=letter.value,
            headers=tuple((pair.name, pair.value.encode()) for pair in letter.headers),
        )
    kept = len(letter.value or b"")
    raise CannotRedrive(one.name, f"its topic has dropped it, and the letter kept {kept} of {letter.size_bytes} bytes")
