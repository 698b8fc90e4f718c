"""Three real brokers as one cluster: three replicas, of which two must have a record before it is acknowledged."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

from kafka import KafkaAdminClient

from wire.broker import Broker, _free_port

_NODES = (1, 2, 3)
_CHANGED = """\
node.id={node}
controller.quorum.voters={voters}
offsets.topic.replication.factor=3
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=2
share.coordinator.state.topic.replication.factor=3
share.coordinator.state.topic.min.isr=2
min.insync.replicas=2
unclean.leader.election.enable=false
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
"""
PARTITIONS = 5  # of the topics in which the brokers keep offsets and transactions


class Node(Broker):
    """One of the three; `controllers` are the ports of all."""

    def __init__(self, folder: Path, node: int, controllers: Sequence[int]) -> None:
        super().__init__(folder)
        self.node = node
        self._controller = controllers[node - 1]
        self._voters = ",".join(f"{n}@127.0.0.1:{port}" for n, port in zip(_NODES, controllers, strict=True))

    def _write_settings(self) -> Path:
        path = super()._write_settings()
        with path.open("a", encoding="utf-8") as settings:  # a later line wins
            settings.write(_CHANGED.format(node=self.node, voters=self._voters))
        return path


class Cluster:
    """Three nodes; knows who leads what."""

    def __init__(self, folder: Path) -> None:
        controllers: list[int] = []
        while len(set(controllers)) < len(_NODES):
            controllers.append(_free_port(0, "a controller's port"))
        self.nodes = [Node(folder / f"broker{node}", node, controllers) for node in _NODES]

    @property
    def bootstrap(self) -> tuple[str, ...]:
        """Where clients find it."""
        return tuple(node.bootstrap for node in self.nodes)

    def start(self) -> None:
        """All at once: none is ready without another."""
        with ThreadPoolExecutor(len(self.nodes)) as threads:
            list(threads.map(Node.start, self.nodes))

    def leader(self, topic: str, partition: int) -> Node:
        """The node that leads a partition now."""
        with closing(KafkaAdminClient(bootstrap_servers=list(self.bootstrap))) as admin:
            (described,) = admin.describe_topics([topic])
        found = next(p for p in described["partitions"] if p["partition_index"] == partition)
        return next(node for node in self.nodes if node.node == found["leader_id"])

    def stop(self) -> None:
        """End what runs."""
        for node in self.nodes:
            node.stop()


def coordinating(name: str) -> int:
    """The partition of the brokers' own topics to which a group or a transaction belongs: Java's hash of its name."""
    hashed = 0
    for char in name:
        hashed = (hashed * 31 + ord(char)) & 0xFFFFFFFF
    return (hashed & 0x7FFFFFFF) % PARTITIONS


@contextmanager
def three_brokers(folder: Path) -> Iterator[Cluster]:
    """A cluster for the length of a `with`."""
    cluster = Cluster(folder)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
