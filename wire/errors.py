"""Errors raised on purpose; the branch tells the loop what to do.  Imports nothing of ours.

WireError
├── BadRecord       this record goes to `news.deadletters`, the lane goes on
│   ├── Undecodable
│   └── TooLarge
├── OutsideFault    a feed or channel failed: kept in its state, tried again on schedule
│   └── BrokerUnavailable   Java, the jars or the start of `wirewatch broker`
├── InDoubt         what was committed is unknown: the process exits (70), restore decides
│   └── LaneLost
├── NeedsSomebody   going on would lose or invent something: the process exits (3) and says what decides
│   ├── SchemaTooNew
│   ├── TooManyDeadLetters
│   ├── PositionLost
│   ├── StateUnreadable
│   └── LogDamaged
├── LogFault        the log cannot be used as it is, before the first record
│   ├── LogUnreachable   exit 10
│   ├── PositionHeld     exit 10
│   └── TopicMismatch    exit 11
├── PortInUse       exit 12
├── CannotListen    a host or port that cannot be had here, whoever else has it
└── BadSettings     exit 2 before the first record, all faults at once
Anything else raised in a step is a bug: dead-lettered as one and counted.
"""

import errno
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import ClassVar


class Exit(IntEnum):
    """Exit statuses of every `wirewatch` command."""

    WELL = 0
    ERROR = 1
    USAGE = 2
    SOMEBODY_NEEDED = 3
    LOG_UNREACHABLE = 10
    TOPIC_MISMATCH = 11
    PORT_IN_USE = 12
    DOUBT = 70
    WATCHDOG = 71


class WireError(Exception):
    """Root of what Wirewatch raises on purpose; `code` is stable and documented, `exit` ends a process."""

    code: ClassVar[str] = "error"
    exit: ClassVar[Exit] = Exit.ERROR


class BadRecord(WireError):
    """One record cannot be processed; the rest of the stream can."""

    code: ClassVar[str] = "bad-record"


class OutsideFault(WireError):
    """A feed or a channel failed; nothing of ours is wrong."""

    code: ClassVar[str] = "outside-fault"


class InDoubt(WireError):
    """The outcome of a commit is unknown, or the lane is no longer ours."""

    code: ClassVar[str] = "in-doubt"
    exit: ClassVar[Exit] = Exit.DOUBT


class NeedsSomebody(WireError):
    """Only a person can decide how to go on."""

    code: ClassVar[str] = "needs-somebody"
    exit: ClassVar[Exit] = Exit.SOMEBODY_NEEDED


class LogFault(WireError):
    """The log is not there, or not as the catalogue says."""

    code: ClassVar[str] = "log-fault"


@dataclass(eq=False)
class Undecodable(BadRecord):
    """The bytes are no message of this topic, or break one of its limits."""

    code: ClassVar[str] = "undecodable"
    what: str  # topic or message type
    reason: str  # the decoder's words, with the field path

    def __str__(self) -> str:
        return f"{self.what}: {self.reason}"


@dataclass(eq=False)
class TooLarge(BadRecord):
    """A record is larger than any record may be (design, section 5)."""

    code: ClassVar[str] = "too-large"
    topic: str
    key: str
    size_bytes: int
    limit_bytes: int

    def __str__(self) -> str:
        return f"{self.topic} {self.key}: {self.size_bytes} bytes, at most {self.limit_bytes} are allowed"


@dataclass(eq=False)
class BrokerUnavailable(OutsideFault):
    """The broker for trials and tests cannot be had here; `reason` says what to install or where to look."""

    code: ClassVar[str] = "broker-unavailable"
    reason: str

    def __str__(self) -> str:
        return f"the broker did not start: {self.reason}"


@dataclass(eq=False)
class LaneLost(InDoubt):
    """Another process has taken the lane; this one must end."""

    code: ClassVar[str] = "lane-lost"
    lane: str

    def __str__(self) -> str:
        return f"lane {self.lane} was taken over by another process; this one ends without writing"


@dataclass(eq=False)
class CommitFailed(InDoubt):
    """The log raised or stayed silent during a commit: it may or may not have been written."""

    code: ClassVar[str] = "commit-in-doubt"
    lane: str
    reason: str

    def __str__(self) -> str:
        return f"commit of lane {self.lane} is in doubt ({self.reason}); the restart will read what was committed"


@dataclass(eq=False)
class SchemaTooNew(NeedsSomebody):
    """A record was written by a program whose messages this one cannot understand."""

    code: ClassVar[str] = "schema-too-new"
    what: str
    found: int
    known: int

    def __str__(self) -> str:
        return (
            f"{self.what} has schema {self.found}, this program knows {self.known}: upgrade this stage, nothing is lost"
        )


@dataclass(eq=False)
class TooManyDeadLetters(NeedsSomebody):
    """So many records failed in a row that the fault is hardly theirs."""

    code: ClassVar[str] = "too-many-dead-letters"
    stage: str
    failed: int
    of: int
    last: str

    def __str__(self) -> str:
        return (
            f"{self.failed} of the last {self.of} records of {self.stage} failed; nothing of this batch was written. "
            f"Last: {self.last}. Mend the cause, then start the stage again"
        )


@dataclass(eq=False)
class PositionLost(NeedsSomebody):
    """The state says that this lane has run before, the log does not say how far, or has dropped what comes next."""

    code: ClassVar[str] = "position-lost"
    lane: str
    topic: str
    reason: str

    def __str__(self) -> str:
        return (
            f"lane {self.lane} cannot go on in {self.topic}: {self.reason}. It does not guess: "
            "put a copy of the log in its place (wirewatch backup), or let the stage read again: "
            f"wirewatch reset {self.lane.split('.')[0]} --to TIME"
        )


@dataclass(eq=False)
class StateUnreadable(NeedsSomebody):
    """A record of the stage's own state is none that this program knows: another version's, or damaged."""

    code: ClassVar[str] = "state-unreadable"
    lane: str
    key: str
    reason: str

    def __str__(self) -> str:
        return (
            f"lane {self.lane} cannot read its state at {self.key!r}: {self.reason}. It does not guess: run the "
            f"version that wrote it, or let the stage read again: wirewatch reset {self.lane.split('.')[0]} --to TIME"
        )


@dataclass(eq=False)
class LogDamaged(NeedsSomebody):
    """The embedded log's file is damaged: SQLite found pages that cannot be."""

    code: ClassVar[str] = "log-damaged"
    where: str
    reason: str

    def __str__(self) -> str:
        return (
            f"{self.where} is damaged ({self.reason}). Nothing is guessed: end all stages, keep the file for a look, "
            "and put a copy that `wirewatch backup` made in its place"
        )


@dataclass(eq=False)
class LogUnreachable(LogFault):
    """No connection to the log could be made within its time limit."""

    code: ClassVar[str] = "log-unreachable"
    exit: ClassVar[Exit] = Exit.LOG_UNREACHABLE
    where: str
    reason: str

    def __str__(self) -> str:
        return f"cannot reach the log at {self.where}: {self.reason}"


@dataclass(eq=False)
class PositionHeld(LogFault):
    """Kafka keeps back where a lane stands: an offset waits for the end of a transaction that nobody ends any more."""

    code: ClassVar[str] = "position-held"
    exit: ClassVar[Exit] = Exit.LOG_UNREACHABLE
    lane: str
    where: str

    def __str__(self) -> str:
        return (
            f"the broker keeps back where lane {self.lane} stands: an offset waits for the end of a transaction that "
            "is not the lane's. Nothing is lost, and each start asks again. If it lasts, find that transaction with "
            f"Kafka's own tool (kafka-transactions.sh --bootstrap-server {self.where} find-hanging --broker-id ID "
            "--max-transaction-timeout 1) and end it (the same, then abort --topic __consumer_offsets "
            "--partition PARTITION --start-offset OFFSET)"
        )


@dataclass(eq=False)
class TopicMismatch(LogFault):
    """Topics are missing or differ from the catalogue."""

    code: ClassVar[str] = "topic-mismatch"
    exit: ClassVar[Exit] = Exit.TOPIC_MISMATCH
    differences: Sequence[str]

    def __str__(self) -> str:
        return "\n".join(["topics are not as the catalogue says:", *(f"  {d}" for d in self.differences)])


@dataclass(eq=False)
class PortInUse(WireError):
    """A port that the settings name is taken by another process."""

    code: ClassVar[str] = "port-in-use"
    exit: ClassVar[Exit] = Exit.PORT_IN_USE
    host: str
    port: int
    setting: str

    def __str__(self) -> str:
        return f"port {self.port} on {self.host} is in use by another process: end it or change {self.setting}"


@dataclass(eq=False)
class CannotListen(WireError):
    """The system does not let a service listen where the settings say."""

    code: ClassVar[str] = "cannot-listen"
    host: str
    port: int
    setting: str
    reason: str

    def __str__(self) -> str:
        return f"cannot listen on {self.host}, port {self.port}: {self.reason}; change {self.setting}"


def not_listening(error: OSError, host: str, port: int, setting: str) -> PortInUse | CannotListen:
    """What the system's refusal means; `setting` names host or port."""
    if error.errno == errno.EADDRINUSE:
        return PortInUse(host, port, setting)
    return CannotListen(host, port, setting, error.strerror or str(error))


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in the settings: where (`watch[0].all`), what, and what is allowed."""

    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}"


@dataclass(eq=False)
class BadSettings(WireError):
    """Everything that is wrong in a settings file, at once."""

    code: ClassVar[str] = "bad-settings"
    exit: ClassVar[Exit] = Exit.USAGE
    where: str
    faults: Sequence[Fault] = field(default_factory=tuple)

    def __str__(self) -> str:
        count = f"{len(self.faults)} fault" + ("s" if len(self.faults) != 1 else "")
        return "\n".join([f"{self.where}: {count}", *(f"  {fault}" for fault in self.faults)])
