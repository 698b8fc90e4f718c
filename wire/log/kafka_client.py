"""Connections to Kafka: the one place that builds clients, and the part of the client's surface that we use, typed.

The client is kafka-python 3.0.  Some of its calls can hang for ever, and a commit can fail silently; hence the rules:
no client of a lane is ever repaired, each blocking call runs under a limit, bytes go in and bytes come out.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.codec import has_lz4
from kafka.errors import KafkaError
from kafka.record.util import crc32c_c

from wire.errors import LogUnreachable
from wire.settings import LogSettings

Guard = Callable[[str, timedelta], AbstractContextManager[None]]
# Without the C extension this client is 3 to 12 times slower, without lz4 it has no producer of ours; the extra `kafka`
# brings both.
if crc32c_c is None:
    raise ModuleNotFoundError("crc32c is missing: install wirewatch[kafka]", name="crc32c")
if not has_lz4():
    raise ModuleNotFoundError("lz4 is missing: install wirewatch[kafka]", name="lz4")

# The broker answers one request of a connection after the other: whoever asks for offsets beside a fetch that waits for
# news, waits with it.  So following and looking up never share a consumer, and a look-up's fetches do not wait.
_FOLLOW = timedelta(milliseconds=500)
_LOOK_UP = timedelta(milliseconds=10)
FETCH_BYTES = 256 * 1024  # of one partition: a consumer of several drains a whole fetch of one before the next
# A stretch is of one partition, and nothing is fetched while a fetch is read; a slow line must bring one within
# `Limits.request`.
_STRETCH_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long each kind of call may last; no call of this client has a limit of its own."""

    bootstrap: timedelta = timedelta(seconds=8)
    request: timedelta = timedelta(seconds=5)
    delivery: timedelta = timedelta(seconds=10)
    block: timedelta = timedelta(seconds=10)  # fetching metadata, initialising transactions
    transaction: timedelta = timedelta(seconds=30)  # then the broker aborts it
    no_progress: timedelta = timedelta(seconds=30)  # of reading
    opening: timedelta = timedelta(minutes=5)  # of a lane, which may have to look through its state

    @property
    def flush(self) -> timedelta:
        """For the watchdog: `flush` is not bounded by the delivery time-out."""
        return self.delivery + timedelta(seconds=2)

    @property
    def round_trip(self) -> timedelta:
        """For calls to a coordinator, which may first have to be found."""
        return self.request * 2


class Part(Protocol):
    """A partition of a topic as the client names it (hashable)."""

    @property
    def topic(self) -> str:
        """With the prefix."""
        ...

    @property
    def partition(self) -> int:
        """From 0."""
        ...


def part(topic: str, partition: int) -> Part:
    """The client's own type: it checks for that."""
    name: Part = TopicPartition(topic, partition)
    return name


class RawRecord(Protocol):
    """A record as the consumer returns it."""

    offset: int
    timestamp: int  # milliseconds
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


class RawPosition(Protocol):
    """A committed offset and what was committed with it."""

    offset: int
    metadata: str


class RawTime(Protocol):
    """The first record at or after a time."""

    offset: int


class Sent(Protocol):
    """What became of one record that was sent."""

    def get(self, timeout: float) -> object:
        """Raises when the record was not written, or not yet."""
        ...


class Consumer(Protocol):
    """What we use of `KafkaConsumer`; one thread uses it."""

    def assign(self, partitions: Sequence[Part]) -> None: ...  # noqa: D102
    def seek(self, partition: Part, offset: int) -> None: ...  # noqa: D102
    def poll(self, timeout_ms: int, max_records: int) -> Mapping[Part, Sequence[RawRecord]]: ...  # noqa: D102
    def position(self, partition: Part, timeout_ms: int) -> int | None: ...  # noqa: D102
    def beginning_offsets(self, partitions: Sequence[Part]) -> Mapping[Part, int]: ...  # noqa: D102
    def end_offsets(self, partitions: Sequence[Part]) -> Mapping[Part, int]: ...  # noqa: D102
    def offsets_for_times(self, timestamps: dict[Part, int]) -> Mapping[Part, RawTime | None]: ...  # noqa: D102
    def committed(self, partition: Part, metadata: bool, timeout_ms: int) -> RawPosition | None: ...  # noqa: D102
    def close(self, autocommit: bool, timeout_ms: int) -> None: ...  # noqa: D102


class Producer(Protocol):
    """What we use of `KafkaProducer`."""

    def init_transactions(self) -> None: ...  # noqa: D102
    def begin_transaction(self) -> None: ...  # noqa: D102
    def send(  # noqa: D102
        self, topic: str, value: bytes | None, key: bytes, headers: list[tuple[str, bytes]], partition: int
    ) -> Sent: ...
    def flush(self, timeout: float) -> None: ...  # noqa: D102
    def send_offsets_to_transaction(self, offsets: Mapping[Part, RawPosition], group_metadata: str) -> None: ...  # noqa: D102
    def commit_transaction(self) -> None: ...  # noqa: D102
    def close(self, timeout: float) -> None: ...  # noqa: D102


class Admin(Protocol):
    """What we use of `KafkaAdminClient`."""

    def list_topics(self) -> Sequence[str]: ...  # noqa: D102
    def describe_topics(self, topics: Sequence[str]) -> Sequence[Mapping[str, object]]: ...  # noqa: D102
    def create_topics(self, new_topics: Mapping[str, object], wait_for_metadata: bool) -> object: ...  # noqa: D102
    def describe_configs(  # noqa: D102
        self, config_resources: Sequence[object], config_filter: str
    ) -> Mapping[str, Mapping[str, Mapping[str, Mapping[str, object]]]]: ...
    def alter_configs(self, config_resources: Sequence[object]) -> object: ...  # noqa: D102
    def list_group_offsets(self, group_specs: Sequence[str]) -> Mapping[str, Mapping[Part, RawPosition]]: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


def close_consumer(consumer: Consumer) -> None:
    """Let go of a consumer; commits nothing."""
    consumer.close(autocommit=False, timeout_ms=1000)


def milliseconds(span: timedelta) -> int:
    """A span in the client's unit."""
    return span // timedelta(milliseconds=1)


class Clients:
    """Builds producers, consumers and admins with the same connection settings; use it after a fork, not before.

    Args:
        settings: where the brokers are, TLS and SASL.
        environment: where the SASL password may be found.

    Raises:
        BadSettings: the password cannot be read.
    """

    def __init__(self, settings: LogSettings, environment: Mapping[str, str], limits: Limits) -> None:
        self.where = ", ".join(settings.bootstrap)
        self.limits = limits
        self._connection = connection(settings, environment, limits)

    def follower(self, *, reset: str = "none") -> Consumer:
        """A consumer of committed records that waits for what comes."""
        return self._consumer(None, reset, _FOLLOW, FETCH_BYTES)

    def look_up(self, *, group: str | None = None, waits: bool = True) -> Consumer:
        """A consumer for what is there already: offsets, stretches, and the committed offsets of `group`.

        Where an offset of a transaction without an end is pending, it `waits` for the end, or passes over that offset.
        """
        isolation = "read_committed" if waits else "read_uncommitted"
        return self._consumer(group, "none", _LOOK_UP, _STRETCH_BYTES, isolation)

    def _consumer(
        self,
        group: str | None,
        reset: str,
        fetch_wait: timedelta,
        fetch_bytes: int,
        isolation: str = "read_committed",
    ) -> Consumer:
        with self.unreachable():
            consumer: Consumer = KafkaConsumer(
                **self._connection,
                group_id=group,
                enable_auto_commit=False,
                isolation_level=isolation,
                auto_offset_reset=reset,
                allow_auto_create_topics=False,
                fetch_max_wait_ms=milliseconds(fetch_wait),
                max_partition_fetch_bytes=fetch_bytes,
            )
        return consumer

    def producer(self, *, transaction: str | None = None) -> Producer:
        """A producer whose records are acknowledged by all replicas; transactional where an id is given."""
        with self.unreachable():
            producer: Producer = KafkaProducer(
                **self._connection,
                transactional_id=transaction,
                transaction_timeout_ms=milliseconds(self.limits.transaction),
                delivery_timeout_ms=milliseconds(self.limits.delivery),
                max_block_ms=milliseconds(self.limits.block),
                allow_auto_create_topics=False,
                compression_type="lz4",
                batch_size=FETCH_BYTES,
                acks="all",
            )
        return producer

    def admin(self) -> Admin:
        """For topics and committed offsets."""
        with self.unreachable():
            admin: Admin = KafkaAdminClient(**self._connection)
        return admin

    @contextmanager
    def unreachable(self) -> Iterator[None]:
        """Word what the client raises; it says 'unable to bootstrap' for a wrong port, password or authority alike."""
        try:
            yield
        except (KafkaError, OSError) as error:
            raise LogUnreachable(
                self.where,
                f"{type(error).__name__}: {error}. Check the address, that the port speaks the settings' protocol "
                "(TLS or plain text), user and password, and the certificate authority",
            ) from error


def connection(settings: LogSettings, environment: Mapping[str, str], limits: Limits) -> dict[str, object]:
    """What all clients are told.

    Raises:
        BadSettings: the password is not where the settings say.
    """
    tls, sasl = settings.tls, settings.sasl
    protocol = ("SASL_" if sasl else "") + ("SSL" if tls else "PLAINTEXT")
    connection: dict[str, object] = {
        "bootstrap_servers": list(settings.bootstrap),
        "client_id": "wirewatch",
        "security_protocol": protocol,
        "bootstrap_timeout_ms": milliseconds(limits.bootstrap),
        "request_timeout_ms": milliseconds(limits.request),
        "retry_backoff_ms": 10,  # at 100 the p99 of a commit is 117 ms, not 24
        "reconnect_backoff_max_ms": 1000,
    }
    if tls is not None:
        connection["ssl_check_hostname"] = tls.verify_host
        files = {"ssl_cafile": tls.ca, "ssl_certfile": tls.certificate, "ssl_keyfile": tls.key}
        connection |= {name: str(path) for name, path in files.items() if path is not None}
    if sasl is not None:
        connection["sasl_mechanism"] = sasl.mechanism
        connection["sasl_plain_username"] = sasl.user
        connection["sasl_plain_password"] = sasl.password.read(environment, "log.sasl.password").get_secret_value()
    return connection
