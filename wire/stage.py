"""A stage: the small protocol that the loop drives, and what a step answers with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import msgspec

from wire.log.port import Record

# Records that the loop makes itself.
STARTED = "@started"  # the first record after restore of a stage with work
DUE = "@due"  # a timer of the stage that has come due
RESULT = "@result"  # work has ended; the value is what `perform` returned
ERROR = "@error"  # work raised or outlasted its limit; the value is a `WorkFailed`


class Output(msgspec.Struct, frozen=True):
    """A message for another stage."""

    topic: str
    key: str
    message: msgspec.Struct


class Change(msgspec.Struct, frozen=True):
    """The new value of one key of the stage's own state; None removes the key."""

    key: str
    value: msgspec.Struct | None


class Work(msgspec.Struct, frozen=True):
    """External work: begins after the commit, may touch the outside until `until` (UTC), one per key at a time."""

    key: str
    body: msgspec.Struct
    until: datetime


class WorkFailed(msgspec.Struct, frozen=True, kw_only=True):
    """Work that gave no result: it raised, or was still running at its `until`."""

    reason: str
    timed_out: bool = False


class Effects(msgspec.Struct, frozen=True, kw_only=True):
    """What follows from one record."""

    outputs: tuple[Output, ...] = ()
    changes: tuple[Change, ...] = ()
    work: tuple[Work, ...] = ()


NOTHING = Effects()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a record could not be processed."""

    code: str
    reason: str


class Stage(Protocol):
    """Pure decisions over a state that only `fold` changes.  See design, section 3."""

    def fold(self, record: Record) -> None:
        """Take one record of the own state topic into the state; the only change of state.

        Called in restore with the last value per key, in any order of keys, and live right after the step that
        asked for the change: what a step reads is what a restart would read.
        """
        ...

    def remembered(self) -> Iterable[Change]:
        """The whole state as it stands in memory, each key with its value, in any order.

        What `fold` has taken and a later one has not removed: encoded, these are the state topic's last values.
        """
        ...

    def prepare(self, records: Sequence[Record]) -> None:
        """Do beforehand what is cheaper for many records at once; changes no state, may do nothing."""
        ...

    def due(self, now: datetime) -> Sequence[Record]:
        """Timers that have come due, as records with topic `DUE`; bounded, and asked again until they are folded.

        Where a timer leads to work, the record's key is the work's: the loop leaves it out while that is in flight.
        """
        ...

    def step(self, record: Record, now: datetime) -> Effects:
        """What follows from this record.  Reads the state, changes nothing, does no I/O."""
        ...

    def failed(self, record: Record, why: Failure, now: datetime) -> Effects:
        """What else follows when `step` or the encoding raised, beside the record's dead letter."""
        ...
